/* SPDX-License-Identifier: Apache-2.0 */
/* The client's reservation, and the address it is given. */
#include "lease/question.h"

bool question_owns(const struct question *q, const struct lease_record *record)
{
    return record && record_belongs_to(&q->table->book, record, q->client);
}

struct lease_pool *question_pool_at(const struct question *q, struct ipv4 address)
{
    return pool_of_link_at(q->pool, address);
}

static bool is_own_address(const struct lease_table *table, struct ipv4 address)
{
    for (size_t i = 0; i < table->own_count; i++)
        if (ipv4_equal(table->own[i], address))
            return true;
    return false;
}

bool question_may_give(const struct question *q, struct ipv4 address)
{
    const struct lease_pool *pool = question_pool_at(q, address);
    return pool && subnet_has_host(pool->subnet, address) && !ipv4_equal(address, q->excluded) &&
           !is_own_address(q->table, address);
}

/* Of a client that does not say now by what it was recognised when it got its address. */
static const struct reservation *reservation_remembered(const struct lease_table *table, struct lease_pool *first,
                                                        const struct lease_client *client)
{
    struct lease_holder *holder = holder_find(&table->book, client);
    if (!holder)
        return NULL;
    LIST_FOR_EACH (link, &holder->records) {
        const struct lease_record *record = list_owner(link, struct lease_record, of_holder);
        const struct lease_pool *pool = pool_of_link_at(first, record->address);
        const struct reservation *reservation = pool ? pool_reservation_at(pool, record->address) : NULL;
        if (reservation && client_may_say_otherwise(client, reservation->kind))
            return reservation;
    }
    return NULL;
}

/* Of a client that says what it is recognised by. */
static const struct reservation *reservation_said(struct lease_pool *first, const struct lease_client *client)
{
    const struct lease_pool *pool = first;
    do {
        const struct reservation *reservation = pool_reservation_of(pool, client);
        if (reservation)
            return reservation;
        pool = pool->next_of_link;
    } while (pool != first);
    return NULL;
}

const struct reservation *lease_reservation(const struct lease_table *table, const struct subnet *subnet,
                                            const struct lease_client *client)
{
    struct lease_pool *pool = &table->pools[subnet - table->subnets];
    return reservation_said(pool, client) ?: reservation_remembered(table, pool, client);
}

/* Whether the client is the one that has the address, or on a circuit its successor: both came by the same reservation.
 * All interfaces of a running system are known by its UUID, and none is to take the address of another. */
static bool may_take(const struct question *q, const struct lease_record *record)
{
    const struct reservation *reservation = q->reservation;
    bool is_live = record->state == LEASE_OFFERED || record->state == LEASE_BOUND;
    if (!q->is_said || !is_live || reservation->kind == RESERVATION_MAC ||
        (reservation->kind == RESERVATION_UUID && !q->client->is_booting))
        return false;
    return record->by == reservation_mark(reservation) ||
           reservation_is_of_client_id(reservation, bytes_of(record->client_id, record->client_id_size));
}

static void question_find_reservation(struct question *q)
{
    q->reservation = reservation_said(q->pool, q->client);
    q->is_said = q->reservation != NULL;
    if (!q->is_said)
        q->reservation = reservation_remembered(q->table, q->pool, q->client);
    if (!q->reservation)
        return;
    if (!question_may_give(q, q->reservation->address)) {
        q->reservation = NULL;
        q->is_said = false;
        return;
    }
    const struct lease_record *record = record_find(&q->table->book, q->reservation->address);
    if (!record_is_held(record) || question_owns(q, record))
        return;
    if (may_take(q, record))
        q->taken = record;
    else
        q->blocking = record;
}

struct question question_of(struct lease_table *table, const struct subnet *subnet, const struct lease_client *client,
                            struct ipv4 requested, struct ipv4 excluded, int64_t now)
{
    struct question q = {
        .table = table,
        .pool = &table->pools[subnet - table->subnets],
        .client = client,
        .requested = requested,
        .excluded = excluded,
        .now = now,
    };
    book_expire(&table->book, now);
    question_find_reservation(&q);
    return q;
}

/* A client whose reservation can be had is given nothing else. */
bool question_is_for_client(const struct question *q, struct ipv4 address)
{
    if (q->reservation && ipv4_equal(address, q->reservation->address))
        return true;
    if (q->reservation && !q->blocking)
        return false;
    const struct lease_pool *pool = question_pool_at(q, address);
    return pool && pool_gives(pool, address) && question_may_give(q, address);
}

static struct lease_record *choose_reserved(const struct question *q)
{
    if (!q->reservation || q->blocking)
        return NULL;
    return table_record(q->table, question_pool_at(q, q->reservation->address), q->reservation->address);
}

/* Bound before offered before free; of the same kind the later one. */
static bool is_better(const struct lease_record *a, const struct lease_record *b)
{
    static const int rank[] = {[LEASE_FREE] = 0, [LEASE_OFFERED] = 1, [LEASE_BOUND] = 2};
    if (!b || a->state != b->state)
        return !b || rank[a->state] > rank[b->state];
    return a->expires > b->expires;
}

struct lease_record *question_kept(const struct question *q)
{
    struct lease_holder *holder = holder_find(&q->table->book, q->client);
    struct lease_record *best = NULL;
    if (!holder)
        return NULL;
    LIST_FOR_EACH (link, &holder->records) {
        struct lease_record *record = list_owner(link, struct lease_record, of_holder);
        if (question_is_for_client(q, record->address) && is_better(record, best))
            best = record;
    }
    return best;
}

static struct lease_record *choose_requested(const struct question *q)
{
    struct ipv4 address = q->requested;
    if (!ipv4_is_set(address) || !question_is_for_client(q, address) ||
        record_is_held(record_find(&q->table->book, address)))
        return NULL;
    return table_record(q->table, question_pool_at(q, address), address);
}

static struct lease_record *never_given_of(const struct question *q, struct lease_pool *pool)
{
    struct ipv4 address;
    while (pool_next(&address, pool))
        if (pool_gives(pool, address) && question_may_give(q, address) && !record_find(&q->table->book, address))
            return table_record(q->table, pool, address);
    return NULL;
}

static struct lease_record *longest_unused_of(const struct question *q, struct lease_pool *pool)
{
    struct lease_record *record = queue_first(&pool->unused);
    /* The server took an address that it once leased: it waits for no client any more. */
    while (record && !question_may_give(q, record->address)) {
        queue_leave(record);
        record = queue_first(&pool->unused);
    }
    return record;
}

static int64_t declined_at(const struct lease_record *record)
{
    return record->expires - decline_seconds(record->declines);
}

/* Better than nothing, since who had it may be gone. One after the other: who declines each of them, or where a host
 * answers at each, gets none in the end. */
static struct lease_record *longest_resting_of(const struct question *q, struct lease_pool *pool)
{
    const struct lease_queue *resting = &q->table->book.resting;
    struct lease_record *found = NULL;
    for (size_t i = 0; i < resting->count; i++) {
        struct lease_record *record = resting->at[i];
        if (pool_takes_back(pool, record) && question_may_give(q, record->address) &&
            declined_at(record) <= q->now - LEASE_DECLINE_SECONDS_MIN &&
            (!found || declined_at(record) < declined_at(found)))
            found = record;
    }
    return found;
}

/* The client's own subnet first, then the others of its link. */
static struct lease_record *choose_of_link(const struct question *q,
                                           struct lease_record *(*choose_of)(const struct question *q,
                                                                             struct lease_pool *pool))
{
    struct lease_pool *pool = q->pool;
    struct lease_record *record;
    do {
        record = choose_of(q, pool);
        pool = pool->next_of_link;
    } while (!record && pool != q->pool);
    return record;
}

struct lease_record *question_choose(const struct question *q)
{
    return choose_reserved(q) ?: question_kept(q) ?: choose_requested(q) ?: choose_of_link(q, never_given_of) ?:
               choose_of_link(q, longest_unused_of) ?: choose_of_link(q, longest_resting_of);
}
