/* SPDX-License-Identifier: Apache-2.0 */
/* 100,000 random actions of clients against the table and, beside it, a model so simple that it can be seen to be
 * right: one row an address, walked for every question. Two subnets share a link, one of them has two pools with a
 * hole, a third is on a link of its own; some addresses are reserved. What a client is told waits for a disk that fails
 * now and then. The configuration is reloaded, the clock is set, and the server is killed and starts again from what it
 * had made durable. Beside the model stand the promises: what was acknowledged to a client is nobody else's until it
 * ends, whatever happens. */
#include "lease/lease.h"

#include "base/array.h"
#include "base/memory.h"
#include "test.h"

enum {
    ACTIONS = 100000,
    NETWORK = 0x0a000000, /* a host is a number counted from here */
    HOSTS = 3 * 256,      /* three subnets of 256 */
    LINKS = 2,
    SERVER = 12, /* the server's own address lies in a pool */
    CLIENTS = 60,
    LEASE = 600,
    PENDING = 16,
};

static const struct {
    int link;
    struct address_range pools[2]; /* by host */
} subnets[] = {
    {0, {{{10}, {19}}, {{24}, {33}}}},
    {0, {{{256 + 10}, {256 + 17}}}},
    {1, {{{512 + 10}, {512 + 24}}}},
};

/* In a pool, beside the pools, and in the other subnet of the link. */
static const struct {
    int client;
    int host;
} reservations[] = {{0, 26}, {1, 200}, {2, 256 + 12}};

/* By a client identifier, which three clients have: the address goes from one of them to the other. */
enum { SHARED_FIRST = 3, SHARED_HOST = 28 };

/* What the model knows of one address. */
struct row {
    enum lease_state state;
    int client; /* -1: nobody */
    int64_t expires;
    int64_t stored; /* bound: until when that is durable */
    int64_t since;  /* declined: since when */
    int change;     /* counts what happens to it */
};

/* What a client was told, and relies on. */
struct promise {
    int client;
    int64_t until;
};

/* A record that is on its way to the disk, and the change that it is of. */
struct pending {
    struct lease lease;
    int client;
    int change;
};

static struct row model[HOSTS];
static struct promise promises[HOSTS];
static struct lease durable[HOSTS];
static struct pending pending[PENDING];
static size_t pending_count;
static bool has_reservations; /* the configuration of now */
static int changes;
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

static void add_reservation(struct subnet *all, int client, int host)
{
    struct subnet *subnet = &all[host / 256];
    struct mac mac = client_of(client).mac;
    struct reservation reservation = {.id_size = mac.size, .address = {NETWORK + (uint32_t)host}};
    memcpy(reservation.id, mac.octets, mac.size);
    subnet->reservations = memory_resize(subnet->reservations, subnet->reservation_count + 1, sizeof reservation);
    subnet->reservations[subnet->reservation_count++] = reservation;
}

static bool shares(int client)
{
    return has_reservations && client / 3 == SHARED_FIRST / 3;
}

static void add_shared_reservation(struct subnet *subnet)
{
    struct lease_client client = client_of(SHARED_FIRST);
    add_reservation(subnet, SHARED_FIRST, SHARED_HOST);
    struct reservation *reservation = &subnet->reservations[subnet->reservation_count - 1];
    reservation->kind = RESERVATION_CLIENT_ID;
    reservation->id_size = (uint8_t)client.client_id_size;
    memcpy(reservation->id, client.client_id, client.client_id_size);
}

static struct lease_table *table_new(void)
{
    struct subnet *all = memory_new(LENGTH(subnets), sizeof *all);
    for (size_t i = 0; i < LENGTH(subnets); i++) {
        all[i].subnet = (struct ipv4_subnet){.network = {NETWORK + (uint32_t)i * 256}, .prefix = 24};
        all[i].lease_seconds = LEASE;
        all[i].link = memory_text(subnets[i].link == 0 ? "hall" : NULL);
        for (size_t k = 0; k < LENGTH(subnets[i].pools); k++)
            if (subnets[i].pools[k].last.number > 0)
                subnet_add_pool(&all[i], (struct address_range){{NETWORK + subnets[i].pools[k].first.number},
                                                                {NETWORK + subnets[i].pools[k].last.number}});
    }
    for (size_t i = 0; i < LENGTH(reservations) && has_reservations; i++)
        add_reservation(all, reservations[i].client, reservations[i].host);
    if (has_reservations)
        add_shared_reservation(&all[0]);
    return lease_table_create(all, LENGTH(subnets));
}

static int link_of(int host)
{
    return subnets[host / 256].link;
}

/* Any of the link. */
static const struct subnet *subnet_on(int link)
{
    uint32_t at = link == 0 ? random_below(2) : 2;
    return lease_subnet(table, (struct ipv4){NETWORK + at * 256});
}

static int reserved_for(int client, int link)
{
    for (size_t i = 0; i < LENGTH(reservations); i++)
        if (has_reservations && reservations[i].client == client && link_of(reservations[i].host) == link)
            return reservations[i].host;
    return shares(client) && link == link_of(SHARED_HOST) ? SHARED_HOST : 0;
}

static bool is_reserved(int host)
{
    for (size_t i = 0; i < LENGTH(reservations); i++)
        if (has_reservations && reservations[i].host == host)
            return true;
    return has_reservations && host == SHARED_HOST;
}

static bool is_in_pool(int host)
{
    const struct address_range *pools = subnets[host / 256].pools;
    for (size_t k = 0; k < LENGTH(subnets[0].pools); k++)
        if (pools[k].last.number > 0 && host >= (int)pools[k].first.number && host <= (int)pools[k].last.number)
            return true;
    return false;
}

static bool is_live(int host)
{
    return model[host].state != LEASE_FREE && model[host].expires > now;
}

static bool is_held_by(int client, int host)
{
    return is_live(host) && model[host].client == client;
}

/* Whether the client may take the address from who has it, since that one has the same identifier. */
static bool may_take(int client, int host)
{
    bool has_client = model[host].state == LEASE_OFFERED || model[host].state == LEASE_BOUND;
    return is_live(host) && host == SHARED_HOST && shares(client) && has_client && shares(model[host].client) &&
           model[host].client != client;
}

/* The addresses that a client could be given on the link when all were free. */
static bool may_have(int client, int host, int link)
{
    int reserved = reserved_for(client, link);
    if (link_of(host) != link)
        return false;
    if (host == reserved && host != 0)
        return true;
    if (reserved && (!is_live(reserved) || is_held_by(client, reserved) || may_take(client, reserved)))
        return false;
    return is_in_pool(host) && host != SERVER && !is_reserved(host);
}

/* The host that the client holds on the link, 0 for none: one it may have first, then one that is bound. It can be two,
 * after a restart or while the later is not durable. */
static int held_by(int client, int link)
{
    int best = 0, best_rank = -1;
    for (int host = 0; host < HOSTS; host++) {
        int rank = 2 * may_have(client, host, link) + (model[host].state == LEASE_BOUND);
        if (link_of(host) == link && is_held_by(client, host) && rank > best_rank) {
            best = host;
            best_rank = rank;
        }
    }
    return best;
}

/* Given when there is nothing else. */
static bool has_rested(int host)
{
    return is_live(host) && model[host].state == LEASE_DECLINED &&
           now - model[host].since >= LEASE_DECLINE_SECONDS_MIN && is_in_pool(host) && !is_reserved(host);
}

static bool can_be_served_at_once(int client, int link)
{
    for (int host = 0; host < HOSTS; host++)
        if (may_have(client, host, link) && (!is_live(host) || is_held_by(client, host) || may_take(client, host)))
            return true;
    return false;
}

static bool can_be_served(int client, int link)
{
    bool can = can_be_served_at_once(client, link);
    for (int host = 0; host < HOSTS; host++)
        can |= may_have(client, host, link) && has_rested(host);
    return can;
}

static bool is_pending(int host)
{
    return model[host].state == LEASE_BOUND && model[host].expires != model[host].stored;
}

static void free_all_of(int client, int but, enum lease_state state)
{
    for (int host = 0; host < HOSTS; host++)
        if (host != but && link_of(host) == link_of(but) && is_held_by(client, host) && model[host].state == state &&
            !is_pending(host))
            model[host] = (struct row){.client = client, .expires = now, .change = ++changes};
}

static bool is_promised_to_another(int host, int client)
{
    return promises[host].until > now && promises[host].client != client;
}

static struct ipv4 random_address(int client, int link)
{
    int held = held_by(client, link);
    if (held && random_below(4) > 0)
        return (struct ipv4){NETWORK + (uint32_t)held};
    uint32_t host = random_below(4) ? (uint32_t)link * 512 + random_below(2) * 256 + 10 + random_below(26)
                                    : random_below(HOSTS + 100);
    return (struct ipv4){NETWORK + host};
}

static int done_stored, done_not_stored, done_exhausted, done_taken, done_rested;

static void discover(int number, int link)
{
    struct lease lease;
    struct lease_client client = client_of(number);
    int held = held_by(number, link);
    bool can = can_be_served(number, link), at_once = can_be_served_at_once(number, link);
    int result = lease_offer(&lease, table, subnet_on(link), &client, random_address(number, link),
                             (struct ipv4){NETWORK + SERVER}, now, NULL);
    CHECK((result == LEASE_OK) == can);
    if (result != LEASE_OK)
        return;
    int host = (int)(lease.address.number - NETWORK);
    bool takes = may_take(number, host), rested = has_rested(host) && !at_once;
    done_taken += takes;
    done_rested += rested;
    CHECK(may_have(number, host, link));
    CHECK(!is_live(host) || model[host].client == number || takes || rested);
    CHECK(!is_promised_to_another(host, number) || takes);
    CHECK(!held || !may_have(number, held, link) || is_held_by(number, host));
    CHECK(lease.expires > now);
    /* A lease stays whose it is until the other asks for it. */
    if (takes && model[host].state == LEASE_BOUND)
        return;
    free_all_of(number, host, LEASE_OFFERED);
    if (lease.state == LEASE_BOUND)
        CHECK(is_held_by(number, host) && model[host].state == LEASE_BOUND && model[host].expires == lease.expires);
    else
        model[host] = (struct row){.state = lease.state, .client = number, .expires = lease.expires};
}

static void finish_one(bool is_stored);

static void make_durable(const struct lease *lease, int client)
{
    int change = model[lease->address.number - NETWORK].change = ++changes;
    if (pending_count == PENDING)
        finish_one(true);
    pending[pending_count++] = (struct pending){*lease, client, change};
}

static void request(int number, int link)
{
    struct lease lease;
    struct lease_client client = client_of(number);
    struct ipv4 address = random_address(number, link);
    bool known_only = random_below(2);
    int held = held_by(number, link);
    int host = (int)(address.number - NETWORK);
    bool was_held = host < HOSTS && is_held_by(number, host);
    int result = lease_bind(&lease, table, subnet_on(link), &client, address, (struct ipv4){NETWORK + SERVER},
                            known_only, now, NULL);
    if (result != LEASE_OK) {
        CHECK(!held || !may_have(number, held, link) || address.number != NETWORK + (uint32_t)held);
        return;
    }
    CHECK(host > 0 && host < HOSTS && may_have(number, host, link));
    bool takes = may_take(number, host) && !known_only;
    CHECK(!is_live(host) || model[host].client == number || takes);
    CHECK(!is_promised_to_another(host, number) || takes);
    if (takes)
        promises[host].until = 0;
    CHECK(!held || !may_have(number, held, link) || was_held || host == reserved_for(number, link));
    CHECK(lease.state == LEASE_BOUND && lease.expires == now + LEASE && lease.address.number == address.number);
    int64_t stored = was_held && model[host].state == LEASE_BOUND ? model[host].stored : 0;
    CHECK_NUMBER(lease.stored, stored);
    free_all_of(number, host, LEASE_OFFERED);
    model[host] = (struct row){.state = LEASE_BOUND, .client = number, .expires = lease.expires, .stored = stored};
    make_durable(&lease, number);
}

/* A client that is told of its address relies on no other of the link. */
static void promise(int client, int host, int64_t until)
{
    CHECK(!is_promised_to_another(host, client));
    for (int other = 0; other < HOSTS; other++)
        if (link_of(other) == link_of(host) && promises[other].client == client)
            promises[other].until = 0;
    promises[host] = (struct promise){client, until};
}

static void note_stored(const struct lease *lease, int client, int host)
{
    bool is_same = is_live(host) && model[host].state == LEASE_BOUND && model[host].client == client;
    durable[host] = *lease;
    if (lease->state != LEASE_BOUND)
        return;
    lease_stored(table, lease, now);
    if (!is_same)
        return;
    model[host].stored = lease->expires;
    free_all_of(client, host, LEASE_OFFERED);
    free_all_of(client, host, LEASE_BOUND);
    promise(client, host, lease->expires);
}

static void note_not_stored(const struct lease *lease, int client, int host, int change)
{
    if (lease->state != LEASE_BOUND)
        return;
    int64_t until = lease_not_stored(table, lease, now);
    bool is_same = is_live(host) && model[host].state == LEASE_BOUND && model[host].client == client;
    int64_t expected = is_same && model[host].stored > now ? model[host].stored : 0;
    CHECK_NUMBER(until, expected);
    if (is_same && model[host].change == change) {
        model[host].expires = expected ? expected : now;
        model[host].state = expected ? LEASE_BOUND : LEASE_FREE;
    }
    if (expected)
        promise(client, host, expected);
}

/* The oldest record that is on its way arrives, or does not. */
static void finish_one(bool is_stored)
{
    if (pending_count == 0)
        return;
    struct pending first = pending[0];
    memmove(&pending[0], &pending[1], --pending_count * sizeof pending[0]);
    int host = (int)(first.lease.address.number - NETWORK);
    if (is_stored)
        note_stored(&first.lease, first.client, host);
    else
        note_not_stored(&first.lease, first.client, host, first.change);
}

static void give_back(int number, int link, bool decline)
{
    struct lease lease;
    struct lease_client client = client_of(number);
    struct ipv4 address = random_address(number, link);
    int host = (int)(address.number - NETWORK);
    bool holds = host < HOSTS && is_held_by(number, host);
    int result = (decline ? lease_decline : lease_release)(&lease, table, &client, address, now, NULL);
    CHECK((result == LEASE_OK) == holds);
    if (host < HOSTS && promises[host].client == number)
        promises[host].until = 0;
    if (result != LEASE_OK)
        return;
    model[host] =
        (struct row){.state = lease.state, .client = decline ? -1 : number, .expires = lease.expires, .since = now};
    make_durable(&lease, number);
}

/* Somebody answers ARP at an address. */
static void conflict(int link)
{
    struct lease lease;
    struct ipv4 address = random_address((int)random_below(CLIENTS), link);
    int host = (int)(address.number - NETWORK);
    bool is_offered = host < HOSTS && is_live(host) && model[host].state == LEASE_OFFERED;
    CHECK((lease_conflict(&lease, table, address, now, NULL) == LEASE_OK) == is_offered);
    if (!is_offered)
        return;
    model[host] = (struct row){.state = LEASE_DECLINED, .client = -1, .expires = lease.expires, .since = now};
    make_durable(&lease, -1);
}

static void withdraw(int number)
{
    struct lease_client client = client_of(number);
    lease_withdraw(table, &client, now);
    free_all_of(number, 0, LEASE_OFFERED);
    free_all_of(number, 512, LEASE_OFFERED);
    if (is_held_by(number, 0) && model[0].state == LEASE_OFFERED)
        model[0].state = LEASE_FREE;
}

static void reload(void)
{
    struct lease_table *previous = table;
    has_reservations = random_below(3) > 0;
    table = table_new();
    lease_table_adopt(table, previous);
    lease_table_destroy(previous);
}

static void move_time(int64_t *time, int64_t seconds)
{
    if (*time)
        *time += seconds;
}

/* The wall clock is set: all times move with it. */
static void set_clock(void)
{
    int64_t seconds = (int64_t)random_below(200000) - 100000;
    now += seconds;
    lease_table_move(table, seconds);
    for (int host = 0; host < HOSTS; host++) {
        move_time(&model[host].expires, seconds);
        move_time(&model[host].stored, seconds);
        move_time(&model[host].since, seconds);
        move_time(&promises[host].until, seconds);
        move_time(&durable[host].expires, seconds);
    }
    for (size_t i = 0; i < pending_count; i++) {
        move_time(&pending[i].lease.expires, seconds);
        move_time(&pending[i].lease.stored, seconds);
    }
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

/* Offers are forgotten, and of what was on its way some arrived; nothing that was acknowledged is lost. */
static void restart(void)
{
    for (size_t arrived = random_below((uint32_t)pending_count + 1); arrived > 0; arrived--) {
        struct lease *lease = &pending[0].lease;
        durable[lease->address.number - NETWORK] = *lease;
        memmove(&pending[0], &pending[1], --pending_count * sizeof pending[0]);
    }
    pending_count = 0;
    lease_table_destroy(table);
    table = table_new();
    for (int host = HOSTS - 1; host >= 0; host--) {
        struct lease lease = durable[host];
        lease.stored = lease.state == LEASE_BOUND ? lease.expires : 0;
        model[host] =
            (struct row){.state = lease.state, .client = -1, .expires = lease.expires, .stored = lease.stored};
        if (lease.address.number) {
            /* How often it was declined and by what its client came is not durable. */
            lease.declines = lease.by = 0;
            model[host].since = lease.expires - LEASE_DECLINE_SECONDS;
            lease_restore(table, &lease);
            model[host].client = client_of_lease(&lease);
        }
    }
}

/* Every client that was told that it has an address has it, for as long as it was told. */
static void check_promises(void)
{
    for (int host = 0; host < HOSTS; host++)
        if (promises[host].until > now)
            CHECK(model[host].state == LEASE_BOUND && model[host].client == promises[host].client &&
                  model[host].expires >= promises[host].until);
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
    CHECK_NUMBER(lease->stored, model[host].stored);
    if (lease->state != LEASE_DECLINED) {
        struct lease_client client = client_of(model[host].client);
        CHECK(mac_equal(&lease->mac, &client.mac) && lease->client_id[1] == client.client_id[1]);
    }
}

static void compare_all(void)
{
    int live = 0;
    for (int host = 0; host < HOSTS; host++)
        live += is_live(host);
    live_seen = 0;
    lease_table_visit(table, compare_with_model, NULL);
    CHECK_NUMBER(live_seen, live);
    check_promises();
}

static void act(void)
{
    int client = (int)random_below(random_below(5) ? CLIENTS : LENGTH(reservations) + 3);
    int link = random_below(4) == 0;
    uint32_t dice = random_below(1000);
    done_exhausted += dice < 300 && !can_be_served(client, link);
    if (dice < 300)
        discover(client, link);
    else if (dice < 600)
        request(client, link);
    else if (dice < 630)
        give_back(client, link, false);
    else if (dice < 645)
        give_back(client, link, true);
    else if (dice < 655)
        conflict(link);
    else if (dice < 680)
        withdraw(client);
    else if (dice < 860)
        finish_one(random_below(6) > 0 ? ++done_stored : ++done_not_stored < 0);
    else if (dice < 994)
        now += random_below(random_below(20) ? 8 : 300);
    else if (dice < 995)
        set_clock();
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
    CHECK(done_stored > ACTIONS / 10 && done_not_stored > ACTIONS / 100 && done_exhausted > ACTIONS / 100);
    CHECK(done_taken > ACTIONS / 1000 && done_rested > ACTIONS / 1000);
}

int main(void)
{
    RUN(the_table_never_gives_an_address_twice_and_agrees_with_the_model);
    return test_result();
}
