/* SPDX-License-Identifier: Apache-2.0 */
/* A subnet's addresses as configured. */
#include "lease/pool.h"

#include <stdlib.h>

#include "base/array.h"
#include "base/memory.h"

void subnet_finish(struct subnet *subnet)
{
    if (!subnet)
        return;
    for (size_t i = 0; i < subnet->reservation_count; i++) {
        free(subnet->reservations[i].hostname);
        lease_options_finish(&subnet->reservations[i].options);
    }
    free(subnet->reservations);
    free(subnet->link);
    free(subnet->pools);
    lease_options_finish(&subnet->options);
    free(subnet->dns);
    free(subnet->domain);
    *subnet = (struct subnet){0};
}

static int compare_reservations_by_id(const void *a_pointer, const void *b_pointer)
{
    const struct reservation *a = a_pointer, *b = b_pointer;
    if (a->kind != b->kind)
        return (int)a->kind - (int)b->kind;
    return a->id_size != b->id_size ? a->id_size - b->id_size : memcmp(a->id, b->id, a->id_size);
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

static uint32_t at_least_minimum(uint32_t seconds, uint32_t fallback)
{
    if (seconds == 0)
        seconds = fallback;
    return seconds < LEASE_SECONDS_MIN ? LEASE_SECONDS_MIN : seconds;
}

static void subnet_settle_seconds(struct subnet *subnet)
{
    subnet->lease_seconds = at_least_minimum(subnet->lease_seconds, LEASE_SECONDS_DEFAULT);
    subnet->lease_max = at_least_minimum(subnet->lease_max, subnet->lease_seconds);
    subnet->lease_min = at_least_minimum(subnet->lease_min, LEASE_SECONDS_MIN);
    subnet->boot_seconds = subnet->boot_seconds ? at_least_minimum(subnet->boot_seconds, 0) : 0;
}

uint32_t subnet_seconds(const struct subnet *subnet, uint32_t asked, bool is_booting)
{
    if (is_booting && subnet->boot_seconds)
        return subnet->boot_seconds;
    if (asked == 0)
        return subnet->lease_seconds;
    return asked < subnet->lease_min ? subnet->lease_min : asked > subnet->lease_max ? subnet->lease_max : asked;
}

void subnet_exclude(struct subnet *subnet, struct address_range range)
{
    struct address_range *kept = memory_new(2 * subnet->pool_count + 1, sizeof *kept);
    size_t count = 0;
    for (size_t i = 0; i < subnet->pool_count; i++) {
        struct address_range pool = subnet->pools[i];
        if (pool.first.number < range.first.number) {
            kept[count] = pool;
            if (pool.last.number >= range.first.number)
                kept[count].last.number = range.first.number - 1;
            count++;
        }
        if (pool.last.number > range.last.number) {
            kept[count] = pool;
            if (pool.first.number <= range.last.number)
                kept[count].first.number = range.last.number + 1;
            count++;
        }
    }
    free(subnet->pools);
    subnet->pools = kept;
    subnet->pool_count = count;
}

void subnet_add_pool(struct subnet *subnet, struct address_range range)
{
    subnet_exclude(subnet, range);
    size_t i = subnet->pool_count++;
    subnet->pools = memory_resize(subnet->pools, subnet->pool_count, sizeof *subnet->pools);
    for (; i > 0 && subnet->pools[i - 1].first.number > range.first.number; i--)
        subnet->pools[i] = subnet->pools[i - 1];
    subnet->pools[i] = range;
}

void pool_init(struct lease_pool *pool, struct subnet *subnet)
{
    *pool = (struct lease_pool){.subnet = subnet, .next_of_link = pool};
    if (subnet->pool_count > 0)
        pool->next = subnet->pools[0].first.number;
    subnet_settle_seconds(subnet);
    if (subnet->reservation_count == 0)
        return;
    qsort(subnet->reservations, subnet->reservation_count, sizeof subnet->reservations[0], compare_reservations_by_id);
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

static const struct reservation *subnet_reservation_by(const struct subnet *subnet, enum reservation_kind kind,
                                                       struct bytes id)
{
    struct reservation wanted = {.kind = kind, .id_size = (uint8_t)id.size};
    if (id.size == 0 || id.size > sizeof wanted.id)
        return NULL;
    memcpy(wanted.id, id.data, id.size);
    return bsearch(&wanted, subnet->reservations, subnet->reservation_count, sizeof subnet->reservations[0],
                   compare_reservations_by_id);
}

const struct reservation *subnet_reservation_of(const struct subnet *subnet, const struct lease_client *client)
{
    const struct bytes ids[] = {
        [RESERVATION_MAC] = bytes_of(client->mac.octets, client->mac.size),
        [RESERVATION_CLIENT_ID] = bytes_of(client->client_id, client->client_id_size),
        [RESERVATION_UUID] = bytes_of(client->uuid.octets, client->has_uuid ? sizeof client->uuid.octets : 0),
        [RESERVATION_CIRCUIT_ID] = client->circuit_id,
    };
    const struct reservation *found = NULL;
    for (size_t kind = 0; kind < LENGTH(ids) && !found && subnet->reservation_count > 0; kind++)
        found = subnet_reservation_by(subnet, (enum reservation_kind)kind, ids[kind]);
    return found;
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

static bool subnet_pools_contain(const struct subnet *subnet, struct ipv4 address)
{
    size_t low = 0;
    size_t high = subnet->pool_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (subnet->pools[middle].first.number <= address.number)
            low = middle + 1;
        else
            high = middle;
    }
    return low > 0 && address.number <= subnet->pools[low - 1].last.number;
}

bool pool_gives(const struct lease_pool *pool, struct ipv4 address)
{
    return subnet_pools_contain(pool->subnet, address) && subnet_has_host(pool->subnet, address) &&
           !pool_reservation_at(pool, address);
}

bool pool_next(struct ipv4 *ret, struct lease_pool *pool)
{
    const struct subnet *subnet = pool->subnet;
    if (pool->next_pool < subnet->pool_count && pool->next > subnet->pools[pool->next_pool].last.number &&
        ++pool->next_pool < subnet->pool_count)
        pool->next = subnet->pools[pool->next_pool].first.number;
    if (pool->next_pool == subnet->pool_count)
        return false;
    ret->number = (uint32_t)pool->next++;
    return true;
}
