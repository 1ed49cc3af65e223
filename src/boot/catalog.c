/* SPDX-License-Identifier: Apache-2.0 */
/* The catalog. Groups stand in the order of selection; a group's place in it is its rank, and the matching group of the
 * lowest rank wins. */
#include "boot/catalog.h"

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/text.h"
#include "boot/group-index.h"
#include "boot/pairs.h"

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
    struct group_index index;
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
    group_note_order(take_group);
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

static int compare_groups(const void *a, const void *b)
{
    return group_compare(*(struct group *const *)a, *(struct group *const *)b);
}

static int compare_profiles(const void *a, const void *b)
{
    return strcmp((*(struct profile *const *)a)->id, (*(struct profile *const *)b)->id);
}

void catalog_seal(struct catalog *catalog)
{
    assert(!catalog->sealed);
    pairs_finish(&catalog->group_ids);
    pairs_finish(&catalog->profile_ids);
    if (catalog->group_count > 0)
        qsort(catalog->groups, catalog->group_count, sizeof *catalog->groups, compare_groups);
    if (catalog->profile_count > 0)
        qsort(catalog->profiles, catalog->profile_count, sizeof *catalog->profiles, compare_profiles);
    group_index_build(&catalog->index, catalog->groups, catalog->group_count);
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
    group_index_finish(&catalog->index);
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

const struct group *catalog_select(const struct catalog *catalog, const struct labels *labels)
{
    assert(catalog->sealed);
    size_t rank = group_index_select(&catalog->index, catalog->groups, labels);
    return rank < catalog->group_count ? catalog->groups[rank] : NULL;
}
