/* SPDX-License-Identifier: Apache-2.0 */
/* Addresses of groups, each against all others. */
#include "boot/reservations.h"

#include <stdlib.h>

#include "base/memory.h"
#include "base/text.h"

/* A group with an address, and the reservation that it makes. */
struct claim {
    const struct group *group;
    struct reservation reservation;
};

struct claims {
    struct claim *at;
    size_t count;
    const char *data_path;
    struct faults *faults;
};

static int compare_claims(const void *a_pointer, const void *b_pointer)
{
    const struct claim *a = a_pointer, *b = b_pointer;
    uint32_t first = a->reservation.address.number, second = b->reservation.address.number;
    if (first != second)
        return first < second ? -1 : 1;
    return strcmp(a->group->source ?: a->group->id, b->group->source ?: b->group->id);
}

/* All groups that give an address, by the address and then by their documents. */
static void collect(struct claims *claims, const struct catalog *catalog)
{
    claims->at = memory_new(catalog_group_count(catalog) + 1, sizeof claims->at[0]);
    for (size_t i = 0; i < catalog_group_count(catalog); i++) {
        const struct group *group = catalog_group_at(catalog, i);
        struct claim *claim = &claims->at[claims->count];
        if (!ipv4_is_set(group->dhcp.address) || !group_machine(&claim->reservation, group))
            continue;
        claim->group = group;
        claim->reservation.address = group->dhcp.address;
        claims->count++;
    }
    qsort(claims->at, claims->count, sizeof claims->at[0], compare_claims);
}

static bool refuse(const struct claims *claims, const struct claim *claim, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static bool refuse(const struct claims *claims, const struct claim *claim, const char *format, ...)
{
    const struct group *group = claim->group;
    AUTO(text_finish) struct text text = {0};
    AUTO(free) char *path = memory_print("%s/%s", claims->data_path, group->source ?: group->id);
    va_list arguments;
    va_start(arguments, format);
    text_append_list(&text, format, arguments);
    va_end(arguments);
    faults_add(claims->faults, FAULT_ERROR, path, group->dhcp.line, group->dhcp.column, "%s", text_characters(&text));
    return false;
}

static bool check_subnet(const struct claims *claims, const struct claim *claim, const struct lease_table *leases)
{
    char address[IPV4_TEXT_MAX];
    const struct subnet *subnet = lease_subnet(leases, claim->reservation.address);
    ipv4_to_text(address, claim->reservation.address);
    if (!subnet)
        return refuse(claims, claim, "%s is in no subnet of 'dhcp.subnets': nobody is given it", address);
    if (!subnet_has_host(subnet, claim->reservation.address))
        return refuse(claims, claim, "%s is the router's, the network or the broadcast address of its subnet", address);
    return true;
}

static bool check_reserved(const struct claims *claims, const struct claim *claim, const struct lease_table *leases)
{
    const struct reservation *own = &claim->reservation;
    const struct reservation *at = lease_reserved_before(leases, RESERVATION_GROUP, own->address);
    const struct reservation *of = lease_reservation_before(leases, RESERVATION_GROUP, own);
    char address[IPV4_TEXT_MAX], other[IPV4_TEXT_MAX];
    ipv4_to_text(address, own->address);
    if (at && !reservation_is_of_same_machine(at, own)) {
        AUTO(free) char *machine = reservation_machine_to_text(at);
        return refuse(claims, claim, "%s is reserved for %s by %s already, which holds", address, machine, at->source);
    }
    if (of && !ipv4_equal(of->address, own->address))
        return refuse(claims, claim, "its machine has %s reserved by %s already, which holds, so that it never gets %s",
                      ipv4_to_text(other, of->address), of->source, address);
    return true;
}

/* Of two groups that give one address to different machines the one whose document comes first has it. */
static bool check_winner(const struct claims *claims, const struct claim *claim, const struct claim *winner)
{
    char address[IPV4_TEXT_MAX];
    if (!winner || !ipv4_equal(winner->reservation.address, claim->reservation.address) ||
        reservation_is_of_same_machine(&winner->reservation, &claim->reservation))
        return true;
    AUTO(free) char *machine = reservation_machine_to_text(&winner->reservation);
    return refuse(claims, claim, "%s is given to %s by group '%s' (%s) already, which holds",
                  ipv4_to_text(address, claim->reservation.address), machine, winner->group->id,
                  winner->group->source ?: "no document");
}

void catalog_reservations(struct reservation **ret, size_t *ret_count, const struct catalog *catalog,
                          const struct lease_table *leases, const char *data_path, struct faults *faults)
{
    struct claims claims = {.data_path = data_path, .faults = faults};
    const struct claim *winner = NULL;
    collect(&claims, catalog);
    *ret = memory_new(claims.count + 1, sizeof **ret);
    *ret_count = 0;
    for (size_t i = 0; i < claims.count; i++) {
        struct claim *claim = &claims.at[i];
        if (!check_subnet(&claims, claim, leases) || !check_reserved(&claims, claim, leases) ||
            !check_winner(&claims, claim, winner))
            continue;
        winner = claim;
        claim->reservation.source = memory_text(claim->group->source ?: claim->group->id);
        (*ret)[(*ret_count)++] = claim->reservation;
    }
    free(claims.at);
}
