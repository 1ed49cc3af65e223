/* SPDX-License-Identifier: Apache-2.0 */
/* The addresses that groups give, kept in the lease table as the catalog changes. For the loop's thread. */
#pragma once

#include "lease/lease.h"
#include "serve/catalog.h"

struct dhcp_groups;

/* served is borrowed. */
struct dhcp_groups *dhcp_groups_create(struct serve_catalog *served);
void dhcp_groups_destroy(struct dhcp_groups *groups);
/* The catalog of now, counted, after the table has the addresses of its groups; what is wrong with these goes into the
 * log once. leases may be NULL, and another one than before. */
struct catalog *dhcp_groups_follow(struct dhcp_groups *groups, struct lease_table *leases);
