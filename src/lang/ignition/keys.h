/* SPDX-License-Identifier: Apache-2.0 */
/* What tells the entries of a list from each other. Within lang/ only. */
#pragma once

#include "base/auto.h"
#include "lang/ignition/draft.h"

/* The key of an item of that field's list: a user's name, a file's path, a text itself. "" when it has none. */
const char *key_of_item(struct draft *draft, const struct field *field, const struct item *item);
/* The items of lists by their keys; of several with one key the first. Zero is empty. */
struct key_index {
    struct key_entry *table;
};

void key_index_finish(struct key_index *index);
AUTO_DEFINE_STRUCT(key_index_finish, struct key_index);
/* Adds the items of that field's list; NULL is none. Keys are borrowed from the draft. */
void key_index_add(struct key_index *index, struct draft *draft, const struct field *field, const struct item *list);
/* The item of that key; NULL when there is none. */
struct item *key_index_find(const struct key_index *index, const char *key);

/* Says which entries of the map's lists have the key of another. */
void check_duplicates(struct draft *draft, struct item *map);
