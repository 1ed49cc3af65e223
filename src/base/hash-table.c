/* SPDX-License-Identifier: Apache-2.0 */
/* Linear hashing: Litwin 1980. Places are added one by one; each new one takes its share of the entries of one other
 * place, which is the new one's number without the highest bit. */
#include "base/hash-table.h"

#include <stdlib.h>

#include "base/memory.h"

#define PLACES_MIN 32
/* For each entry, so that most of what is not in the table is not there at the first look. */
#define PLACES_EACH 2

void hash_table_finish(struct hash_table *table)
{
    free(table->places);
    *table = (struct hash_table){0};
}

/* The highest power of two that is not over the number. */
static size_t highest_bit(size_t number)
{
    return (size_t)1 << (8 * sizeof(long) - 1 - (size_t)__builtin_clzl(number));
}

/* By as many bits as the highest place has, or one fewer where that place is not there yet. */
static size_t place_of(const struct hash_table *table, unsigned hash)
{
    size_t half = highest_bit(table->used - 1);
    size_t place = hash & (2 * half - 1);
    return place < table->used ? place : place - half;
}

static void start(struct hash_table *table)
{
    table->places = memory_new(PLACES_MIN, sizeof(struct hash_link *));
    table->used = table->room = PLACES_MIN;
}

static void add_place(struct hash_table *table)
{
    if (table->used == table->room) {
        table->room *= 2;
        table->places = memory_resize(table->places, table->room, sizeof(struct hash_link *));
    }
    size_t added = table->used++;
    table->places[added] = NULL;
    for (struct hash_link **at = &table->places[added - highest_bit(added)]; *at;) {
        struct hash_link *link = *at;
        if (place_of(table, link->hash) != added) {
            at = &link->next;
            continue;
        }
        *at = link->next;
        link->next = table->places[added];
        table->places[added] = link;
    }
}

void hash_table_add(struct hash_table *table, struct hash_link *link, unsigned hash)
{
    if (table->used == 0)
        start(table);
    table->count++;
    while (table->used < table->count * PLACES_EACH)
        add_place(table);
    struct hash_link **place = &table->places[place_of(table, hash)];
    link->hash = hash;
    link->next = *place;
    *place = link;
}

void hash_table_remove(struct hash_table *table, struct hash_link *link)
{
    struct hash_link **at = &table->places[place_of(table, link->hash)];
    while (*at != link)
        at = &(*at)->next;
    *at = link->next;
    table->count--;
}

static struct hash_link *first_with(struct hash_link *link, unsigned hash)
{
    while (link && link->hash != hash)
        link = link->next;
    return link;
}

struct hash_link *hash_table_first(const struct hash_table *table, unsigned hash)
{
    return table->used > 0 ? first_with(table->places[place_of(table, hash)], hash) : NULL;
}

struct hash_link *hash_table_next_same(const struct hash_link *link)
{
    return first_with(link->next, link->hash);
}

struct hash_link *hash_table_next(const struct hash_table *table, const struct hash_link *link)
{
    if (link && link->next)
        return link->next;
    for (size_t place = link ? place_of(table, link->hash) + 1 : 0; place < table->used; place++)
        if (table->places[place])
            return table->places[place];
    return NULL;
}
