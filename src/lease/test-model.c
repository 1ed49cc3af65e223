/* SPDX-License-Identifier: Apache-2.0 */
/* 100,000 random actions of clients against the table and, beside it, a model so simple that it can be seen to be
 * right: one row an address, walked for every question. Every so often the configuration is reloaded, or the server is
 * killed and starts again from what it had made durable. */
#include "lease/lease.h"

#include "base/memory.h"
#include "test.h"

enum {
    ACTIONS = 100000,
    POOL_FIRST = 10,
    POOL_LAST = 33,
    SERVER = 12,   /* the server's own address lies in the pool */
    RESERVED = 20, /* the address in the pool and the one beside it that are reserved */
    RESERVED_BESIDE = 200,
    CLIENTS = 40,
    NETWORK = 0x0a000000,
};

/* What the model knows of one address. */
struct row {
    enum lease_state state;
    int client; /* -1: nobody */
    int64_t expires;
};

static struct row model[256];
static struct lease durable[256];
static struct lease_table *table;
static int64_t now = 1700000000;
static uint64_t random_state = 0x9e3779b97f4a7c15u;

static uint32_t random_below(uint32_t limit)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return (uint32_t)(random_state >> 32) % limit;
}

/* Clients share identifiers in threes; the last four have no MAC. */
static struct lease_client client_of(int number)
{
    struct lease_client client = {.client_id_size = 2, .client_id = {0xff, (uint8_t)(number / 3)}};
    if (number >= CLIENTS - 4)
        client.client_id[1] = (uint8_t)(100 + number);
    else
        client.mac = (struct mac){.size = 6, .octets = {2, 0, 0, 0, 0, (uint8_t)(number + 1)}};
    return client;
}

static struct lease_table *table_new(void)
{
    struct subnet *subnet = MEMORY_NEW(struct subnet);
    *subnet = (struct subnet){
        .subnet = {.network = {NETWORK}, .prefix = 24},
        .lease_seconds = 600,
        .reservations = memory_new(2, sizeof(struct reservation)),
        .reservation_count = 2,
    };
    subnet_add_pool(subnet, (struct address_range){.first = {NETWORK + POOL_FIRST}, .last = {NETWORK + POOL_LAST}});
    const uint32_t reserved[] = {RESERVED, RESERVED_BESIDE};
    for (int i = 0; i < 2; i++) {
        struct mac mac = client_of(i).mac;
        subnet->reservations[i] = (struct reservation){.id_size = mac.size, .address = {NETWORK + reserved[i]}};
        memcpy(subnet->reservations[i].id, mac.octets, mac.size);
    }
    return lease_table_create(subnet, 1);
}

static const struct subnet *the_subnet(void)
{
    return lease_subnet(table, (struct ipv4){NETWORK});
}

static int reserved_for(int client)
{
    return client == 0 ? RESERVED : client == 1 ? RESERVED_BESIDE : 0;
}

static bool is_live(int host)
{
    return model[host].state != LEASE_FREE && model[host].expires > now;
}

static bool is_declined(int host)
{
    return is_live(host) && model[host].state == LEASE_DECLINED;
}

/* The addresses that a client could be given when all were free. */
static bool may_have(int client, int host)
{
    int reserved = reserved_for(client);
    if (host == reserved && host != 0)
        return true;
    if (reserved && !is_declined(reserved))
        return false;
    return host >= POOL_FIRST && host <= POOL_LAST && host != SERVER && host != RESERVED;
}

static bool is_held_by(int client, int host)
{
    return is_live(host) && model[host].client == client;
}

/* The host that the client holds, 0 for none: one it may have first, then one that is bound. After a restart it can be
 * two, since an address given up for another is not made durable. */
static int held_by(int client)
{
    int best = 0, best_rank = -1;
    for (int host = 0; host < 256; host++) {
        int rank = 2 * may_have(client, host) + (model[host].state == LEASE_BOUND);
        if (is_held_by(client, host) && rank > best_rank) {
            best = host;
            best_rank = rank;
        }
    }
    return best;
}

static bool can_be_served(int client)
{
    for (int host = 0; host < 256; host++)
        if (may_have(client, host) && (!is_live(host) || is_held_by(client, host)))
            return true;
    return false;
}

static void free_all_of(int client, int but, enum lease_state state)
{
    for (int host = 0; host < 256; host++)
        if (host != but && is_live(host) && model[host].client == client && model[host].state == state)
            model[host].state = LEASE_FREE;
}

static struct ipv4 random_address(int client)
{
    int held = held_by(client);
    if (held && random_below(4) > 0)
        return (struct ipv4){NETWORK + (uint32_t)held};
    uint32_t host = random_below(4) ? POOL_FIRST + random_below(26) : random_below(300);
    return (struct ipv4){NETWORK + host};
}

static void discover(int number)
{
    struct lease lease;
    struct lease_client client = client_of(number);
    int held = held_by(number);
    bool can = can_be_served(number);
    int result = lease_offer(&lease, table, the_subnet(), &client, random_address(number),
                             (struct ipv4){NETWORK + SERVER}, now, NULL);
    CHECK((result == LEASE_OK) == can);
    if (result != LEASE_OK)
        return;
    int host = (int)(lease.address.number - NETWORK);
    CHECK(may_have(number, host));
    CHECK(!is_live(host) || model[host].client == number);
    CHECK(!held || !may_have(number, held) || host == held);
    CHECK(lease.expires > now);
    free_all_of(number, host, LEASE_OFFERED);
    model[host] = (struct row){.state = lease.state, .client = number, .expires = lease.expires};
}

static void request(int number)
{
    struct lease lease;
    struct lease_client client = client_of(number);
    struct ipv4 address = random_address(number);
    bool known_only = random_below(2);
    int held = held_by(number);
    int result = lease_bind(&lease, table, the_subnet(), &client, address, (struct ipv4){NETWORK + SERVER}, known_only,
                            now, NULL);
    if (result != LEASE_OK) {
        CHECK(!held || !may_have(number, held) || address.number != NETWORK + (uint32_t)held);
        return;
    }
    int host = (int)(address.number - NETWORK);
    CHECK(host > 0 && host < 255 && may_have(number, host));
    CHECK(!is_live(host) || model[host].client == number);
    CHECK(!held || !may_have(number, held) || host == held);
    CHECK(lease.state == LEASE_BOUND && lease.expires == now + 600 && lease.address.number == address.number);
    free_all_of(number, host, LEASE_OFFERED);
    free_all_of(number, host, LEASE_BOUND);
    model[host] = (struct row){.state = LEASE_BOUND, .client = number, .expires = lease.expires};
    durable[host] = lease;
}

static void give_back(int number, bool decline)
{
    struct lease lease;
    struct lease_client client = client_of(number);
    struct ipv4 address = random_address(number);
    int host = (int)(address.number - NETWORK);
    bool holds = host < 256 && is_held_by(number, host);
    int result = (decline ? lease_decline : lease_release)(&lease, table, &client, address, now, NULL);
    CHECK((result == LEASE_OK) == holds);
    if (result != LEASE_OK)
        return;
    model[host] = (struct row){.state = lease.state, .client = decline ? -1 : number, .expires = lease.expires};
    durable[host] = lease;
}

static void withdraw(int number)
{
    struct lease_client client = client_of(number);
    lease_withdraw(table, &client, now);
    free_all_of(number, 0, LEASE_OFFERED);
}

static void reload(void)
{
    struct lease_table *previous = table;
    table = table_new();
    lease_table_adopt(table, previous);
    lease_table_destroy(previous);
}

static int client_of_lease(const struct lease *lease)
{
    for (int number = 0; number < CLIENTS; number++) {
        struct lease_client client = client_of(number);
        if (lease->state != LEASE_DECLINED && mac_equal(&lease->mac, &client.mac) &&
            (client.mac.size > 0 || lease->client_id[1] == client.client_id[1]))
            return number;
    }
    return -1;
}

/* Offers are forgotten; nothing that was acknowledged is. */
static void restart(void)
{
    lease_table_destroy(table);
    table = table_new();
    for (int host = 255; host >= 0; host--) {
        const struct lease *lease = &durable[host];
        bool was_bound = is_live(host) && model[host].state == LEASE_BOUND;
        int was_client = model[host].client;
        model[host] = (struct row){.state = lease->state, .client = -1, .expires = lease->expires};
        if (lease->address.number) {
            lease_restore(table, lease);
            model[host].client = client_of_lease(lease);
        }
        CHECK(!was_bound || (is_live(host) && model[host].client == was_client));
    }
}

static int live_seen;

static void compare_with_model(const struct lease *lease, void *context)
{
    (void)context;
    int host = (int)(lease->address.number - NETWORK);
    bool live = lease->state != LEASE_FREE && lease->expires > now;
    CHECK(live == is_live(host));
    if (!live)
        return;
    live_seen++;
    CHECK(lease->state == model[host].state && lease->expires == model[host].expires);
    if (lease->state != LEASE_DECLINED) {
        struct lease_client client = client_of(model[host].client);
        CHECK(mac_equal(&lease->mac, &client.mac) && lease->client_id[1] == client.client_id[1]);
    }
}

static void compare_all(void)
{
    int live = 0;
    for (int host = 0; host < 256; host++)
        live += is_live(host);
    live_seen = 0;
    lease_table_visit(table, compare_with_model, NULL);
    CHECK_NUMBER(live_seen, live);
}

static void act(void)
{
    int client = (int)random_below(CLIENTS);
    uint32_t dice = random_below(1000);
    if (dice < 380)
        discover(client);
    else if (dice < 760)
        request(client);
    else if (dice < 800)
        give_back(client, false);
    else if (dice < 820)
        give_back(client, true);
    else if (dice < 850)
        withdraw(client);
    else if (dice < 997)
        now += random_below(random_below(20) ? 8 : 300);
    else if (dice < 999)
        reload();
    else
        restart();
}

static void the_table_never_gives_an_address_twice_and_agrees_with_the_model(void)
{
    table = table_new();
    for (int i = 0; i < ACTIONS && test_broken < 10; i++) {
        act();
        if (i % 100 == 0)
            compare_all();
    }
    lease_table_destroy(table);
}

int main(void)
{
    RUN(the_table_never_gives_an_address_twice_and_agrees_with_the_model);
    return test_result();
}
