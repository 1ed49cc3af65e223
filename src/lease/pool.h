/* SPDX-License-Identifier: Apache-2.0 */
/* A subnet's addresses as configured: which are given to anybody, which are kept for one machine. */
#pragma once

#include "lease/lease.h"
#include "lease/queue.h"

struct lease_pool {
    const struct subnet *subnet;
    struct reservation_set configured;                           /* the subnet's own reservations */
    const struct reservation_set *reserved[RESERVATION_ORIGINS]; /* those, then the table's, of all subnets */
    struct lease_pool *next_of_link; /* the pools of a link in a ring; itself when it is alone */
    size_t next_pool;                /* the first of the subnet's pools that has an address never tried, */
    uint64_t next;                   /* and that address */
    struct lease_queue unused;       /* free records of the pool */
};

/* Sorts the subnet's reservations, and sets what the configuration left out or may not be. The subnet stays the
 * caller's, the sets of reservations (that of the origin configured is left alone) likewise, and must outlive the pool.
 */
void pool_init(struct lease_pool *pool, struct subnet *subnet, const struct reservation_set *sets);
void pool_finish(struct lease_pool *pool);

/* Whether the client says now what such reservations recognise machines by. */
bool client_says(const struct lease_client *client, enum reservation_kind kind);
/* Whether a machine that has a reservation of this kind may say now what the reservation does not: boot programs send
 * client identifiers of their own making, by which nobody reserves. */
bool client_may_say_otherwise(const struct lease_client *client, enum reservation_kind kind);
/* The client's reservation by what it says now; NULL when it has none. */
const struct reservation *pool_reservation_of(const struct lease_pool *pool, const struct lease_client *client);
/* The reservation that an address is kept for; NULL when there is none. */
const struct reservation *pool_reservation_at(const struct lease_pool *pool, struct ipv4 address);
/* Whether the address may be given to any client: in the pool, a host's, and not reserved. */
bool pool_gives(const struct lease_pool *pool, struct ipv4 address);
/* Steps to the next address that was never tried; false when all were. */
bool pool_next(struct ipv4 *ret, struct lease_pool *pool);
/* The pool of the link of the first that the address lies in; NULL when it is of none. */
struct lease_pool *pool_of_link_at(struct lease_pool *first, struct ipv4 address);
/* Whether the record waits in the pool while it is free. */
bool pool_takes_back(const struct lease_pool *pool, const struct lease_record *record);
