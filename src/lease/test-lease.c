/* SPDX-License-Identifier: Apache-2.0 */
/* The life of a lease, RFC 2131 §4.3, case by case. */
#include "lease/lease.h"

#include "base/array.h"
#include "base/memory.h"
#include "test.h"

#define NOW ((int64_t)1700000000)

static struct ipv4 address_of(const char *text)
{
    struct ipv4 address = {0};
    if (text && !ipv4_from_text(&address, text))
        abort();
    return address;
}

static struct lease_client client_of(uint8_t number)
{
    return (struct lease_client){.mac = {.size = 6, .octets = {0x52, 0x54, 0, 0, 0, number}}};
}

static struct reservation reservation_of(uint8_t number, const char *address, const char *hostname)
{
    struct lease_client client = client_of(number);
    struct reservation reservation = {.id_size = client.mac.size, .address = address_of(address)};
    memcpy(reservation.id, client.mac.octets, client.mac.size);
    reservation.hostname = memory_text(hostname);
    return reservation;
}

/* 10.0.0.0/24 with a pool, both ends NULL for none, and the reservations given. */
static struct lease_table *table_of(const char *first, const char *last, const struct reservation *reservations,
                                    size_t count)
{
    struct subnet *subnet = MEMORY_NEW(struct subnet);
    *subnet = (struct subnet){
        .subnet = {.network = address_of("10.0.0.0"), .prefix = 24},
        .router = address_of("10.0.0.1"),
        .lease_seconds = 3600,
        .reservations = memory_new(count, sizeof *reservations),
        .reservation_count = count,
    };
    for (size_t i = 0; i < count; i++)
        subnet->reservations[i] = reservations[i];
    if (first)
        subnet_add_pool(subnet, (struct address_range){.first = address_of(first), .last = address_of(last)});
    return lease_table_create(subnet, 1);
}

static const struct subnet *subnet_of(const struct lease_table *table)
{
    return lease_subnet(table, address_of("10.0.0.77"));
}

/* The address offered, or why there is none. */
static const char *offer(struct lease_table *table, uint8_t client, const char *requested, int64_t now)
{
    static char text[DIAG_TEXT_MAX];
    struct diag why = {0};
    struct lease lease;
    struct lease_client asking = client_of(client);
    int result =
        lease_offer(&lease, table, subnet_of(table), &asking, address_of(requested), address_of("10.0.0.2"), now, &why);
    if (result == LEASE_OK)
        ipv4_to_text(text, lease.address);
    else
        snprintf(text, sizeof text, "%s", why.text);
    return text;
}

static int bind_to(struct lease_table *table, uint8_t client, const char *address, bool known_only, int64_t now)
{
    struct lease lease;
    struct lease_client asking = client_of(client);
    int result = lease_bind(&lease, table, subnet_of(table), &asking, address_of(address), address_of("10.0.0.2"),
                            known_only, now, NULL);
    if (result == LEASE_OK)
        lease_stored(table, &lease, now);
    return result;
}

static int leave(struct lease_table *table, uint8_t client, const char *address, int64_t now)
{
    struct lease lease;
    struct lease_client asking = client_of(client);
    return lease_release(&lease, table, &asking, address_of(address), now, NULL);
}

static void parallel_discovers_get_different_addresses_and_repeated_ones_the_same(void)
{
    AUTO(lease_table_destroy) struct lease_table *table = table_of("10.0.0.10", "10.0.0.20", NULL, 0);
    CHECK_TEXT(offer(table, 1, NULL, NOW), "10.0.0.10");
    CHECK_TEXT(offer(table, 2, NULL, NOW), "10.0.0.11");
    CHECK_TEXT(offer(table, 1, NULL, NOW + 5), "10.0.0.10");
    CHECK_TEXT(offer(table, 1, "10.0.0.15", NOW + 5), "10.0.0.10");
}

static void an_offer_is_kept_for_its_time_and_no_longer(void)
{
    AUTO(lease_table_destroy) struct lease_table *table = table_of("10.0.0.10", "10.0.0.10", NULL, 0);
    CHECK_TEXT(offer(table, 1, NULL, NOW), "10.0.0.10");
    CHECK_TEXT(offer(table, 2, NULL, NOW + LEASE_OFFER_SECONDS - 1),
               "every address of the pool 10.0.0.10-10.0.0.10 is taken");
    CHECK_TEXT(offer(table, 2, NULL, NOW + LEASE_OFFER_SECONDS), "10.0.0.10");
}

static void an_offer_says_whether_the_client_holds_the_address(void)
{
    AUTO(lease_table_destroy) struct lease_table *table = table_of("10.0.0.10", "10.0.0.20", NULL, 0);
    struct lease_client client = client_of(1);
    struct lease lease;
    struct diag why;
    CHECK_NUMBER(lease_offer(&lease, table, subnet_of(table), &client, (struct ipv4){0}, (struct ipv4){0}, NOW, &why),
                 LEASE_OK);
    CHECK_TEXT(why.text, "");
    CHECK_NUMBER(lease.state, LEASE_OFFERED);
    CHECK_NUMBER(lease.expires, NOW + LEASE_OFFER_SECONDS);
    CHECK_NUMBER(bind_to(table, 1, "10.0.0.10", false, NOW), LEASE_OK);
    CHECK_NUMBER(lease_offer(&lease, table, subnet_of(table), &client, (struct ipv4){0}, (struct ipv4){0}, NOW, &why),
                 LEASE_OK);
    CHECK_NUMBER(lease.state, LEASE_BOUND);
    CHECK_NUMBER(lease.expires, NOW + 3600);
}

static void a_requested_address_is_given_when_it_is_free(void)
{
    AUTO(lease_table_destroy) struct lease_table *table = table_of("10.0.0.10", "10.0.0.20", NULL, 0);
    CHECK_TEXT(offer(table, 1, "10.0.0.15", NOW), "10.0.0.15");
    CHECK_TEXT(offer(table, 2, "10.0.0.15", NOW), "10.0.0.10");
    CHECK_TEXT(offer(table, 3, "10.0.0.99", NOW), "10.0.0.11");
    CHECK_TEXT(offer(table, 4, "192.168.0.1", NOW), "10.0.0.12");
}

static void a_client_gets_its_previous_address_before_the_one_it_asks_for(void)
{
    AUTO(lease_table_destroy) struct lease_table *table = table_of("10.0.0.10", "10.0.0.20", NULL, 0);
    CHECK_NUMBER(bind_to(table, 1, "10.0.0.12", false, NOW), LEASE_OK);
    CHECK_TEXT(offer(table, 1, "10.0.0.15", NOW + 99999), "10.0.0.12");
}

static void addresses_are_reused_longest_unused_first(void)
{
    AUTO(lease_table_destroy) struct lease_table *table = table_of("10.0.0.10", "10.0.0.12", NULL, 0);
    CHECK_NUMBER(bind_to(table, 1, "10.0.0.10", false, NOW), LEASE_OK);
    CHECK_NUMBER(bind_to(table, 2, "10.0.0.11", false, NOW), LEASE_OK);
    CHECK_NUMBER(bind_to(table, 3, "10.0.0.12", false, NOW), LEASE_OK);
    CHECK_NUMBER(leave(table, 2, "10.0.0.11", NOW + 10), LEASE_OK);
    CHECK_NUMBER(leave(table, 1, "10.0.0.10", NOW + 20), LEASE_OK);
    CHECK_TEXT(offer(table, 4, NULL, NOW + 30), "10.0.0.11");
    CHECK_TEXT(offer(table, 2, NULL, NOW + 30), "10.0.0.10");
    CHECK_TEXT(offer(table, 3, NULL, NOW + 4000), "10.0.0.12");
}

static void pools_are_used_up_one_after_the_other_without_what_is_excluded(void)
{
    struct subnet *subnet = MEMORY_NEW(struct subnet);
    subnet->subnet = (struct ipv4_subnet){.network = address_of("10.0.0.0"), .prefix = 24};
    subnet_add_pool(subnet, (struct address_range){address_of("10.0.0.20"), address_of("10.0.0.21")});
    subnet_add_pool(subnet, (struct address_range){address_of("10.0.0.10"), address_of("10.0.0.13")});
    subnet_exclude(subnet, (struct address_range){address_of("10.0.0.11"), address_of("10.0.0.12")});
    AUTO(lease_table_destroy) struct lease_table *table = lease_table_create(subnet, 1);
    CHECK_TEXT(offer(table, 9, "10.0.0.11", NOW), "10.0.0.10");
    CHECK_TEXT(offer(table, 2, NULL, NOW), "10.0.0.13");
    CHECK_TEXT(offer(table, 3, NULL, NOW), "10.0.0.20");
    CHECK_TEXT(offer(table, 4, NULL, NOW), "10.0.0.21");
    CHECK_TEXT(offer(table, 5, NULL, NOW), "every address of the pools of subnet 10.0.0.0/24 is taken");
}

static void an_address_that_somebody_answers_at_rests(void)
{
    AUTO(lease_table_destroy) struct lease_table *table = table_of("10.0.0.10", "10.0.0.20", NULL, 0);
    struct lease lease;
    CHECK_TEXT(offer(table, 1, NULL, NOW), "10.0.0.10");
    CHECK_NUMBER(lease_conflict(&lease, table, address_of("10.0.0.10"), NOW, NULL), LEASE_OK);
    CHECK_NUMBER(lease.state, LEASE_DECLINED);
    CHECK_TEXT(offer(table, 1, NULL, NOW), "10.0.0.11");
    CHECK_NUMBER(bind_to(table, 1, "10.0.0.11", false, NOW), LEASE_OK);
    CHECK_NUMBER(lease_conflict(&lease, table, address_of("10.0.0.11"), NOW, NULL), LEASE_E_UNKNOWN);
    CHECK_NUMBER(lease_conflict(&lease, table, address_of("10.0.0.12"), NOW, NULL), LEASE_E_UNKNOWN);
}

static void the_addresses_of_the_network_itself_are_never_given(void)
{
    struct reservation own[] = {reservation_of(9, "10.0.0.2", NULL)};
    AUTO(lease_table_destroy) struct lease_table *table = table_of("10.0.0.0", "10.0.0.3", own, 1);
    const char *refused[] = {"10.0.0.0", "10.0.0.1", "10.0.0.2", "10.0.0.255", "10.0.0.4", "10.0.1.3"};
    for (size_t i = 0; i < LENGTH(refused); i++)
        CHECK_ROW(refused[i], bind_to(table, 1, refused[i], false, NOW) == LEASE_E_FOREIGN);
    CHECK_TEXT(offer(table, 9, "10.0.0.2", NOW), "10.0.0.3");
    CHECK_TEXT(offer(table, 1, "10.0.0.0", NOW), "every address of the pool 10.0.0.0-10.0.0.3 is taken");
}

static void the_server_may_take_an_address_that_it_leased_before(void)
{
    AUTO(lease_table_destroy) struct lease_table *table = table_of("10.0.0.3", "10.0.0.4", NULL, 0);
    struct lease lease;
    struct lease_client first = client_of(1), second = client_of(2);
    const struct ipv4 server = address_of("10.0.0.3"), nothing = {0};
    CHECK_NUMBER(lease_bind(&lease, table, subnet_of(table), &first, server, nothing, false, NOW, NULL), LEASE_OK);
    CHECK_NUMBER(lease_bind(&lease, table, subnet_of(table), &first, server, server, true, NOW, NULL), LEASE_E_FOREIGN);
    CHECK_NUMBER(lease_offer(&lease, table, subnet_of(table), &first, nothing, server, NOW + 9999, NULL), LEASE_OK);
    CHECK_NUMBER(lease.address.number, address_of("10.0.0.4").number);
    CHECK_NUMBER(lease_offer(&lease, table, subnet_of(table), &second, nothing, server, NOW + 9999, NULL),
                 LEASE_E_EXHAUSTED);
}

static void no_address_of_this_host_is_given_while_it_has_it(void)
{
    AUTO(lease_table_destroy) struct lease_table *table = table_of("10.0.0.3", "10.0.0.5", NULL, 0);
    const struct ipv4 own[] = {address_of("192.0.2.1"), address_of("10.0.0.3"), address_of("10.0.0.4")};
    CHECK_NUMBER(bind_to(table, 1, "10.0.0.3", false, NOW), LEASE_OK);
    lease_table_set_own(table, own, LENGTH(own));
    CHECK_NUMBER(bind_to(table, 1, "10.0.0.3", true, NOW), LEASE_E_FOREIGN);
    CHECK_NUMBER(bind_to(table, 2, "10.0.0.4", false, NOW), LEASE_E_FOREIGN);
    CHECK_TEXT(offer(table, 2, "10.0.0.4", NOW), "10.0.0.5");
    CHECK_TEXT(offer(table, 3, NULL, NOW), "every address of the pool 10.0.0.3-10.0.0.5 is taken");
    lease_table_set_own(table, own, 2);
    CHECK_TEXT(offer(table, 3, NULL, NOW), "10.0.0.4");
}

static void a_reservation_is_for_its_client_alone(void)
{
    struct reservation rows[] = {reservation_of(1, "10.0.0.10", "node1"), reservation_of(2, "10.0.0.50", NULL)};
    AUTO(lease_table_destroy) struct lease_table *table = table_of("10.0.0.10", "10.0.0.11", rows, 2);
    CHECK_TEXT(offer(table, 3, "10.0.0.10", NOW), "10.0.0.11");
    CHECK_NUMBER(bind_to(table, 4, "10.0.0.10", false, NOW), LEASE_E_FOREIGN);
    CHECK_NUMBER(bind_to(table, 4, "10.0.0.50", false, NOW), LEASE_E_FOREIGN);
    CHECK_TEXT(offer(table, 1, "10.0.0.11", NOW), "10.0.0.10");
    CHECK_TEXT(offer(table, 2, NULL, NOW), "10.0.0.50");
    CHECK_NUMBER(bind_to(table, 2, "10.0.0.11", false, NOW), LEASE_E_TAKEN);
    CHECK_NUMBER(bind_to(table, 2, "10.0.0.50", true, NOW), LEASE_OK);
    CHECK_NUMBER(bind_to(table, 2, "10.0.0.12", true, NOW), LEASE_E_TAKEN);
    struct lease_client first = client_of(1), second = client_of(2), third = client_of(3);
    CHECK_TEXT(lease_reservation(table, subnet_of(table), &first)->hostname, "node1");
    CHECK(lease_reservation(table, subnet_of(table), &second)->hostname == NULL);
    CHECK(lease_reservation(table, subnet_of(table), &third) == NULL);
    CHECK_NUMBER(leave(table, 2, "10.0.0.50", NOW), LEASE_OK);
    CHECK_TEXT(offer(table, 4, NULL, NOW), "every address of the pool 10.0.0.10-10.0.0.11 is taken");
}

static void a_reserved_client_needs_no_pool_and_others_get_nothing(void)
{
    struct reservation rows[] = {reservation_of(1, "10.0.0.10", NULL)};
    AUTO(lease_table_destroy) struct lease_table *table = table_of(NULL, NULL, rows, 1);
    CHECK_TEXT(offer(table, 1, NULL, NOW), "10.0.0.10");
    CHECK_TEXT(offer(table, 2, NULL, NOW), "subnet 10.0.0.0/24 has no pool and no reservation for this client");
}

/* Client 9 holds 10.0.0.10 when a new configuration reserves it for client 1. */
static struct lease_table *table_with_a_reservation_held(const char *first, const char *last)
{
    AUTO(lease_table_destroy) struct lease_table *before = table_of("10.0.0.10", "10.0.0.20", NULL, 0);
    struct reservation rows[] = {reservation_of(1, "10.0.0.10", NULL)};
    struct lease_table *table = table_of(first, last, rows, 1);
    CHECK_NUMBER(bind_to(before, 9, "10.0.0.10", false, NOW), LEASE_OK);
    lease_table_adopt(table, before);
    return table;
}

static void a_reservation_that_another_client_holds_is_waited_for_on_a_pool_address(void)
{
    AUTO(lease_table_destroy) struct lease_table *table = table_with_a_reservation_held("10.0.0.10", "10.0.0.20");
    struct lease_client client = client_of(1);
    struct lease lease;
    struct diag why;
    CHECK_NUMBER(lease_offer(&lease, table, subnet_of(table), &client, (struct ipv4){0}, (struct ipv4){0}, NOW, &why),
                 LEASE_OK);
    CHECK_TEXT(why.text, "its reservation 10.0.0.10 is still held by 52:54:00:00:00:09, for another 3600 s at most");
    CHECK_NUMBER(lease.address.number, address_of("10.0.0.11").number);
    CHECK_NUMBER(bind_to(table, 1, "10.0.0.11", false, NOW), LEASE_OK);
    CHECK_NUMBER(bind_to(table, 1, "10.0.0.11", true, NOW + 1800), LEASE_OK);
    CHECK_NUMBER(bind_to(table, 9, "10.0.0.10", true, NOW + 1800), LEASE_E_FOREIGN);
    CHECK_NUMBER(bind_to(table, 1, "10.0.0.11", true, NOW + 3600), LEASE_E_FOREIGN);
    CHECK_TEXT(offer(table, 1, NULL, NOW + 3600), "10.0.0.10");
    CHECK_NUMBER(bind_to(table, 1, "10.0.0.10", false, NOW + 3600), LEASE_OK);
    CHECK_TEXT(offer(table, 2, "10.0.0.11", NOW + 3600), "10.0.0.11");
}

static void a_client_that_moved_off_a_reservation_leaves_it_at_once(void)
{
    AUTO(lease_table_destroy) struct lease_table *table = table_with_a_reservation_held("10.0.0.10", "10.0.0.20");
    CHECK_NUMBER(bind_to(table, 9, "10.0.0.10", true, NOW), LEASE_E_FOREIGN);
    CHECK_TEXT(offer(table, 9, NULL, NOW), "10.0.0.11");
    CHECK_NUMBER(bind_to(table, 9, "10.0.0.11", false, NOW), LEASE_OK);
    CHECK_TEXT(offer(table, 1, NULL, NOW), "10.0.0.10");
}

static void a_held_reservation_without_a_pool_gives_its_reason(void)
{
    AUTO(lease_table_destroy) struct lease_table *table = table_with_a_reservation_held(NULL, NULL);
    CHECK_TEXT(offer(table, 1, NULL, NOW + 600),
               "its reservation 10.0.0.10 is still held by 52:54:00:00:00:09, for another 3000 s at most");
}

static void an_address_not_offered_is_refused(void)
{
    AUTO(lease_table_destroy) struct lease_table *table = table_of("10.0.0.10", "10.0.0.20", NULL, 0);
    CHECK_TEXT(offer(table, 1, NULL, NOW), "10.0.0.10");
    CHECK_NUMBER(bind_to(table, 1, "10.0.0.11", false, NOW), LEASE_E_TAKEN);
    CHECK_NUMBER(bind_to(table, 2, "10.0.0.10", false, NOW), LEASE_E_TAKEN);
    CHECK_NUMBER(bind_to(table, 1, "10.0.0.10", false, NOW), LEASE_OK);
}

static void an_offer_forgotten_in_a_restart_is_still_bound(void)
{
    AUTO(lease_table_destroy) struct lease_table *table = table_of("10.0.0.10", "10.0.0.20", NULL, 0);
    CHECK_NUMBER(bind_to(table, 1, "10.0.0.17", false, NOW), LEASE_OK);
    CHECK_TEXT(offer(table, 1, NULL, NOW), "10.0.0.17");
}

static void init_reboot_is_answered_by_what_is_on_record(void)
{
    AUTO(lease_table_destroy) struct lease_table *table = table_of("10.0.0.10", "10.0.0.20", NULL, 0);
    CHECK_NUMBER(bind_to(table, 1, "10.0.0.10", false, NOW), LEASE_OK);
    const struct {
        const char *what;
        uint8_t client;
        const char *address;
        int64_t now;
        int expected;
    } rows[] = {
        {"its address", 1, "10.0.0.10", NOW, LEASE_OK},
        {"its address, expired but not given to others", 1, "10.0.0.10", NOW + 5000, LEASE_OK},
        {"another one than its address", 1, "10.0.0.11", NOW, LEASE_E_TAKEN},
        {"another client's", 2, "10.0.0.10", NOW, LEASE_E_TAKEN},
        {"a free one of the pool, client unknown", 2, "10.0.0.11", NOW, LEASE_E_UNKNOWN},
        {"one of the subnet beside the pool, client unknown", 2, "10.0.0.99", NOW, LEASE_E_UNKNOWN},
        {"one of another network", 2, "192.168.0.9", NOW, LEASE_E_FOREIGN},
    };
    for (size_t i = 0; i < LENGTH(rows); i++)
        CHECK_ROW(rows[i].what, bind_to(table, rows[i].client, rows[i].address, true, rows[i].now) == rows[i].expected);
}

static void a_renewal_extends_from_now_on(void)
{
    AUTO(lease_table_destroy) struct lease_table *table = table_of("10.0.0.10", "10.0.0.10", NULL, 0);
    CHECK_NUMBER(bind_to(table, 1, "10.0.0.10", false, NOW), LEASE_OK);
    CHECK_NUMBER(bind_to(table, 1, "10.0.0.10", true, NOW + 3000), LEASE_OK);
    CHECK_TEXT(offer(table, 2, NULL, NOW + 6599), "every address of the pool 10.0.0.10-10.0.0.10 is taken");
    CHECK_TEXT(offer(table, 2, NULL, NOW + 6600), "10.0.0.10");
}

static void a_lease_that_is_not_stored_falls_back_to_the_one_before(void)
{
    AUTO(lease_table_destroy) struct lease_table *table = table_of("10.0.0.10", "10.0.0.11", NULL, 0);
    struct lease first, second, third;
    struct lease_client client = client_of(1);
    CHECK_NUMBER(lease_bind(&first, table, subnet_of(table), &client, address_of("10.0.0.10"), address_of("10.0.0.2"),
                            false, NOW, NULL),
                 LEASE_OK);
    CHECK_NUMBER(first.stored, 0);
    lease_stored(table, &first, NOW);
    CHECK_NUMBER(lease_bind(&second, table, subnet_of(table), &client, address_of("10.0.0.10"), address_of("10.0.0.2"),
                            true, NOW + 1000, NULL),
                 LEASE_OK);
    CHECK_NUMBER(second.stored, first.expires);
    CHECK_NUMBER(lease_bind(&third, table, subnet_of(table), &client, address_of("10.0.0.10"), address_of("10.0.0.2"),
                            true, NOW + 1001, NULL),
                 LEASE_OK);
    CHECK_NUMBER(lease_not_stored(table, &second, NOW + 1001), first.expires);
    CHECK_NUMBER(lease_not_stored(table, &third, NOW + 1001), first.expires);
    CHECK_TEXT(offer(table, 2, "10.0.0.10", first.expires - 1), "10.0.0.11");
    CHECK_TEXT(offer(table, 2, "10.0.0.10", first.expires), "10.0.0.11");
    CHECK_TEXT(offer(table, 3, "10.0.0.10", first.expires), "10.0.0.10");
}

static void a_new_lease_that_is_not_stored_is_nobodys(void)
{
    AUTO(lease_table_destroy) struct lease_table *table = table_of("10.0.0.10", "10.0.0.10", NULL, 0);
    struct lease lease, other;
    struct lease_client client = client_of(1), next = client_of(2);
    CHECK_NUMBER(lease_bind(&lease, table, subnet_of(table), &client, address_of("10.0.0.10"), address_of("10.0.0.2"),
                            false, NOW, NULL),
                 LEASE_OK);
    CHECK_NUMBER(lease_not_stored(table, &lease, NOW), 0);
    CHECK_NUMBER(lease_bind(&other, table, subnet_of(table), &next, address_of("10.0.0.10"), address_of("10.0.0.2"),
                            false, NOW, NULL),
                 LEASE_OK);
    /* What comes late of the first is not taken for the second. */
    lease_stored(table, &lease, NOW);
    CHECK_NUMBER(lease_not_stored(table, &lease, NOW), 0);
    CHECK_NUMBER(lease_not_stored(table, &other, NOW), 0);
}

static struct lease bind_unstored(struct lease_table *table, uint8_t client, const char *address, int64_t now)
{
    struct lease lease = {0};
    struct lease_client asking = client_of(client);
    CHECK_NUMBER(lease_bind(&lease, table, subnet_of(table), &asking, address_of(address), address_of("10.0.0.2"),
                            false, now, NULL),
                 LEASE_OK);
    return lease;
}

static void a_move_to_a_reservation_waits_until_it_is_stored(void)
{
    const struct reservation reservation = reservation_of(1, "10.0.0.20", NULL);
    AUTO(lease_table_destroy) struct lease_table *table = table_of("10.0.0.10", "10.0.0.11", &reservation, 1);
    struct lease_client client = client_of(1);
    struct lease declined;
    CHECK_NUMBER(bind_to(table, 1, "10.0.0.20", false, NOW), LEASE_OK);
    CHECK_NUMBER(lease_decline(&declined, table, &client, address_of("10.0.0.20"), NOW, NULL), LEASE_OK);
    CHECK_NUMBER(bind_to(table, 1, "10.0.0.10", false, NOW + 10), LEASE_OK);
    int64_t later = NOW + LEASE_DECLINE_SECONDS;
    struct lease old = bind_unstored(table, 1, "10.0.0.10", later - 1);
    struct lease new = bind_unstored(table, 1, "10.0.0.20", later);
    /* The client knows of the old one alone, and nobody else gets that. */
    CHECK_TEXT(offer(table, 2, "10.0.0.10", later), "10.0.0.11");
    lease_stored(table, &old, later);
    CHECK(lease_not_stored(table, &new, later) == 0);
    CHECK_TEXT(offer(table, 3, NULL, later), "every address of the pool 10.0.0.10-10.0.0.11 is taken");
    /* It is stored in the end, after one more renewal of the old one was. */
    old = bind_unstored(table, 1, "10.0.0.20", later + 1);
    lease_stored(table, &old, later + 1);
    CHECK_TEXT(offer(table, 3, NULL, later + 1), "10.0.0.10");
}

static void the_lease_of_before_does_not_free_one_that_is_on_its_way(void)
{
    const struct reservation reservation = reservation_of(1, "10.0.0.20", NULL);
    AUTO(lease_table_destroy) struct lease_table *table = table_of("10.0.0.10", "10.0.0.11", &reservation, 1);
    struct lease_client client = client_of(1);
    struct lease declined;
    CHECK_NUMBER(bind_to(table, 1, "10.0.0.20", false, NOW), LEASE_OK);
    CHECK_NUMBER(lease_decline(&declined, table, &client, address_of("10.0.0.20"), NOW, NULL), LEASE_OK);
    int64_t later = NOW + LEASE_DECLINE_SECONDS;
    struct lease old = bind_unstored(table, 1, "10.0.0.10", later - 1);
    struct lease new = bind_unstored(table, 1, "10.0.0.20", later);
    lease_stored(table, &old, later);
    lease_stored(table, &new, later);
    CHECK_TEXT(offer(table, 2, "10.0.0.10", later + 1), "10.0.0.10");
    CHECK_NUMBER(leave(table, 1, "10.0.0.20", later + 1), LEASE_OK);
}

static void two_requests_within_a_second_are_told_apart(void)
{
    AUTO(lease_table_destroy) struct lease_table *table = table_of("10.0.0.10", "10.0.0.10", NULL, 0);
    struct lease first = bind_unstored(table, 1, "10.0.0.10", NOW);
    struct lease second = bind_unstored(table, 1, "10.0.0.10", NOW);
    CHECK_NUMBER(lease_not_stored(table, &first, NOW), 0);
    CHECK_TEXT(offer(table, 2, NULL, NOW), "every address of the pool 10.0.0.10-10.0.0.10 is taken");
    lease_stored(table, &second, NOW);
    CHECK_TEXT(offer(table, 2, NULL, NOW + 3599), "every address of the pool 10.0.0.10-10.0.0.10 is taken");
}

static void a_clock_that_is_set_lets_leases_end_as_long_from_now(void)
{
    AUTO(lease_table_destroy) struct lease_table *table = table_of("10.0.0.10", "10.0.0.11", NULL, 0);
    CHECK_TEXT(offer(table, 1, NULL, NOW), "10.0.0.10");
    CHECK_NUMBER(bind_to(table, 1, "10.0.0.10", false, NOW), LEASE_OK);
    lease_table_move(table, 5 * 3600);
    CHECK_TEXT(offer(table, 2, "10.0.0.10", NOW + 5 * 3600 + 3599), "10.0.0.11");
    lease_table_move(table, -50 * 3600);
    CHECK_TEXT(offer(table, 3, NULL, NOW - 45 * 3600 + 3599), "every address of the pool 10.0.0.10-10.0.0.11 is taken");
    CHECK_TEXT(offer(table, 3, NULL, NOW - 45 * 3600 + 3600), "10.0.0.10");
}

static void a_withdrawn_offer_is_free_for_others_and_a_binding_stays(void)
{
    AUTO(lease_table_destroy) struct lease_table *table = table_of("10.0.0.10", "10.0.0.11", NULL, 0);
    struct lease_client first = client_of(1), second = client_of(2);
    CHECK_TEXT(offer(table, 1, NULL, NOW), "10.0.0.10");
    CHECK_NUMBER(bind_to(table, 2, "10.0.0.11", false, NOW), LEASE_OK);
    lease_withdraw(table, &first, NOW);
    lease_withdraw(table, &second, NOW);
    CHECK_TEXT(offer(table, 3, NULL, NOW), "10.0.0.10");
    CHECK_TEXT(offer(table, 4, NULL, NOW), "every address of the pool 10.0.0.10-10.0.0.11 is taken");
}

static void only_its_holder_can_release_an_address(void)
{
    AUTO(lease_table_destroy) struct lease_table *table = table_of("10.0.0.10", "10.0.0.10", NULL, 0);
    CHECK_NUMBER(bind_to(table, 1, "10.0.0.10", false, NOW), LEASE_OK);
    CHECK_NUMBER(leave(table, 2, "10.0.0.10", NOW), LEASE_E_UNKNOWN);
    CHECK_NUMBER(leave(table, 1, "10.0.0.11", NOW), LEASE_E_UNKNOWN);
    struct lease lease;
    struct lease_client client = client_of(1);
    CHECK_NUMBER(lease_release(&lease, table, &client, address_of("10.0.0.10"), NOW + 1, NULL), LEASE_OK);
    CHECK(lease.state == LEASE_FREE && lease.expires == NOW + 1 && mac_equal(&lease.mac, &client.mac));
    CHECK_NUMBER(leave(table, 1, "10.0.0.10", NOW + 1), LEASE_E_UNKNOWN);
    CHECK_TEXT(offer(table, 2, NULL, NOW + 1), "10.0.0.10");
}

static void a_declined_address_rests(void)
{
    AUTO(lease_table_destroy) struct lease_table *table = table_of("10.0.0.10", "10.0.0.11", NULL, 0);
    struct lease lease;
    struct lease_client client = client_of(1), other = client_of(2);
    CHECK_NUMBER(bind_to(table, 1, "10.0.0.10", false, NOW), LEASE_OK);
    CHECK_NUMBER(lease_decline(&lease, table, &other, address_of("10.0.0.10"), NOW, NULL), LEASE_E_UNKNOWN);
    CHECK_NUMBER(lease_decline(&lease, table, &client, address_of("10.0.0.10"), NOW, NULL), LEASE_OK);
    CHECK(lease.state == LEASE_DECLINED && lease.expires == NOW + LEASE_DECLINE_SECONDS && lease.mac.size == 0);
    CHECK_NUMBER(bind_to(table, 1, "10.0.0.10", false, NOW), LEASE_E_TAKEN);
    CHECK_TEXT(offer(table, 1, "10.0.0.10", NOW), "10.0.0.11");
    CHECK_TEXT(offer(table, 2, "10.0.0.10", NOW + 59),
               "every address of the pool 10.0.0.10-10.0.0.11 is taken; 1 of them rests, declined as in use by "
               "somebody else");
    CHECK_TEXT(offer(table, 3, NULL, NOW + LEASE_DECLINE_SECONDS), "10.0.0.11");
    CHECK_TEXT(offer(table, 4, NULL, NOW + LEASE_DECLINE_SECONDS), "10.0.0.10");
}

static int decline(struct lease *ret, struct lease_table *table, uint8_t number, const char *address, int64_t now)
{
    struct lease_client client = client_of(number);
    return lease_decline(ret, table, &client, address_of(address), now, NULL);
}

/* The earliest first, each again after a minute, and one that is declined then is the last. */
static void when_all_else_is_taken_the_address_declined_longest_ago_is_given(void)
{
    AUTO(lease_table_destroy) struct lease_table *table = table_of("10.0.0.10", "10.0.0.12", NULL, 0);
    struct lease lease;
    CHECK_TEXT(offer(table, 1, "10.0.0.11", NOW), "10.0.0.11");
    CHECK_NUMBER(decline(&lease, table, 1, "10.0.0.11", NOW), LEASE_OK);
    CHECK_TEXT(offer(table, 1, "10.0.0.12", NOW + 10), "10.0.0.12");
    CHECK_NUMBER(decline(&lease, table, 1, "10.0.0.12", NOW + 10), LEASE_OK);
    CHECK_TEXT(offer(table, 2, NULL, NOW + 100), "10.0.0.10");
    CHECK_NUMBER(bind_to(table, 2, "10.0.0.10", false, NOW + 100), LEASE_OK);
    CHECK_TEXT(offer(table, 3, NULL, NOW + 100), "10.0.0.11");
    CHECK_NUMBER(lease_conflict(&lease, table, address_of("10.0.0.11"), NOW + 100, NULL), LEASE_OK);
    CHECK_TEXT(offer(table, 3, NULL, NOW + 100), "10.0.0.12");
    CHECK_NUMBER(lease_conflict(&lease, table, address_of("10.0.0.12"), NOW + 100, NULL), LEASE_OK);
    CHECK_TEXT(offer(table, 3, NULL, NOW + 159),
               "every address of the pool 10.0.0.10-10.0.0.12 is taken; 2 of them rest, declined as in use by "
               "somebody else");
    CHECK_TEXT(offer(table, 3, NULL, NOW + 160), "10.0.0.11");
}

static void an_address_that_is_declined_again_rests_longer(void)
{
    const struct reservation reservation = reservation_of(1, "10.0.0.5", NULL);
    const struct {
        const char *address;
        uint32_t rests[9];
    } rows[] = {
        {"10.0.0.10", {600, 1200, 2400, 4800, 9600, 19200, 38400, 76800, 86400}},
        {"10.0.0.5", {600, 600, 600, 600, 600, 600, 600, 600, 600}},
    };
    for (size_t i = 0; i < LENGTH(rows); i++) {
        AUTO(lease_table_destroy) struct lease_table *table = table_of("10.0.0.10", "10.0.0.10", &reservation, i);
        struct lease lease;
        int64_t now = NOW;
        for (size_t k = 0; k < LENGTH(rows[i].rests); now += rows[i].rests[k++]) {
            CHECK_NUMBER(bind_to(table, 1, rows[i].address, false, now), LEASE_OK);
            CHECK_NUMBER(decline(&lease, table, 1, rows[i].address, now), LEASE_OK);
            CHECK_NUMBER(lease.expires - now, rows[i].rests[k]);
        }
        /* A renewal shows that nobody else has it. */
        CHECK_NUMBER(bind_to(table, 1, rows[i].address, false, now), LEASE_OK);
        CHECK_NUMBER(bind_to(table, 1, rows[i].address, true, now), LEASE_OK);
        CHECK_NUMBER(decline(&lease, table, 1, rows[i].address, now), LEASE_OK);
        CHECK_NUMBER(lease.expires - now, LEASE_DECLINE_SECONDS);
    }
}

static void a_client_that_declines_one_after_the_other_is_believed_no_more(void)
{
    AUTO(lease_table_destroy) struct lease_table *table = table_of("10.0.0.10", "10.0.0.99", NULL, 0);
    struct lease lease;
    char address[IPV4_TEXT_MAX];
    for (int i = 0; i < 2 * LEASE_CLIENT_DECLINES_MAX; i++) {
        snprintf(address, sizeof address, "%s", offer(table, 1, NULL, NOW));
        CHECK_NUMBER(decline(&lease, table, 1, address, NOW),
                     i < LEASE_CLIENT_DECLINES_MAX ? LEASE_OK : LEASE_E_TOO_MANY);
    }
    snprintf(address, sizeof address, "%s", offer(table, 2, NULL, NOW));
    CHECK_NUMBER(decline(&lease, table, 2, address, NOW), LEASE_OK);
    /* A new configuration does not forget. */
    AUTO(lease_table_destroy) struct lease_table *after = table_of("10.0.0.10", "10.0.0.99", NULL, 0);
    lease_table_adopt(after, table);
    snprintf(address, sizeof address, "%s", offer(after, 1, NULL, NOW));
    CHECK_NUMBER(bind_to(after, 1, address, false, NOW), LEASE_OK);
    CHECK_NUMBER(decline(&lease, after, 1, address, NOW + LEASE_DECLINE_SECONDS - 1), LEASE_E_TOO_MANY);
    CHECK_NUMBER(decline(&lease, after, 1, address, NOW + LEASE_DECLINE_SECONDS), LEASE_OK);
}

static void more_declines_than_one_in_two_seconds_are_an_attack(void)
{
    AUTO(lease_table_destroy) struct lease_table *table = table_of("10.0.0.10", "10.0.0.250", NULL, 0);
    struct lease lease;
    char address[IPV4_TEXT_MAX];
    int believed = 0;
    for (uint8_t i = 0; i < 2 * LEASE_DECLINES_MAX; i++) {
        snprintf(address, sizeof address, "%s", offer(table, i, NULL, NOW));
        believed += decline(&lease, table, i, address, NOW) == LEASE_OK;
    }
    CHECK_NUMBER(believed, LEASE_DECLINES_MAX);
    CHECK_NUMBER(decline(&lease, table, 59, address, NOW + 59), LEASE_E_TOO_MANY);
    snprintf(address, sizeof address, "%s", offer(table, 59, NULL, NOW + 60));
    CHECK_NUMBER(decline(&lease, table, 59, address, NOW + 60), LEASE_OK);
}

static void a_machine_is_its_mac_whatever_identifier_it_sends(void)
{
    AUTO(lease_table_destroy) struct lease_table *table = table_of("10.0.0.10", "10.0.0.20", NULL, 0);
    struct lease_client rom = client_of(1), loader = client_of(1), other = client_of(2);
    loader.client_id_size = other.client_id_size = 3;
    memcpy(loader.client_id, "\377ab", 3);
    memcpy(other.client_id, "\377ab", 3);
    struct lease lease;
    const struct ipv4 nothing = {0};
    CHECK_NUMBER(lease_offer(&lease, table, subnet_of(table), &rom, nothing, nothing, NOW, NULL), LEASE_OK);
    CHECK_NUMBER(lease.address.number, address_of("10.0.0.10").number);
    CHECK_NUMBER(lease_offer(&lease, table, subnet_of(table), &loader, nothing, nothing, NOW, NULL), LEASE_OK);
    CHECK_NUMBER(lease.address.number, address_of("10.0.0.10").number);
    CHECK_NUMBER(lease.client_id_size, 3);
    CHECK_NUMBER(lease_offer(&lease, table, subnet_of(table), &rom, nothing, nothing, NOW, NULL), LEASE_OK);
    CHECK_NUMBER(lease.client_id_size, 3);
    CHECK_NUMBER(lease_offer(&lease, table, subnet_of(table), &other, nothing, nothing, NOW, NULL), LEASE_OK);
    CHECK_NUMBER(lease.address.number, address_of("10.0.0.11").number);
}

static struct lease_client client_saying(uint8_t number, const char *client_id, const char *uuid,
                                         const char *circuit_id)
{
    struct lease_client client = client_of(number);
    client.client_id_size = client_id ? strlen(client_id) : 0;
    memcpy(client.client_id, client_id ?: "", client.client_id_size);
    client.has_uuid = uuid != NULL;
    memcpy(client.uuid.octets, uuid ?: "", uuid ? sizeof client.uuid.octets : 0);
    client.circuit_id = bytes_of_text(circuit_id);
    return client;
}

/* What a machine says of itself, and whether it then has the reservation that it had before. */
static void a_reservation_is_remembered_for_who_does_not_say_what_it_is_for(void)
{
    static const char id[] = "the one machine!", other[] = "another machine!";
    static const struct {
        enum reservation_kind kind;
        const char *client_id;
        const char *uuid;
        const char *circuit_id;
        bool is_booting;
        bool has_it;
    } rows[] = {
        {RESERVATION_UUID, other, NULL, other, false, true},
        {RESERVATION_UUID, NULL, other, NULL, true, false},
        {RESERVATION_CIRCUIT_ID, other, other, NULL, false, true},
        {RESERVATION_CIRCUIT_ID, NULL, NULL, other, true, false},
        {RESERVATION_CLIENT_ID, NULL, other, other, true, true},
        {RESERVATION_CLIENT_ID, other, NULL, NULL, true, true},   /* iPXE */
        {RESERVATION_CLIENT_ID, other, NULL, NULL, false, false}, /* another operating system of the machine */
    };
    for (size_t i = 0; i < LENGTH(rows); i++) {
        struct reservation reservation = {.kind = rows[i].kind, .id_size = 16, .address = address_of("10.0.0.5")};
        memcpy(reservation.id, id, 16);
        AUTO(lease_table_destroy) struct lease_table *table = table_of("10.0.0.10", "10.0.0.20", &reservation, 1);
        const struct subnet *subnet = subnet_of(table);
        struct lease_client before = client_saying(1, id, id, id);
        struct lease lease;
        const struct ipv4 nothing = {0};
        CHECK_NUMBER(lease_bind(&lease, table, subnet, &before, reservation.address, nothing, false, NOW, NULL), 0);
        struct lease_client now = client_saying(1, rows[i].client_id, rows[i].uuid, rows[i].circuit_id);
        now.is_booting = rows[i].is_booting;
        CHECK_NUMBER(lease_reservation(table, subnet, &now) != NULL, rows[i].has_it);
        CHECK_NUMBER(lease_offer(&lease, table, subnet, &now, nothing, nothing, NOW, NULL), LEASE_OK);
        CHECK_NUMBER(ipv4_equal(lease.address, reservation.address), rows[i].has_it);
    }
}

static int offer_to(struct lease *ret, struct lease_table *table, const struct lease_client *client, struct diag *why)
{
    return lease_offer(ret, table, subnet_of(table), client, (struct ipv4){0}, address_of("10.0.0.2"), NOW, why);
}

static int bind_as(struct lease *ret, struct lease_table *table, const struct lease_client *client, const char *address,
                   bool known_only, struct diag *why)
{
    int result = lease_bind(ret, table, subnet_of(table), client, address_of(address), address_of("10.0.0.2"),
                            known_only, NOW, why);
    if (result == LEASE_OK)
        lease_stored(table, ret, NOW);
    return result;
}

static struct reservation reservation_by(enum reservation_kind kind, const char *id)
{
    struct reservation reservation = {.kind = kind, .id_size = 16, .address = address_of("10.0.0.5")};
    memcpy(reservation.id, id, 16);
    return reservation;
}

/* By another interface, or on a circuit another machine. */
static void a_reservation_moves_to_who_comes_by_the_same(void)
{
    static const char id[] = "the one machine!", other[] = "another machine!";
    static const struct {
        enum reservation_kind kind;
        bool is_booting;
        bool moves;
        const char *words;
    } rows[] = {
        {RESERVATION_CLIENT_ID, false, true, "client identifier 'the one machine!'"},
        {RESERVATION_CIRCUIT_ID, false, true, "circuit 'the one machine!'"},
        {RESERVATION_UUID, true, true, "UUID 20656874-6e6f-2065-6d61-6368696e6521"},
        {RESERVATION_UUID, false, false, NULL}, /* its other interface */
    };
    for (size_t i = 0; i < LENGTH(rows); i++) {
        struct reservation reservation = reservation_by(rows[i].kind, id);
        AUTO(lease_table_destroy) struct lease_table *table = table_of("10.0.0.10", "10.0.0.20", &reservation, 1);
        struct lease_client first = client_saying(1, id, id, id), second = client_saying(2, id, id, id);
        struct lease_client stranger = client_saying(3, other, other, other);
        struct lease lease;
        struct diag why;
        char words[200];
        second.is_booting = rows[i].is_booting;
        CHECK_NUMBER(bind_as(&lease, table, &first, "10.0.0.5", false, NULL), LEASE_OK);
        CHECK_NUMBER(offer_to(&lease, table, &second, &why), LEASE_OK);
        CHECK_NUMBER(ipv4_equal(lease.address, reservation.address), rows[i].moves);
        if (!rows[i].moves)
            continue;
        CHECK(lease.state == LEASE_OFFERED && !lease.is_fresh && mac_equal(&lease.mac, &second.mac));
        snprintf(words, sizeof words, "52:54:00:00:00:01 has it by the same %s", rows[i].words);
        CHECK_TEXT(why.text, words);
        /* Until it is asked for it stays with the first. */
        CHECK_NUMBER(bind_as(&lease, table, &first, "10.0.0.5", true, NULL), LEASE_OK);
        CHECK_NUMBER(bind_as(&lease, table, &second, "10.0.0.5", true, NULL), LEASE_E_TAKEN);
        CHECK_NUMBER(bind_as(&lease, table, &stranger, "10.0.0.5", false, NULL), LEASE_E_TAKEN);
        CHECK_NUMBER(bind_as(&lease, table, &second, "10.0.0.5", false, &why), LEASE_OK);
        CHECK(mac_equal(&lease.mac, &second.mac) && lease.stored == 0 && !lease.is_contested);
        snprintf(words, sizeof words, "taken over from 52:54:00:00:00:01, which had it by the same %s", rows[i].words);
        CHECK_TEXT(why.text, words);
        CHECK_NUMBER(bind_as(&lease, table, &first, "10.0.0.5", true, &why), LEASE_E_TAKEN);
        CHECK_TEXT(why.text, "10.0.0.5 belongs to 52:54:00:00:00:02");
        CHECK_NUMBER(bind_as(&lease, table, &second, "10.0.0.5", true, NULL), LEASE_OK);
    }
}

/* One has it at a time, and the log is to say so. */
static void two_clients_with_one_identifier_are_told_from_one_that_moved(void)
{
    static const char id[] = "the one machine!";
    struct reservation reservation = reservation_by(RESERVATION_CLIENT_ID, id);
    AUTO(lease_table_destroy) struct lease_table *table = table_of("10.0.0.10", "10.0.0.20", &reservation, 1);
    struct lease_client clients[] = {client_saying(1, id, NULL, NULL), client_saying(2, id, NULL, NULL)};
    struct lease lease;
    struct diag why;
    for (int round = 0; round < 4; round++) {
        CHECK_NUMBER(bind_as(&lease, table, &clients[round % 2], "10.0.0.5", false, &why), LEASE_OK);
        CHECK_NUMBER(lease.is_contested, round > 1);
        CHECK_NUMBER(bind_as(&lease, table, &clients[round % 2], "10.0.0.5", true, NULL), LEASE_OK);
        CHECK_NUMBER(bind_as(&lease, table, &clients[(round + 1) % 2], "10.0.0.5", true, NULL), LEASE_E_TAKEN);
    }
    CHECK_TEXT(why.text, "taken back from 52:54:00:00:00:01, which had taken it over: two machines come by client "
                         "identifier 'the one machine!'");
}

/* It has the address from before there was the reservation, or by one that was for another circuit. */
static void who_has_a_reserved_address_otherwise_keeps_it_to_the_end_of_its_lease(void)
{
    static const char id[] = "the one machine!", other[] = "another machine!";
    struct reservation before = reservation_by(RESERVATION_CIRCUIT_ID, other);
    for (size_t count = 0; count < 2; count++) {
        struct reservation reservation = reservation_by(RESERVATION_CIRCUIT_ID, id);
        AUTO(lease_table_destroy) struct lease_table *old = table_of("10.0.0.5", "10.0.0.20", &before, count);
        AUTO(lease_table_destroy) struct lease_table *table = table_of("10.0.0.5", "10.0.0.20", &reservation, 1);
        struct lease_client first = client_saying(1, NULL, NULL, other), second = client_saying(2, NULL, NULL, id);
        struct lease lease;
        struct diag why;
        CHECK_NUMBER(bind_as(&lease, old, &first, "10.0.0.5", false, NULL), LEASE_OK);
        lease_table_adopt(table, old);
        CHECK_NUMBER(offer_to(&lease, table, &second, &why), LEASE_OK);
        CHECK_NUMBER(lease.address.number, address_of("10.0.0.6").number);
        CHECK_TEXT(why.text, "its reservation 10.0.0.5 is still held by 52:54:00:00:00:01, for another 3600 s at most");
        CHECK_NUMBER(bind_as(&lease, table, &second, "10.0.0.5", false, NULL), LEASE_E_TAKEN);
    }
}

static void a_client_without_a_mac_is_its_identifier(void)
{
    AUTO(lease_table_destroy) struct lease_table *table = table_of("10.0.0.10", "10.0.0.20", NULL, 0);
    struct lease_client a = {.client_id = "a", .client_id_size = 1};
    struct lease_client b = {.mac = {.size = 6}, .client_id = "b", .client_id_size = 1};
    struct lease_client nobody = {.mac = {.size = 6}};
    struct lease lease;
    const struct ipv4 nothing = {0};
    CHECK_NUMBER(lease_offer(&lease, table, subnet_of(table), &a, nothing, nothing, NOW, NULL), LEASE_OK);
    CHECK_NUMBER(lease_offer(&lease, table, subnet_of(table), &b, nothing, nothing, NOW, NULL), LEASE_OK);
    CHECK_NUMBER(lease.address.number, address_of("10.0.0.11").number);
    CHECK_NUMBER(lease_offer(&lease, table, subnet_of(table), &a, nothing, nothing, NOW, NULL), LEASE_OK);
    CHECK_NUMBER(lease.address.number, address_of("10.0.0.10").number);
    CHECK_NUMBER(lease_offer(&lease, table, subnet_of(table), &nobody, nothing, nothing, NOW, NULL), LEASE_E_UNKNOWN);
    CHECK_NUMBER(
        lease_bind(&lease, table, subnet_of(table), &nobody, address_of("10.0.0.12"), nothing, false, NOW, NULL),
        LEASE_E_UNKNOWN);
    lease_withdraw(table, &nobody, NOW);
}

static void a_hostname_is_kept_fit_to_be_shown(void)
{
    char letters[300];
    memset(letters, 'a', sizeof letters - 1);
    letters[sizeof letters - 1] = '\0';
    char bells[200];
    memset(bells, '\a', sizeof bells - 1);
    bells[sizeof bells - 1] = '\0';
    AUTO(lease_table_destroy) struct lease_table *table = table_of("10.0.0.10", "10.0.0.20", NULL, 0);
    const struct {
        const char *sent, *kept;
    } rows[] = {
        {NULL, ""}, {"node1", "node1"}, {NULL, "node1"}, {"", "node1"}, {"a\nb", "a\\x0ab"}, {bells, "a\\x0ab"},
    };
    struct lease lease;
    struct lease_client client = client_of(1);
    for (size_t i = 0; i < LENGTH(rows); i++) {
        client.hostname = rows[i].sent;
        lease_bind(&lease, table, subnet_of(table), &client, address_of("10.0.0.10"), (struct ipv4){0}, false, NOW,
                   NULL);
        CHECK_TEXT(lease.hostname, rows[i].kept);
    }
    client.hostname = letters;
    lease_bind(&lease, table, subnet_of(table), &client, address_of("10.0.0.10"), (struct ipv4){0}, false, NOW, NULL);
    CHECK_NUMBER(strlen(lease.hostname), LEASE_HOSTNAME_MAX - 1);
}

struct collection {
    struct lease at[32];
    size_t count;
};

static void collect(const struct lease *lease, void *context)
{
    struct collection *collection = context;
    collection->at[collection->count++] = *lease;
}

static void a_restored_table_gives_the_same_answers(void)
{
    AUTO(lease_table_destroy) struct lease_table *before = table_of("10.0.0.10", "10.0.0.13", NULL, 0);
    AUTO(lease_table_destroy) struct lease_table *after = table_of("10.0.0.10", "10.0.0.13", NULL, 0);
    struct lease lease;
    struct lease_client third = client_of(3);
    for (uint8_t i = 0; i < 4; i++)
        CHECK_NUMBER(bind_to(before, (uint8_t)(4 - i),
                             (const char *[]){"10.0.0.10", "10.0.0.11", "10.0.0.12", "10.0.0.13"}[i], false, NOW),
                     LEASE_OK);
    CHECK_NUMBER(leave(before, 1, "10.0.0.13", NOW + 1), LEASE_OK);
    CHECK_NUMBER(leave(before, 2, "10.0.0.12", NOW + 2), LEASE_OK);
    CHECK_NUMBER(lease_decline(&lease, before, &third, address_of("10.0.0.11"), NOW, NULL), LEASE_OK);
    struct collection collection = {0};
    lease_table_visit(before, collect, &collection);
    CHECK_NUMBER(collection.count, 4);
    CHECK(collection.at[0].address.number < collection.at[1].address.number);
    for (size_t i = 0; i < collection.count; i++)
        lease_restore(after, &collection.at[i]);
    CHECK_TEXT(offer(after, 5, NULL, NOW + 3), "10.0.0.13");
    CHECK_TEXT(offer(after, 2, NULL, NOW + 3), "10.0.0.12");
    CHECK_TEXT(offer(after, 3, NULL, NOW + 3),
               "every address of the pool 10.0.0.10-10.0.0.13 is taken; 1 of them rests, declined as in use by "
               "somebody else");
    CHECK_NUMBER(bind_to(after, 4, "10.0.0.10", true, NOW + 3), LEASE_OK);
}

static void a_smaller_pool_refuses_what_is_outside_of_it_now(void)
{
    AUTO(lease_table_destroy) struct lease_table *before = table_of("10.0.0.10", "10.0.0.20", NULL, 0);
    AUTO(lease_table_destroy) struct lease_table *after = table_of("10.0.0.15", "10.0.0.20", NULL, 0);
    CHECK_NUMBER(bind_to(before, 1, "10.0.0.10", false, NOW), LEASE_OK);
    CHECK_NUMBER(bind_to(before, 2, "10.0.0.15", false, NOW), LEASE_OK);
    CHECK_TEXT(offer(before, 3, NULL, NOW), "10.0.0.11");
    CHECK_TEXT(offer(before, 4, "10.0.0.16", NOW), "10.0.0.16");
    lease_table_adopt(after, before);
    CHECK_NUMBER(bind_to(after, 1, "10.0.0.10", true, NOW), LEASE_E_FOREIGN);
    CHECK_TEXT(offer(after, 1, "10.0.0.10", NOW), "10.0.0.17");
    CHECK_NUMBER(bind_to(after, 2, "10.0.0.15", true, NOW), LEASE_OK);
    CHECK_NUMBER(bind_to(after, 3, "10.0.0.11", false, NOW), LEASE_E_FOREIGN);
    CHECK_NUMBER(bind_to(after, 4, "10.0.0.16", false, NOW), LEASE_OK);
    CHECK_NUMBER(leave(after, 1, "10.0.0.10", NOW), LEASE_OK);
}

static void a_moved_reservation_moves_its_client(void)
{
    struct reservation old[] = {reservation_of(1, "10.0.0.5", NULL)};
    struct reservation new[] = {reservation_of(1, "10.0.0.6", NULL)};
    AUTO(lease_table_destroy) struct lease_table *before = table_of("10.0.0.10", "10.0.0.20", old, 1);
    AUTO(lease_table_destroy) struct lease_table *after = table_of("10.0.0.10", "10.0.0.20", new, 1);
    CHECK_NUMBER(bind_to(before, 1, "10.0.0.5", false, NOW), LEASE_OK);
    lease_table_adopt(after, before);
    CHECK_NUMBER(bind_to(after, 1, "10.0.0.5", true, NOW), LEASE_E_FOREIGN);
    CHECK_TEXT(offer(after, 1, "10.0.0.5", NOW), "10.0.0.6");
}

static void a_client_is_promised_one_address_at_a_time(void)
{
    struct reservation rows[] = {reservation_of(1, "10.0.0.6", NULL)};
    AUTO(lease_table_destroy) struct lease_table *before = table_of("10.0.0.10", "10.0.0.10", NULL, 0);
    AUTO(lease_table_destroy) struct lease_table *after = table_of("10.0.0.10", "10.0.0.10", rows, 1);
    CHECK_TEXT(offer(before, 1, NULL, NOW), "10.0.0.10");
    lease_table_adopt(after, before);
    CHECK_TEXT(offer(after, 1, NULL, NOW), "10.0.0.6");
    CHECK_TEXT(offer(after, 2, NULL, NOW), "10.0.0.10");
}

static void a_record_of_no_subnet_waits_for_its_subnet(void)
{
    AUTO(lease_table_destroy) struct lease_table *without = lease_table_create(NULL, 0);
    AUTO(lease_table_destroy) struct lease_table *with = table_of("10.0.0.10", "10.0.0.20", NULL, 0);
    lease_restore(without, &(struct lease){.address = address_of("10.0.0.12"),
                                           .state = LEASE_BOUND,
                                           .mac = client_of(1).mac,
                                           .expires = NOW + 100});
    CHECK(lease_subnet(without, address_of("10.0.0.12")) == NULL);
    lease_table_adopt(with, without);
    CHECK_TEXT(offer(with, 1, NULL, NOW), "10.0.0.12");
}

static void each_subnet_has_its_own_addresses(void)
{
    struct subnet *subnets = memory_new(3, sizeof *subnets);
    const char *networks[] = {"10.2.0.0", "10.0.0.0", "10.1.0.0"};
    for (size_t i = 0; i < 3; i++) {
        subnets[i].subnet = (struct ipv4_subnet){.network = address_of(networks[i]), .prefix = 16};
        uint32_t network = subnets[i].subnet.network.number;
        subnet_add_pool(&subnets[i], (struct address_range){.first = {network + 10}, .last = {network + 19}});
    }
    AUTO(lease_table_destroy) struct lease_table *table = lease_table_create(subnets, 3);
    CHECK(lease_subnet(table, address_of("10.3.0.0")) == NULL);
    CHECK(lease_subnet(table, address_of("9.255.255.255")) == NULL);
    struct lease_client client = client_of(1);
    for (size_t i = 0; i < 3; i++) {
        struct lease lease;
        struct ipv4 network = address_of(networks[i]);
        const struct subnet *subnet = lease_subnet(table, (struct ipv4){network.number + 65535});
        CHECK_NUMBER(subnet->lease_seconds, LEASE_SECONDS_DEFAULT);
        CHECK_NUMBER(lease_offer(&lease, table, subnet, &client, (struct ipv4){0}, (struct ipv4){0}, NOW, NULL),
                     LEASE_OK);
        CHECK_NUMBER(lease.address.number, network.number + 10);
        CHECK_NUMBER(lease_bind(&lease, table, subnet, &client, lease.address, (struct ipv4){0}, false, NOW, NULL),
                     LEASE_OK);
    }
}

static struct reservation *on_heap(struct reservation reservation)
{
    struct reservation *reservations = MEMORY_NEW(struct reservation);
    *reservations = reservation;
    return reservations;
}

static void a_reservation_that_comes_and_goes_leaves_the_pool_as_it_was(void)
{
    AUTO(lease_table_destroy) struct lease_table *table = table_of("10.0.0.10", "10.0.0.11", NULL, 0);
    struct reservation *reserved = on_heap(reservation_of(9, "10.0.0.10", NULL));
    lease_table_reserve(table, RESERVATION_COMMANDED, reserved, 1);
    CHECK_TEXT(offer(table, 1, NULL, NOW), "10.0.0.11");
    CHECK_TEXT(offer(table, 2, NULL, NOW), "every address of the pool 10.0.0.10-10.0.0.11 is taken");
    CHECK_TEXT(offer(table, 9, NULL, NOW), "10.0.0.10");
    CHECK_NUMBER(bind_to(table, 9, "10.0.0.10", false, NOW), LEASE_OK);
    CHECK_NUMBER(leave(table, 9, "10.0.0.10", NOW), LEASE_OK);
    CHECK_TEXT(offer(table, 2, NULL, NOW), "every address of the pool 10.0.0.10-10.0.0.11 is taken");
    lease_table_reserve(table, RESERVATION_COMMANDED, NULL, 0);
    CHECK_TEXT(offer(table, 2, NULL, NOW), "10.0.0.10");
}

static void an_address_that_was_passed_over_while_reserved_is_given_later(void)
{
    AUTO(lease_table_destroy) struct lease_table *table = table_of("10.0.0.10", "10.0.0.11", NULL, 0);
    lease_table_reserve(table, RESERVATION_GROUP, on_heap(reservation_of(9, "10.0.0.10", NULL)), 1);
    CHECK_TEXT(offer(table, 1, NULL, NOW), "10.0.0.11");
    lease_table_reserve(table, RESERVATION_GROUP, NULL, 0);
    CHECK_TEXT(offer(table, 2, NULL, NOW), "10.0.0.10");
}

/* A free record that waits for anybody waits for its machine alone once it is reserved. */
static void a_freed_address_that_is_reserved_then_is_given_to_its_machine_alone(void)
{
    AUTO(lease_table_destroy) struct lease_table *table = table_of("10.0.0.10", "10.0.0.10", NULL, 0);
    CHECK_NUMBER(bind_to(table, 1, "10.0.0.10", false, NOW), LEASE_OK);
    CHECK_NUMBER(leave(table, 1, "10.0.0.10", NOW), LEASE_OK);
    lease_table_reserve(table, RESERVATION_COMMANDED, on_heap(reservation_of(9, "10.0.0.10", NULL)), 1);
    CHECK_TEXT(offer(table, 2, NULL, NOW), "every address of the pool 10.0.0.10-10.0.0.10 is taken");
    CHECK_TEXT(offer(table, 1, NULL, NOW), "every address of the pool 10.0.0.10-10.0.0.10 is taken");
    CHECK_TEXT(offer(table, 9, NULL, NOW), "10.0.0.10");
}

static void who_holds_an_address_that_is_reserved_for_another_loses_it_at_the_next_renewal(void)
{
    AUTO(lease_table_destroy) struct lease_table *table = table_of("10.0.0.10", "10.0.0.20", NULL, 0);
    CHECK_NUMBER(bind_to(table, 1, "10.0.0.10", false, NOW), LEASE_OK);
    lease_table_reserve(table, RESERVATION_GROUP, on_heap(reservation_of(9, "10.0.0.10", NULL)), 1);
    CHECK_NUMBER(bind_to(table, 1, "10.0.0.10", true, NOW), LEASE_E_FOREIGN);
}

/* The address of a group is its machine's only while the group is the one that is chosen for it. */
static void the_address_of_a_group_is_for_whom_the_group_was_chosen_for(void)
{
    AUTO(lease_table_destroy) struct lease_table *table = table_of("10.0.0.10", "10.0.0.20", NULL, 0);
    struct lease_client client = client_of(9);
    lease_table_reserve(table, RESERVATION_GROUP, on_heap(reservation_of(9, "10.0.0.15", NULL)), 1);
    CHECK(lease_reservation(table, subnet_of(table), &client) == NULL);
    client.group_address = address_of("10.0.0.15");
    CHECK_NUMBER(lease_reservation(table, subnet_of(table), &client)->address.number, client.group_address.number);
}

static void one_machine_may_have_a_reservation_on_each_network(void)
{
    struct subnet *subnets = memory_new(2, sizeof *subnets);
    struct reservation *reserved = memory_new(2, sizeof *reserved);
    struct lease_client client = client_of(1);
    ipv4_subnet_from_text(&subnets[0].subnet, "10.0.0.0/24");
    ipv4_subnet_from_text(&subnets[1].subnet, "10.0.1.0/24");
    reserved[0] = reservation_of(1, "10.0.0.9", NULL);
    reserved[1] = reservation_of(1, "10.0.1.9", NULL);
    AUTO(lease_table_destroy) struct lease_table *table = lease_table_create(subnets, 2);
    lease_table_reserve(table, RESERVATION_COMMANDED, reserved, 2);
    for (size_t i = 0; i < 2; i++) {
        const struct subnet *subnet = lease_subnet(table, address_of(i == 0 ? "10.0.0.1" : "10.0.1.1"));
        CHECK_NUMBER(lease_reservation(table, subnet, &client)->address.number, i == 0 ? 0x0a000009 : 0x0a000109);
    }
}

/* What is configured, what a client asks for, and what it gets. */
static void asking_for_less_gives_no_more(void)
{
    static const struct {
        uint32_t lease, group, asked, given;
    } rows[] = {
        {3600, 0, 0, 3600},  {3600, 0, 60, 600},   {3600, 0, 1800, 1800}, {3600, 0, 9999, 3600},
        {3600, 300, 0, 300}, {3600, 300, 60, 300}, {3600, 300, 900, 300}, {3600, 1200, 60, 600},
        {300, 0, 0, 300},    {300, 0, 60, 300},    {300, 0, 900, 300},
    };
    for (size_t i = 0; i < LENGTH(rows); i++) {
        struct subnet subnet = {.lease_seconds = rows[i].lease, .lease_min = 600, .lease_max = rows[i].lease};
        struct lease_client client = {.lease_seconds = rows[i].group, .asked_seconds = rows[i].asked};
        CHECK_NUMBER(subnet_seconds(&subnet, &client), rows[i].given);
    }
}

int main(void)
{
    RUN(asking_for_less_gives_no_more);
    RUN(a_reservation_that_comes_and_goes_leaves_the_pool_as_it_was);
    RUN(an_address_that_was_passed_over_while_reserved_is_given_later);
    RUN(a_freed_address_that_is_reserved_then_is_given_to_its_machine_alone);
    RUN(who_holds_an_address_that_is_reserved_for_another_loses_it_at_the_next_renewal);
    RUN(the_address_of_a_group_is_for_whom_the_group_was_chosen_for);
    RUN(one_machine_may_have_a_reservation_on_each_network);
    RUN(parallel_discovers_get_different_addresses_and_repeated_ones_the_same);
    RUN(an_offer_is_kept_for_its_time_and_no_longer);
    RUN(an_offer_says_whether_the_client_holds_the_address);
    RUN(a_requested_address_is_given_when_it_is_free);
    RUN(a_client_gets_its_previous_address_before_the_one_it_asks_for);
    RUN(addresses_are_reused_longest_unused_first);
    RUN(pools_are_used_up_one_after_the_other_without_what_is_excluded);
    RUN(an_address_that_somebody_answers_at_rests);
    RUN(the_addresses_of_the_network_itself_are_never_given);
    RUN(the_server_may_take_an_address_that_it_leased_before);
    RUN(no_address_of_this_host_is_given_while_it_has_it);
    RUN(a_reservation_is_for_its_client_alone);
    RUN(a_reserved_client_needs_no_pool_and_others_get_nothing);
    RUN(a_reservation_that_another_client_holds_is_waited_for_on_a_pool_address);
    RUN(a_client_that_moved_off_a_reservation_leaves_it_at_once);
    RUN(a_held_reservation_without_a_pool_gives_its_reason);
    RUN(an_address_not_offered_is_refused);
    RUN(an_offer_forgotten_in_a_restart_is_still_bound);
    RUN(init_reboot_is_answered_by_what_is_on_record);
    RUN(a_renewal_extends_from_now_on);
    RUN(a_lease_that_is_not_stored_falls_back_to_the_one_before);
    RUN(a_new_lease_that_is_not_stored_is_nobodys);
    RUN(a_move_to_a_reservation_waits_until_it_is_stored);
    RUN(the_lease_of_before_does_not_free_one_that_is_on_its_way);
    RUN(two_requests_within_a_second_are_told_apart);
    RUN(a_clock_that_is_set_lets_leases_end_as_long_from_now);
    RUN(a_withdrawn_offer_is_free_for_others_and_a_binding_stays);
    RUN(only_its_holder_can_release_an_address);
    RUN(a_declined_address_rests);
    RUN(when_all_else_is_taken_the_address_declined_longest_ago_is_given);
    RUN(an_address_that_is_declined_again_rests_longer);
    RUN(a_client_that_declines_one_after_the_other_is_believed_no_more);
    RUN(more_declines_than_one_in_two_seconds_are_an_attack);
    RUN(a_machine_is_its_mac_whatever_identifier_it_sends);
    RUN(a_reservation_is_remembered_for_who_does_not_say_what_it_is_for);
    RUN(a_reservation_moves_to_who_comes_by_the_same);
    RUN(two_clients_with_one_identifier_are_told_from_one_that_moved);
    RUN(who_has_a_reserved_address_otherwise_keeps_it_to_the_end_of_its_lease);
    RUN(a_client_without_a_mac_is_its_identifier);
    RUN(a_hostname_is_kept_fit_to_be_shown);
    RUN(a_restored_table_gives_the_same_answers);
    RUN(a_smaller_pool_refuses_what_is_outside_of_it_now);
    RUN(a_moved_reservation_moves_its_client);
    RUN(a_client_is_promised_one_address_at_a_time);
    RUN(a_record_of_no_subnet_waits_for_its_subnet);
    RUN(each_subnet_has_its_own_addresses);
    return test_result();
}
