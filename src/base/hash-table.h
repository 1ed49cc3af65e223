/* SPDX-License-Identifier: Apache-2.0 */
/* A hash table that grows by one place at a time, so that no single addition is slow: growing all at once takes
 * milliseconds for a hundred thousand entries, and whoever asks meanwhile waits. The links are in the entries; those
 * hold the keys too and are compared by the caller:
 *
 *     for (struct hash_link *link = hash_table_first(&table, hash); link; link = hash_table_next_same(link))
 *         if (is_key(list_owner(link, struct entry, by_key), key))
 *             ...
 *
 * Memory for the places is never given back before the end. Hashes are those of base/hash.h. */
#pragma once

#include <stddef.h>

/* In an entry. */
struct hash_link {
    struct hash_link *next; /* of its place */
    unsigned hash;
};

/* Zero is an empty one. */
struct hash_table {
    size_t count; /* entries */

    /* Its own. */
    struct hash_link **places;
    size_t used; /* of the places: twice as many as the most entries so far, or a few */
    size_t room;
};

/* Leaves the entries alone. */
void hash_table_finish(struct hash_table *table);
/* Adds an entry that is in no table. Nothing is said of others with the same hash. */
void hash_table_add(struct hash_table *table, struct hash_link *link, unsigned hash);
/* Removes one that is in the table. */
void hash_table_remove(struct hash_table *table, struct hash_link *link);
/* The entries with that hash; NULL when there is none, or none more. */
struct hash_link *hash_table_first(const struct hash_table *table, unsigned hash);
struct hash_link *hash_table_next_same(const struct hash_link *link);
/* All entries in no order: the first one for NULL, then the one behind it; NULL when there is none more. The table must
 * not change in between, but the entry at hand may be removed when the one behind it is known. */
struct hash_link *hash_table_next(const struct hash_table *table, const struct hash_link *link);
