/* SPDX-License-Identifier: Apache-2.0 */
/* A subnet's addresses as configured. */
#include "lease/pool.h"

#include <stdlib.h>

#include "base/array.h"
#include "base/memory.h"
#include "lease/record.h"

void subnet_finish(struct subnet *subnet)
{
    if (!subnet)
        return;
    for (size_t i = 0; i < subnet->reservation_count; i++)
        reservation_finish(&subnet->reservations[i]);
    free(subnet->reservations);
    free(subnet->link);
    free(subnet->pools);
    lease_options_finish(&subnet->options);
    free(subnet->dns);
    free(subnet->domain);
    *subnet = (struct subnet){0};
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

uint32_t subnet_seconds(const struct subnet *subnet, const struct lease_client *client)
{
    uint32_t asked = client->asked_seconds;
    uint32_t seconds = client->lease_seconds ?: subnet->lease_seconds;
    uint32_t most = client->lease_seconds ?: subnet->lease_max;
    /* Who asks for less is not given more than who asks for nothing. */
    uint32_t least = seconds < subnet->lease_min ? seconds : subnet->lease_min;
    if (client->is_booting && subnet->boot_seconds)
        return subnet->boot_seconds;
    if (asked == 0)
        return seconds;
    return asked > most ? most : asked < least ? least : asked;
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

void pool_init(struct lease_pool *pool, struct subnet *subnet, const struct reservation_set *sets)
{
    *pool = (struct lease_pool){.subnet = subnet, .next_of_link = pool};
    if (subnet->pool_count > 0)
        pool->next = subnet->pools[0].first.number;
    subnet_settle_seconds(subnet);
    reservation_set_init(&pool->configured, subnet->reservations, subnet->reservation_count);
    for (size_t origin = 0; origin < RESERVATION_ORIGINS; origin++)
        pool->reserved[origin] = origin == RESERVATION_CONFIGURED ? &pool->configured : &sets[origin];
}

void pool_finish(struct lease_pool *pool)
{
    reservation_set_finish(&pool->configured);
    queue_finish(&pool->unused);
    *pool = (struct lease_pool){0};
}

static struct bytes client_id_of(const struct lease_client *client, enum reservation_kind kind)
{
    const struct bytes ids[] = {
        [RESERVATION_MAC] = bytes_of(client->mac.octets, client->mac.size),
        [RESERVATION_CLIENT_ID] = bytes_of(client->client_id, client->client_id_size),
        [RESERVATION_UUID] = bytes_of(client->uuid.octets, client->has_uuid ? sizeof client->uuid.octets : 0),
        [RESERVATION_CIRCUIT_ID] = client->circuit_id,
    };
    return ids[kind];
}

bool client_says(const struct lease_client *client, enum reservation_kind kind)
{
    /* Every message has the hardware address, or its client has none. */
    return kind == RESERVATION_MAC || client_id_of(client, kind).size > 0;
}

/* By a text with its type before it too, see reservation_is_of_client_id(). */
static const struct reservation *reservation_by(enum reservation_kind kind, const struct reservation_set *set,
                                                const struct lease_pool *pool, const struct lease_client *client)
{
    struct bytes id = client_id_of(client, kind);
    const struct reservation *found = reservation_set_of(set, kind, id, pool->subnet->subnet);
    bool is_text = kind == RESERVATION_CLIENT_ID && bytes_equal(bytes_slice(id, 0, 1), bytes_of("\0", 1));
    return found || !is_text ? found : reservation_set_of(set, kind, bytes_slice(id, 1, id.size), pool->subnet->subnet);
}

static const struct reservation *reservation_in(const struct reservation_set *set, const struct lease_pool *pool,
                                                const struct lease_client *client)
{
    const struct reservation *found = NULL;
    for (int kind = RESERVATION_MAC; kind <= RESERVATION_CIRCUIT_ID && !found && set->count > 0; kind++)
        found = reservation_by((enum reservation_kind)kind, set, pool, client);
    return found;
}

const struct reservation *pool_reservation_of(const struct lease_pool *pool, const struct lease_client *client)
{
    const struct reservation *found = reservation_in(&pool->configured, pool, client);
    if (!found && ipv4_subnet_contains(pool->subnet->subnet, client->group_address))
        found = reservation_set_at(pool->reserved[RESERVATION_GROUP], client->group_address);
    return found ?: reservation_in(pool->reserved[RESERVATION_COMMANDED], pool, client);
}

const struct reservation *pool_reservation_at(const struct lease_pool *pool, struct ipv4 address)
{
    const struct reservation *found = NULL;
    for (size_t origin = 0; origin < RESERVATION_ORIGINS && !found; origin++)
        found = reservation_set_at(pool->reserved[origin], address);
    return found;
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

bool client_may_say_otherwise(const struct lease_client *client, enum reservation_kind kind)
{
    return !client_says(client, kind) || (kind == RESERVATION_CLIENT_ID && client->is_booting);
}

struct lease_pool *pool_of_link_at(struct lease_pool *first, struct ipv4 address)
{
    struct lease_pool *pool = first;
    do {
        if (ipv4_subnet_contains(pool->subnet->subnet, address))
            return pool;
        pool = pool->next_of_link;
    } while (pool != first);
    return NULL;
}

bool pool_takes_back(const struct lease_pool *pool, const struct lease_record *record)
{
    return record->unused == &pool->unused;
}
