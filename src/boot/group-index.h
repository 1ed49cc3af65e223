/* SPDX-License-Identifier: Apache-2.0 */
/* The index over groups in the order of selection: chooses among them without asking each. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "boot/group.h"
#include "boot/labels.h"
#include "boot/pairs.h"

/* What of a label's value a group is found by. */
enum group_key {
    GROUP_KEY_VALUE,
    GROUP_KEY_START,   /* the fixed characters a pattern begins with */
    GROUP_KEY_END,     /* those it ends with */
    GROUP_KEY_NETWORK, /* "10.0.0.0/8" */
};
#define GROUP_KEYS 4
/* Longest start or end that is looked for, so that the lengths there are fit one number. */
#define GROUP_KEY_LENGTH_MAX 63

/* Ranks of the groups that hang here: ranks[start] to ranks[start + count - 1], ascending. */
struct group_bucket {
    uint32_t start;
    uint32_t count;
};

/* Zero is empty. */
struct group_index {
    struct pairs keys[GROUP_KEYS]; /* label's name and text */
    uint64_t lengths[GROUP_KEYS];  /* bit n: there is one of that length, or of that many bits of a network */
    struct group_bucket *buckets;  /* of the keys of each kind in turn; the last: groups that are asked always */
    size_t first_bucket[GROUP_KEYS + 1];
    uint32_t *ranks;
    char **texts; /* of keys that are no values of selectors */
    size_t text_count;
    size_t text_capacity;
};

/* Groups, which stay the caller's, in the order of selection. */
void group_index_build(struct group_index *index, struct group *const *groups, size_t count);
void group_index_finish(struct group_index *index);
/* The rank of the first group that selects the labels; SIZE_MAX when there is none. The same groups as it was built
 * with. */
size_t group_index_select(const struct group_index *index, struct group *const *groups, const struct labels *labels);
