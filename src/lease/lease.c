/* SPDX-License-Identifier: Apache-2.0 */
/* The life of a lease: what offers, requests and the rest of RFC 2131 §4.3 change in the records. */
#include "lease/lease.h"

#include <stdio.h>
#include <string.h>

#include "lease/refusal.h"

/* The client's record on this link, unless it is the one kept; NULL for others. */
static struct lease_record *other_record(const struct question *q, struct list *link, const struct lease_record *kept)
{
    struct lease_record *record = list_owner(link, struct lease_record, of_holder);
    return record != kept && question_pool_at(q, record->address) ? record : NULL;
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
        if (record_is_held(record))
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
    struct lease_record *record = question_choose(&q);
    if (!record)
        return refuse_offer(&q, why);
    fail(why, LEASE_OK, "%s", "");
    if (q.blocking)
        explain_blocking(&q, why);
    if (q.taken)
        explain_taking(&q, "", " has it by the same ", why);
    bool is_fresh = !q.taken && !question_owns(&q, record);
    if (q.taken && record->state == LEASE_BOUND)
        return offer_taken(ret, &q);
    promise(&q, record);
    record_to_lease(ret, record);
    ret->is_fresh = is_fresh;
    return LEASE_OK;
}

/* Whether the client may be bound to an address that it does not hold. */
static int check_not_held(const struct question *q, struct ipv4 address, bool known_only, struct diag *why)
{
    const struct lease_record *kept = question_kept(q);
    char text[IPV4_TEXT_MAX];
    if (record_is_held(kept))
        return refuse_other(kept, address, why);
    if (q->reservation && !q->blocking)
        return refuse_foreign(q, address, why);
    if (known_only && !question_owns(q, record_find(&q->table->book, address)))
        return fail(why, LEASE_E_UNKNOWN, "there is no record of the client having %s", ipv4_to_text(text, address));
    return LEASE_OK;
}

static int check_bind(const struct question *q, struct ipv4 address, bool known_only, struct diag *why)
{
    if (!question_pool_at(q, address))
        return refuse_foreign(q, address, why);
    const struct lease_record *record = record_find(&q->table->book, address);
    /* Who renews, or comes back with an address, had it before the other took it over. */
    bool may_move = record == q->taken && !known_only;
    if (record_is_held(record) && !question_owns(q, record) && !may_move)
        return refuse_taken(&q->table->book, record, why);
    bool is_reserved = q->reservation && ipv4_equal(q->reservation->address, address);
    int refused = record_is_held(record) || is_reserved ? LEASE_OK : check_not_held(q, address, known_only, why);
    if (refused)
        return refused;
    return question_is_for_client(q, address) ? LEASE_OK : refuse_foreign(q, address, why);
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
    struct lease_pool *pool = question_pool_at(&q, address);
    struct lease_record *record = table_record(table, pool, address);
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
    if (record_is_held(record) && record_belongs_to(&table->book, record, client))
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
    if (!record_is_held(record))
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
    if (!record_is_held(record))
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
    struct question q = {.table = table, .pool = table_pool_at(table, lease->address), .now = now};
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

void lease_imported(struct lease_table *table, const struct lease *lease, int64_t now)
{
    struct lease_record *record = record_of_bound(table, lease, now);
    if (record)
        record->stored = lease->expires;
}
