/* SPDX-License-Identifier: Apache-2.0 */
/* What the groups and profiles of the catalog say to the DHCP server: addresses, options, who is known. */
#include "answer/test-dhcp.h"
#include "boot/reservations.h"

#define GROUP_ADDRESS 0x0a4d0055

static struct catalog *catalog;
static struct group *group;
static struct profile *profile;

/* A catalog of one group and its profile, which are still to be filled, and a server. */
static void start_catalog(enum answer_dhcp_mode mode, struct subnet *take_subnets)
{
    start_with(mode, take_subnets, 1);
    catalog = catalog_create();
    group = group_create("node", "worker");
    profile = profile_create("worker");
}

static void select_on(const char *label, const char *value)
{
    labels_set(&group->selector, label, value);
}

static void give_address(uint32_t address)
{
    group->dhcp.address.number = address;
}

/* Ends the filling: the table knows what the groups give. */
static void seal(void)
{
    struct reservation *reservations;
    size_t count;
    struct faults faults = {0};
    catalog_take_group(catalog, group);
    catalog_take_profile(catalog, profile);
    catalog_seal(catalog);
    catalog_reservations(&reservations, &count, catalog, settings.leases, "data", &faults);
    CHECK_NUMBER(faults.count, 0);
    lease_table_reserve(settings.leases, RESERVATION_GROUP, reservations, count);
}

static void stop_catalog(void)
{
    stop();
    catalog_unref(catalog);
}

static void ask_catalog(enum dhcp_message_type type)
{
    ask(type);
    request.catalog = catalog;
}

static void ask_as(uint8_t number, enum dhcp_message_type type)
{
    ask_catalog(type);
    asked.chaddr.octets[5] = number;
}

static bool says(uint8_t code, const char *octets, size_t size)
{
    return bytes_equal(dhcp_option(&reply, code), bytes_of(octets, size));
}

static void a_group_gives_its_machine_an_address_and_options(void)
{
    start_catalog(ANSWER_DHCP_SERVER, new_subnets());
    select_on("mac", "52:54:00:12:34:56");
    give_address(GROUP_ADDRESS);
    group->dhcp.terms.lease_seconds = 900;
    lease_options_put(&group->dhcp.terms.options, DHCP_OPTION_HOSTNAME, bytes_of_text("node1"), false);
    seal();
    ask_catalog(DHCP_DISCOVER);
    send();
    CHECK_NUMBER(reply.yiaddr.number, GROUP_ADDRESS);
    CHECK(says(DHCP_OPTION_HOSTNAME, "node1", 5));
    ask_catalog(DHCP_REQUEST);
    dhcp_builder_put_ipv4(&asked, DHCP_OPTION_SERVER_ID, (struct ipv4){OUR_ADDRESS});
    dhcp_builder_put_ipv4(&asked, DHCP_OPTION_REQUESTED_ADDRESS, (struct ipv4){GROUP_ADDRESS});
    send();
    CHECK_NUMBER(reply.message_type, DHCP_ACK);
    CHECK(says(DHCP_OPTION_LEASE_TIME, "\x00\x00\x03\x84", 4));
    CHECK_NUMBER(answer.lease.expires, request.now.wall_seconds + 900);
    stop_catalog();
}

static void the_address_of_a_group_is_given_to_nobody_else(void)
{
    start_catalog(ANSWER_DHCP_SERVER, new_subnets());
    select_on("mac", "52:54:00:12:34:56");
    give_address(GROUP_ADDRESS);
    seal();
    ask_as(9, DHCP_DISCOVER);
    dhcp_builder_put_ipv4(&asked, DHCP_OPTION_REQUESTED_ADDRESS, (struct ipv4){GROUP_ADDRESS});
    send();
    CHECK(reply.yiaddr.number != GROUP_ADDRESS && reply.yiaddr.number != 0);
    ask_as(9, DHCP_REQUEST);
    dhcp_builder_put_ipv4(&asked, DHCP_OPTION_SERVER_ID, (struct ipv4){OUR_ADDRESS});
    dhcp_builder_put_ipv4(&asked, DHCP_OPTION_REQUESTED_ADDRESS, (struct ipv4){GROUP_ADDRESS});
    send();
    CHECK_NUMBER(reply.message_type, DHCP_NAK);
    stop_catalog();
}

/* Its firmware names the UUID that the group selects on, its operating system does not. */
static void a_machine_known_by_its_uuid_keeps_its_address_in_its_system(void)
{
    start_catalog(ANSWER_DHCP_SERVER, new_subnets());
    select_on("uuid", "04030201-0605-0807-090a-0b0c0d0e0f10");
    give_address(GROUP_ADDRESS);
    seal();
    ask_catalog(DHCP_REQUEST);
    as_bios();
    dhcp_builder_put(&asked, DHCP_OPTION_MACHINE_ID, bytes_of("\0\1\2\3\4\5\6\7\10\11\12\13\14\15\16\17\20", 17));
    dhcp_builder_put_ipv4(&asked, DHCP_OPTION_SERVER_ID, (struct ipv4){OUR_ADDRESS});
    dhcp_builder_put_ipv4(&asked, DHCP_OPTION_REQUESTED_ADDRESS, (struct ipv4){GROUP_ADDRESS});
    send();
    CHECK_NUMBER(reply.message_type, DHCP_ACK);
    for (int restarted = 0; restarted < 2; restarted++) {
        ask_catalog(DHCP_DISCOVER);
        send();
        CHECK_NUMBER(reply.yiaddr.number, GROUP_ADDRESS);
        ask_catalog(DHCP_REQUEST);
        asked.ciaddr.number = GROUP_ADDRESS;
        send();
        CHECK_NUMBER(reply.message_type, DHCP_ACK);
        /* What was seen of machines does not survive a restart, leases do. */
        fleet_destroy(settings.fleet);
        settings.fleet = fleet_create();
    }
    stop_catalog();
}

/* Of router, domain and MTU each level says more. */
static void what_is_said_of_fewer_machines_holds(void)
{
    struct subnet *subnets = new_subnets();
    subnets[0].domain = memory_text("subnet.example");
    lease_options_put(&subnets[0].options, DHCP_OPTION_MTU, bytes_of("\x05\x00", 2), true);
    lease_options_put(&subnets[0].options, DHCP_OPTION_NTP, bytes_of("\1\1\1\1", 4), true);
    start_catalog(ANSWER_DHCP_SERVER, subnets);
    lease_options_put(&profile->dhcp.options, DHCP_OPTION_NTP, bytes_of("\2\2\2\2", 4), true);
    lease_options_put(&profile->dhcp.options, DHCP_OPTION_DOMAIN, bytes_of_text("profile.example"), false);
    profile->dhcp.lease_seconds = 1200;
    lease_options_put(&group->dhcp.terms.options, DHCP_OPTION_DOMAIN, bytes_of_text("group.example"), false);
    seal();
    ask_catalog(DHCP_DISCOVER);
    send();
    CHECK(says(DHCP_OPTION_MTU, "\x05\x00", 2));
    CHECK(says(DHCP_OPTION_NTP, "\2\2\2\2", 4));
    CHECK(says(DHCP_OPTION_DOMAIN, "group.example", 13));
    CHECK(says(DHCP_OPTION_LEASE_TIME, "\x00\x00\x04\xb0", 4));
    stop_catalog();
}

static void a_reservation_holds_before_a_group(void)
{
    struct subnet *subnets = new_subnets();
    subnets[0].reservations = memory_new(1, sizeof(struct reservation));
    subnets[0].reservation_count = 1;
    subnets[0].reservations[0] = (struct reservation){.id_size = 6, .address = {0x0a4d0005}};
    memcpy(subnets[0].reservations[0].id, CLIENT_MAC.octets, 6);
    subnets[0].reservations[0].hostname = memory_text("reserved");
    start_catalog(ANSWER_DHCP_SERVER, subnets);
    lease_options_put(&group->dhcp.terms.options, DHCP_OPTION_HOSTNAME, bytes_of_text("grouped"), false);
    lease_options_put(&group->dhcp.terms.options, DHCP_OPTION_DOMAIN, bytes_of_text("group.example"), false);
    seal();
    ask_catalog(DHCP_DISCOVER);
    send();
    CHECK_NUMBER(reply.yiaddr.number, 0x0a4d0005);
    CHECK(says(DHCP_OPTION_HOSTNAME, "reserved", 8));
    CHECK(says(DHCP_OPTION_DOMAIN, "group.example", 13));
    stop_catalog();
}

static void a_router_on_another_network_is_not_told(void)
{
    start_catalog(ANSWER_DHCP_SERVER, new_subnets());
    lease_options_put(&group->dhcp.terms.options, DHCP_OPTION_ROUTER, bytes_of("\x0a\x58\x00\x01", 4), false);
    seal();
    ask_catalog(DHCP_DISCOVER);
    send();
    CHECK(says(DHCP_OPTION_ROUTER, "\x0a\x4d\x00\x01", 4));
    stop_catalog();
}

/* RFC 5071: PXELINUX finds its options in what the ROM was told, which asks for none of them. */
static void options_of_pxelinux_are_told_to_firmware_unasked(void)
{
    start_catalog(ANSWER_DHCP_SERVER, new_subnets());
    lease_options_put(&group->dhcp.terms.options, DHCP_OPTION_PATH_PREFIX, bytes_of_text("/node/"), false);
    lease_options_put(&profile->dhcp.options, DHCP_OPTION_CONFIG_FILE, bytes_of_text("worker.cfg"), false);
    seal();
    for (int is_firmware = 0; is_firmware < 2; is_firmware++) {
        ask_catalog(DHCP_DISCOVER);
        if (is_firmware)
            as_bios();
        send();
        CHECK(says(DHCP_OPTION_PATH_PREFIX, "/node/", is_firmware ? 6 : 0));
        CHECK(says(DHCP_OPTION_CONFIG_FILE, "worker.cfg", is_firmware ? 10 : 0));
    }
    stop_catalog();
}

/* Some clients of Microsoft end their texts in NUL and drop one that does not. */
static void a_text_is_ended_as_the_client_ends_its_own(void)
{
    start_catalog(ANSWER_DHCP_SERVER, new_subnets());
    lease_options_put(&group->dhcp.terms.options, DHCP_OPTION_DOMAIN, bytes_of_text("group.example"), false);
    seal();
    ask_catalog(DHCP_DISCOVER);
    dhcp_builder_put(&asked, DHCP_OPTION_HOSTNAME, bytes_of("me", 3));
    send();
    CHECK(says(DHCP_OPTION_DOMAIN, "group.example", 14));
    stop_catalog();
}

static void a_group_makes_its_machines_known(void)
{
    static const struct {
        const char *row;
        const char *label; /* NULL: a group without selectors */
        const char *value;
        bool is_known;
    } rows[] = {
        {"for everybody", NULL, NULL, false},
        {"by its architecture", "platform", "pcbios", false},
        {"by its MAC address", "mac", "52:54:00:12:34:56", true},
        {"by having no MAC address", "mac", "", false},
    };
    for (size_t i = 0; i < LENGTH(rows); i++) {
        start_catalog(ANSWER_DHCP_SERVER, new_subnets());
        if (rows[i].label)
            select_on(rows[i].label, rows[i].value);
        seal();
        settings.unknown = ANSWER_DHCP_UNKNOWN_IGNORE;
        ask_catalog(DHCP_DISCOVER);
        as_bios();
        send();
        CHECK_ROW(rows[i].row, (answer.way != ANSWER_DHCP_SILENT) == rows[i].is_known);
        stop_catalog();
    }
}

static void a_pattern_of_mac_addresses_makes_known_too(void)
{
    start_catalog(ANSWER_DHCP_SERVER, new_subnets());
    group_take_condition(group, "mac", selector_create_glob("52:54:00:*"));
    seal();
    settings.unknown = ANSWER_DHCP_UNKNOWN_IGNORE;
    ask_catalog(DHCP_DISCOVER);
    send();
    CHECK_NUMBER(reply.message_type, DHCP_OFFER);
    ask_catalog(DHCP_DISCOVER);
    asked.chaddr = (struct mac){6, {0x00, 0x11, 0x22, 0x33, 0x44, 0x55}};
    send();
    CHECK_NUMBER(answer.way, ANSWER_DHCP_SILENT);
    stop_catalog();
}

/* Whether it asks for an address, beside another server, or on port 4011. */
static void an_unknown_machine_is_told_nothing_to_boot_wherever_it_asks(void)
{
    static const struct {
        const char *row;
        enum answer_dhcp_mode mode;
        uint16_t port;
        enum dhcp_message_type type;
        enum answer_dhcp_unknown unknown;
        bool is_answered;
    } rows[] = {
        {"server", ANSWER_DHCP_SERVER, 67, DHCP_DISCOVER, ANSWER_DHCP_UNKNOWN_ADDRESS, true},
        {"server, nothing", ANSWER_DHCP_SERVER, 67, DHCP_DISCOVER, ANSWER_DHCP_UNKNOWN_IGNORE, false},
        {"4011", ANSWER_DHCP_SERVER, 4011, DHCP_REQUEST, ANSWER_DHCP_UNKNOWN_ADDRESS, false},
        {"proxy", ANSWER_DHCP_PROXY, 67, DHCP_DISCOVER, ANSWER_DHCP_UNKNOWN_ADDRESS, false},
        {"proxy, nothing", ANSWER_DHCP_PROXY, 67, DHCP_DISCOVER, ANSWER_DHCP_UNKNOWN_IGNORE, false},
    };
    for (size_t i = 0; i < LENGTH(rows); i++)
        for (int is_known = 0; is_known < 2; is_known++) {
            start_catalog(rows[i].mode, new_subnets());
            if (is_known)
                select_on("mac", "52:54:00:12:34:56");
            seal();
            settings.unknown = rows[i].unknown;
            ask_catalog(rows[i].type);
            as_bios();
            request.port = rows[i].port;
            request.source.number = 0x0a4d0060;
            send();
            CHECK_ROW(rows[i].row, (answer.way != ANSWER_DHCP_SILENT) == (is_known || rows[i].is_answered));
            CHECK_ROW(rows[i].row, (reply.file.size > 0 && reply.file.data[0] != 0) == is_known);
            stop_catalog();
        }
}

/* A renewal goes to the server by itself, past the relay that told the circuit. */
static void a_machine_known_by_its_circuit_renews_without_the_relay(void)
{
    struct subnet *subnets = new_subnets();
    subnets[0].reservations = memory_new(1, sizeof(struct reservation));
    subnets[0].reservation_count = 1;
    subnets[0].reservations[0] =
        (struct reservation){.kind = RESERVATION_CIRCUIT_ID, .id = "port1", .id_size = 5, .address = {GROUP_ADDRESS}};
    start_with(ANSWER_DHCP_SERVER, subnets, 1);
    ask(DHCP_REQUEST);
    asked.giaddr.number = 0x0a4d00fd;
    dhcp_builder_put(&asked, DHCP_OPTION_RELAY, bytes_of("\1\5port1", 7));
    dhcp_builder_put_ipv4(&asked, DHCP_OPTION_SERVER_ID, (struct ipv4){OUR_ADDRESS});
    dhcp_builder_put_ipv4(&asked, DHCP_OPTION_REQUESTED_ADDRESS, (struct ipv4){GROUP_ADDRESS});
    send();
    CHECK_NUMBER(reply.message_type, DHCP_ACK);
    ask(DHCP_REQUEST);
    asked.ciaddr.number = GROUP_ADDRESS;
    request.was_unicast = true;
    send();
    CHECK_NUMBER(reply.message_type, DHCP_ACK);
    stop();
}

/* Its firmware only looked for an address, so that no lease tells of it either. */
static void what_firmware_said_of_a_machine_holds_for_its_system(void)
{
    static const uint8_t option_97[] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};
    struct subnet *subnets = new_subnets();
    subnets[0].reservations = memory_new(1, sizeof(struct reservation));
    subnets[0].reservation_count = 1;
    subnets[0].reservations[0] =
        (struct reservation){.kind = RESERVATION_UUID, .id_size = 16, .address = {GROUP_ADDRESS}};
    memcpy(subnets[0].reservations[0].id, option_97 + 1, 16);
    start_with(ANSWER_DHCP_SERVER, subnets, 1);
    ask_as(7, DHCP_INFORM);
    as_bios();
    asked.ciaddr.number = 0x0a4d0060;
    dhcp_builder_put(&asked, DHCP_OPTION_MACHINE_ID, bytes_of(option_97, sizeof option_97));
    request.catalog = NULL;
    send();
    ask_as(7, DHCP_DISCOVER);
    request.catalog = NULL;
    send();
    CHECK_NUMBER(reply.yiaddr.number, GROUP_ADDRESS);
    stop();
}

int main(void)
{
    RUN(what_firmware_said_of_a_machine_holds_for_its_system);
    RUN(a_group_gives_its_machine_an_address_and_options);
    RUN(the_address_of_a_group_is_given_to_nobody_else);
    RUN(a_machine_known_by_its_uuid_keeps_its_address_in_its_system);
    RUN(what_is_said_of_fewer_machines_holds);
    RUN(a_reservation_holds_before_a_group);
    RUN(a_router_on_another_network_is_not_told);
    RUN(options_of_pxelinux_are_told_to_firmware_unasked);
    RUN(a_text_is_ended_as_the_client_ends_its_own);
    RUN(a_group_makes_its_machines_known);
    RUN(a_pattern_of_mac_addresses_makes_known_too);
    RUN(an_unknown_machine_is_told_nothing_to_boot_wherever_it_asks);
    RUN(a_machine_known_by_its_circuit_renews_without_the_relay);
    return test_result();
}
