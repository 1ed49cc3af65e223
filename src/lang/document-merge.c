/* SPDX-License-Identifier: Apache-2.0 */
/* YAML's merge key: "<<: *defaults". */
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/memory.h"
#include "base/text.h"
#include "lang/document-builder.h"

/* One that may become a member, with its precedence: the lower the stronger. */
struct candidate {
    struct node_member member;
    size_t rank;
};

struct merging {
    const struct document *document;
    struct faults *faults;
    struct candidate *candidates;
    size_t count;
    size_t capacity;
};

static bool is_merge(const struct node *key)
{
    return key->plain && strcmp(key->text, "<<") == 0;
}

static int add_members(struct merging *merging, const struct node *map, const struct node *place)
{
    if (map->kind != NODE_MAP) {
        document_fault(merging->document, place, merging->faults, FAULT_ERROR,
                       "'<<' merges a map, or a list of maps, into this one, and this is %s",
                       node_kind_to_text(map->kind));
        return DOCUMENT_E_SYNTAX;
    }
    for (size_t i = 0; i < map->count; i++) {
        size_t rank = merging->count;
        if (!is_merge(map->members[i].key))
            *ARRAY_ADD(merging->candidates, merging->count, merging->capacity) =
                (struct candidate){.member = map->members[i], .rank = rank};
    }
    if (merging->count <= DOCUMENT_NODES_MAX)
        return DOCUMENT_OK;
    document_fault(merging->document, place, merging->faults, FAULT_ERROR, "more than %d members in one map",
                   DOCUMENT_NODES_MAX);
    return DOCUMENT_E_SYNTAX;
}

static int add_merged(struct merging *merging, const struct node_member *merge)
{
    const struct node *value = merge->value;
    if (value->kind != NODE_LIST)
        return add_members(merging, value, merge->key);
    for (size_t i = 0; i < value->count; i++) {
        int code = add_members(merging, value->items[i], merge->key);
        if (code != DOCUMENT_OK)
            return code;
    }
    return DOCUMENT_OK;
}

static int compare_keys(const void *a_pointer, const void *b_pointer)
{
    const struct candidate *a = a_pointer;
    const struct candidate *b = b_pointer;
    int order = strcmp(a->member.key->text, b->member.key->text);
    return order != 0 ? order : a->rank < b->rank ? -1 : a->rank > b->rank;
}

static int compare_ranks(const void *a_pointer, const void *b_pointer)
{
    const struct candidate *a = a_pointer;
    const struct candidate *b = b_pointer;
    return a->rank < b->rank ? -1 : a->rank > b->rank;
}

/* Leaves of each key the strongest. */
static void drop_weaker(struct merging *merging)
{
    size_t kept = 0;
    if (merging->count == 0)
        return;
    qsort(merging->candidates, merging->count, sizeof merging->candidates[0], compare_keys);
    for (size_t i = 0; i < merging->count; i++)
        if (kept == 0 ||
            strcmp(merging->candidates[kept - 1].member.key->text, merging->candidates[i].member.key->text) != 0)
            merging->candidates[kept++] = merging->candidates[i];
    merging->count = kept;
    qsort(merging->candidates, merging->count, sizeof merging->candidates[0], compare_ranks);
}

static void set_members(struct node *map, const struct merging *merging)
{
    map->count = 0;
    map->weight = 1;
    for (size_t i = 0; i < merging->count; i++)
        node_add_member(map, merging->candidates[i].member.key, merging->candidates[i].member.value);
}

int document_merge_maps(const struct document *document, struct node *map, struct faults *faults)
{
    struct merging merging = {.document = document, .faults = faults};
    int code = add_members(&merging, map, map);
    for (size_t i = 0; i < map->count && code == DOCUMENT_OK; i++)
        if (is_merge(map->members[i].key))
            code = add_merged(&merging, &map->members[i]);
    if (code == DOCUMENT_OK) {
        drop_weaker(&merging);
        set_members(map, &merging);
        code = document_check_count(document, map, faults);
    }
    free(merging.candidates);
    return code;
}
