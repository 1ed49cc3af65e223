/* SPDX-License-Identifier: Apache-2.0 */
/* The catalog: all groups, profiles and config documents, and the choice among the groups. It is built by one thread,
 * sealed, and from then on an immutable snapshot that any number of threads read without a lock; the last reference
 * frees it. What it holds is shared with the snapshots before and after it. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/auto.h"
#include "boot/catalog-document.h"
#include "boot/group.h"
#include "boot/labels.h"
#include "boot/profile.h"

struct catalog;

/* An empty, unsealed catalog with one reference. */
struct catalog *catalog_create(void);
/* Adds one, with the reference that the caller holds; false when a group or profile of the same id is there already,
 * and then it is not taken. */
bool catalog_take_group(struct catalog *catalog, struct group *take_group);
bool catalog_take_profile(struct catalog *catalog, struct profile *take_profile);
/* Adds a config document, its texts copied; false when one of that kind and name is there already or the name leads out
 * of the kind's folder. */
bool catalog_take_document(struct catalog *catalog, enum catalog_document_kind kind, const char *name,
                           struct bytes content);
/* The same for one that is shared: takes a reference of its own. */
bool catalog_add_document(struct catalog *catalog, const struct catalog_document *document);
/* Notes what is wrong with a document of the data directory: "groups/node1.json:3:7: ',' expected". The first for each
 * source counts. Both texts are copied. */
void catalog_note_fault(struct catalog *catalog, const char *source, const char *text);
/* Builds the index. After it nothing may be added, and before it nothing may be asked. */
void catalog_seal(struct catalog *catalog);

struct catalog *catalog_ref(const struct catalog *catalog);
void catalog_unref(struct catalog *catalog);
AUTO_DEFINE(catalog_unref, struct catalog *);

size_t catalog_group_count(const struct catalog *catalog);
size_t catalog_profile_count(const struct catalog *catalog);
/* Groups in the order of selection, see group_compare(). */
const struct group *catalog_group_at(const struct catalog *catalog, size_t index);
/* Profiles by id, bytewise. */
const struct profile *catalog_profile_at(const struct catalog *catalog, size_t index);
const struct profile *catalog_profile(const struct catalog *catalog, const char *id);
/* The config document of that name; NULL when there is none. */
const struct catalog_document *catalog_document(const struct catalog *catalog, enum catalog_document_kind kind,
                                                const char *name);
/* What is wrong with a document of the data directory, by its source ("profiles/worker.json"); NULL when nothing is.
 * What the catalog holds of that source then is its last good version, or nothing. */
const char *catalog_fault(const struct catalog *catalog, const char *source);
size_t catalog_fault_count(const struct catalog *catalog);
/* The text of one, by source, bytewise; *ret_source (may be NULL) is the source. */
const char *catalog_fault_at(const char **ret_source, const struct catalog *catalog, size_t index);

/* The first group, in the order of selection, all of whose selectors the labels meet; a missing label counts as "".
 * NULL when there is none. The cost depends on the labels and the matching candidates, not on the number of groups. */
const struct group *catalog_select(const struct catalog *catalog, const struct labels *labels);
