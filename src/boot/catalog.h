/* SPDX-License-Identifier: Apache-2.0 */
/* The catalog: all groups and profiles, and the choice among them. It is built by one thread, sealed, and from then on
 * an immutable snapshot that any number of threads read without a lock; the last reference frees it. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/auto.h"
#include "boot/group.h"
#include "boot/labels.h"
#include "boot/profile.h"

struct catalog;

/* An empty, unsealed catalog with one reference. */
struct catalog *catalog_create(void);
/* Adds one; false when a group or profile of the same id is there already, and then it is not taken. */
bool catalog_take_group(struct catalog *catalog, struct group *take_group);
bool catalog_take_profile(struct catalog *catalog, struct profile *take_profile);
/* Builds the index. After it nothing may be added, and before it nothing may be asked. */
void catalog_seal(struct catalog *catalog);

struct catalog *catalog_ref(const struct catalog *catalog);
void catalog_unref(struct catalog *catalog);
AUTO_DEFINE(catalog_unref, struct catalog *);

size_t catalog_group_count(const struct catalog *catalog);
size_t catalog_profile_count(const struct catalog *catalog);
/* Groups in the order of selection: most selectors first, then by their text as Matchbox orders them, then by id. */
const struct group *catalog_group_at(const struct catalog *catalog, size_t index);
/* Profiles by id, bytewise. */
const struct profile *catalog_profile_at(const struct catalog *catalog, size_t index);
const struct profile *catalog_profile(const struct catalog *catalog, const char *id);

/* The first group, in the order of selection, all of whose selectors equal the labels; a missing label counts as "".
 * NULL when there is none. The cost depends on the labels and the matching candidates, not on the number of groups. */
const struct group *catalog_select(const struct catalog *catalog, const struct labels *labels);
