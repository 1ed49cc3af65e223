/* SPDX-License-Identifier: Apache-2.0 */
/* The words of lease/lease.h's errors. */
#include "lease/refusal.h"

#include <stdio.h>

#include "base/auto.h"

/* A lease that was given for ever ends when a counter of 32 bits does. */
static bool is_endless(int64_t seconds)
{
    return seconds > LEASE_SECONDS_INFINITE / 2;
}

void explain_blocking(const struct question *q, struct diag *why)
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
            count += pool_takes_back(pool, resting->at[i]);
        pool = pool->next_of_link;
    } while (pool != q->pool);
    ret[0] = '\0';
    if (count > 0)
        snprintf(ret, size, "; %zu of them %s, declined as in use by somebody else", count,
                 count == 1 ? "rests" : "rest");
}

int refuse_offer(const struct question *q, struct diag *why)
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

int refuse_nameless(struct diag *why)
{
    return fail(why, LEASE_E_UNKNOWN, "the client has neither a hardware address nor an identifier");
}

void explain_taking(const struct question *q, const char *before, const char *between, struct diag *why)
{
    char client[LEASE_CLIENT_TEXT_MAX];
    AUTO(free) char *known_by = reservation_machine_to_text(q->reservation);
    record_client_to_text(client, &q->table->book, q->taken);
    fail(why, LEASE_OK, "%s%s%s%s", before, client, between, known_by);
}

int refuse_foreign(const struct question *q, struct ipv4 address, struct diag *why)
{
    const struct subnet *subnet = q->pool->subnet;
    const struct lease_pool *pool = question_pool_at(q, address);
    char text[IPV4_TEXT_MAX], other[IPV4_TEXT_MAX];
    ipv4_to_text(text, address);
    if (!pool)
        return fail(why, LEASE_E_FOREIGN, "%s is not in subnet %s/%u", text,
                    ipv4_to_text(other, subnet->subnet.network), subnet->subnet.prefix);
    if (!question_may_give(q, address))
        return fail(why, LEASE_E_FOREIGN, "%s is the server's, the router's, the network or the broadcast address",
                    text);
    if (pool_reservation_at(pool, address))
        return fail(why, LEASE_E_FOREIGN, "%s is reserved for another client", text);
    if (q->reservation && !q->blocking)
        return fail(why, LEASE_E_FOREIGN, "%s is not the client's reservation, which is %s", text,
                    ipv4_to_text(other, q->reservation->address));
    return fail(why, LEASE_E_FOREIGN, "%s is not in the pool", text);
}

int refuse_taken(const struct lease_book *book, const struct lease_record *record, struct diag *why)
{
    char text[IPV4_TEXT_MAX], client[LEASE_CLIENT_TEXT_MAX];
    ipv4_to_text(text, record->address);
    if (record->state == LEASE_DECLINED)
        return fail(why, LEASE_E_TAKEN, "%s was declined as in use by somebody else", text);
    return fail(why, LEASE_E_TAKEN, "%s belongs to %s", text, record_client_to_text(client, book, record));
}

int refuse_other(const struct lease_record *kept, struct ipv4 address, struct diag *why)
{
    char asked[IPV4_TEXT_MAX], has[IPV4_TEXT_MAX];
    return fail(why, LEASE_E_TAKEN, "%s was asked for, but the client has %s", ipv4_to_text(asked, address),
                ipv4_to_text(has, kept->address));
}
