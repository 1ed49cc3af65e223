/* SPDX-License-Identifier: Apache-2.0 */
/* Who may have which address: the rules of RFC 2131 §4.3 over the records of record.c and the pools of pool.c. */
#include "lease/lease.h"

#include <assert.h>
#include <stdlib.h>

#include "base/memory.h"
#include "base/text.h"
#include "lease/decline.h"
#include "lease/pool.h"
#include "lease/record.h"

struct lease_table {
    struct subnet *subnets;   /* in the order of their addresses */
    struct lease_pool *pools; /* one for each subnet */
    size_t count;
    struct given {
        struct reservation *reservations;
        size_t count;
    } given[RESERVATION_ORIGINS];                     /* those that may change; configured is empty */
    struct reservation_set sets[RESERVATION_ORIGINS]; /* the same, sorted */
    struct lease_book book;
    struct ipv4 *own; /* this host's addresses */
    size_t own_count;
    struct lease_declines declines;
};

/* A client that wants an address of a subnet, and all that the choice depends on. */
struct question {
    struct lease_table *table;
    struct lease_pool *pool; /* of the client's subnet; its link is a ring of pools */
    const struct lease_client *client;
    struct ipv4 requested;
    const struct reservation *reservation; /* the client's; NULL: none */
    bool is_said;                          /* the client says now what that is by */
    const struct lease_record *blocking;   /* another client's hold on the reservation; NULL: none */
    const struct lease_record *taken;      /* the same, where the client may take it over */
    struct ipv4 excluded;
    int64_t now;
};

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

/* The pool of the subnet that an address lies in; NULL when we serve none. */
static struct lease_pool *pool_at(const struct lease_table *table, struct ipv4 address)
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
    const struct lease_pool *pool = pool_at(table, address);
    return pool ? pool->subnet : NULL;
}

static bool is_held(const struct lease_record *record)
{
    return record && record->state != LEASE_FREE;
}

static bool is_own(const struct question *q, const struct lease_record *record)
{
    return record && record_belongs_to(&q->table->book, record, q->client);
}

/* The pool of the link that the address lies in; NULL when it is of none. */
static struct lease_pool *pool_of_link_at(struct lease_pool *first, struct ipv4 address)
{
    struct lease_pool *pool = first;
    do {
        if (ipv4_subnet_contains(pool->subnet->subnet, address))
            return pool;
        pool = pool->next_of_link;
    } while (pool != first);
    return NULL;
}

static struct lease_pool *pool_on_link(const struct question *q, struct ipv4 address)
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

static bool is_giveable(const struct question *q, struct ipv4 address)
{
    const struct lease_pool *pool = pool_on_link(q, address);
    return pool && subnet_has_host(pool->subnet, address) && !ipv4_equal(address, q->excluded) &&
           !is_own_address(q->table, address);
}

/* Whether a machine that has a reservation of this kind may say now what the reservation does not: boot programs send
 * client identifiers of their own making, by which nobody reserves. */
static bool may_say_otherwise(const struct lease_client *client, enum reservation_kind kind)
{
    return !client_says(client, kind) || (kind == RESERVATION_CLIENT_ID && client->is_booting);
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
        if (reservation && may_say_otherwise(client, reservation->kind))
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
    if (!is_giveable(q, q->reservation->address)) {
        q->reservation = NULL;
        q->is_said = false;
        return;
    }
    const struct lease_record *record = record_find(&q->table->book, q->reservation->address);
    if (!is_held(record) || is_own(q, record))
        return;
    if (may_take(q, record))
        q->taken = record;
    else
        q->blocking = record;
}

static struct question question_of(struct lease_table *table, const struct subnet *subnet,
                                   const struct lease_client *client, struct ipv4 requested, struct ipv4 excluded,
                                   int64_t now)
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
static bool is_for_client(const struct question *q, struct ipv4 address)
{
    if (q->reservation && ipv4_equal(address, q->reservation->address))
        return true;
    if (q->reservation && !q->blocking)
        return false;
    const struct lease_pool *pool = pool_on_link(q, address);
    return pool && pool_gives(pool, address) && is_giveable(q, address);
}

static struct lease_record *record_obtain(struct lease_table *table, struct lease_pool *pool, struct ipv4 address)
{
    struct lease_record *record = record_find(&table->book, address);
    if (record)
        return record;
    bool is_pools = pool && pool_gives(pool, address);
    return record_add(&table->book, address, is_pools ? &pool->unused : NULL);
}

static struct lease_record *choose_reserved(const struct question *q)
{
    if (!q->reservation || q->blocking)
        return NULL;
    return record_obtain(q->table, pool_on_link(q, q->reservation->address), q->reservation->address);
}

/* Bound before offered before free; of the same kind the later one. */
static bool is_better(const struct lease_record *a, const struct lease_record *b)
{
    static const int rank[] = {[LEASE_FREE] = 0, [LEASE_OFFERED] = 1, [LEASE_BOUND] = 2};
    if (!b || a->state != b->state)
        return !b || rank[a->state] > rank[b->state];
    return a->expires > b->expires;
}

/* The address that the client has here, or had last and may have again. */
static struct lease_record *choose_kept(const struct question *q)
{
    struct lease_holder *holder = holder_find(&q->table->book, q->client);
    struct lease_record *best = NULL;
    if (!holder)
        return NULL;
    LIST_FOR_EACH (link, &holder->records) {
        struct lease_record *record = list_owner(link, struct lease_record, of_holder);
        if (is_for_client(q, record->address) && is_better(record, best))
            best = record;
    }
    return best;
}

static struct lease_record *choose_requested(const struct question *q)
{
    struct ipv4 address = q->requested;
    if (!ipv4_is_set(address) || !is_for_client(q, address) || is_held(record_find(&q->table->book, address)))
        return NULL;
    return record_obtain(q->table, pool_on_link(q, address), address);
}

static struct lease_record *never_given_of(const struct question *q, struct lease_pool *pool)
{
    struct ipv4 address;
    while (pool_next(&address, pool))
        if (pool_gives(pool, address) && is_giveable(q, address) && !record_find(&q->table->book, address))
            return record_obtain(q->table, pool, address);
    return NULL;
}

static struct lease_record *longest_unused_of(const struct question *q, struct lease_pool *pool)
{
    struct lease_record *record = queue_first(&pool->unused);
    /* The server took an address that it once leased: it waits for no client any more. */
    while (record && !is_giveable(q, record->address)) {
        queue_leave(record);
        record = queue_first(&pool->unused);
    }
    return record;
}

/* An address of the pool that was declined, and is so still. */
static bool is_resting_of(const struct lease_record *record, const struct lease_pool *pool)
{
    return record->unused == &pool->unused;
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
        if (is_resting_of(record, pool) && is_giveable(q, record->address) &&
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

static struct lease_record *choose(const struct question *q)
{
    return choose_reserved(q) ?: choose_kept(q) ?: choose_requested(q) ?: choose_of_link(q, never_given_of) ?:
               choose_of_link(q, longest_unused_of) ?: choose_of_link(q, longest_resting_of);
}

/* A lease that was given for ever ends when a counter of 32 bits does. */
static bool is_endless(int64_t seconds)
{
    return seconds > LEASE_SECONDS_INFINITE / 2;
}

static void explain_blocking(const struct question *q, struct diag *why)
{
    char address[IPV4_TEXT_MAX], client[LEASE_CLIENT_TEXT_MAX];
    const struct lease_record *record = q->blocking;
    long long seconds = record->expires - q->now;
    ipv4_to_text(address, record->address);
    record_client_to_text(client, &q->table->book, record);
    if (record->state == LEASE_DECLINED)
        fail(why, 0, "its reservation %s was declined as in use by somebody else; tried again in %lld s", address,
             seconds);
    else if (is_endless(seconds))
        fail(why, 0, "its reservation %s is still held by %s, whose lease has no end", address, client);
    else
        fail(why, 0, "its reservation %s is still held by %s, for another %lld s at most", address, client, seconds);
}

static bool link_has_pool(const struct question *q)
{
    const struct lease_pool *pool = q->pool;
    do {
        if (pool->subnet->pool_count > 0)
            return true;
        pool = pool->next_of_link;
    } while (pool != q->pool);
    return false;
}

/* How many addresses of the link rest; nothing when none does. */
static void describe_resting(char *ret, size_t size, const struct question *q)
{
    const struct lease_queue *resting = &q->table->book.resting;
    const struct lease_pool *pool = q->pool;
    size_t count = 0;
    do {
        for (size_t i = 0; i < resting->count; i++)
            count += is_resting_of(resting->at[i], pool);
        pool = pool->next_of_link;
    } while (pool != q->pool);
    ret[0] = '\0';
    if (count > 0)
        snprintf(ret, size, "; %zu of them %s, declined as in use by somebody else", count,
                 count == 1 ? "rests" : "rest");
}

static int refuse_offer(const struct question *q, struct diag *why)
{
    const struct subnet *subnet = q->pool->subnet;
    char network[IPV4_TEXT_MAX], first[IPV4_TEXT_MAX], last[IPV4_TEXT_MAX], resting[100];
    bool has_pool = link_has_pool(q);
    ipv4_to_text(network, subnet->subnet.network);
    if (!has_pool && q->blocking) {
        explain_blocking(q, why);
        return LEASE_E_TAKEN;
    }
    if (!has_pool)
        return fail(why, LEASE_E_UNKNOWN, "subnet %s/%u has no pool and no reservation for this client", network,
                    subnet->subnet.prefix);
    describe_resting(resting, sizeof resting, q);
    if (subnet->link)
        return fail(why, LEASE_E_EXHAUSTED, "every address of the pools of link '%s' is taken%s", subnet->link,
                    resting);
    if (subnet->pool_count > 1)
        return fail(why, LEASE_E_EXHAUSTED, "every address of the pools of subnet %s/%u is taken%s", network,
                    subnet->subnet.prefix, resting);
    return fail(why, LEASE_E_EXHAUSTED, "every address of the pool %s-%s is taken%s",
                ipv4_to_text(first, subnet->pools[0].first), ipv4_to_text(last, subnet->pools[0].last), resting);
}

/* The client's record on this link, unless it is the one kept; NULL for others. */
static struct lease_record *other_record(const struct question *q, struct list *link, const struct lease_record *kept)
{
    struct lease_record *record = list_owner(link, struct lease_record, of_holder);
    return record != kept && pool_on_link(q, record->address) ? record : NULL;
}

static void withdraw_other_offers(const struct question *q, const struct lease_record *kept)
{
    LIST_FOR_EACH (link, &kept->holder->records) {
        struct lease_record *record = other_record(q, link, kept);
        if (record && record->state == LEASE_OFFERED)
            record_set(&q->table->book, record, LEASE_FREE, q->now);
    }
}

/* A lease that is on its way to the disk. */
static bool is_pending(const struct lease_record *record)
{
    return record->state == LEASE_BOUND && record->stored != record->expires;
}

/* A client that uses one address needs no other of the link, and none is remembered for it. */
static void free_others(const struct question *q, const struct lease_record *kept)
{
    LIST_FOR_EACH (link, &kept->holder->records) {
        struct lease_record *record = other_record(q, link, kept);
        if (!record || is_pending(record))
            continue;
        if (is_held(record))
            record_set(&q->table->book, record, LEASE_FREE, q->now);
        record_disown(&q->table->book, record);
    }
}

/* Makes the record the client's, and remembers by what the client was recognised. */
static void assign(const struct question *q, struct lease_record *record)
{
    record_assign(&q->table->book, record, q->client);
    if (q->is_said && ipv4_equal(q->reservation->address, record->address))
        record->by = reservation_mark(q->reservation);
}

static void promise(const struct question *q, struct lease_record *record)
{
    assign(q, record);
    if (record->state != LEASE_BOUND)
        record_set(&q->table->book, record, LEASE_OFFERED, q->now + LEASE_OFFER_SECONDS);
    withdraw_other_offers(q, record);
}

static int refuse_nameless(struct diag *why)
{
    return fail(why, LEASE_E_UNKNOWN, "the client has neither a hardware address nor an identifier");
}

/* before and between are words around the other client's name, and behind them comes by what both are known. */
static void explain_taking(const struct question *q, const char *before, const char *between, struct diag *why)
{
    char client[LEASE_CLIENT_TEXT_MAX];
    AUTO(free) char *known_by = reservation_machine_to_text(q->reservation);
    record_client_to_text(client, &q->table->book, q->taken);
    fail(why, LEASE_OK, "%s%s%s%s", before, client, between, known_by);
}

/* The address of a lease that another client has: that stays what it is until this one asks for it. */
static int offer_taken(struct lease *ret, const struct question *q)
{
    const struct lease_client *client = q->client;
    record_to_lease(ret, q->taken);
    ret->state = LEASE_OFFERED;
    ret->expires = q->now + LEASE_OFFER_SECONDS;
    ret->stored = 0;
    ret->mac = client->mac;
    ret->client_id_size = client->client_id_size;
    memcpy(ret->client_id, client->client_id, client->client_id_size);
    snprintf(ret->hostname, sizeof ret->hostname, "%s", "");
    return LEASE_OK;
}

int lease_offer(struct lease *ret, struct lease_table *table, const struct subnet *subnet,
                const struct lease_client *client, struct ipv4 requested, struct ipv4 excluded, int64_t now,
                struct diag *why)
{
    if (!client_has_key(client))
        return refuse_nameless(why);
    struct question q = question_of(table, subnet, client, requested, excluded, now);
    struct lease_record *record = choose(&q);
    if (!record)
        return refuse_offer(&q, why);
    fail(why, LEASE_OK, "%s", "");
    if (q.blocking)
        explain_blocking(&q, why);
    if (q.taken)
        explain_taking(&q, "", " has it by the same ", why);
    bool is_fresh = !q.taken && !is_own(&q, record);
    if (q.taken && record->state == LEASE_BOUND)
        return offer_taken(ret, &q);
    promise(&q, record);
    record_to_lease(ret, record);
    ret->is_fresh = is_fresh;
    return LEASE_OK;
}

static int refuse_foreign(const struct question *q, struct ipv4 address, struct diag *why)
{
    const struct subnet *subnet = q->pool->subnet;
    const struct lease_pool *pool = pool_on_link(q, address);
    char text[IPV4_TEXT_MAX], other[IPV4_TEXT_MAX];
    ipv4_to_text(text, address);
    if (!pool)
        return fail(why, LEASE_E_FOREIGN, "%s is not in subnet %s/%u", text,
                    ipv4_to_text(other, subnet->subnet.network), subnet->subnet.prefix);
    if (!is_giveable(q, address))
        return fail(why, LEASE_E_FOREIGN, "%s is the server's, the router's, the network or the broadcast address",
                    text);
    if (pool_reservation_at(pool, address))
        return fail(why, LEASE_E_FOREIGN, "%s is reserved for another client", text);
    if (q->reservation && !q->blocking)
        return fail(why, LEASE_E_FOREIGN, "%s is not the client's reservation, which is %s", text,
                    ipv4_to_text(other, q->reservation->address));
    return fail(why, LEASE_E_FOREIGN, "%s is not in the pool", text);
}

static int refuse_taken(const struct lease_book *book, const struct lease_record *record, struct diag *why)
{
    char text[IPV4_TEXT_MAX], client[LEASE_CLIENT_TEXT_MAX];
    ipv4_to_text(text, record->address);
    if (record->state == LEASE_DECLINED)
        return fail(why, LEASE_E_TAKEN, "%s was declined as in use by somebody else", text);
    return fail(why, LEASE_E_TAKEN, "%s belongs to %s", text, record_client_to_text(client, book, record));
}

static int refuse_other(const struct lease_record *kept, struct ipv4 address, struct diag *why)
{
    char asked[IPV4_TEXT_MAX], has[IPV4_TEXT_MAX];
    return fail(why, LEASE_E_TAKEN, "%s was asked for, but the client has %s", ipv4_to_text(asked, address),
                ipv4_to_text(has, kept->address));
}

/* Whether the client may be bound to an address that it does not hold. */
static int check_not_held(const struct question *q, struct ipv4 address, bool known_only, struct diag *why)
{
    const struct lease_record *kept = choose_kept(q);
    char text[IPV4_TEXT_MAX];
    if (is_held(kept))
        return refuse_other(kept, address, why);
    if (q->reservation && !q->blocking)
        return refuse_foreign(q, address, why);
    if (known_only && !is_own(q, record_find(&q->table->book, address)))
        return fail(why, LEASE_E_UNKNOWN, "there is no record of the client having %s", ipv4_to_text(text, address));
    return LEASE_OK;
}

static int check_bind(const struct question *q, struct ipv4 address, bool known_only, struct diag *why)
{
    if (!pool_on_link(q, address))
        return refuse_foreign(q, address, why);
    const struct lease_record *record = record_find(&q->table->book, address);
    /* Who renews, or comes back with an address, had it before the other took it over. */
    bool may_move = record == q->taken && !known_only;
    if (is_held(record) && !is_own(q, record) && !may_move)
        return refuse_taken(&q->table->book, record, why);
    bool is_reserved = q->reservation && ipv4_equal(q->reservation->address, address);
    int refused = is_held(record) || is_reserved ? LEASE_OK : check_not_held(q, address, known_only, why);
    if (refused)
        return refused;
    return is_for_client(q, address) ? LEASE_OK : refuse_foreign(q, address, why);
}

/* Takes the address from its holder and says so. Whether that one took it from the client before. */
static bool take(const struct question *q, struct lease_record *record, struct diag *why)
{
    const struct mac before = record->mac;
    bool is_contested = before.size > 0 && mac_equal(&record->taken_from, &q->client->mac);
    if (is_contested)
        explain_taking(q, "taken back from ", ", which had taken it over: two machines come by ", why);
    else
        explain_taking(q, "taken over from ", ", which had it by the same ", why);
    assign(q, record);
    record->taken_from = before;
    return is_contested;
}

int lease_bind(struct lease *ret, struct lease_table *table, const struct subnet *subnet,
               const struct lease_client *client, struct ipv4 address, struct ipv4 excluded, bool known_only,
               int64_t now, struct diag *why)
{
    if (!client_has_key(client))
        return refuse_nameless(why);
    struct question q = question_of(table, subnet, client, address, excluded, now);
    int refused = check_bind(&q, address, known_only, why);
    if (refused)
        return refused;
    struct lease_pool *pool = pool_on_link(&q, address);
    struct lease_record *record = record_obtain(table, pool, address);
    fail(why, LEASE_OK, "%s", "");
    bool is_contested = record == q.taken && take(&q, record, why);
    assign(&q, record);
    uint32_t seconds = subnet_seconds(pool->subnet, client);
    if (known_only && record->state == LEASE_BOUND)
        record->declines = 0;
    record_set(&table->book, record, LEASE_BOUND, now + seconds);
    withdraw_other_offers(&q, record);
    record_to_lease(ret, record);
    ret->is_contested = is_contested;
    return LEASE_OK;
}

/* An address that is reserved now waits for no other client, and one that is reserved no more does. */
static void settle_address(struct lease_table *table, struct ipv4 address)
{
    struct lease_pool *pool = pool_at(table, address);
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
    const struct lease_pool *pool = pool_at(table, address);
    const struct reservation *found = NULL;
    for (size_t i = 0; pool && i < origin && !found; i++)
        found = reservation_set_at(pool->reserved[i], address);
    return found;
}

const struct reservation *lease_reservation_before(const struct lease_table *table, enum reservation_origin origin,
                                                   const struct reservation *reservation)
{
    const struct lease_pool *pool = pool_at(table, reservation->address);
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

void lease_withdraw(struct lease_table *table, const struct lease_client *client, int64_t now)
{
    book_expire(&table->book, now);
    struct lease_holder *holder = holder_find(&table->book, client);
    if (!holder)
        return;
    LIST_FOR_EACH (link, &holder->records) {
        struct lease_record *record = list_owner(link, struct lease_record, of_holder);
        if (record->state == LEASE_OFFERED)
            record_set(&table->book, record, LEASE_FREE, now);
    }
}

/* The record of an address that the client holds; NULL with the reason when it does not. */
static struct lease_record *record_of_holder(struct lease_table *table, const struct lease_client *client,
                                             struct ipv4 address, int64_t now, struct diag *why)
{
    char text[IPV4_TEXT_MAX];
    book_expire(&table->book, now);
    struct lease_record *record = record_find(&table->book, address);
    if (is_held(record) && record_belongs_to(&table->book, record, client))
        return record;
    fail(why, LEASE_E_UNKNOWN, "the client does not hold %s", ipv4_to_text(text, address));
    return NULL;
}

int lease_release(struct lease *ret, struct lease_table *table, const struct lease_client *client, struct ipv4 address,
                  int64_t now, struct diag *why)
{
    struct lease_record *record = record_of_holder(table, client, address, now, why);
    if (!record)
        return LEASE_E_UNKNOWN;
    record_set(&table->book, record, LEASE_FREE, now);
    record_to_lease(ret, record);
    return LEASE_OK;
}

static void set_declined(struct lease *ret, struct lease_table *table, struct lease_record *record, int64_t now)
{
    record_disown(&table->book, record);
    /* A reserved address is its machine's only one. */
    record->declines = record->unused ? record->declines + 1 : 1;
    record_set(&table->book, record, LEASE_DECLINED, now + decline_seconds(record->declines));
    record_to_lease(ret, record);
}

bool lease_is_held_by(struct lease_table *table, const struct subnet *subnet, const struct lease_client *client,
                      int64_t now)
{
    struct lease_pool *pool = &table->pools[subnet - table->subnets];
    book_expire(&table->book, now);
    struct lease_holder *holder = holder_find(&table->book, client);
    if (!holder)
        return false;
    LIST_FOR_EACH (link, &holder->records) {
        const struct lease_record *record = list_owner(link, struct lease_record, of_holder);
        if (record->state == LEASE_BOUND && pool_of_link_at(pool, record->address))
            return true;
    }
    return false;
}

bool lease_find(struct lease *ret, struct lease_table *table, struct ipv4 address, int64_t now)
{
    book_expire(&table->book, now);
    const struct lease_record *record = record_find(&table->book, address);
    if (record)
        record_to_lease(ret, record);
    return record != NULL;
}

int lease_free(struct lease *ret, struct lease_table *table, struct ipv4 address, int64_t now, struct diag *why)
{
    char text[IPV4_TEXT_MAX];
    book_expire(&table->book, now);
    struct lease_record *record = record_find(&table->book, address);
    if (!is_held(record))
        return fail(why, LEASE_E_UNKNOWN, "nobody has %s", ipv4_to_text(text, address));
    record_to_lease(ret, record);
    ret->state = LEASE_FREE;
    ret->expires = now;
    ret->stored = 0;
    return LEASE_OK;
}

bool lease_freed(struct lease_table *table, const struct lease *lease, int64_t now)
{
    book_expire(&table->book, now);
    struct lease_record *record = record_find(&table->book, lease->address);
    if (!is_held(record))
        return true;
    if (record->change == lease->change)
        record_set(&table->book, record, LEASE_FREE, now);
    else
        record->stored = 0;
    return record->state == LEASE_FREE;
}

int lease_conflict(struct lease *ret, struct lease_table *table, struct ipv4 address, int64_t now, struct diag *why)
{
    char text[IPV4_TEXT_MAX];
    book_expire(&table->book, now);
    struct lease_record *record = record_find(&table->book, address);
    if (!record || record->state != LEASE_OFFERED)
        return fail(why, LEASE_E_UNKNOWN, "%s is not offered to anybody", ipv4_to_text(text, address));
    set_declined(ret, table, record, now);
    return LEASE_OK;
}

int lease_decline(struct lease *ret, struct lease_table *table, const struct lease_client *client, struct ipv4 address,
                  int64_t now, struct diag *why)
{
    struct lease_record *record = record_of_holder(table, client, address, now, why);
    if (!record)
        return LEASE_E_UNKNOWN;
    struct bytes key = bytes_of(record->holder->key, record->holder->key_size);
    if (declines_count(&table->declines, key, now, why) != LEASE_OK)
        return LEASE_E_TOO_MANY;
    set_declined(ret, table, record, now);
    return LEASE_OK;
}

/* The record of a lease that was bound, while it is still bound to that client; NULL for others. */
static struct lease_record *record_of_bound(struct lease_table *table, const struct lease *lease, int64_t now)
{
    book_expire(&table->book, now);
    struct lease_record *record = record_find(&table->book, lease->address);
    bool is_same = lease->state == LEASE_BOUND && record && record->state == LEASE_BOUND &&
                   mac_equal(&record->mac, &lease->mac) &&
                   bytes_equal(bytes_of(record->client_id, record->client_id_size),
                               bytes_of(lease->client_id, lease->client_id_size));
    return is_same ? record : NULL;
}

void lease_stored(struct lease_table *table, const struct lease *lease, int64_t now)
{
    struct lease_record *record = record_of_bound(table, lease, now);
    struct question q = {.table = table, .pool = pool_at(table, lease->address), .now = now};
    if (!record)
        return;
    record->stored = lease->expires;
    if (q.pool)
        free_others(&q, record);
}

int64_t lease_not_stored(struct lease_table *table, const struct lease *lease, int64_t now)
{
    struct lease_record *record = record_of_bound(table, lease, now);
    if (!record)
        return 0;
    int64_t stored = record->stored > now ? record->stored : 0;
    bool is_latest = record->change == lease->change;
    if (is_latest && stored)
        record_set(&table->book, record, LEASE_BOUND, stored);
    else if (is_latest)
        record_set(&table->book, record, LEASE_FREE, now);
    return stored;
}

static struct lease_client client_of_lease(const struct lease *lease)
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
    struct lease_client client = client_of_lease(lease);
    struct lease_record *record = record_obtain(table, pool_at(table, lease->address), lease->address);
    record_disown(&table->book, record);
    if (lease->state != LEASE_DECLINED)
        record_assign(&table->book, record, &client);
    record_set(&table->book, record, lease->state, lease->expires);
    record->stored = lease->state == LEASE_BOUND ? lease->stored : 0;
    record->change = lease->change;
    record->by = lease->by;
    record->declines = lease->declines;
}

/* A reservation by what leases of other servers do not say may be that client's; one of a group is found by the group,
 * which is not known here. */
static bool may_be_reserved_for(const struct lease_client *client, const struct reservation *reservation)
{
    return may_say_otherwise(client, reservation->kind) ||
           (reservation->kind == RESERVATION_MAC && bytes_equal(bytes_of(reservation->id, reservation->id_size),
                                                                bytes_of(client->mac.octets, client->mac.size)));
}

static int check_import(const struct question *q, const struct lease *lease, struct diag *why)
{
    const struct lease_pool *pool = pool_on_link(q, lease->address);
    const struct reservation *reservation = pool_reservation_at(pool, lease->address);
    if (lease->state == LEASE_DECLINED)
        return pool_gives(pool, lease->address) ? LEASE_OK : refuse_foreign(q, lease->address, why);
    if (!is_giveable(q, lease->address))
        return refuse_foreign(q, lease->address, why);
    bool may_have = is_for_client(q, lease->address) || (reservation && may_be_reserved_for(q->client, reservation));
    return may_have ? LEASE_OK : refuse_foreign(q, lease->address, why);
}

/* Says which other address of the link the client is bound to. */
static void explain_other(const struct question *q, struct ipv4 address, struct diag *why)
{
    struct lease_holder *holder = holder_find(&q->table->book, q->client);
    char text[IPV4_TEXT_MAX], other[IPV4_TEXT_MAX];
    if (!holder)
        return;
    LIST_FOR_EACH (link, &holder->records) {
        struct lease_record *record = list_owner(link, struct lease_record, of_holder);
        if (record->state == LEASE_BOUND && !ipv4_equal(record->address, address) && pool_on_link(q, record->address))
            fail(why, LEASE_OK, "%s is kept for its client only until that uses %s, which it has as well",
                 ipv4_to_text(text, address), ipv4_to_text(other, record->address));
    }
}

int lease_import(struct lease *ret, struct lease_table *table, const struct lease *lease, int64_t now, struct diag *why)
{
    struct lease_client client = client_of_lease(lease);
    struct lease_pool *pool = pool_at(table, lease->address);
    book_expire(&table->book, now);
    struct lease_record *record = record_find(&table->book, lease->address);
    bool is_taken = record && (record->state == LEASE_BOUND || record->state == LEASE_DECLINED);
    bool is_clients = is_taken && record_belongs_to(&table->book, record, &client);
    if (is_taken && !is_clients)
        return refuse_taken(&table->book, record, why);
    if (is_clients && record->expires >= lease->expires)
        return fail(why, LEASE_E_KNOWN, "the client has it already");
    fail(why, LEASE_OK, "%s", "");
    if (pool) {
        struct question q = question_of(table, pool->subnet, &client, (struct ipv4){0}, (struct ipv4){0}, now);
        int refused = check_import(&q, lease, why);
        if (refused)
            return refused;
        explain_other(&q, lease->address, why);
    }
    *ret = *lease;
    ret->stored = is_clients ? record->stored : 0;
    ret->change = record ? record->change + 1 : 1;
    lease_restore(table, ret);
    return pool ? LEASE_OK : LEASE_E_UNKNOWN;
}

void lease_imported(struct lease_table *table, const struct lease *lease, int64_t now)
{
    struct lease_record *record = record_of_bound(table, lease, now);
    if (record)
        record->stored = lease->expires;
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
