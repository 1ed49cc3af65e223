/* SPDX-License-Identifier: Apache-2.0 */
/* The addresses of groups, followed. */
#include "serve/dhcp-groups.h"

#include <stdlib.h>

#include "base/memory.h"
#include "boot/reservations.h"
#include "serve/lease-command.h"
#include "serve/said.h"

struct dhcp_groups {
    struct serve_catalog *served;
    struct catalog *catalog;    /* whose addresses the table has: held, so that no other can have its place */
    struct lease_table *leases; /* that table */
    struct said said;
};

struct dhcp_groups *dhcp_groups_create(struct serve_catalog *served)
{
    struct dhcp_groups *groups = MEMORY_NEW(struct dhcp_groups);
    groups->served = served;
    return groups;
}

void dhcp_groups_destroy(struct dhcp_groups *groups)
{
    if (!groups)
        return;
    catalog_unref(groups->catalog);
    said_finish(&groups->said);
    free(groups);
}

static void take(struct dhcp_groups *groups)
{
    struct faults faults = {0};
    struct reservation *reservations;
    size_t count;
    catalog_reservations(&reservations, &count, groups->catalog, groups->leases,
                         serve_catalog_data_path(groups->served), &faults);
    lease_table_reserve(groups->leases, RESERVATION_GROUP, reservations, count);
    lease_commands_check(groups->leases, &faults);
    said_log(&groups->said, "catalog", &faults);
    faults_finish(&faults);
}

struct catalog *dhcp_groups_follow(struct dhcp_groups *groups, struct lease_table *leases)
{
    struct catalog *catalog = current_catalog_ref(serve_catalog_current(groups->served));
    bool is_new = catalog != groups->catalog || leases != groups->leases;
    if (!is_new)
        return catalog;
    catalog_unref(groups->catalog);
    groups->catalog = catalog_ref(catalog);
    groups->leases = leases;
    if (leases)
        take(groups);
    return catalog;
}
