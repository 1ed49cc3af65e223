/* SPDX-License-Identifier: Apache-2.0 */
/* A lease table from within: its subnets with their pools, the reservations that may change, and the records. */
#pragma once

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

/* The pool of the subnet that an address lies in; NULL when we serve none. */
struct lease_pool *table_pool_at(const struct lease_table *table, struct ipv4 address);
/* The record of an address, made if there is none; pool is that of table_pool_at(). */
struct lease_record *table_record(struct lease_table *table, struct lease_pool *pool, struct ipv4 address);
/* Whoever a lease is of, by what is kept of it. Borrows its host name. */
struct lease_client lease_client_of(const struct lease *lease);
