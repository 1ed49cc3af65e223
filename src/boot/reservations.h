/* SPDX-License-Identifier: Apache-2.0 */
/* The addresses that groups give their machines, as reservations of a lease table. */
#pragma once

#include "base/diag.h"
#include "boot/catalog.h"
#include "lease/lease.h"

/* Makes a reservation of each address that a group of the catalog gives and that can be given: *ret is on the heap, for
 * lease_table_reserve() with RESERVATION_GROUP. All others go into faults, at the group's place: an address of no
 * subnet or that no machine can have, one that is reserved for another machine, or by another group, and one of a
 * machine that has another reservation. data_path is the folder that the groups lie in, for these places. */
void catalog_reservations(struct reservation **ret, size_t *ret_count, const struct catalog *catalog,
                          const struct lease_table *leases, const char *data_path, struct faults *faults);
