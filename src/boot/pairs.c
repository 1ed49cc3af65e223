/* SPDX-License-Identifier: Apache-2.0 */
/* Numbered pairs of texts: an open-addressed hash table that only grows. */
#include "boot/pairs.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"

enum { SLOTS_AT_FIRST = 16 };

/* FNV-1a over both texts with the NUL between them. The texts that are added come from the operator's own documents,
 * so nobody else can make them collide. */
static uint32_t pair_hash(const char *first, const char *second)
{
    uint32_t hash = 2166136261u;
    for (; *first; first++)
        hash = (hash ^ (uint8_t)*first) * 16777619u;
    hash *= 16777619u;
    for (; *second; second++)
        hash = (hash ^ (uint8_t)*second) * 16777619u;
    return hash ^ hash >> 15;
}

void pairs_finish(struct pairs *pairs)
{
    free(pairs->at);
    free(pairs->slots);
    *pairs = (struct pairs){0};
}

/* The slot that holds the pair, or the empty one where it would go. */
static uint32_t *pairs_slot(const struct pairs *pairs, const char *first, const char *second, uint32_t hash)
{
    size_t slot = hash & (pairs->slot_count - 1);
    for (;; slot = (slot + 1) & (pairs->slot_count - 1)) {
        if (pairs->slots[slot] == 0)
            return &pairs->slots[slot];
        const struct pair *pair = &pairs->at[pairs->slots[slot] - 1];
        if (pair->hash == hash && strcmp(pair->first, first) == 0 && strcmp(pair->second, second) == 0)
            return &pairs->slots[slot];
    }
}

static void pairs_grow(struct pairs *pairs)
{
    free(pairs->slots);
    pairs->slot_count = pairs->slot_count > 0 ? pairs->slot_count * 2 : SLOTS_AT_FIRST;
    pairs->slots = memory_new(pairs->slot_count, sizeof pairs->slots[0]);
    for (size_t i = 0; i < pairs->count; i++)
        *pairs_slot(pairs, pairs->at[i].first, pairs->at[i].second, pairs->at[i].hash) = (uint32_t)i + 1;
}

size_t pairs_add(struct pairs *pairs, const char *first, const char *second)
{
    if (pairs->count >= pairs->slot_count / 2)
        pairs_grow(pairs);
    uint32_t hash = pair_hash(first, second);
    uint32_t *slot = pairs_slot(pairs, first, second, hash);
    if (*slot == 0) {
        *ARRAY_ADD(pairs->at, pairs->count, pairs->capacity) =
            (struct pair){.first = first, .second = second, .hash = hash};
        *slot = (uint32_t)pairs->count;
    }
    return *slot - 1;
}

bool pairs_find(size_t *ret, const struct pairs *pairs, const char *first, const char *second)
{
    if (pairs->count == 0)
        return false;
    uint32_t slot = *pairs_slot(pairs, first, second, pair_hash(first, second));
    if (slot == 0)
        return false;
    *ret = slot - 1;
    return true;
}
