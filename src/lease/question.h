/* SPDX-License-Identifier: Apache-2.0 */
/* Which address a client is to have, of all that its link has: the order of RFC 2131 §4.3.1, with reservations first.
 */
#pragma once

#include "lease/table.h"

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

/* subnet is any of the client's link. Frees the addresses whose time is over before. */
struct question question_of(struct lease_table *table, const struct subnet *subnet, const struct lease_client *client,
                            struct ipv4 requested, struct ipv4 excluded, int64_t now);
/* Whether the record, NULL for none, is the client's. */
bool question_owns(const struct question *q, const struct lease_record *record);
/* The pool of the link that the address lies in; NULL when it is of none. */
struct lease_pool *question_pool_at(const struct question *q, struct ipv4 address);
/* Whether the address is one that any host of the link may have: not the network's, the router's or our own. */
bool question_may_give(const struct question *q, struct ipv4 address);
/* Whether this client may have it, as far as others do not. */
bool question_is_for_client(const struct question *q, struct ipv4 address);
/* The address that the client has here, or had last and may have again; NULL for none. */
struct lease_record *question_kept(const struct question *q);
/* The one that it is to be offered; NULL when there is none. */
struct lease_record *question_choose(const struct question *q);
