/* SPDX-License-Identifier: Apache-2.0 */
/* Merging of configs. */
#include "lang/butane/merge.h"

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

/* What the child has under the same keys in the other lists that share them with this one. */
static void index_elsewhere(struct key_index *ret, const struct merging *merging)
{
    const struct schema *schema = merging->child_map->map.schema;
    for (size_t i = 0; merging->field->shares && i < schema->count; i++)
        if (&schema->fields[i] != merging->field && text_is(schema->fields[i].shares, merging->field->shares))
            key_index_add(ret, merging->draft, &schema->fields[i], merging->child_map->map.members[i]);
}

static void add_parents(const struct merging *merging, struct item *list)
{
    struct draft *draft = merging->draft;
    AUTO(key_index_finish) struct key_index children = {0};
    AUTO(key_index_finish) struct key_index elsewhere = {0};
    key_index_add(&children, draft, merging->field, merging->child);
    index_elsewhere(&elsewhere, merging);
    for (size_t i = 0; i < merging->parent->list.count; i++) {
        struct item *item = merging->parent->list.items[i];
        const char *key = key_of_item(draft, merging->field, item);
        const struct item *child = key_index_find(&children, key);
        if (key_index_find(&elsewhere, key))
            continue;
        draft_add(draft, list, child && child->kind == ITEM_MAP ? draft_merge(draft, item, child) : item);
    }
}

static void add_children(const struct merging *merging, struct item *list)
{
    AUTO(key_index_finish) struct key_index parents = {0};
    key_index_add(&parents, merging->draft, merging->field, merging->parent);
    for (size_t i = 0; i < merging->child->list.count; i++) {
        struct item *item = merging->child->list.items[i];
        const char *key = key_of_item(merging->draft, merging->field, item);
        if (!key_index_find(&parents, key))
            draft_add(merging->draft, list, item);
    }
}

static void add_all(const struct merging *merging, struct item *list, const struct item *from)
{
    for (size_t i = 0; i < from->list.count; i++)
        draft_add(merging->draft, list, from->list.items[i]);
}

static struct item *merge_lists(const struct merging *merging)
{
    struct item *list = draft_new_list(merging->draft, merging->child->origin);
    if (merging->field->repeats) {
        add_all(merging, list, merging->parent);
        add_all(merging, list, merging->child);
    } else {
        add_parents(merging, list);
        add_children(merging, list);
    }
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
