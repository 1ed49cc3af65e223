/* SPDX-License-Identifier: Apache-2.0 */
/* What a lease table is made of, and how it is filled, changed and read as a whole. */
#include "lease/table.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"

static int compare_subnets(const void *a, const void *b)
{
    uint32_t first = ((const struct subnet *)a)->subnet.network.number;
    uint32_t second = ((const struct subnet *)b)->subnet.network.number;
    return first < second ? -1 : first > second;
}

/* Puts the pool into the ring of its link. */
static void join_link(struct lease_table *table, size_t at)
{
    const char *link = table->subnets[at].link;
    for (size_t i = at; link && i-- > 0;)
        if (text_is(table->subnets[i].link, link)) {
            table->pools[at].next_of_link = table->pools[i].next_of_link;
            table->pools[i].next_of_link = &table->pools[at];
            return;
        }
}

struct lease_table *lease_table_create(struct subnet *take_subnets, size_t count)
{
    struct lease_table *table = MEMORY_NEW(struct lease_table);
    table->subnets = take_subnets;
    table->count = count;
    table->pools = memory_new(count, sizeof table->pools[0]);
    if (count > 0)
        qsort(table->subnets, count, sizeof table->subnets[0], compare_subnets);
    for (size_t i = 0; i < count; i++)
        pool_init(&table->pools[i], &table->subnets[i], table->sets);
    for (size_t i = 0; i < count; i++)
        join_link(table, i);
    return table;
}

void lease_table_bind_by_client_id(struct lease_table *table)
{
    table->book.by_client_id = true;
}

static void given_finish(struct given *given)
{
    for (size_t i = 0; i < given->count; i++)
        reservation_finish(&given->reservations[i]);
    free(given->reservations);
}

void lease_table_destroy(struct lease_table *table)
{
    if (!table)
        return;
    book_finish(&table->book);
    for (size_t i = 0; i < RESERVATION_ORIGINS; i++) {
        reservation_set_finish(&table->sets[i]);
        given_finish(&table->given[i]);
    }
    for (size_t i = 0; i < table->count; i++) {
        pool_finish(&table->pools[i]);
        subnet_finish(&table->subnets[i]);
    }
    free(table->pools);
    free(table->subnets);
    free(table->own);
    free(table);
}

struct lease_pool *table_pool_at(const struct lease_table *table, struct ipv4 address)
{
    size_t low = 0;
    size_t high = table->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (table->subnets[middle].subnet.network.number <= address.number)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == 0 || !ipv4_subnet_contains(table->subnets[low - 1].subnet, address))
        return NULL;
    return &table->pools[low - 1];
}

const struct subnet *lease_subnet(const struct lease_table *table, struct ipv4 address)
{
    const struct lease_pool *pool = table_pool_at(table, address);
    return pool ? pool->subnet : NULL;
}

struct lease_record *table_record(struct lease_table *table, struct lease_pool *pool, struct ipv4 address)
{
    struct lease_record *record = record_find(&table->book, address);
    if (record)
        return record;
    bool is_pools = pool && pool_gives(pool, address);
    return record_add(&table->book, address, is_pools ? &pool->unused : NULL);
}

/* An address that is reserved now waits for no other client, and one that is reserved no more does. */
static void settle_address(struct lease_table *table, struct ipv4 address)
{
    struct lease_pool *pool = table_pool_at(table, address);
    struct lease_record *record = record_find(&table->book, address);
    struct lease_queue *unused = pool && pool_gives(pool, address) ? &pool->unused : NULL;
    if (record)
        record_set_unused(&table->book, record, unused);
    else if (unused)
        record_add(&table->book, address, unused);
}

void lease_table_set_own(struct lease_table *table, const struct ipv4 *addresses, size_t count)
{
    struct ipv4 *before = table->own;
    size_t count_before = table->own_count;
    table->own = memory_new(count + 1, sizeof *table->own);
    table->own_count = count;
    for (size_t i = 0; i < count; i++)
        table->own[i] = addresses[i];
    for (size_t i = 0; i < count_before; i++)
        settle_address(table, before[i]);
    free(before);
}

void lease_table_reserve(struct lease_table *table, enum reservation_origin origin,
                         struct reservation *take_reservations, size_t count)
{
    assert(origin != RESERVATION_CONFIGURED);
    struct given before = table->given[origin];
    table->given[origin] = (struct given){.reservations = take_reservations, .count = count};
    reservation_set_finish(&table->sets[origin]);
    reservation_set_init(&table->sets[origin], take_reservations, count);
    for (size_t i = 0; i < before.count; i++)
        settle_address(table, before.reservations[i].address);
    for (size_t i = 0; i < count; i++)
        settle_address(table, take_reservations[i].address);
    given_finish(&before);
}

const struct reservation *lease_reserved_before(const struct lease_table *table, enum reservation_origin origin,
                                                struct ipv4 address)
{
    const struct lease_pool *pool = table_pool_at(table, address);
    const struct reservation *found = NULL;
    for (size_t i = 0; pool && i < origin && !found; i++)
        found = reservation_set_at(pool->reserved[i], address);
    return found;
}

const struct reservation *lease_reservation_before(const struct lease_table *table, enum reservation_origin origin,
                                                   const struct reservation *reservation)
{
    const struct lease_pool *pool = table_pool_at(table, reservation->address);
    const struct reservation *found = NULL;
    for (size_t i = 0; pool && i < origin && !found; i++)
        found = reservation_set_of(pool->reserved[i], reservation->kind,
                                   bytes_of(reservation->id, reservation->id_size), pool->subnet->subnet);
    return found;
}

const struct reservation *lease_reservations(size_t *ret_count, const struct lease_table *table,
                                             enum reservation_origin origin)
{
    *ret_count = table->given[origin].count;
    return table->given[origin].reservations;
}

struct lease_client lease_client_of(const struct lease *lease)
{
    struct lease_client client = {
        .mac = lease->mac,
        .client_id_size = lease->client_id_size,
        .hostname = lease->hostname,
    };
    memcpy(client.client_id, lease->client_id, lease->client_id_size);
    return client;
}

void lease_restore(struct lease_table *table, const struct lease *lease)
{
    struct lease_client client = lease_client_of(lease);
    struct lease_record *record = table_record(table, table_pool_at(table, lease->address), lease->address);
    record_disown(&table->book, record);
    if (lease->state != LEASE_DECLINED)
        record_assign(&table->book, record, &client);
    record_set(&table->book, record, lease->state, lease->expires);
    record->stored = lease->state == LEASE_BOUND ? lease->stored : 0;
    record->change = lease->change;
    record->by = lease->by;
    record->declines = lease->declines;
}

static void restore_visited(const struct lease *lease, void *context)
{
    lease_restore(context, lease);
}

void lease_table_adopt(struct lease_table *table, const struct lease_table *previous)
{
    const struct given *commanded = &previous->given[RESERVATION_COMMANDED];
    struct reservation *copies = memory_new(commanded->count + 1, sizeof *copies);
    for (size_t i = 0; i < commanded->count; i++)
        copies[i] = reservation_copy(&commanded->reservations[i]);
    lease_table_reserve(table, RESERVATION_COMMANDED, copies, commanded->count);
    lease_table_set_own(table, previous->own, previous->own_count);
    table->declines = previous->declines;
    lease_table_visit(previous, restore_visited, table);
}

void lease_table_move(struct lease_table *table, int64_t seconds)
{
    book_move(&table->book, seconds);
    declines_move(&table->declines, seconds);
}

static int compare_records(const void *a, const void *b)
{
    uint32_t first = (*(const struct lease_record *const *)a)->address.number;
    uint32_t second = (*(const struct lease_record *const *)b)->address.number;
    return first < second ? -1 : first > second;
}

void lease_table_visit(const struct lease_table *table, void (*visit)(const struct lease *lease, void *context),
                       void *context)
{
    size_t count = 0;
    const struct lease_record **sorted = memory_new(table->book.records.count, sizeof(const struct lease_record *));
    const struct lease_record *record = NULL;
    while ((record = record_next(&table->book, record)))
        sorted[count++] = record;
    qsort(sorted, count, sizeof sorted[0], compare_records);
    struct lease *lease = MEMORY_NEW(struct lease);
    for (size_t i = 0; i < count; i++) {
        record_to_lease(lease, sorted[i]);
        visit(lease, context);
    }
    free(lease);
    free(sorted);
}
