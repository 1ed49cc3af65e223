/* SPDX-License-Identifier: Apache-2.0 */
/* What tells the entries of a list from each other. Within lang/ only. */
#pragma once

#include "lang/ignition/draft.h"

/* The key of an item of that field's list: a user's name, a file's path, a text itself. "" when it has none. */
const char *key_of_item(struct draft *draft, const struct field *field, const struct item *item);
/* Says which entries of the map's lists have the key of another. */
void check_duplicates(struct draft *draft, struct item *map);
