/* SPDX-License-Identifier: Apache-2.0 */
/* The catalog and its index.
 *
 * Groups stand in the order of selection; a group's place in it is its rank, and the matching group of the lowest rank
 * wins. To choose without walking them all, each group hangs in one bucket: that of the rarest of its selector pairs.
 * A machine can only match a group whose rarest pair it has, so the buckets of the machine's own labels hold every
 * candidate. A pair with an empty value is met by machines that lack the label, which no look-up finds: groups with
 * nothing but such pairs, the default group among them, are asked always. */
#include "boot/catalog.h"

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/text.h"
#include "boot/pairs.h"

/* The rank of no group. */
#define RANK_NONE UINT32_MAX

/* Ranks of the groups that hang here: ranks[start] to ranks[start + count - 1] of the catalog, ascending. */
struct bucket {
    uint32_t start;
    uint32_t count;
};

struct catalog {
    unsigned references;
    bool sealed;
    struct group **groups;
    size_t group_count;
    size_t group_capacity;
    struct profile **profiles;
    size_t profile_count;
    size_t profile_capacity;
    struct pairs group_ids; /* until it is sealed */
    struct pairs profile_ids;
    struct catalog_document **documents;
    size_t document_count;
    size_t document_capacity;
    struct pairs document_sources; /* a document's number is its index */
    struct labels faults;          /* by source */
    struct pairs selectors;        /* each selector pair of a non-empty value, once */
    struct bucket *buckets;        /* by the pair's number; behind them the one of groups that are asked always */
    uint32_t *ranks;
};

struct catalog *catalog_create(void)
{
    struct catalog *catalog = MEMORY_NEW(struct catalog);
    catalog->references = 1;
    return catalog;
}

bool catalog_take_group(struct catalog *catalog, struct group *take_group)
{
    assert(!catalog->sealed);
    if (pairs_add(&catalog->group_ids, take_group->id, "") < catalog->group_count)
        return false;
    *ARRAY_ADD(catalog->groups, catalog->group_count, catalog->group_capacity) = take_group;
    return true;
}

bool catalog_take_profile(struct catalog *catalog, struct profile *take_profile)
{
    assert(!catalog->sealed);
    if (pairs_add(&catalog->profile_ids, take_profile->id, "") < catalog->profile_count)
        return false;
    *ARRAY_ADD(catalog->profiles, catalog->profile_count, catalog->profile_capacity) = take_profile;
    return true;
}

bool catalog_add_document(struct catalog *catalog, const struct catalog_document *document)
{
    assert(!catalog->sealed);
    if (pairs_add(&catalog->document_sources, document->source, "") < catalog->document_count)
        return false;
    *ARRAY_ADD(catalog->documents, catalog->document_count, catalog->document_capacity) =
        catalog_document_ref(document);
    return true;
}

bool catalog_take_document(struct catalog *catalog, enum catalog_document_kind kind, const char *name,
                           struct bytes content)
{
    if (!catalog_document_name_is_good(name))
        return false;
    AUTO(catalog_document_unref) struct catalog_document *document = catalog_document_create(kind, name, content);
    return catalog_add_document(catalog, document);
}

void catalog_note_fault(struct catalog *catalog, const char *source, const char *text)
{
    assert(!catalog->sealed);
    if (!labels_get(&catalog->faults, source))
        labels_set(&catalog->faults, source, text);
}

static int compare_texts(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* A selector as Matchbox writes it to order those of equal number: its "name=value" texts, sorted as texts (which is
 * not the order of the names: "a-b=1" stands before "a=1"), with commas between them. */
static char *selector_to_text(const struct labels *selector)
{
    struct text text = {0};
    char **pairs = memory_new(selector->count, sizeof *pairs);
    for (size_t i = 0; i < selector->count; i++)
        pairs[i] = memory_print("%s=%s", selector->at[i].name, selector->at[i].value);
    qsort(pairs, selector->count, sizeof *pairs, compare_texts);
    for (size_t i = 0; i < selector->count; i++) {
        text_print(&text, "%s%s", i > 0 ? "," : "", pairs[i]);
        free(pairs[i]);
    }
    free(pairs);
    return text_take(&text);
}

struct ordered_group {
    struct group *group;
    char *selector;
};

/* Matchbox's order: more selectors first, then the text of the selector descending. Where two are the same Matchbox
 * leaves the choice to chance; here the lower id comes first. */
static int compare_groups(const void *a_pointer, const void *b_pointer)
{
    const struct ordered_group *a = a_pointer;
    const struct ordered_group *b = b_pointer;
    if (a->group->selector.count != b->group->selector.count)
        return a->group->selector.count > b->group->selector.count ? -1 : 1;
    int order = strcmp(b->selector, a->selector);
    return order != 0 ? order : strcmp(a->group->id, b->group->id);
}

static void catalog_order_groups(struct catalog *catalog)
{
    struct ordered_group *ordered = memory_new(catalog->group_count, sizeof *ordered);
    for (size_t i = 0; i < catalog->group_count; i++)
        ordered[i] = (struct ordered_group){
            .group = catalog->groups[i],
            .selector = selector_to_text(&catalog->groups[i]->selector),
        };
    qsort(ordered, catalog->group_count, sizeof *ordered, compare_groups);
    for (size_t i = 0; i < catalog->group_count; i++) {
        catalog->groups[i] = ordered[i].group;
        free(ordered[i].selector);
    }
    free(ordered);
}

static int compare_profiles(const void *a, const void *b)
{
    return strcmp((*(struct profile *const *)a)->id, (*(struct profile *const *)b)->id);
}

/* How many groups have each selector pair, by the pair's number. */
static uint32_t *catalog_count_pairs(struct catalog *catalog)
{
    uint32_t *counts = NULL;
    size_t capacity = 0;
    for (size_t rank = 0; rank < catalog->group_count; rank++) {
        const struct labels *selector = &catalog->groups[rank]->selector;
        for (size_t i = 0; i < selector->count; i++) {
            if (selector->at[i].value[0] == '\0')
                continue;
            size_t known = catalog->selectors.count;
            size_t number = pairs_add(&catalog->selectors, selector->at[i].name, selector->at[i].value);
            if (number == known)
                *ARRAY_ADD(counts, known, capacity) = 0;
            counts[number]++;
        }
    }
    return counts;
}

/* The bucket a group hangs in: that of its rarest pair. */
static size_t catalog_bucket_of(const struct catalog *catalog, const struct group *group, const uint32_t *counts)
{
    size_t rarest = catalog->selectors.count;
    for (size_t i = 0; i < group->selector.count; i++) {
        size_t number;
        if (group->selector.at[i].value[0] == '\0')
            continue;
        bool found = pairs_find(&number, &catalog->selectors, group->selector.at[i].name, group->selector.at[i].value);
        assert(found);
        if (rarest == catalog->selectors.count || counts[number] < counts[rarest])
            rarest = number;
    }
    return rarest;
}

/* Lays the buckets out behind each other and hangs the groups in, lowest rank first. */
static void catalog_fill_buckets(struct catalog *catalog, const uint32_t *counts)
{
    size_t bucket_count = catalog->selectors.count + 1;
    uint32_t *bucket_of = memory_new(catalog->group_count, sizeof *bucket_of);
    catalog->buckets = memory_new(bucket_count, sizeof *catalog->buckets);
    catalog->ranks = memory_new(catalog->group_count, sizeof *catalog->ranks);
    uint32_t start = 0;
    for (size_t rank = 0; rank < catalog->group_count; rank++) {
        bucket_of[rank] = (uint32_t)catalog_bucket_of(catalog, catalog->groups[rank], counts);
        catalog->buckets[bucket_of[rank]].count++;
    }
    for (size_t i = 0; i < bucket_count; i++) {
        catalog->buckets[i].start = start;
        start += catalog->buckets[i].count;
        catalog->buckets[i].count = 0;
    }
    for (size_t rank = 0; rank < catalog->group_count; rank++) {
        struct bucket *bucket = &catalog->buckets[bucket_of[rank]];
        catalog->ranks[bucket->start + bucket->count++] = (uint32_t)rank;
    }
    free(bucket_of);
}

void catalog_seal(struct catalog *catalog)
{
    assert(!catalog->sealed);
    pairs_finish(&catalog->group_ids);
    pairs_finish(&catalog->profile_ids);
    catalog_order_groups(catalog);
    if (catalog->profile_count > 0)
        qsort(catalog->profiles, catalog->profile_count, sizeof *catalog->profiles, compare_profiles);
    uint32_t *counts = catalog_count_pairs(catalog);
    catalog_fill_buckets(catalog, counts);
    free(counts);
    catalog->sealed = true;
}

struct catalog *catalog_ref(const struct catalog *catalog)
{
    struct catalog *counted = (struct catalog *)catalog;
    __atomic_add_fetch(&counted->references, 1, __ATOMIC_RELAXED);
    return counted;
}

static void catalog_free(struct catalog *catalog)
{
    for (size_t i = 0; i < catalog->group_count; i++)
        group_unref(catalog->groups[i]);
    for (size_t i = 0; i < catalog->profile_count; i++)
        profile_unref(catalog->profiles[i]);
    for (size_t i = 0; i < catalog->document_count; i++)
        catalog_document_unref(catalog->documents[i]);
    free(catalog->groups);
    free(catalog->profiles);
    free(catalog->documents);
    pairs_finish(&catalog->document_sources);
    labels_finish(&catalog->faults);
    pairs_finish(&catalog->group_ids);
    pairs_finish(&catalog->profile_ids);
    pairs_finish(&catalog->selectors);
    free(catalog->buckets);
    free(catalog->ranks);
    free(catalog);
}

void catalog_unref(struct catalog *catalog)
{
    if (catalog && __atomic_sub_fetch(&catalog->references, 1, __ATOMIC_ACQ_REL) == 0)
        catalog_free(catalog);
}

size_t catalog_group_count(const struct catalog *catalog)
{
    return catalog->group_count;
}

size_t catalog_profile_count(const struct catalog *catalog)
{
    return catalog->profile_count;
}

const struct group *catalog_group_at(const struct catalog *catalog, size_t index)
{
    assert(catalog->sealed && index < catalog->group_count);
    return catalog->groups[index];
}

const struct profile *catalog_profile_at(const struct catalog *catalog, size_t index)
{
    assert(catalog->sealed && index < catalog->profile_count);
    return catalog->profiles[index];
}

const struct profile *catalog_profile(const struct catalog *catalog, const char *id)
{
    assert(catalog->sealed);
    size_t low = 0;
    size_t high = catalog->profile_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = strcmp(catalog->profiles[middle]->id, id);
        if (order == 0)
            return catalog->profiles[middle];
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

const struct catalog_document *catalog_document(const struct catalog *catalog, enum catalog_document_kind kind,
                                                const char *name)
{
    assert(catalog->sealed);
    size_t number;
    AUTO(free) char *source = memory_print("%s/%s", catalog_document_folder(kind), name);
    return pairs_find(&number, &catalog->document_sources, source, "") ? catalog->documents[number] : NULL;
}

const char *catalog_fault(const struct catalog *catalog, const char *source)
{
    return labels_get(&catalog->faults, source);
}

size_t catalog_fault_count(const struct catalog *catalog)
{
    return catalog->faults.count;
}

const char *catalog_fault_at(const char **ret_source, const struct catalog *catalog, size_t index)
{
    assert(index < catalog->faults.count);
    if (ret_source)
        *ret_source = catalog->faults.at[index].name;
    return catalog->faults.at[index].value;
}

/* The lowest rank in the bucket that is below best and whose group selects the labels; best when there is none. */
static uint32_t bucket_select(const struct catalog *catalog, size_t number, const struct labels *labels, uint32_t best)
{
    const struct bucket *bucket = &catalog->buckets[number];
    for (uint32_t i = 0; i < bucket->count; i++) {
        uint32_t rank = catalog->ranks[bucket->start + i];
        if (rank >= best)
            return best;
        if (group_selects(catalog->groups[rank], labels))
            return rank;
    }
    return best;
}

const struct group *catalog_select(const struct catalog *catalog, const struct labels *labels)
{
    assert(catalog->sealed);
    uint32_t best = RANK_NONE;
    for (size_t i = 0; i < labels->count; i++) {
        size_t number;
        if (pairs_find(&number, &catalog->selectors, labels->at[i].name, labels->at[i].value))
            best = bucket_select(catalog, number, labels, best);
    }
    best = bucket_select(catalog, catalog->selectors.count, labels, best);
    return best == RANK_NONE ? NULL : catalog->groups[best];
}
