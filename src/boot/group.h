/* SPDX-License-Identifier: Apache-2.0 */
/* A group: the labels it selects on, and what the machines that have them get: a profile and metadata.
 * Immutable once it is shared. */
#pragma once

#include "base/value.h"
#include "boot/labels.h"

struct group {
    unsigned references;
    char *id;
    char *name;    /* "" when the document gives none */
    char *profile; /* the profile's id */
    struct labels selector;
    struct value *metadata; /* a VALUE_MAP, or NULL */
    char *source;           /* the document it was read from, for reasons: "groups/node1.json"; NULL: none */
};

struct group *group_create(const char *id, const char *profile);
struct group *group_ref(const struct group *group);
void group_unref(struct group *group);
AUTO_DEFINE(group_unref, struct group *);

/* A group that goes by another id and is the same else. */
struct group *group_copy_as(const struct group *group, const char *id);
/* Whether both select the very same machines, by the same selectors. */
bool group_selects_alike(const struct group *a, const struct group *b);

/* Whether all selectors equal the labels; a missing label counts as "". Matchbox's rule. */
bool group_selects(const struct group *group, const struct labels *labels);
/* The first selector, by name, that the labels do not meet; NULL when they meet all. */
const struct label *group_unmet_selector(const struct group *group, const struct labels *labels);
