/* SPDX-License-Identifier: Apache-2.0 */
/* The life of an address as a client sees it: RFC 2131 §4.3 and its successors, message by message. */
#include "answer/test-dhcp.h"

#define OTHER_SERVER 0x0a4d00fe
#define RELAY 0x0a4d00fd
#define FAR_RELAY 0x0a4e0001

static void as_client(uint8_t number)
{
    asked.chaddr.octets[5] = number;
}

static void ask_as(uint8_t number, enum dhcp_message_type type)
{
    ask(type);
    as_client(number);
}

/* The whole of four messages; gives the address bound. */
static struct ipv4 take_address(uint8_t number)
{
    ask_as(number, DHCP_DISCOVER);
    send();
    struct ipv4 offered = reply.yiaddr;
    ask_as(number, DHCP_REQUEST);
    dhcp_builder_put_ipv4(&asked, DHCP_OPTION_SERVER_ID, (struct ipv4){OUR_ADDRESS});
    dhcp_builder_put_ipv4(&asked, DHCP_OPTION_REQUESTED_ADDRESS, offered);
    send();
    CHECK_NUMBER(reply.message_type, DHCP_ACK);
    CHECK_NUMBER(reply.yiaddr.number, offered.number);
    return offered;
}

static uint32_t number_in(uint8_t code)
{
    uint32_t number = 0;
    dhcp_option_u32(&number, &reply, code);
    return number;
}

static struct reservation reserve(enum reservation_kind kind, const void *id, size_t size, uint32_t address)
{
    struct reservation reservation = {.kind = kind, .id_size = (uint8_t)size, .address = {address}};
    memcpy(reservation.id, id, size);
    return reservation;
}

static void give_reservation(struct subnet *subnet, struct reservation take_reservation)
{
    subnet->reservations =
        memory_resize(subnet->reservations, subnet->reservation_count + 1, sizeof *subnet->reservations);
    subnet->reservations[subnet->reservation_count++] = take_reservation;
}

/* RFC 2131 §4.3.1. */
static void an_address_is_chosen_in_the_order_of_the_rfc(void)
{
    start(ANSWER_DHCP_SERVER);
    struct ipv4 bound = take_address(1);
    ask_as(1, DHCP_DISCOVER);
    dhcp_builder_put_ipv4(&asked, DHCP_OPTION_REQUESTED_ADDRESS, (struct ipv4){0x0a4d0070});
    send();
    CHECK_NUMBER(reply.yiaddr.number, bound.number);
    ask_as(2, DHCP_DISCOVER);
    dhcp_builder_put_ipv4(&asked, DHCP_OPTION_REQUESTED_ADDRESS, (struct ipv4){0x0a4d0070});
    send();
    CHECK_NUMBER(reply.yiaddr.number, 0x0a4d0070);
    ask_as(3, DHCP_DISCOVER);
    dhcp_builder_put_ipv4(&asked, DHCP_OPTION_REQUESTED_ADDRESS, bound);
    send();
    CHECK(reply.yiaddr.number != bound.number && reply.yiaddr.number != 0);
    stop();
}

/* RFC 2132 §3.3 wants the mask before the router, old ROMs the message type before all. */
static void options_come_in_the_order_that_clients_need(void)
{
    start(ANSWER_DHCP_SERVER);
    ask(DHCP_DISCOVER);
    send();
    static const uint8_t order[] = {53, 54, 51, 58, 59, 1, 28, 3};
    size_t at = DHCP_HEADER_SIZE;
    for (size_t i = 0; i < LENGTH(order); i++) {
        CHECK_NUMBER(answer.reply[at], order[i]);
        at += 2 + answer.reply[at + 1];
    }
    stop();
}

static void only_what_was_asked_for_is_told_and_what_is_forced(void)
{
    struct subnet *subnets = new_subnets();
    lease_options_put(&subnets[0].options, DHCP_OPTION_NTP, bytes_of("\x0a\x4d\x00\x01", 4), false);
    lease_options_put(&subnets[0].options, DHCP_OPTION_MTU, bytes_of("\x23\x28", 2), true);
    lease_options_put(&subnets[0].options, 224, bytes_of_text("private"), false);
    start_with(ANSWER_DHCP_SERVER, subnets, 1);
    ask(DHCP_DISCOVER);
    dhcp_builder_put(&asked, DHCP_OPTION_PARAMETERS, bytes_of("\x01\xe0", 2));
    send();
    CHECK(!dhcp_option_is_present(&reply, DHCP_OPTION_NTP));
    CHECK(!dhcp_option_is_present(&reply, DHCP_OPTION_ROUTER));
    CHECK(dhcp_option_is_present(&reply, DHCP_OPTION_MTU));
    CHECK(bytes_equal_text(dhcp_option(&reply, 224), "private"));
    dhcp_builder_remove(&asked, DHCP_OPTION_PARAMETERS);
    send();
    CHECK(dhcp_option_is_present(&reply, DHCP_OPTION_NTP) && dhcp_option_is_present(&reply, DHCP_OPTION_ROUTER));
    stop();
}

static void an_option_asked_for_that_nobody_configured_is_not_made_up(void)
{
    start(ANSWER_DHCP_SERVER);
    ask(DHCP_DISCOVER);
    as_bios();
    dhcp_builder_put(&asked, DHCP_OPTION_PARAMETERS, bytes_of("\x01\x60\x65\x7b\x80\x81\x87", 7));
    send();
    for (unsigned code = 0x60; code < 0x90; code++)
        CHECK_ROW(dhcp_option_name((uint8_t)code), !dhcp_option_is_present(&reply, (uint8_t)code));
    stop();
}

/* What an access point's controller or a phone's server are to others is a boot menu and a boot file to firmware. */
static void firmware_is_told_by_us_alone_what_it_boots(void)
{
    static const struct {
        const char *row;
        bool is_firmware, is_forced, asks;
        const char *vendor, *file;
    } rows[] = {
        {"an access point", false, false, true, "controller", "phone.cfg"},
        {"forced", false, true, false, "controller", "phone.cfg"},
        {"a PC", true, false, true, "", "undionly.kpxe"},
        {"a PC, forced", true, true, false, "controller", ""},
        {"a PC that asks, forced", true, true, true, "controller", "undionly.kpxe"},
    };
    for (size_t i = 0; i < LENGTH(rows); i++) {
        struct subnet *subnets = new_subnets();
        lease_options_put(&subnets[0].options, DHCP_OPTION_VENDOR, bytes_of_text("controller"), rows[i].is_forced);
        lease_options_put(&subnets[0].options, DHCP_OPTION_VENDOR_CLASS, bytes_of_text("AP"), rows[i].is_forced);
        lease_options_put(&subnets[0].options, DHCP_OPTION_TFTP_SERVER, bytes_of_text("10.9.9.9"), rows[i].is_forced);
        lease_options_put(&subnets[0].options, DHCP_OPTION_BOOT_FILE, bytes_of_text("phone.cfg"), rows[i].is_forced);
        start_with(ANSWER_DHCP_SERVER, subnets, 1);
        ask(DHCP_DISCOVER);
        if (rows[i].is_firmware)
            as_bios();
        if (!rows[i].asks)
            dhcp_builder_put(&asked, DHCP_OPTION_PARAMETERS, bytes_of("\x01\x03", 2));
        send();
        CHECK_ROW(rows[i].row, bytes_equal_text(dhcp_option(&reply, DHCP_OPTION_VENDOR), rows[i].vendor));
        CHECK_ROW(rows[i].row, dhcp_option_is_present(&reply, DHCP_OPTION_VENDOR_CLASS) == (rows[i].vendor[0] != 0));
        CHECK_ROW(rows[i].row, bytes_equal_text(dhcp_option_text(&reply, DHCP_OPTION_BOOT_FILE), rows[i].file));
        CHECK_ROW(rows[i].row, bytes_equal_text(reply.file, rows[i].is_firmware ? "undionly.kpxe" : ""));
        stop();
    }
}

/* RFC 3442: a client that knows 121 ignores 3, so both are sent. */
static void classless_routes_are_sent_beside_the_router(void)
{
    struct subnet *subnets = new_subnets();
    lease_options_put(&subnets[0].options, DHCP_OPTION_ROUTES, bytes_of("\x00\x0a\x4d\x00\x01", 5), false);
    start_with(ANSWER_DHCP_SERVER, subnets, 1);
    ask(DHCP_DISCOVER);
    dhcp_builder_put(&asked, DHCP_OPTION_PARAMETERS, bytes_of("\x79\x03", 2));
    send();
    CHECK(dhcp_option_is_present(&reply, DHCP_OPTION_ROUTES) && dhcp_option_is_present(&reply, DHCP_OPTION_ROUTER));
    stop();
}

static void a_reserved_machine_is_told_its_own_options(void)
{
    struct subnet *subnets = new_subnets();
    struct reservation reservation = reserve(RESERVATION_MAC, CLIENT_MAC.octets, 6, 0x0a4d0005);
    lease_options_put(&reservation.options, DHCP_OPTION_MTU, bytes_of("\x05\xdc", 2), true);
    lease_options_put(&subnets[0].options, DHCP_OPTION_MTU, bytes_of("\x23\x28", 2), true);
    give_reservation(&subnets[0], reservation);
    start_with(ANSWER_DHCP_SERVER, subnets, 1);
    ask(DHCP_DISCOVER);
    send();
    CHECK_NUMBER(reply.yiaddr.number, 0x0a4d0005);
    CHECK(bytes_equal(dhcp_option(&reply, DHCP_OPTION_MTU), bytes_of("\x05\xdc", 2)));
    ask_as(9, DHCP_DISCOVER);
    send();
    CHECK(bytes_equal(dhcp_option(&reply, DHCP_OPTION_MTU), bytes_of("\x23\x28", 2)));
    stop();
}

/* Another machine has the reserved address still, and perhaps the name as well. */
static void a_machine_that_waits_for_its_reservation_has_its_options_but_not_its_name(void)
{
    start(ANSWER_DHCP_SERVER);
    struct ipv4 held = take_address(9);
    struct subnet *subnets = new_subnets();
    struct reservation reservation = reserve(RESERVATION_MAC, CLIENT_MAC.octets, 6, held.number);
    reservation.hostname = memory_text("web");
    lease_options_put(&reservation.options, DHCP_OPTION_MTU, bytes_of("\x05\xdc", 2), true);
    give_reservation(&subnets[0], reservation);
    struct lease_table *before = settings.leases;
    settings.leases = lease_table_create(subnets, 1);
    lease_table_adopt(settings.leases, before);
    lease_table_destroy(before);
    ask(DHCP_DISCOVER);
    send();
    CHECK_NUMBER(reply.yiaddr.number, 0x0a4d0033);
    CHECK(!dhcp_option_is_present(&reply, DHCP_OPTION_HOSTNAME));
    CHECK(bytes_equal(dhcp_option(&reply, DHCP_OPTION_MTU), bytes_of("\x05\xdc", 2)));
    CHECK_TEXT(answer.text, "DISCOVER from an operating system on eth1: offer 10.77.0.51 for 3600 s (its reservation "
                            "10.77.0.50 is still held by 52:54:00:12:34:09, for another 3600 s at most)");
    struct lease freed;
    lease_free(&freed, settings.leases, held, request.now.wall_seconds, NULL);
    CHECK(lease_freed(settings.leases, &freed, request.now.wall_seconds));
    ask(DHCP_DISCOVER);
    send();
    CHECK_NUMBER(reply.yiaddr.number, held.number);
    CHECK(bytes_equal_text(dhcp_option(&reply, DHCP_OPTION_HOSTNAME), "web"));
    stop();
}

/* The reservation says what, the subnet that it is told unasked. */
static void an_option_that_is_forced_for_all_is_forced_with_the_machines_own_value(void)
{
    struct subnet *subnets = new_subnets();
    struct reservation reservation = reserve(RESERVATION_MAC, CLIENT_MAC.octets, 6, 0x0a4d0005);
    lease_options_put(&reservation.options, DHCP_OPTION_MTU, bytes_of("\x05\xdc", 2), false);
    lease_options_put(&reservation.options, DHCP_OPTION_NTP, bytes_of("\x0a\x4d\x00\x01", 4), false);
    lease_options_put(&subnets[0].options, DHCP_OPTION_MTU, bytes_of("\x23\x28", 2), true);
    give_reservation(&subnets[0], reservation);
    start_with(ANSWER_DHCP_SERVER, subnets, 1);
    ask(DHCP_DISCOVER);
    dhcp_builder_put(&asked, DHCP_OPTION_PARAMETERS, bytes_of("\x01\x03", 2));
    send();
    CHECK(bytes_equal(dhcp_option(&reply, DHCP_OPTION_MTU), bytes_of("\x05\xdc", 2)));
    CHECK(!dhcp_option_is_present(&reply, DHCP_OPTION_NTP));
    stop();
}

/* "options: {dns: null}" at a reservation. */
static void an_option_without_a_value_is_not_told(void)
{
    static const uint8_t codes[] = {DHCP_OPTION_ROUTER,    DHCP_OPTION_DNS, DHCP_OPTION_HOSTNAME,
                                    DHCP_OPTION_BROADCAST, DHCP_OPTION_MTU, DHCP_OPTION_NTP};
    struct subnet *subnets = new_subnets();
    struct reservation reservation = reserve(RESERVATION_MAC, CLIENT_MAC.octets, 6, 0x0a4d0005);
    reservation.hostname = memory_text("node1");
    for (size_t i = 0; i < LENGTH(codes); i++)
        lease_options_put(&reservation.options, codes[i], bytes_of(NULL, 0), false);
    give_reservation(&subnets[0], reservation);
    subnets[0].dns = memory_new(1, sizeof *subnets[0].dns);
    subnets[0].dns_count = 1;
    lease_options_put(&subnets[0].options, DHCP_OPTION_MTU, bytes_of("\x23\x28", 2), true);
    lease_options_put(&subnets[0].options, DHCP_OPTION_NTP, bytes_of(NULL, 0), false);
    start_with(ANSWER_DHCP_SERVER, subnets, 1);
    for (int is_other = 0; is_other < 2; is_other++) {
        ask_as(is_other ? 9 : 0x56, DHCP_DISCOVER);
        dhcp_builder_remove(&asked, DHCP_OPTION_PARAMETERS);
        send();
        for (size_t i = 0; i < LENGTH(codes); i++)
            CHECK_ROW(dhcp_option_name(codes[i]),
                      dhcp_option_is_present(&reply, codes[i]) ==
                          (is_other && codes[i] != DHCP_OPTION_NTP && codes[i] != DHCP_OPTION_HOSTNAME));
    }
    stop();
}

/* §3.3 of RFC 2131, option 51 of the client. */
static void a_lease_is_as_long_as_asked_within_its_bounds(void)
{
    const struct {
        const char *row;
        uint32_t asked, given;
    } rows[] = {
        {"nothing", 0, 3600},
        {"within", 1800, 1800},
        {"too short", 10, 300},
        {"too long", 100000, 7200},
        {"for ever", LEASE_SECONDS_INFINITE, 7200},
    };
    struct subnet *subnets = new_subnets();
    subnets[0].lease_min = 300;
    subnets[0].lease_max = 7200;
    start_with(ANSWER_DHCP_SERVER, subnets, 1);
    for (size_t i = 0; i < LENGTH(rows); i++) {
        ask(DHCP_DISCOVER);
        if (rows[i].asked)
            dhcp_builder_put_u32(&asked, DHCP_OPTION_LEASE_TIME, rows[i].asked);
        send();
        CHECK_ROW(rows[i].row, number_in(DHCP_OPTION_LEASE_TIME) == rows[i].given);
        CHECK_ROW(rows[i].row, number_in(DHCP_OPTION_RENEWAL_TIME) < number_in(DHCP_OPTION_REBINDING_TIME) &&
                                   number_in(DHCP_OPTION_REBINDING_TIME) < rows[i].given);
    }
    stop();
}

static void an_infinite_lease_is_given_only_where_it_is_allowed(void)
{
    struct subnet *subnets = new_subnets();
    subnets[0].lease_max = LEASE_SECONDS_INFINITE;
    start_with(ANSWER_DHCP_SERVER, subnets, 1);
    ask(DHCP_DISCOVER);
    dhcp_builder_put_u32(&asked, DHCP_OPTION_LEASE_TIME, LEASE_SECONDS_INFINITE);
    send();
    CHECK_NUMBER(number_in(DHCP_OPTION_LEASE_TIME), LEASE_SECONDS_INFINITE);
    CHECK_TEXT(answer.text, "DISCOVER from an operating system on eth1: offer 10.77.0.50 for ever");
    stop();
}

static void firmware_has_its_address_for_a_shorter_time(void)
{
    struct subnet *subnets = new_subnets();
    subnets[0].boot_seconds = 300;
    start_with(ANSWER_DHCP_SERVER, subnets, 1);
    ask(DHCP_DISCOVER);
    as_bios();
    send();
    CHECK_NUMBER(number_in(DHCP_OPTION_LEASE_TIME), 300);
    ask(DHCP_DISCOVER);
    send();
    CHECK_NUMBER(number_in(DHCP_OPTION_LEASE_TIME), 3600);
    stop();
}

static const char *const stage_ids[] = {NULL, "\x01RT\x00\x12\x34\x56", "\xff\x01\x02\x03\x04\x05\x06"};

/* ROM, iPXE and the operating system send different identifiers. */
static void one_machine_keeps_its_address_through_all_stages(void)
{
    start(ANSWER_DHCP_SERVER);
    uint32_t first = 0;
    for (size_t i = 0; i < LENGTH(stage_ids); i++) {
        ask(DHCP_DISCOVER);
        if (stage_ids[i])
            dhcp_builder_put(&asked, DHCP_OPTION_CLIENT_ID, bytes_of(stage_ids[i], 7));
        send();
        first = first ? first : reply.yiaddr.number;
        CHECK_NUMBER(reply.yiaddr.number, first);
        CHECK(bytes_equal(dhcp_option(&reply, DHCP_OPTION_CLIENT_ID), bytes_of(stage_ids[i], stage_ids[i] ? 7 : 0)));
    }
    stop();
}

/* RFC 2131 §4.2, for who wants it. */
static void client_identifiers_tell_clients_apart_where_they_bind(void)
{
    start(ANSWER_DHCP_SERVER);
    lease_table_bind_by_client_id(settings.leases);
    uint32_t seen[LENGTH(stage_ids)];
    for (size_t i = 0; i < LENGTH(stage_ids); i++) {
        ask(DHCP_DISCOVER);
        if (stage_ids[i])
            dhcp_builder_put(&asked, DHCP_OPTION_CLIENT_ID, bytes_of(stage_ids[i], 7));
        send();
        seen[i] = reply.yiaddr.number;
        for (size_t k = 0; k < i; k++)
            CHECK(seen[k] != seen[i]);
    }
    ask_as(9, DHCP_DISCOVER);
    dhcp_builder_put(&asked, DHCP_OPTION_CLIENT_ID, bytes_of(stage_ids[2], 7));
    send();
    CHECK_NUMBER(reply.yiaddr.number, seen[2]);
    stop();
}

/* Two identifiers of one machine, whose MAC would tell nobody who has the address. */
static void a_client_that_is_known_by_its_identifier_is_called_by_it(void)
{
    start(ANSWER_DHCP_SERVER);
    lease_table_bind_by_client_id(settings.leases);
    ask(DHCP_DISCOVER);
    dhcp_builder_put(&asked, DHCP_OPTION_CLIENT_ID, bytes_of("\xff\x01\x02", 3));
    send();
    struct ipv4 offered = reply.yiaddr;
    ask(DHCP_REQUEST);
    dhcp_builder_put(&asked, DHCP_OPTION_CLIENT_ID, bytes_of("\xff\x03", 2));
    dhcp_builder_put_ipv4(&asked, DHCP_OPTION_SERVER_ID, (struct ipv4){OUR_ADDRESS});
    dhcp_builder_put_ipv4(&asked, DHCP_OPTION_REQUESTED_ADDRESS, offered);
    send();
    CHECK_NUMBER(reply.message_type, DHCP_NAK);
    CHECK_TEXT(answer.text, "REQUEST from an operating system on eth1: nak 10.77.0.50: 10.77.0.50 belongs to client "
                            "identifier ff:01:02");
    stop();
}

static void a_client_without_a_mac_is_named_by_its_identifier(void)
{
    uint8_t long_id[60] = {0xff, 0xab};
    start(ANSWER_DHCP_SERVER);
    ask(DHCP_DISCOVER);
    dhcp_builder_put(&asked, DHCP_OPTION_CLIENT_ID, bytes_of("\xff\x01\x02", 3));
    send();
    CHECK_TEXT(answer.client_id, "");
    asked.chaddr = (struct mac){.size = 6};
    send();
    CHECK_TEXT(answer.client_id, "client identifier ff:01:02");
    asked.chaddr = (struct mac){0};
    dhcp_builder_put(&asked, DHCP_OPTION_CLIENT_ID, bytes_of(long_id, sizeof long_id));
    send();
    CHECK_TEXT(answer.client_id, "client identifier ff:ab:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:"
                                 "00:00...");
    stop();
}

static void the_mac_of_many_machines_gets_no_answer(void)
{
    static const struct mac macs[] = {{6, {0xff, 0xff, 0xff, 0xff, 0xff, 0xff}}, {6, {1, 0, 0x5e, 0, 0, 1}}};
    start(ANSWER_DHCP_SERVER);
    for (size_t i = 0; i < LENGTH(macs); i++) {
        ask(DHCP_DISCOVER);
        asked.chaddr = macs[i];
        send();
        CHECK_NUMBER(answer.way, ANSWER_DHCP_SILENT);
        CHECK_NUMBER(answer.weight, ANSWER_TROUBLE);
    }
    stop();
}

static void rapid_commit_is_answered_by_an_offer(void)
{
    start(ANSWER_DHCP_SERVER);
    ask(DHCP_DISCOVER);
    dhcp_builder_put(&asked, DHCP_OPTION_RAPID_COMMIT, bytes_of(NULL, 0));
    send();
    CHECK_NUMBER(reply.message_type, DHCP_OFFER);
    CHECK(!answer.has_lease && !dhcp_option_is_present(&reply, DHCP_OPTION_RAPID_COMMIT));
    stop();
}

static void a_full_pool_is_silent_and_says_so(void)
{
    struct subnet *subnets = new_subnets();
    subnets[0].pool_count = 0;
    subnet_add_pool(&subnets[0], (struct address_range){.first = {0x0a4d0032}, .last = {0x0a4d0032}});
    start_with(ANSWER_DHCP_SERVER, subnets, 1);
    take_address(1);
    ask_as(2, DHCP_DISCOVER);
    send();
    CHECK_NUMBER(answer.way, ANSWER_DHCP_SILENT);
    CHECK_NUMBER(answer.weight, ANSWER_TROUBLE);
    CHECK_NUMBER(answer.about.number, 0x0a4d0000);
    stop();
}

/* RFC 2131 §4.3.2, table 4. */
static void selecting_what_another_has_is_refused(void)
{
    start(ANSWER_DHCP_SERVER);
    struct ipv4 taken = take_address(1);
    ask_as(2, DHCP_REQUEST);
    dhcp_builder_put_ipv4(&asked, DHCP_OPTION_SERVER_ID, (struct ipv4){OUR_ADDRESS});
    dhcp_builder_put_ipv4(&asked, DHCP_OPTION_REQUESTED_ADDRESS, taken);
    send();
    CHECK_NUMBER(reply.message_type, DHCP_NAK);
    CHECK(!answer.has_lease);
    stop();
}

static void selecting_after_a_restart_is_acknowledged_if_the_address_is_free(void)
{
    start(ANSWER_DHCP_SERVER);
    ask(DHCP_REQUEST);
    dhcp_builder_put_ipv4(&asked, DHCP_OPTION_SERVER_ID, (struct ipv4){OUR_ADDRESS});
    dhcp_builder_put_ipv4(&asked, DHCP_OPTION_REQUESTED_ADDRESS, (struct ipv4){0x0a4d0077});
    send();
    CHECK_NUMBER(reply.message_type, DHCP_ACK);
    CHECK(answer.has_lease);
    stop();
}

static void selecting_another_server_frees_our_offer(void)
{
    start(ANSWER_DHCP_SERVER);
    ask_as(1, DHCP_DISCOVER);
    send();
    struct ipv4 offered = reply.yiaddr;
    ask_as(1, DHCP_REQUEST);
    dhcp_builder_put_ipv4(&asked, DHCP_OPTION_SERVER_ID, (struct ipv4){OTHER_SERVER});
    dhcp_builder_put_ipv4(&asked, DHCP_OPTION_REQUESTED_ADDRESS, offered);
    send();
    CHECK_NUMBER(answer.way, ANSWER_DHCP_SILENT);
    ask_as(2, DHCP_DISCOVER);
    dhcp_builder_put_ipv4(&asked, DHCP_OPTION_REQUESTED_ADDRESS, offered);
    send();
    CHECK_NUMBER(reply.yiaddr.number, offered.number);
    stop();
}

static void rebooting_with_a_known_address_is_acknowledged(void)
{
    start(ANSWER_DHCP_SERVER);
    struct ipv4 bound = take_address(1);
    ask_as(1, DHCP_REQUEST);
    dhcp_builder_put_ipv4(&asked, DHCP_OPTION_REQUESTED_ADDRESS, bound);
    send();
    CHECK_NUMBER(reply.message_type, DHCP_ACK);
    CHECK_NUMBER(reply.yiaddr.number, bound.number);
    ask_as(2, DHCP_REQUEST);
    dhcp_builder_put_ipv4(&asked, DHCP_OPTION_REQUESTED_ADDRESS, bound);
    send();
    CHECK_NUMBER(reply.message_type, DHCP_NAK);
    stop();
}

/* Unknown clients that renew, rebind or reboot: silence, or a NAK by the only server there is. */
static void an_unknown_address_is_refused_by_an_authoritative_server_alone(void)
{
    const struct {
        const char *row;
        uint32_t requested, ciaddr;
        bool was_unicast;
    } rows[] = {
        {"init-reboot", 0x0a4d0077, 0, false},
        {"rebinding", 0, 0x0a4d0077, false},
        {"renewing", 0, 0x0a4d0077, true},
    };
    for (size_t i = 0; i < 2 * LENGTH(rows); i++) {
        start(ANSWER_DHCP_SERVER);
        settings.authoritative = i % 2;
        ask(DHCP_REQUEST);
        if (rows[i / 2].requested)
            dhcp_builder_put_ipv4(&asked, DHCP_OPTION_REQUESTED_ADDRESS, (struct ipv4){rows[i / 2].requested});
        asked.ciaddr.number = rows[i / 2].ciaddr;
        request.source.number = rows[i / 2].ciaddr;
        request.was_unicast = rows[i / 2].was_unicast;
        send();
        if (settings.authoritative)
            CHECK_ROW(rows[i / 2].row, reply.message_type == DHCP_NAK);
        else
            CHECK_ROW(rows[i / 2].row, answer.way == ANSWER_DHCP_SILENT);
        stop();
    }
}

static void a_client_that_names_an_address_has_none(void)
{
    start(ANSWER_DHCP_SERVER);
    struct ipv4 bound = take_address(1);
    ask_as(1, DHCP_REQUEST);
    dhcp_builder_put_ipv4(&asked, DHCP_OPTION_REQUESTED_ADDRESS, bound);
    asked.ciaddr.number = 0x0a4d0099;
    send();
    CHECK_NUMBER(reply.message_type, DHCP_ACK);
    CHECK_NUMBER(reply.ciaddr.number, 0);
    CHECK_NUMBER(answer.way, ANSWER_DHCP_BROADCAST);
    stop();
}

static void a_request_that_is_repeated_is_answered_alike(void)
{
    start(ANSWER_DHCP_SERVER);
    struct ipv4 bound = take_address(1);
    uint8_t first[DHCP_REPLY_MAX];
    size_t size = answer.reply_size;
    memcpy(first, answer.reply, size);
    send();
    CHECK(bytes_equal(bytes_of(first, size), bytes_of(answer.reply, answer.reply_size)));
    CHECK_NUMBER(answer.lease.address.number, bound.number);
    stop();
}

/* RFC 2131 §4.3.1, table 3, and §4.3.2; RFC 6842 for 61. */
static void a_nak_says_no_more_than_it_must(void)
{
    start(ANSWER_DHCP_SERVER);
    ask(DHCP_REQUEST);
    as_bios();
    asked.flags = 0;
    asked.giaddr.number = RELAY;
    dhcp_builder_put(&asked, DHCP_OPTION_CLIENT_ID, bytes_of("\x01\x02", 2));
    dhcp_builder_put(&asked, DHCP_OPTION_RELAY, bytes_of("\x01\x01x", 3));
    dhcp_builder_put(&asked, DHCP_OPTION_MACHINE_ID, bytes_of("\0abcdefghijklmnop", 17));
    dhcp_builder_put_ipv4(&asked, DHCP_OPTION_REQUESTED_ADDRESS, (struct ipv4){0xc0a80101});
    send();
    CHECK_NUMBER(reply.message_type, DHCP_NAK);
    CHECK(!ipv4_is_set(reply.yiaddr) && !ipv4_is_set(reply.ciaddr) && !ipv4_is_set(reply.siaddr));
    CHECK_NUMBER(answer.to.number, RELAY);
    CHECK(reply.flags & DHCP_FLAG_BROADCAST);
    static const uint8_t allowed[] = {53, 54, 56, 61, 82};
    size_t count = 0;
    for (int code = dhcp_option_next(&reply, -1); code >= 0; code = dhcp_option_next(&reply, code))
        CHECK_ROW(dhcp_option_name((uint8_t)code), count < LENGTH(allowed) && allowed[count++] == code);
    CHECK_NUMBER(count, LENGTH(allowed));
    stop();
}

static void a_renewal_from_a_far_network_is_of_the_clients_own_subnet(void)
{
    struct subnet *subnets = new_subnets();
    subnets[1].subnet = (struct ipv4_subnet){.network = {0x0a4e0000}, .prefix = 24};
    subnet_add_pool(&subnets[1], (struct address_range){.first = {0x0a4e0032}, .last = {0x0a4e0064}});
    start_with(ANSWER_DHCP_SERVER, subnets, 2);
    ask(DHCP_REQUEST);
    asked.giaddr.number = FAR_RELAY;
    dhcp_builder_put_ipv4(&asked, DHCP_OPTION_SERVER_ID, (struct ipv4){OUR_ADDRESS});
    dhcp_builder_put_ipv4(&asked, DHCP_OPTION_REQUESTED_ADDRESS, (struct ipv4){0x0a4e0040});
    send();
    CHECK_NUMBER(reply.message_type, DHCP_ACK);
    ask(DHCP_REQUEST);
    asked.flags = 0;
    asked.ciaddr.number = request.source.number = 0x0a4e0040;
    request.was_unicast = true;
    send();
    CHECK_NUMBER(reply.message_type, DHCP_ACK);
    CHECK_NUMBER(answer.way, ANSWER_DHCP_UNICAST);
    CHECK_NUMBER(answer.to.number, 0x0a4e0040);
    request.was_unicast = false;
    send();
    CHECK_NUMBER(reply.message_type, DHCP_NAK);
    stop();
}

static void a_decline_or_release_for_another_server_changes_nothing(void)
{
    start(ANSWER_DHCP_SERVER);
    struct ipv4 bound = take_address(1);
    for (int i = 0; i < 2; i++) {
        ask_as(1, i ? DHCP_DECLINE : DHCP_RELEASE);
        asked.ciaddr = bound;
        dhcp_builder_put_ipv4(&asked, DHCP_OPTION_REQUESTED_ADDRESS, bound);
        dhcp_builder_put_ipv4(&asked, DHCP_OPTION_SERVER_ID, (struct ipv4){OTHER_SERVER});
        send();
        CHECK(answer.way == ANSWER_DHCP_SILENT && !answer.has_lease);
    }
    stop();
}

static void a_client_that_declines_everything_is_believed_so_often(void)
{
    start(ANSWER_DHCP_SERVER);
    int believed = 0;
    for (int i = 0; i < 2 * LEASE_CLIENT_DECLINES_MAX; i++) {
        ask(DHCP_DISCOVER);
        send();
        struct ipv4 offered = reply.yiaddr;
        ask(DHCP_DECLINE);
        dhcp_builder_put_ipv4(&asked, DHCP_OPTION_SERVER_ID, (struct ipv4){OUR_ADDRESS});
        dhcp_builder_put_ipv4(&asked, DHCP_OPTION_REQUESTED_ADDRESS, offered);
        send();
        CHECK_NUMBER(answer.way, ANSWER_DHCP_SILENT);
        believed += answer.has_lease;
    }
    CHECK_NUMBER(believed, LEASE_CLIENT_DECLINES_MAX);
    CHECK_NUMBER(answer.weight, ANSWER_TROUBLE);
    CHECK_NUMBER(answer.about.number, 0x0a4d0032 + LEASE_CLIENT_DECLINES_MAX);
    CHECK_TEXT(answer.text,
               "DECLINE from an operating system on eth1: 10.77.0.55 ignored: it declined 5 addresses within "
               "600 s, so that the fault is likely its own");
    stop();
}

/* RFC 1534. */
static void a_bootp_client_gets_its_reservation_where_that_is_wanted(void)
{
    struct subnet *subnets = new_subnets();
    give_reservation(&subnets[0], reserve(RESERVATION_MAC, CLIENT_MAC.octets, 6, 0x0a4d0005));
    start_with(ANSWER_DHCP_SERVER, subnets, 1);
    for (int i = 0; i < 3; i++) {
        settings.bootp = i > 0;
        ask_as(i == 2 ? 9 : 0x56, DHCP_BOOTP);
        dhcp_builder_remove(&asked, DHCP_OPTION_MESSAGE_TYPE);
        static uint8_t memory[DHCP_REPLY_MAX];
        request.datagram = dhcp_builder_finish(&asked, memory);
        answer_dhcp(&answer, &settings, &request);
        CHECK_NUMBER(answer.way, i == 1 ? ANSWER_DHCP_BROADCAST : ANSWER_DHCP_SILENT);
        if (i != 1)
            continue;
        CHECK_NUMBER(dhcp_packet_parse(&reply, bytes_of(answer.reply, answer.reply_size), NULL), DHCP_OK);
        CHECK_NUMBER(answer.reply_size, 300);
        CHECK_NUMBER(reply.yiaddr.number, 0x0a4d0005);
        CHECK(!dhcp_option_is_present(&reply, DHCP_OPTION_MESSAGE_TYPE));
        CHECK(!dhcp_option_is_present(&reply, DHCP_OPTION_LEASE_TIME));
        CHECK(!dhcp_option_is_present(&reply, DHCP_OPTION_SERVER_ID));
        CHECK(dhcp_option_is_present(&reply, DHCP_OPTION_SUBNET_MASK));
    }
    stop();
}

/* RFC 951 §3: siaddr, sname and file are all that a ROM of BOOTP goes by. */
static void a_bootp_client_is_told_what_a_bios_boots(void)
{
    static const struct {
        const char *row;
        enum loader_choice loader;
        uint32_t siaddr;
        const char *sname, *file;
    } rows[] = {
        {"the default", LOADER_CHOICE_UNSET, OUR_ADDRESS, "10.77.0.1", "undionly.kpxe"},
        {"another loader", LOADER_CHOICE_PXELINUX, OUR_ADDRESS, "10.77.0.1", "pxelinux.0"},
        {"its disk", LOADER_CHOICE_NONE, 0, "", ""},
    };
    for (size_t i = 0; i < LENGTH(rows); i++) {
        struct subnet *subnets = new_subnets();
        give_reservation(&subnets[0], reserve(RESERVATION_MAC, CLIENT_MAC.octets, 6, 0x0a4d0005));
        start_with(ANSWER_DHCP_SERVER, subnets, 1);
        settings.bootp = true;
        settings.loader = rows[i].loader;
        ask(DHCP_BOOTP);
        dhcp_builder_remove(&asked, DHCP_OPTION_MESSAGE_TYPE);
        dhcp_builder_remove(&asked, DHCP_OPTION_PARAMETERS);
        static uint8_t memory[DHCP_REPLY_MAX];
        request.datagram = dhcp_builder_finish(&asked, memory);
        answer_dhcp(&answer, &settings, &request);
        CHECK_NUMBER(dhcp_packet_parse(&reply, bytes_of(answer.reply, answer.reply_size), NULL), DHCP_OK);
        CHECK_NUMBER(reply.siaddr.number, rows[i].siaddr);
        CHECK_TEXT(shown(reply.sname), rows[i].sname);
        CHECK_TEXT(shown(reply.file), rows[i].file);
        CHECK_NUMBER(answer.reply_size, 300);
        stop();
    }
}

static void messages_that_no_client_sends_are_met_with_silence(void)
{
    start(ANSWER_DHCP_SERVER);
    const uint8_t types[] = {DHCP_OFFER, DHCP_ACK, DHCP_NAK, DHCP_FORCERENEW, DHCP_LEASEQUERY, 14, 255};
    for (size_t i = 0; i < LENGTH(types); i++) {
        ask((enum dhcp_message_type)types[i]);
        asked.giaddr.number = RELAY;
        send();
        CHECK_ROW(dhcp_message_type_to_text(types[i]), answer.way == ANSWER_DHCP_SILENT);
    }
    stop();
}

/* RFC 3527 before RFC 3011 before giaddr. */
static void the_link_is_the_one_that_is_named(void)
{
    const struct {
        const char *row;
        uint32_t selected; /* by the relay's option */
        uint32_t option118;
        uint32_t giaddr;
        uint32_t network; /* 0: silence */
    } rows[] = {
        {"giaddr", 0, 0, FAR_RELAY, 0x0a4e0000},
        {"option 118", 0, 0x0a4d0000, FAR_RELAY, 0x0a4d0000},
        {"link selection", 0x0a4e0000, 0x0a4d0000, RELAY, 0x0a4e0000},
        {"an unknown giaddr", 0, 0, 0xc0a80101, 0},
        {"an unknown link", 0xc0a80100, 0, RELAY, 0},
        {"an unknown option 118", 0, 0xc0a80100, RELAY, 0},
    };
    struct subnet *subnets = new_subnets();
    subnets[1].subnet = (struct ipv4_subnet){.network = {0x0a4e0000}, .prefix = 24};
    subnet_add_pool(&subnets[1], (struct address_range){.first = {0x0a4e0032}, .last = {0x0a4e0064}});
    start_with(ANSWER_DHCP_SERVER, subnets, 2);
    for (size_t i = 0; i < LENGTH(rows); i++) {
        uint8_t option[6] = {5, 4};
        for (int k = 0; k < 4; k++)
            option[2 + k] = (uint8_t)(rows[i].selected >> (24 - 8 * k));
        ask_as((uint8_t)i, DHCP_DISCOVER);
        asked.giaddr.number = rows[i].giaddr;
        if (rows[i].selected)
            dhcp_builder_put(&asked, DHCP_OPTION_RELAY, bytes_of(option, sizeof option));
        if (rows[i].option118)
            dhcp_builder_put_ipv4(&asked, DHCP_OPTION_SUBNET_SELECTION, (struct ipv4){rows[i].option118});
        send();
        if (rows[i].network == 0) {
            CHECK_ROW(rows[i].row, answer.way == ANSWER_DHCP_SILENT && answer.weight == ANSWER_TROUBLE);
            CHECK_ROW(rows[i].row,
                      (strstr(answer.text, "for 192.168.1.0, which") != NULL) == (rows[i].giaddr == RELAY));
            CHECK_ROW(rows[i].row, answer.about.number >> 8 == 0xc0a801);
            continue;
        }
        CHECK_ROW(rows[i].row, (reply.yiaddr.number & 0xffffff00) == rows[i].network);
        CHECK_ROW(rows[i].row, answer.to.number == rows[i].giaddr && answer.to_port == DHCP_PORT_SERVER);
        CHECK_ROW(rows[i].row,
                  dhcp_option_is_present(&reply, DHCP_OPTION_SUBNET_SELECTION) == (rows[i].option118 != 0));
    }
    stop();
}

/* RFC 5107 §4: the relay stands in for the server, in what we say and in what comes back. */
static void a_relay_may_stand_in_for_the_server(void)
{
    static const uint8_t option[] = {11, 4, 10, 77, 0, 253};
    start(ANSWER_DHCP_SERVER);
    struct ipv4 offered = {0};
    for (int i = 0; i < 2; i++) {
        static uint8_t memory[DHCP_REPLY_MAX];
        ask(i ? DHCP_REQUEST : DHCP_DISCOVER);
        asked.giaddr.number = RELAY;
        dhcp_builder_put(&asked, DHCP_OPTION_RELAY, bytes_of(option, sizeof option));
        if (i) {
            dhcp_builder_put_ipv4(&asked, DHCP_OPTION_SERVER_ID, (struct ipv4){RELAY});
            dhcp_builder_put_ipv4(&asked, DHCP_OPTION_REQUESTED_ADDRESS, offered);
        }
        request.datagram = dhcp_builder_finish(&asked, memory);
        answer_dhcp(&answer, &settings, &request);
        CHECK_NUMBER(dhcp_packet_parse(&reply, bytes_of(answer.reply, answer.reply_size), NULL), DHCP_OK);
        CHECK_NUMBER(dhcp_option_ipv4(&reply, DHCP_OPTION_SERVER_ID).number, RELAY);
        CHECK_NUMBER(reply.message_type, i ? DHCP_ACK : DHCP_OFFER);
        offered = reply.yiaddr;
    }
    stop();
}

static void the_relays_option_is_the_last(void)
{
    start(ANSWER_DHCP_SERVER);
    ask(DHCP_DISCOVER);
    asked.giaddr.number = RELAY;
    dhcp_builder_put(&asked, DHCP_OPTION_RELAY, bytes_of("\x01\x03ge1", 5));
    send();
    uint8_t last = 0;
    for (size_t at = DHCP_HEADER_SIZE; answer.reply[at] != DHCP_OPTION_END; at += 2 + answer.reply[at + 1])
        last = answer.reply[at];
    CHECK_NUMBER(last, DHCP_OPTION_RELAY);
    stop();
}

/* Two subnets on one link: the second gives when the first has no more. */
static void the_other_subnet_of_a_link_gives_when_the_first_is_full(void)
{
    struct subnet *subnets = new_subnets();
    subnets[0].pool_count = 0;
    subnet_add_pool(&subnets[0], (struct address_range){.first = {0x0a4d0032}, .last = {0x0a4d0032}});
    subnets[1].subnet = (struct ipv4_subnet){.network = {0x0a4e0000}, .prefix = 24};
    subnets[1].router.number = FAR_RELAY;
    subnet_add_pool(&subnets[1], (struct address_range){.first = {0x0a4e0032}, .last = {0x0a4e0064}});
    subnets[0].link = memory_text("hall");
    subnets[1].link = memory_text("hall");
    start_with(ANSWER_DHCP_SERVER, subnets, 2);
    CHECK_NUMBER(take_address(1).number, 0x0a4d0032);
    struct ipv4 second = take_address(2);
    CHECK_NUMBER(second.number, 0x0a4e0032);
    CHECK_NUMBER(dhcp_option_ipv4(&reply, DHCP_OPTION_ROUTER).number, FAR_RELAY);
    ask_as(2, DHCP_DISCOVER);
    send();
    CHECK_NUMBER(reply.yiaddr.number, second.number);
    stop();
}

static void a_machine_is_recognised_by_what_it_is_reserved_by(void)
{
    static const uint8_t guid[17] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};
    struct subnet *subnets = new_subnets();
    give_reservation(&subnets[0], reserve(RESERVATION_CIRCUIT_ID, "ge1", 3, 0x0a4d0005));
    give_reservation(&subnets[0], reserve(RESERVATION_CLIENT_ID, "\0node", 5, 0x0a4d0006));
    give_reservation(&subnets[0], reserve(RESERVATION_UUID, guid + 1, 16, 0x0a4d0007));
    start_with(ANSWER_DHCP_SERVER, subnets, 1);
    ask_as(1, DHCP_DISCOVER);
    asked.giaddr.number = RELAY;
    dhcp_builder_put(&asked, DHCP_OPTION_RELAY, bytes_of("\x01\x03ge1", 5));
    send();
    CHECK_NUMBER(reply.yiaddr.number, 0x0a4d0005);
    ask_as(2, DHCP_DISCOVER);
    dhcp_builder_put(&asked, DHCP_OPTION_CLIENT_ID, bytes_of("\0node", 5));
    send();
    CHECK_NUMBER(reply.yiaddr.number, 0x0a4d0006);
    ask_as(3, DHCP_DISCOVER);
    as_bios();
    dhcp_builder_put(&asked, DHCP_OPTION_MACHINE_ID, bytes_of(guid, sizeof guid));
    send();
    CHECK_NUMBER(reply.yiaddr.number, 0x0a4d0007);
    stop();
}

static struct ipv4 take_address_on_circuit(uint8_t number)
{
    struct ipv4 offered = {0};
    for (int is_request = 0; is_request < 2; is_request++) {
        ask_as(number, is_request ? DHCP_REQUEST : DHCP_DISCOVER);
        asked.giaddr.number = RELAY;
        dhcp_builder_put(&asked, DHCP_OPTION_RELAY, bytes_of("\x01\x03ge1", 5));
        if (is_request) {
            dhcp_builder_put_ipv4(&asked, DHCP_OPTION_SERVER_ID, (struct ipv4){OUR_ADDRESS});
            dhcp_builder_put_ipv4(&asked, DHCP_OPTION_REQUESTED_ADDRESS, offered);
        }
        send();
        offered = reply.yiaddr;
    }
    return offered;
}

/* There is no pool, so that without it there would be nothing. */
static void the_machine_that_replaces_another_on_a_circuit_has_its_address(void)
{
    struct subnet *subnets = new_subnets();
    subnets[0].pool_count = 0;
    give_reservation(&subnets[0], reserve(RESERVATION_CIRCUIT_ID, "ge1", 3, 0x0a4d0005));
    start_with(ANSWER_DHCP_SERVER, subnets, 1);
    for (uint8_t round = 0; round < 4; round++) {
        CHECK_NUMBER(take_address_on_circuit((uint8_t)(1 + round % 2)).number, 0x0a4d0005);
        CHECK_NUMBER(reply.message_type, DHCP_ACK);
        CHECK_NUMBER(answer.weight, round < 2 ? ANSWER_FACT : ANSWER_TROUBLE);
    }
    CHECK_TEXT(answer.text, "REQUEST from an operating system on eth1 by relay 10.77.0.253: ack 10.77.0.5 for 3600 s "
                            "(taken back from 52:54:00:12:34:01, which had taken it over: two machines come by circuit "
                            "'ge1')");
    ask_as(1, DHCP_REQUEST);
    asked.ciaddr.number = request.source.number = 0x0a4d0005;
    request.was_unicast = true;
    send();
    CHECK_NUMBER(reply.message_type, DHCP_NAK);
    stop();
}

static void a_text_is_a_client_identifier_with_its_type_and_without(void)
{
    static const struct {
        const char *id;
        size_t size;
        bool is_it;
    } rows[] = {{"node", 4, true}, {"\0node", 5, true}, {"\1node", 5, false}, {"\0\0node", 6, false}};
    for (size_t i = 0; i < LENGTH(rows); i++) {
        struct subnet *subnets = new_subnets();
        give_reservation(&subnets[0], reserve(RESERVATION_CLIENT_ID, "node", 4, 0x0a4d0006));
        start_with(ANSWER_DHCP_SERVER, subnets, 1);
        ask_as(2, DHCP_DISCOVER);
        dhcp_builder_put(&asked, DHCP_OPTION_CLIENT_ID, bytes_of(rows[i].id, rows[i].size));
        send();
        CHECK_NUMBER(reply.yiaddr.number == 0x0a4d0006, rows[i].is_it);
        stop();
    }
}

static void machines_without_a_reservation_get_what_the_policy_says(void)
{
    struct subnet *subnets = new_subnets();
    give_reservation(&subnets[0], reserve(RESERVATION_MAC, CLIENT_MAC.octets, 6, 0x0a4d0005));
    start_with(ANSWER_DHCP_SERVER, subnets, 1);
    for (int policy = 0; policy < 3; policy++) {
        settings.unknown = (enum answer_dhcp_unknown)policy;
        ask(DHCP_DISCOVER);
        as_bios();
        send();
        CHECK_TEXT(shown(reply.file), "undionly.kpxe");
        ask_as(9, DHCP_DISCOVER);
        as_bios();
        send();
        CHECK_NUMBER(answer.way == ANSWER_DHCP_SILENT, policy == ANSWER_DHCP_UNKNOWN_IGNORE);
        CHECK_NUMBER(reply.file.size > 0, policy == ANSWER_DHCP_UNKNOWN_SERVE);
        ask_as(9, DHCP_INFORM);
        asked.ciaddr.number = 0x0a4d0009;
        send();
        CHECK_NUMBER(answer.way == ANSWER_DHCP_SILENT, policy == ANSWER_DHCP_UNKNOWN_IGNORE);
    }
    stop();
}

/* Its group knew it by the UUID of its firmware, until muster was started anew. */
static void an_operating_system_that_has_an_address_is_not_ignored(void)
{
    start(ANSWER_DHCP_SERVER);
    struct ipv4 address = take_address(9);
    settings.unknown = ANSWER_DHCP_UNKNOWN_IGNORE;
    for (int round = 0; round < 2; round++) {
        ask_as(9, DHCP_REQUEST);
        asked.ciaddr = address;
        send();
        CHECK_NUMBER(answer.way == ANSWER_DHCP_SILENT, round);
        ask_as(9, DHCP_DISCOVER);
        send();
        CHECK_NUMBER(answer.way == ANSWER_DHCP_SILENT, round);
        ask_as(9, DHCP_DISCOVER);
        as_bios();
        send();
        CHECK(answer.way == ANSWER_DHCP_SILENT);
        ask_as(8, DHCP_DISCOVER);
        send();
        CHECK(answer.way == ANSWER_DHCP_SILENT);
        struct lease freed;
        lease_free(&freed, settings.leases, address, request.now.wall_seconds, NULL);
        lease_freed(settings.leases, &freed, request.now.wall_seconds);
    }
    stop();
}

static void only_an_address_that_was_nobodys_is_asked_for_first(void)
{
    start(ANSWER_DHCP_SERVER);
    ask(DHCP_DISCOVER);
    send();
    CHECK(answer.is_fresh);
    take_address(0x56);
    ask(DHCP_DISCOVER);
    send();
    CHECK(!answer.is_fresh);
    CHECK(!ipv4_is_set(answer.relay));
    ask_as(9, DHCP_DISCOVER);
    asked.giaddr.number = RELAY;
    send();
    CHECK(answer.is_fresh);
    CHECK_NUMBER(answer.relay.number, RELAY);
    stop();
}

/* Which of two with one address answers a ping, nobody can say. */
static void a_reserved_address_is_asked_for_only_where_its_machine_is_told_from_others(void)
{
    for (int is_far = 0; is_far < 2; is_far++) {
        struct subnet *subnets = new_subnets();
        give_reservation(&subnets[0], reserve(RESERVATION_MAC, CLIENT_MAC.octets, 6, 0x0a4d0005));
        start_with(ANSWER_DHCP_SERVER, subnets, 1);
        ask(DHCP_DISCOVER);
        asked.giaddr.number = is_far ? RELAY : 0;
        send();
        CHECK_NUMBER(reply.yiaddr.number, 0x0a4d0005);
        CHECK_NUMBER(answer.is_fresh, !is_far);
        stop();
    }
}

static void a_machine_whose_reservation_moved_is_refused_its_old_address(void)
{
    start(ANSWER_DHCP_SERVER);
    struct ipv4 bound = take_address(0x56);
    struct subnet *subnets = new_subnets();
    give_reservation(&subnets[0], reserve(RESERVATION_MAC, CLIENT_MAC.octets, 6, 0x0a4d0005));
    struct lease_table *before = settings.leases;
    settings.leases = lease_table_create(subnets, 1);
    lease_table_adopt(settings.leases, before);
    lease_table_destroy(before);
    ask(DHCP_REQUEST);
    asked.ciaddr = request.source = bound;
    request.was_unicast = true;
    send();
    CHECK_NUMBER(reply.message_type, DHCP_NAK);
    ask(DHCP_DISCOVER);
    send();
    CHECK_NUMBER(reply.yiaddr.number, 0x0a4d0005);
    stop();
}

/* Option 57, and old clients that drop what is shorter than a BOOTP message. */
static void a_reply_is_neither_too_long_nor_too_short(void)
{
    static uint8_t octets[600];
    struct subnet *subnets = new_subnets();
    lease_options_put(&subnets[0].options, 224, bytes_of(octets, sizeof octets), true);
    start_with(ANSWER_DHCP_SERVER, subnets, 1);
    ask(DHCP_DISCOVER);
    send();
    CHECK(answer.reply_size <= 548 && !dhcp_option_is_present(&reply, 224));
    CHECK(dhcp_option_is_present(&reply, DHCP_OPTION_ROUTER));
    dhcp_builder_put_u16(&asked, DHCP_OPTION_MAX_SIZE, 1472);
    send();
    CHECK(answer.reply_size > 800 && dhcp_option(&reply, 224).size == sizeof octets);
    stop();
}

/* Firmware may take what is in file for the name of one, whatever option 52 says. */
static void an_operating_system_reads_options_in_file_and_sname(void)
{
    static uint8_t octets[100];
    for (int is_firmware = 0; is_firmware < 2; is_firmware++) {
        struct subnet *subnets = new_subnets();
        for (uint8_t code = 224; code < 227; code++)
            lease_options_put(&subnets[0].options, code, bytes_of(octets, sizeof octets), true);
        start_with(ANSWER_DHCP_SERVER, subnets, 1);
        ask(DHCP_DISCOVER);
        if (is_firmware)
            as_bios();
        send();
        CHECK(answer.reply_size <= 548);
        CHECK_NUMBER(dhcp_option_is_present(&reply, DHCP_OPTION_OVERLOAD), !is_firmware);
        CHECK_NUMBER(dhcp_option_is_present(&reply, 226), !is_firmware);
        CHECK_NUMBER(strstr(answer.text, "left out") != NULL, is_firmware);
        CHECK_TEXT(shown(reply.file), is_firmware ? "undionly.kpxe" : "");
        stop();
    }
}

/* A server with a foot in two networks may be asked at the address of one by way of the other. */
static void what_names_another_address_of_this_host_is_for_us(void)
{
    static const struct ipv4 own[] = {{OUR_ADDRESS}, {OTHER_SERVER}};
    for (size_t known = 0; known < 2; known++) {
        start(ANSWER_DHCP_SERVER);
        ask_as(1, DHCP_DISCOVER);
        send();
        struct ipv4 offered = reply.yiaddr;
        ask_as(1, DHCP_REQUEST);
        dhcp_builder_put_ipv4(&asked, DHCP_OPTION_SERVER_ID, (struct ipv4){OTHER_SERVER});
        dhcp_builder_put_ipv4(&asked, DHCP_OPTION_REQUESTED_ADDRESS, offered);
        request.own = own;
        request.own_count = 1 + known;
        send();
        CHECK((answer.way != ANSWER_DHCP_SILENT) == known);
        stop();
    }
}

/* Without a relay the client could have written them itself. */
static void link_and_server_of_option_82_count_from_a_relay_alone(void)
{
    struct subnet *subnets = new_subnets();
    ipv4_subnet_from_text(&subnets[1].subnet, "10.78.0.0/24");
    subnet_add_pool(&subnets[1], (struct address_range){{0x0a4e0032}, {0x0a4e0040}});
    start_with(ANSWER_DHCP_SERVER, subnets, 2);
    ask(DHCP_DISCOVER);
    dhcp_builder_put(&asked, DHCP_OPTION_RELAY, bytes_of("\x05\x04\x0a\x4e\x00\x00\x0b\x04\x0a\x4d\x00\xfe", 12));
    send();
    CHECK_NUMBER(reply.yiaddr.number >> 8, 0x0a4d00);
    CHECK_NUMBER(dhcp_option_ipv4(&reply, DHCP_OPTION_SERVER_ID).number, OUR_ADDRESS);
    CHECK_NUMBER(dhcp_option(&reply, DHCP_OPTION_RELAY).size, 12);
    stop();
}

/* RFC 3011 lets a client select its subnet; it may not choose the link that it is on. */
static void a_client_selects_among_the_subnets_of_its_own_link(void)
{
    for (int is_one_link = 0; is_one_link < 2; is_one_link++) {
        struct subnet *subnets = new_subnets();
        ipv4_subnet_from_text(&subnets[1].subnet, "10.78.0.0/24");
        subnet_add_pool(&subnets[1], (struct address_range){{0x0a4e0032}, {0x0a4e0040}});
        subnets[0].link = memory_text("hall");
        subnets[1].link = memory_text(is_one_link ? "hall" : "yard");
        start_with(ANSWER_DHCP_SERVER, subnets, 2);
        ask(DHCP_DISCOVER);
        dhcp_builder_put_ipv4(&asked, DHCP_OPTION_SUBNET_SELECTION, (struct ipv4){0x0a4e0000});
        send();
        CHECK_NUMBER(reply.yiaddr.number >> 8, is_one_link ? 0x0a4e00 : 0x0a4d00);
        CHECK_NUMBER(dhcp_option_is_present(&reply, DHCP_OPTION_SUBNET_SELECTION), is_one_link);
        stop();
    }
}

/* This host has no address in a network that it serves by relays alone. */
static void a_machine_of_a_far_network_releases_its_address_by_itself(void)
{
    struct subnet *subnets = memory_new(1, sizeof *subnets);
    ipv4_subnet_from_text(&subnets[0].subnet, "10.78.0.0/24");
    subnet_add_pool(&subnets[0], (struct address_range){{0x0a4e0032}, {0x0a4e0032}});
    start_with(ANSWER_DHCP_SERVER, subnets, 1);
    ask(DHCP_REQUEST);
    asked.giaddr.number = FAR_RELAY;
    dhcp_builder_put_ipv4(&asked, DHCP_OPTION_SERVER_ID, (struct ipv4){OUR_ADDRESS});
    dhcp_builder_put_ipv4(&asked, DHCP_OPTION_REQUESTED_ADDRESS, (struct ipv4){0x0a4e0032});
    send();
    CHECK_NUMBER(reply.message_type, DHCP_ACK);
    ask(DHCP_RELEASE);
    asked.ciaddr.number = 0x0a4e0032;
    request.was_unicast = true;
    send();
    CHECK(answer.has_lease && answer.lease.state == LEASE_FREE);
    stop();
}

static void who_informs_is_told_of_the_network_that_its_address_lies_in(void)
{
    struct subnet *subnets = new_subnets();
    ipv4_subnet_from_text(&subnets[1].subnet, "10.78.0.0/24");
    subnets[1].router.number = FAR_RELAY;
    subnet_add_pool(&subnets[1], (struct address_range){{0x0a4e0032}, {0x0a4e0040}});
    subnets[0].link = memory_text("both");
    subnets[1].link = memory_text("both");
    start_with(ANSWER_DHCP_SERVER, subnets, 2);
    ask(DHCP_INFORM);
    asked.ciaddr.number = 0x0a4e0007;
    send();
    CHECK_NUMBER(dhcp_option_ipv4(&reply, DHCP_OPTION_ROUTER).number, FAR_RELAY);
    CHECK_NUMBER(answer.to.number, 0x0a4e0007);
    asked.ciaddr.number = 0x0a4f0007;
    send();
    CHECK_NUMBER(reply.message_type, DHCP_ACK);
    CHECK_NUMBER(answer.to.number, 0x0a4f0007);
    CHECK(!dhcp_option_is_present(&reply, DHCP_OPTION_SUBNET_MASK));
    CHECK(!dhcp_option_is_present(&reply, DHCP_OPTION_BROADCAST));
    CHECK(!dhcp_option_is_present(&reply, DHCP_OPTION_ROUTER));
    stop();
}

/* RFC 2131 §4.1: what a relay passed on goes back to it, at the server's port. */
static void who_informs_by_a_relay_without_its_address_is_answered_at_the_relay(void)
{
    struct subnet *subnets = new_subnets();
    ipv4_subnet_from_text(&subnets[1].subnet, "10.78.0.0/24");
    subnets[1].router.number = FAR_RELAY;
    subnet_add_pool(&subnets[1], (struct address_range){{0x0a4e0032}, {0x0a4e0040}});
    start_with(ANSWER_DHCP_SERVER, subnets, 2);
    for (int has_address = 0; has_address < 2; has_address++) {
        ask(DHCP_INFORM);
        asked.flags = 0;
        asked.giaddr.number = FAR_RELAY;
        asked.ciaddr.number = has_address ? 0x0a4e0007 : 0;
        request.source.number = RELAY;
        send();
        CHECK_NUMBER(reply.message_type, DHCP_ACK);
        CHECK_NUMBER(reply.yiaddr.number, 0);
        CHECK_NUMBER(reply.flags, has_address ? 0 : DHCP_FLAG_BROADCAST);
        CHECK_NUMBER(answer.to.number, has_address ? 0x0a4e0007 : FAR_RELAY);
        CHECK_NUMBER(answer.to_port, has_address ? DHCP_PORT_CLIENT : DHCP_PORT_SERVER);
        CHECK_NUMBER(dhcp_option_ipv4(&reply, DHCP_OPTION_ROUTER).number, FAR_RELAY);
    }
    stop();
}

/* The address of the network it was in before. */
static void what_is_left_in_the_field_of_its_address_is_not_believed_of_who_looks_for_one(void)
{
    struct machine known;
    start(ANSWER_DHCP_SERVER);
    ask(DHCP_DISCOVER);
    as_bios();
    asked.ciaddr.number = 0xc0a80107;
    send();
    CHECK_NUMBER(reply.message_type, DHCP_OFFER);
    CHECK_NUMBER(reply.ciaddr.number, 0);
    CHECK_NUMBER(answer.way, ANSWER_DHCP_BROADCAST);
    CHECK(fleet_find(&known, settings.fleet, &CLIENT_MAC) && !ipv4_is_set(known.address));
    stop();
}

/* A renewal that is broadcast, as when the first half of the lease brought no answer. */
static void ask_to_rebind(uint8_t number, struct ipv4 address)
{
    ask_as(number, DHCP_REQUEST);
    asked.ciaddr = address;
    request.yields = true;
}

static void beside_another_server_those_on_the_link_only_keep_what_they_have(void)
{
    start(ANSWER_DHCP_SERVER);
    struct ipv4 bound = take_address(1);
    ask_to_rebind(1, bound);
    send();
    CHECK_NUMBER(reply.message_type, DHCP_ACK);
    ask_to_rebind(2, (struct ipv4){bound.number + 1});
    send();
    CHECK_NUMBER(answer.way, ANSWER_DHCP_SILENT);
    for (uint8_t number = 1; number <= 2; number++) {
        ask_as(number, DHCP_DISCOVER);
        request.yields = true;
        send();
        CHECK_NUMBER(answer.way, ANSWER_DHCP_SILENT);
        CHECK(strstr(answer.text, "no answer: another DHCP server gives the addresses on this link") != NULL);
        /* A relay on the same link tells of nobody else. */
        asked.giaddr = (struct ipv4){RELAY};
        send();
        CHECK_NUMBER(answer.way, ANSWER_DHCP_SILENT);
    }
    /* Meanwhile the other server gave it one too, of ours or of another network. */
    for (uint32_t other = 1; other <= 0x10001; other += 0x10000) {
        ask_to_rebind(1, (struct ipv4){bound.number + other});
        send();
        CHECK_NUMBER(answer.way, ANSWER_DHCP_SILENT);
    }
    ask_as(1, DHCP_RELEASE);
    asked.ciaddr = bound;
    request.yields = true;
    send();
    CHECK(answer.has_lease);
    stop();
}

static void beside_another_server_the_networks_behind_relays_are_served(void)
{
    struct subnet *subnets = new_subnets();
    subnets[1].subnet = (struct ipv4_subnet){.network = {0x0a4e0000}, .prefix = 24};
    subnets[1].lease_seconds = 3600;
    subnet_add_pool(&subnets[1], (struct address_range){.first = {0x0a4e0032}, .last = {0x0a4e0040}});
    start_with(ANSWER_DHCP_SERVER, subnets, 2);
    ask(DHCP_DISCOVER);
    request.yields = true;
    asked.giaddr = (struct ipv4){FAR_RELAY};
    send();
    CHECK_NUMBER(reply.message_type, DHCP_OFFER);
    CHECK_NUMBER(reply.yiaddr.number, 0x0a4e0032);
    stop();
}

int main(void)
{
    RUN(what_names_another_address_of_this_host_is_for_us);
    RUN(link_and_server_of_option_82_count_from_a_relay_alone);
    RUN(a_client_selects_among_the_subnets_of_its_own_link);
    RUN(a_machine_of_a_far_network_releases_its_address_by_itself);
    RUN(who_informs_is_told_of_the_network_that_its_address_lies_in);
    RUN(who_informs_by_a_relay_without_its_address_is_answered_at_the_relay);
    RUN(what_is_left_in_the_field_of_its_address_is_not_believed_of_who_looks_for_one);
    RUN(an_address_is_chosen_in_the_order_of_the_rfc);
    RUN(options_come_in_the_order_that_clients_need);
    RUN(only_what_was_asked_for_is_told_and_what_is_forced);
    RUN(an_option_asked_for_that_nobody_configured_is_not_made_up);
    RUN(classless_routes_are_sent_beside_the_router);
    RUN(firmware_is_told_by_us_alone_what_it_boots);
    RUN(a_reserved_machine_is_told_its_own_options);
    RUN(a_machine_that_waits_for_its_reservation_has_its_options_but_not_its_name);
    RUN(an_option_that_is_forced_for_all_is_forced_with_the_machines_own_value);
    RUN(an_option_without_a_value_is_not_told);
    RUN(a_lease_is_as_long_as_asked_within_its_bounds);
    RUN(an_infinite_lease_is_given_only_where_it_is_allowed);
    RUN(firmware_has_its_address_for_a_shorter_time);
    RUN(one_machine_keeps_its_address_through_all_stages);
    RUN(client_identifiers_tell_clients_apart_where_they_bind);
    RUN(a_client_that_is_known_by_its_identifier_is_called_by_it);
    RUN(a_client_without_a_mac_is_named_by_its_identifier);
    RUN(the_mac_of_many_machines_gets_no_answer);
    RUN(rapid_commit_is_answered_by_an_offer);
    RUN(a_full_pool_is_silent_and_says_so);
    RUN(selecting_what_another_has_is_refused);
    RUN(selecting_after_a_restart_is_acknowledged_if_the_address_is_free);
    RUN(selecting_another_server_frees_our_offer);
    RUN(rebooting_with_a_known_address_is_acknowledged);
    RUN(an_unknown_address_is_refused_by_an_authoritative_server_alone);
    RUN(a_client_that_names_an_address_has_none);
    RUN(a_request_that_is_repeated_is_answered_alike);
    RUN(a_nak_says_no_more_than_it_must);
    RUN(a_renewal_from_a_far_network_is_of_the_clients_own_subnet);
    RUN(a_decline_or_release_for_another_server_changes_nothing);
    RUN(a_client_that_declines_everything_is_believed_so_often);
    RUN(a_bootp_client_gets_its_reservation_where_that_is_wanted);
    RUN(a_bootp_client_is_told_what_a_bios_boots);
    RUN(messages_that_no_client_sends_are_met_with_silence);
    RUN(the_link_is_the_one_that_is_named);
    RUN(a_relay_may_stand_in_for_the_server);
    RUN(the_relays_option_is_the_last);
    RUN(the_other_subnet_of_a_link_gives_when_the_first_is_full);
    RUN(a_machine_is_recognised_by_what_it_is_reserved_by);
    RUN(the_machine_that_replaces_another_on_a_circuit_has_its_address);
    RUN(a_text_is_a_client_identifier_with_its_type_and_without);
    RUN(machines_without_a_reservation_get_what_the_policy_says);
    RUN(an_operating_system_that_has_an_address_is_not_ignored);
    RUN(only_an_address_that_was_nobodys_is_asked_for_first);
    RUN(a_reserved_address_is_asked_for_only_where_its_machine_is_told_from_others);
    RUN(a_machine_whose_reservation_moved_is_refused_its_old_address);
    RUN(a_reply_is_neither_too_long_nor_too_short);
    RUN(beside_another_server_those_on_the_link_only_keep_what_they_have);
    RUN(beside_another_server_the_networks_behind_relays_are_served);
    RUN(an_operating_system_reads_options_in_file_and_sname);
    return test_result();
}
