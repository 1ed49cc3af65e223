/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers pairs of texts: the same pair has the same number, the first one added is 0. What an index is looked up by
 * without walking it. The texts are borrowed and must outlive the pairs. Zero is empty. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct pair {
    const char *first;
    const char *second;
    uint32_t hash;
};

struct pairs {
    struct pair *at;
    size_t count;
    size_t capacity;
    uint32_t *slots; /* 1 + a pair's number, 0 for none; a power of two of them, at most half taken */
    size_t slot_count;
};

void pairs_finish(struct pairs *pairs);
/* The pair's number, added if it was not there. */
size_t pairs_add(struct pairs *pairs, const char *first, const char *second);
bool pairs_find(size_t *ret, const struct pairs *pairs, const char *first, const char *second);
