/* SPDX-License-Identifier: Apache-2.0 */
/* A subnet's addresses as configured. */
#include "lease/pool.h"

#include <stdlib.h>

#include "base/memory.h"

void subnet_finish(struct subnet *subnet)
{
    if (!subnet)
        return;
    for (size_t i = 0; i < subnet->reservation_count; i++)
        free(subnet->reservations[i].hostname);
    free(subnet->reservations);
    free(subnet->dns);
    free(subnet->domain);
    *subnet = (struct subnet){0};
}

static int compare_mac(const struct mac *a, const struct mac *b)
{
    return a->size != b->size ? a->size - b->size : memcmp(a->octets, b->octets, a->size);
}

static int compare_reservations_by_mac(const void *a, const void *b)
{
    return compare_mac(&((const struct reservation *)a)->mac, &((const struct reservation *)b)->mac);
}

static int compare_addresses(struct ipv4 a, struct ipv4 b)
{
    return a.number < b.number ? -1 : a.number > b.number;
}

static int compare_reservations_by_address(const void *a, const void *b)
{
    return compare_addresses((*(const struct reservation *const *)a)->address,
                             (*(const struct reservation *const *)b)->address);
}

static void subnet_settle_seconds(struct subnet *subnet)
{
    if (subnet->lease_seconds == 0)
        subnet->lease_seconds = LEASE_SECONDS_DEFAULT;
    if (subnet->lease_seconds < LEASE_SECONDS_MIN)
        subnet->lease_seconds = LEASE_SECONDS_MIN;
}

void pool_init(struct lease_pool *pool, struct subnet *subnet)
{
    *pool = (struct lease_pool){.subnet = subnet, .next = subnet->pool.first.number};
    subnet_settle_seconds(subnet);
    if (subnet->reservation_count == 0)
        return;
    qsort(subnet->reservations, subnet->reservation_count, sizeof subnet->reservations[0], compare_reservations_by_mac);
    pool->reserved = memory_new(subnet->reservation_count, sizeof(const struct reservation *));
    for (size_t i = 0; i < subnet->reservation_count; i++)
        pool->reserved[i] = &subnet->reservations[i];
    qsort(pool->reserved, subnet->reservation_count, sizeof pool->reserved[0], compare_reservations_by_address);
}

void pool_finish(struct lease_pool *pool)
{
    free(pool->reserved);
    queue_finish(&pool->unused);
    *pool = (struct lease_pool){0};
}

const struct reservation *subnet_reservation_of(const struct subnet *subnet, const struct mac *mac)
{
    const struct reservation wanted = {.mac = *mac};
    if (subnet->reservation_count == 0 || mac->size == 0)
        return NULL;
    return bsearch(&wanted, subnet->reservations, subnet->reservation_count, sizeof subnet->reservations[0],
                   compare_reservations_by_mac);
}

const char *lease_reserved_hostname(const struct subnet *subnet, const struct lease_client *client)
{
    const struct reservation *reservation = subnet_reservation_of(subnet, &client->mac);
    return reservation ? reservation->hostname : NULL;
}

const struct reservation *pool_reservation_at(const struct lease_pool *pool, struct ipv4 address)
{
    const struct reservation wanted = {.address = address}, *key = &wanted;
    if (!pool->reserved)
        return NULL;
    const struct reservation **found = bsearch(&key, pool->reserved, pool->subnet->reservation_count,
                                               sizeof pool->reserved[0], compare_reservations_by_address);
    return found ? *found : NULL;
}

bool subnet_has_host(const struct subnet *subnet, struct ipv4 address)
{
    if (!ipv4_subnet_contains(subnet->subnet, address) || ipv4_equal(address, subnet->router))
        return false;
    /* A /31 or /32 has hosts alone (RFC 3021). */
    if (subnet->subnet.prefix > 30)
        return true;
    return !ipv4_equal(address, subnet->subnet.network) && !ipv4_equal(address, ipv4_subnet_broadcast(subnet->subnet));
}

bool pool_gives(const struct lease_pool *pool, struct ipv4 address)
{
    const struct subnet *subnet = pool->subnet;
    return subnet->has_pool && address.number >= subnet->pool.first.number &&
           address.number <= subnet->pool.last.number && subnet_has_host(subnet, address) &&
           !pool_reservation_at(pool, address);
}
