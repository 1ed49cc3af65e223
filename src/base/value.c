/* SPDX-License-Identifier: Apache-2.0 */
/* JSON-like values with counted references. */
#include "base/value.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/memory.h"

static struct value *value_new(enum value_kind kind)
{
    struct value *value = MEMORY_NEW(struct value);
    value->kind = kind;
    value->references = 1;
    return value;
}

struct value *value_new_null(void)
{
    return value_new(VALUE_NULL);
}

struct value *value_new_bool(bool boolean)
{
    struct value *value = value_new(VALUE_BOOL);
    value->boolean = boolean;
    return value;
}

struct value *value_new_integer(int64_t integer)
{
    struct value *value = value_new(VALUE_INTEGER);
    value->integer = integer;
    return value;
}

struct value *value_new_number(double number)
{
    struct value *value = value_new(VALUE_NUMBER);
    value->number = number;
    return value;
}

struct value *value_new_string(const char *text)
{
    return value_new_string_of(bytes_of_text(text));
}

struct value *value_new_string_of(struct bytes characters)
{
    struct value *value = value_new(VALUE_STRING);
    value->string.characters = memory_text_of((const char *)characters.data, characters.size);
    value->string.length = characters.size;
    return value;
}

struct value *value_new_list(void)
{
    return value_new(VALUE_LIST);
}

struct value *value_new_map(void)
{
    return value_new(VALUE_MAP);
}

struct value *value_ref(const struct value *value)
{
    struct value *counted = (struct value *)value;
    __atomic_add_fetch(&counted->references, 1, __ATOMIC_RELAXED);
    return counted;
}

static void value_free(struct value *value)
{
    switch (value->kind) {
    case VALUE_STRING:
        free(value->string.characters);
        break;
    case VALUE_LIST:
        for (size_t i = 0; i < value->list.count; i++)
            value_unref(value->list.items[i]);
        free(value->list.items);
        break;
    case VALUE_MAP:
        for (size_t i = 0; i < value->map.count; i++) {
            free(value->map.members[i].key);
            value_unref(value->map.members[i].value);
        }
        free(value->map.members);
        break;
    case VALUE_NULL:
    case VALUE_BOOL:
    case VALUE_INTEGER:
    case VALUE_NUMBER:
        break;
    }
    free(value);
}

void value_unref(struct value *value)
{
    if (value && __atomic_sub_fetch(&value->references, 1, __ATOMIC_ACQ_REL) == 0)
        value_free(value);
}

/* The member is complete by now, as documents are built from their leaves up. */
static void contain(struct value *value, const struct value *member)
{
    bool is_container = member->kind == VALUE_LIST || member->kind == VALUE_MAP;
    if (is_container && value->depth < member->depth + 1)
        value->depth = member->depth + 1;
}

void value_list_take(struct value *list, struct value *take_item)
{
    contain(list, take_item);
    *ARRAY_ADD(list->list.items, list->list.count, list->list.capacity) = take_item;
}

/* The index of the first member whose key is not less than key. */
static size_t map_position(const struct value *map, const char *key)
{
    size_t low = 0;
    size_t high = map->map.count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (strcmp(map->map.members[middle].key, key) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

void value_map_take(struct value *map, const char *key, struct value *take_value)
{
    contain(map, take_value);
    size_t at = map_position(map, key);
    struct value_member *members = map->map.members;
    if (at < map->map.count && strcmp(members[at].key, key) == 0) {
        value_unref(members[at].value);
        members[at].value = take_value;
        return;
    }
    (void)ARRAY_ADD(map->map.members, map->map.count, map->map.capacity);
    members = map->map.members;
    memmove(&members[at + 1], &members[at], (map->map.count - 1 - at) * sizeof members[0]);
    members[at] = (struct value_member){.key = memory_text(key), .value = take_value};
}

const struct value *value_map_get(const struct value *map, const char *key)
{
    if (!map || map->kind != VALUE_MAP)
        return NULL;
    size_t at = map_position(map, key);
    if (at == map->map.count || strcmp(map->map.members[at].key, key) != 0)
        return NULL;
    return map->map.members[at].value;
}

struct value *value_map_merge(const struct value *base, const struct value *over)
{
    struct value *merged = value_new_map();
    const struct value *parts[] = {base, over};
    for (size_t part = 0; part < LENGTH(parts); part++)
        for (size_t i = 0; parts[part] && i < parts[part]->map.count; i++) {
            const struct value_member *member = &parts[part]->map.members[i];
            value_map_take(merged, member->key, value_ref(member->value));
        }
    return merged;
}
