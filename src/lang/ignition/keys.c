/* SPDX-License-Identifier: Apache-2.0 */
/* Keys of lists. */
#include "lang/ignition/keys.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/hash.h"
#include "base/text.h"

const char *key_of_item(struct draft *draft, const struct field *field, const struct item *item)
{
    if (item->kind == ITEM_TEXT)
        return (const char *)item->text.data;
    if (field->inner->make_key)
        return field->inner->make_key(draft, item) ?: "";
    return (field->inner->key ? item_text(item, field->inner->key) : NULL) ?: "";
}

struct key_entry {
    const char *key;
    struct item *item;
    UT_hash_handle hh;
};

void key_index_finish(struct key_index *index)
{
    struct key_entry *entry, *next;
    HASH_ITER (hh, index->table, entry, next) {
        HASH_DEL(index->table, entry);
        free(entry);
    }
}

struct item *key_index_find(const struct key_index *index, const char *key)
{
    struct key_entry *found;
    HASH_FIND_STR(index->table, key, found);
    return found ? found->item : NULL;
}

void key_index_add(struct key_index *index, struct draft *draft, const struct field *field, const struct item *list)
{
    for (size_t i = 0; list && i < list->list.count; i++) {
        const char *key = key_of_item(draft, field, list->list.items[i]);
        if (key_index_find(index, key))
            continue;
        struct key_entry *entry = MEMORY_NEW(struct key_entry);
        *entry = (struct key_entry){.key = key, .item = list->list.items[i]};
        HASH_ADD_KEYPTR(hh, index->table, entry->key, strlen(entry->key), entry);
    }
}

struct keyed {
    const char *key;
    size_t order;
    const struct item *item;
};

struct keyed_list {
    struct keyed *at;
    size_t count;
    size_t capacity;
};

static int compare_keyed(const void *a_pointer, const void *b_pointer)
{
    const struct keyed *a = a_pointer;
    const struct keyed *b = b_pointer;
    int order = strcmp(a->key, b->key);
    return order != 0 ? order : a->order < b->order ? -1 : a->order > b->order;
}

static bool is_list(const struct field *field)
{
    return field->kind == FIELD_TEXTS || field->kind == FIELD_MAPS;
}

static void add_items(struct keyed_list *keys, struct draft *draft, const struct field *field, const struct item *list)
{
    for (size_t i = 0; list && i < list->list.count; i++) {
        size_t order = keys->count;
        *ARRAY_ADD(keys->at, keys->count, keys->capacity) = (struct keyed){
            .key = key_of_item(draft, field, list->list.items[i]),
            .order = order,
            .item = list->list.items[i],
        };
    }
}

static void say_duplicates(struct draft *draft, struct keyed_list *keys)
{
    if (keys->count < 2)
        return;
    qsort(keys->at, keys->count, sizeof keys->at[0], compare_keyed);
    for (size_t i = 1; i < keys->count; i++) {
        AUTO(text_finish) struct text shown = {0};
        if (strcmp(keys->at[i - 1].key, keys->at[i].key) != 0)
            continue;
        text_append_shown(&shown, bytes_of_text(keys->at[i].key), 80);
        draft_say(draft, FAULT_ERROR, keys->at[i].item, "duplicate entry defined: '%s' is there already in line %u",
                  text_characters(&shown), keys->at[i - 1].item->origin->line);
    }
}

/* Whether an earlier field has looked after this one's list. */
static bool was_seen(const struct schema *schema, size_t at)
{
    for (size_t i = 0; i < at; i++)
        if (schema->fields[at].shares && text_is(schema->fields[i].shares, schema->fields[at].shares))
            return true;
    return false;
}

void check_duplicates(struct draft *draft, struct item *map)
{
    const struct schema *schema = map->map.schema;
    for (size_t i = 0; i < schema->count; i++) {
        const struct field *field = &schema->fields[i];
        if (!is_list(field) || field->repeats || !field->ignition || was_seen(schema, i))
            continue;
        struct keyed_list keys = {0};
        for (size_t j = i; j < schema->count; j++)
            if (j == i || (field->shares && text_is(schema->fields[j].shares, field->shares)))
                add_items(&keys, draft, &schema->fields[j], map->map.members[j]);
        say_duplicates(draft, &keys);
        free(keys.at);
    }
}
