/* SPDX-License-Identifier: Apache-2.0 */
/* A subnet's addresses as configured: which are given to anybody, which are kept for one machine. */
#pragma once

#include "lease/lease.h"
#include "lease/queue.h"

struct lease_pool {
    const struct subnet *subnet;
    const struct reservation **reserved; /* the subnet's reservations in the order of addresses */
    uint64_t next;                       /* the first address of the pool that was never tried */
    struct lease_queue unused;           /* free records of the pool */
};

/* Sorts the subnet's reservations by MAC and sets what the configuration left out or may not be. The subnet stays the
 * caller's and must outlive the pool. */
void pool_init(struct lease_pool *pool, struct subnet *subnet);
void pool_finish(struct lease_pool *pool);

/* The client's reservation; NULL when it has none. Of a subnet of a table. */
const struct reservation *subnet_reservation_of(const struct subnet *subnet, const struct mac *mac);
/* The reservation that an address is kept for; NULL when there is none. */
const struct reservation *pool_reservation_at(const struct lease_pool *pool, struct ipv4 address);
/* A host's address: in the subnet, not its network or broadcast address, and not its router. */
bool subnet_has_host(const struct subnet *subnet, struct ipv4 address);
/* Whether the address may be given to any client: in the pool, a host's, and not reserved. */
bool pool_gives(const struct lease_pool *pool, struct ipv4 address);
