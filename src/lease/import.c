/* SPDX-License-Identifier: Apache-2.0 */
/* Leases of another server, by the rules of our own. */
#include "lease/refusal.h"

/* A reservation by what leases of other servers do not say may be that client's; one of a group is found by the group,
 * which is not known here. */
static bool may_be_reserved_for(const struct lease_client *client, const struct reservation *reservation)
{
    return client_may_say_otherwise(client, reservation->kind) ||
           (reservation->kind == RESERVATION_MAC && bytes_equal(bytes_of(reservation->id, reservation->id_size),
                                                                bytes_of(client->mac.octets, client->mac.size)));
}

static int check_import(const struct question *q, const struct lease *lease, struct diag *why)
{
    const struct lease_pool *pool = question_pool_at(q, lease->address);
    const struct reservation *reservation = pool_reservation_at(pool, lease->address);
    if (lease->state == LEASE_DECLINED)
        return pool_gives(pool, lease->address) ? LEASE_OK : refuse_foreign(q, lease->address, why);
    if (!question_may_give(q, lease->address))
        return refuse_foreign(q, lease->address, why);
    bool may_have =
        question_is_for_client(q, lease->address) || (reservation && may_be_reserved_for(q->client, reservation));
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
        if (record->state == LEASE_BOUND && !ipv4_equal(record->address, address) &&
            question_pool_at(q, record->address))
            fail(why, LEASE_OK, "%s is kept for its client only until that uses %s, which it has as well",
                 ipv4_to_text(text, address), ipv4_to_text(other, record->address));
    }
}

int lease_import(struct lease *ret, struct lease_table *table, const struct lease *lease, int64_t now, struct diag *why)
{
    struct lease_client client = lease_client_of(lease);
    struct lease_pool *pool = table_pool_at(table, lease->address);
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
