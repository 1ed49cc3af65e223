/* SPDX-License-Identifier: Apache-2.0 */
/* A group: the labels it selects on, and what the machines that have them get: a profile and metadata. */
#pragma once

#include "base/value.h"
#include "boot/labels.h"

struct group {
    char *id;
    char *name;    /* "" when the document gives none */
    char *profile; /* the profile's id */
    struct labels selector;
    struct value *metadata; /* a VALUE_MAP, or NULL */
};

struct group *group_create(const char *id, const char *profile);
void group_destroy(struct group *group);
