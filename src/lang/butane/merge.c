/* SPDX-License-Identifier: Apache-2.0 */
/* Merging of configs. */
#include "lang/butane/merge.h"

#include <string.h>

#include "base/text.h"
#include "lang/ignition/keys.h"

/* A field of a map, of both. */
struct merging {
    struct draft *draft;
    const struct field *field;
    const struct item *child_map;
    const struct item *parent;
    const struct item *child;
};

static struct item *find_in(struct draft *draft, const struct field *field, const struct item *list, const char *key)
{
    for (size_t i = 0; list && i < list->list.count; i++)
        if (strcmp(key_of_item(draft, field, list->list.items[i]), key) == 0)
            return list->list.items[i];
    return NULL;
}

/* Whether the child has the key in another list that shares its keys with this one. */
static bool is_elsewhere(const struct merging *merging, const char *key)
{
    const struct schema *schema = merging->child_map->map.schema;
    for (size_t i = 0; merging->field->shares && i < schema->count; i++)
        if (&schema->fields[i] != merging->field && text_is(schema->fields[i].shares, merging->field->shares) &&
            find_in(merging->draft, &schema->fields[i], merging->child_map->map.members[i], key))
            return true;
    return false;
}

static void add_parents(const struct merging *merging, struct item *list)
{
    struct draft *draft = merging->draft;
    for (size_t i = 0; i < merging->parent->list.count; i++) {
        struct item *item = merging->parent->list.items[i];
        const char *key = key_of_item(draft, merging->field, item);
        const struct item *child = find_in(draft, merging->field, merging->child, key);
        if (is_elsewhere(merging, key))
            continue;
        draft_add(draft, list, child && child->kind == ITEM_MAP ? draft_merge(draft, item, child) : item);
    }
}

static void add_children(const struct merging *merging, struct item *list)
{
    for (size_t i = 0; i < merging->child->list.count; i++) {
        struct item *item = merging->child->list.items[i];
        const char *key = key_of_item(merging->draft, merging->field, item);
        if (merging->field->repeats || !find_in(merging->draft, merging->field, merging->parent, key))
            draft_add(merging->draft, list, item);
    }
}

static struct item *merge_lists(const struct merging *merging)
{
    struct item *list = draft_new_list(merging->draft, merging->child->origin);
    if (merging->field->repeats)
        for (size_t i = 0; i < merging->parent->list.count; i++)
            draft_add(merging->draft, list, merging->parent->list.items[i]);
    else
        add_parents(merging, list);
    add_children(merging, list);
    return list;
}

/* A list that only the parent has may still lose entries to the child's other lists. */
static struct item *merge_member(struct merging *merging)
{
    bool is_list = merging->parent && merging->parent->kind == ITEM_LIST;
    struct item *none = is_list ? draft_new_list(merging->draft, merging->parent->origin) : NULL;
    if (is_list && !merging->child && merging->field->shares)
        merging->child = none;
    if (!merging->parent || !merging->child)
        return (struct item *)(merging->child ?: merging->parent);
    if (merging->child->kind == ITEM_LIST)
        return merge_lists(merging);
    if (merging->child->kind == ITEM_MAP)
        return draft_merge(merging->draft, merging->parent, merging->child);
    return (struct item *)merging->child;
}

struct item *draft_merge(struct draft *draft, const struct item *parent, const struct item *child)
{
    const struct schema *schema = child->map.schema;
    struct item *merged = draft_new_map(draft, child->origin, schema);
    for (size_t i = 0; i < schema->count; i++) {
        struct merging merging = {
            .draft = draft,
            .field = &schema->fields[i],
            .child_map = child,
            .parent = parent->map.members[i],
            .child = child->map.members[i],
        };
        merged->map.members[i] = merge_member(&merging);
    }
    return merged;
}
