/* SPDX-License-Identifier: Apache-2.0 */
/* The tree of a config. */
#include "lang/ignition/draft.h"

#include <assert.h>
#include <string.h>

#include "base/array.h"
#include "base/text.h"

void draft_finish(struct draft *draft)
{
    arena_finish(&draft->arena);
    draft->root = NULL;
}

static struct item *new_item(struct draft *draft, enum item_kind kind, const struct origin *origin)
{
    struct item *item = arena_new(&draft->arena, sizeof *item);
    item->kind = kind;
    item->origin = origin;
    return item;
}

struct item *draft_new_bool(struct draft *draft, const struct origin *origin, bool boolean)
{
    struct item *item = new_item(draft, ITEM_BOOL, origin);
    item->boolean = boolean;
    return item;
}

struct item *draft_new_integer(struct draft *draft, const struct origin *origin, int64_t integer)
{
    struct item *item = new_item(draft, ITEM_INTEGER, origin);
    item->integer = integer;
    return item;
}

struct item *draft_new_text(struct draft *draft, const struct origin *origin, const char *text)
{
    return draft_new_text_of(draft, origin, bytes_of_text(text));
}

struct item *draft_new_text_of(struct draft *draft, const struct origin *origin, struct bytes text)
{
    struct item *item = new_item(draft, ITEM_TEXT, origin);
    item->text = bytes_of(arena_text(&draft->arena, text), text.size);
    return item;
}

struct item *draft_new_list(struct draft *draft, const struct origin *origin)
{
    return new_item(draft, ITEM_LIST, origin);
}

struct item *draft_new_map(struct draft *draft, const struct origin *origin, const struct schema *schema)
{
    struct item *map = new_item(draft, ITEM_MAP, origin);
    map->map.schema = schema;
    map->map.members = arena_new(&draft->arena, schema->count * sizeof map->map.members[0]);
    return map;
}

void draft_add(struct draft *draft, struct item *list, struct item *item)
{
    if (list->list.count == list->list.capacity) {
        size_t capacity = list->list.capacity > 0 ? 2 * list->list.capacity : 4;
        struct item **items = arena_new(&draft->arena, capacity * sizeof *items);
        if (list->list.count > 0)
            memcpy(items, list->list.items, list->list.count * sizeof *items);
        list->list.items = items;
        list->list.capacity = capacity;
    }
    list->list.items[list->list.count++] = item;
}

/* Fields that Butane does not write, such as ignition.version, go by their name in Ignition. */
static const char *name_of(const struct field *field)
{
    return field->butane ?: field->ignition;
}

size_t schema_field(const struct schema *schema, const char *name)
{
    for (size_t i = 0; i < schema->count; i++)
        if (strcmp(name_of(&schema->fields[i]), name) == 0)
            return i;
    assert(!"a field that the schema has");
    return 0;
}

struct item *item_get(const struct item *map, const char *name)
{
    return map ? map->map.members[schema_field(map->map.schema, name)] : NULL;
}

struct item *item_get_path(const struct item *map, const char *const *names)
{
    const struct item *at = map;
    for (; *names && at; names++)
        at = item_get(at, *names);
    return (struct item *)at;
}

void item_set(struct item *map, const char *name, struct item *item)
{
    map->map.members[schema_field(map->map.schema, name)] = item;
}

const char *item_text(const struct item *map, const char *name)
{
    const struct item *item = item_get(map, name);
    return item ? (const char *)item->text.data : NULL;
}

bool item_has_text(const struct item *map, const char *name)
{
    const struct item *item = item_get(map, name);
    return item && item->text.size > 0;
}

bool item_is_true(const struct item *map, const char *name)
{
    const struct item *item = item_get(map, name);
    return item && item->boolean;
}

size_t item_count(const struct item *map, const char *name)
{
    const struct item *item = item_get(map, name);
    return item ? item->list.count : 0;
}

struct item *item_at(const struct item *map, const char *name, size_t index)
{
    return item_get(map, name)->list.items[index];
}

struct item *draft_need_map(struct draft *draft, struct item *map, const char *name)
{
    size_t at = schema_field(map->map.schema, name);
    if (!map->map.members[at])
        map->map.members[at] = draft_new_map(draft, map->origin, map->map.schema->fields[at].inner);
    return map->map.members[at];
}

struct item *draft_need_list(struct draft *draft, struct item *map, const char *name)
{
    size_t at = schema_field(map->map.schema, name);
    if (!map->map.members[at])
        map->map.members[at] = draft_new_list(draft, map->origin);
    return map->map.members[at];
}

bool item_is_empty(const struct item *item)
{
    if (!item)
        return true;
    if (item->kind == ITEM_LIST)
        return item->list.count == 0;
    if (item->kind != ITEM_MAP)
        return false;
    for (size_t i = 0; i < item->map.schema->count; i++)
        if (!item_is_empty(item->map.members[i]))
            return false;
    return true;
}

void draft_say(struct draft *draft, enum fault_severity severity, const struct item *item, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    report_add_list(draft->report, severity, item->origin, NULL, format, arguments);
    va_end(arguments);
}

/* The name that the member has in the document. */
static const char *written_name(const struct draft *draft, const struct item *map, const char *name)
{
    const struct field *field = &map->map.schema->fields[schema_field(map->map.schema, name)];
    return draft->names == DRAFT_IGNITION && field->ignition ? field->ignition : name;
}

void draft_say_member(struct draft *draft, enum fault_severity severity, const struct item *map, const char *name,
                      const char *format, ...)
{
    const struct item *member = item_get(map, name);
    const char *missing = member || map->is_made ? NULL : written_name(draft, map, name);
    va_list arguments;
    va_start(arguments, format);
    report_add_list(draft->report, severity, (member ?: map)->origin, missing, format, arguments);
    va_end(arguments);
}

void draft_walk(struct draft *draft, struct item *item, void (*each)(struct draft *draft, struct item *map))
{
    if (!item)
        return;
    if (item->kind == ITEM_LIST)
        for (size_t i = 0; i < item->list.count; i++)
            draft_walk(draft, item->list.items[i], each);
    if (item->kind != ITEM_MAP)
        return;
    each(draft, item);
    for (size_t i = 0; i < item->map.schema->count; i++)
        draft_walk(draft, item->map.members[i], each);
}
