/* SPDX-License-Identifier: Apache-2.0 */
/* What the schema says of a config, field by field. */
#include "lang/ignition/check.h"

#include "lang/ignition/hooks.h"
#include "lang/ignition/keys.h"
#include "lang/ignition/paths.h"

static void check_texts(struct draft *draft, const struct field *field, const struct item *list)
{
    for (size_t i = 0; i < list->list.count; i++)
        field->check(draft, list->list.items[i]);
}

static void check_members(struct draft *draft, const struct item *map)
{
    for (size_t i = 0; i < map->map.schema->count; i++) {
        const struct field *field = &map->map.schema->fields[i];
        const struct item *member = map->map.members[i];
        if (member && field->check && field->ignition && field->kind == FIELD_TEXTS)
            check_texts(draft, field, member);
        else if (member && field->check && field->ignition)
            field->check(draft, member);
    }
}

static void check_map(struct draft *draft, struct item *map)
{
    check_members(draft, map);
    check_duplicates(draft, map);
    if (map->map.schema->check)
        map->map.schema->check(draft, map);
}

void check_config(struct draft *draft, struct item *map)
{
    check_path_conflicts(draft, map);
}

/* What is Butane's alone has become something else by now. */
static void check_tree(struct draft *draft, struct item *item)
{
    if (!item)
        return;
    if (item->kind == ITEM_LIST)
        for (size_t i = 0; i < item->list.count; i++)
            check_tree(draft, item->list.items[i]);
    if (item->kind != ITEM_MAP)
        return;
    check_map(draft, item);
    for (size_t i = 0; i < item->map.schema->count; i++)
        if (item->map.schema->fields[i].ignition)
            check_tree(draft, item->map.members[i]);
}

void draft_check(struct draft *draft)
{
    check_tree(draft, draft->root);
}
