/* SPDX-License-Identifier: Apache-2.0 */
/* Building DHCP messages: order, lengths, limits, and the way back. */
#include "proto/dhcp/builder.h"

#include "proto/dhcp/pxe.h"
#include "proto/dhcp/test-packets.h"
#include "test.h"

static struct message message;
static struct dhcp_packet request, reply;
static struct dhcp_builder builder;
static uint8_t buffer[DHCP_REPLY_MAX];

/* Reads the request that message holds and starts the offer to it. */
static void begin_offer(void)
{
    CHECK_NUMBER(dhcp_packet_parse(&request, message_end(&message), NULL), DHCP_OK);
    dhcp_builder_init_reply(&builder, &request, DHCP_OFFER);
}

/* Finishes the offer and reads it back. */
static struct bytes finish_offer(void)
{
    struct bytes octets = dhcp_builder_finish(&builder, buffer);
    CHECK_NUMBER(dhcp_packet_parse(&reply, octets, NULL), DHCP_OK);
    return octets;
}

/* The codes of the options in the order they stand, as "53 54 1". */
static void order_to_text(struct text *ret, struct bytes octets)
{
    struct reader r = reader_over(bytes_slice(octets, DHCP_HEADER_SIZE, octets.size));
    for (uint8_t code = read_u8(&r); !r.failed && code != DHCP_OPTION_END; code = read_u8(&r)) {
        text_print(ret, "%s%u", ret->length > 0 ? " " : "", code);
        read_bytes(&r, read_u8(&r));
    }
    CHECK(!r.failed);
}

static void a_reply_takes_over_what_the_request_says(void)
{
    discover_begin(&message);
    message.octets[3] = 3;                          /* hops */
    memcpy(message.octets + 12, "\x0a\0\0\x09", 4); /* ciaddr */
    memcpy(message.octets + 24, "\x0a\0\0\x01", 4); /* giaddr */
    begin_offer();
    builder.yiaddr = (struct ipv4){0x0a000005};
    builder.siaddr = (struct ipv4){0x0a000006};
    finish_offer();
    CHECK_NUMBER(reply.operation, DHCP_BOOTREPLY);
    CHECK_NUMBER(reply.message_type, DHCP_OFFER);
    CHECK_NUMBER(reply.htype, 1);
    CHECK_NUMBER(reply.hops, 0);
    CHECK_NUMBER(reply.xid, XID);
    CHECK_NUMBER(reply.secs, 0);
    CHECK_NUMBER(reply.flags, DHCP_FLAG_BROADCAST);
    CHECK_NUMBER(reply.ciaddr.number, 0);
    CHECK_NUMBER(reply.yiaddr.number, 0x0a000005);
    CHECK_NUMBER(reply.siaddr.number, 0x0a000006);
    CHECK_NUMBER(reply.giaddr.number, 0x0a000001);
    CHECK(mac_equal(&reply.chaddr, &request.chaddr));
}

static void a_guid_for_a_hardware_address_goes_back_whole(void)
{
    discover_begin(&message);
    message.octets[1] = 255;
    message.octets[2] = 16;
    memset(message.octets + 28, 0xab, DHCP_CHADDR_SIZE);
    begin_offer();
    finish_offer();
    CHECK(reply.htype == 255 && reply.chaddr.size == 16 && reply.chaddr.octets[15] == 0xab);
}

static void a_short_reply_is_filled_up_to_300_octets(void)
{
    discover_begin(&message);
    begin_offer();
    struct bytes octets = finish_offer();
    CHECK_NUMBER(octets.size, DHCP_REPLY_MIN);
    CHECK_NUMBER(octets.data[DHCP_HEADER_SIZE + 3], DHCP_OPTION_END);
    for (size_t i = DHCP_HEADER_SIZE + 4; i < octets.size; i++)
        CHECK(octets.data[i] == 0);
}

static void options_stand_in_the_order_that_old_roms_expect(void)
{
    struct writer *w = discover_begin(&message);
    WRITE_OPTION(w, DHCP_OPTION_RELAY, "\x01\x01x");
    WRITE_OPTION(w, DHCP_OPTION_CLIENT_ID, "\x01\x52\x54\x00\x00\x00\x01");
    WRITE_OPTION(w, DHCP_OPTION_MACHINE_ID, "0123456789abcdef");
    begin_offer();
    const struct ipv4 address = {0x0a000001};
    dhcp_builder_echo(&builder, &request, DHCP_OPTION_RELAY);
    dhcp_builder_put(&builder, DHCP_OPTION_VENDOR, dhcp_pxe_bypass());
    dhcp_builder_put_text(&builder, DHCP_OPTION_CONFIG_FILE, "pxelinux.cfg/x");
    dhcp_builder_echo(&builder, &request, DHCP_OPTION_MACHINE_ID);
    dhcp_builder_echo(&builder, &request, DHCP_OPTION_CLIENT_ID);
    dhcp_builder_put_text(&builder, DHCP_OPTION_VENDOR_CLASS, "PXEClient");
    dhcp_builder_put_text(&builder, DHCP_OPTION_HOSTNAME, "node1");
    dhcp_builder_put_text(&builder, DHCP_OPTION_DOMAIN, "example.com");
    dhcp_builder_put_ipv4_list(&builder, DHCP_OPTION_DNS, &address, 1);
    dhcp_builder_put_ipv4_list(&builder, DHCP_OPTION_ROUTER, &address, 1);
    dhcp_builder_put_ipv4(&builder, DHCP_OPTION_BROADCAST, address);
    dhcp_builder_put_ipv4(&builder, DHCP_OPTION_SUBNET_MASK, address);
    dhcp_builder_put_u32(&builder, DHCP_OPTION_REBINDING_TIME, 3150);
    dhcp_builder_put_u32(&builder, DHCP_OPTION_RENEWAL_TIME, 1800);
    dhcp_builder_put_u32(&builder, DHCP_OPTION_LEASE_TIME, 3600);
    dhcp_builder_put_ipv4(&builder, DHCP_OPTION_SERVER_ID, address);
    dhcp_builder_put_u16(&builder, DHCP_OPTION_MTU, 1500);
    AUTO(text_finish) struct text order = {0};
    order_to_text(&order, finish_offer());
    CHECK_TEXT(text_characters(&order), "53 54 51 58 59 1 28 3 6 15 12 61 60 97 43 26 209 82");
    CHECK_NUMBER(builder.dropped_count, 0);
}

static void an_option_put_again_is_replaced(void)
{
    discover_begin(&message);
    begin_offer();
    dhcp_builder_put_u32(&builder, DHCP_OPTION_LEASE_TIME, 1);
    dhcp_builder_put_u32(&builder, DHCP_OPTION_LEASE_TIME, 2);
    dhcp_builder_put_u16(&builder, DHCP_OPTION_MTU, 9000);
    dhcp_builder_remove(&builder, DHCP_OPTION_MTU);
    finish_offer();
    uint32_t seconds = 0;
    CHECK(dhcp_option_u32(&seconds, &reply, DHCP_OPTION_LEASE_TIME) && seconds == 2);
    CHECK(!dhcp_option_is_present(&reply, DHCP_OPTION_MTU));
}

static void echoes_are_verbatim_and_only_of_what_was_sent(void)
{
    struct writer *w = discover_begin(&message);
    WRITE_OPTION(w, DHCP_OPTION_MACHINE_ID, "");
    WRITE_OPTION(w, DHCP_OPTION_CLIENT_ID, "x");
    WRITE_OPTION(w, DHCP_OPTION_RELAY, "\x01");
    begin_offer();
    dhcp_builder_echo(&builder, &request, DHCP_OPTION_MACHINE_ID);
    dhcp_builder_echo(&builder, &request, DHCP_OPTION_CLIENT_ID);
    dhcp_builder_echo(&builder, &request, DHCP_OPTION_RELAY);
    dhcp_builder_echo(&builder, &request, DHCP_OPTION_USER_CLASS);
    finish_offer();
    CHECK(!dhcp_option_is_present(&reply, DHCP_OPTION_MACHINE_ID));
    CHECK(bytes_equal_text(dhcp_option(&reply, DHCP_OPTION_CLIENT_ID), "x"));
    CHECK(bytes_equal_text(dhcp_option(&reply, DHCP_OPTION_RELAY), "\x01"));
    CHECK(!dhcp_option_is_present(&reply, DHCP_OPTION_USER_CLASS));
}

static void server_and_file_end_in_a_nul_that_counts(void)
{
    discover_begin(&message);
    begin_offer();
    dhcp_builder_put_text(&builder, DHCP_OPTION_TFTP_SERVER, "10.0.0.1");
    dhcp_builder_put_text(&builder, DHCP_OPTION_BOOT_FILE, "ipxe.efi");
    dhcp_builder_put_text(&builder, DHCP_OPTION_HOSTNAME, "node1");
    dhcp_builder_put_text(&builder, DHCP_OPTION_DOMAIN, "");
    dhcp_builder_put_text(&builder, DHCP_OPTION_MESSAGE, NULL);
    finish_offer();
    CHECK(bytes_equal(dhcp_option(&reply, DHCP_OPTION_TFTP_SERVER), bytes_of("10.0.0.1", 9)));
    CHECK(bytes_equal(dhcp_option(&reply, DHCP_OPTION_BOOT_FILE), bytes_of("ipxe.efi", 9)));
    CHECK(bytes_equal_text(dhcp_option(&reply, DHCP_OPTION_HOSTNAME), "node1"));
    CHECK(!dhcp_option_is_present(&reply, DHCP_OPTION_DOMAIN));
    CHECK(!dhcp_option_is_present(&reply, DHCP_OPTION_MESSAGE));
}

static void a_client_that_terminates_its_texts_gets_them_terminated(void)
{
    WRITE_OPTION(discover_begin(&message), DHCP_OPTION_VENDOR_CLASS, "MSFT 98\0");
    begin_offer();
    dhcp_builder_put_text(&builder, DHCP_OPTION_DOMAIN, "example.com");
    finish_offer();
    CHECK(bytes_equal(dhcp_option(&reply, DHCP_OPTION_DOMAIN), bytes_of("example.com", 12)));
}

static void a_file_name_goes_where_it_fits(void)
{
    char name[300];
    memset(name, 'n', sizeof name);
    const struct {
        size_t length;
        bool is_set, in_header;
    } rows[] = {{1, true, true}, {127, true, true}, {128, true, false}, {254, true, false}, {255, false, false}};
    for (size_t i = 0; i < LENGTH(rows); i++) {
        discover_begin(&message);
        begin_offer();
        name[rows[i].length] = '\0';
        CHECK(dhcp_builder_set_file(&builder, name) == rows[i].is_set);
        finish_offer();
        struct bytes file = dhcp_option_text(&reply, DHCP_OPTION_BOOT_FILE);
        CHECK_NUMBER(reply.file.size, rows[i].in_header ? rows[i].length : 0);
        CHECK_NUMBER(file.size, rows[i].is_set && !rows[i].in_header ? rows[i].length : 0);
        name[rows[i].length] = 'n';
    }
}

static void a_server_name_leaves_room_for_its_nul(void)
{
    char name[65] = "";
    discover_begin(&message);
    begin_offer();
    memset(name, 's', 63);
    CHECK(dhcp_builder_set_sname(&builder, name));
    memset(name, 't', 64);
    CHECK(!dhcp_builder_set_sname(&builder, name));
    finish_offer();
    CHECK(reply.sname.size == 63 && reply.sname.data[0] == 's');
}

static void the_limit_is_what_the_client_takes(void)
{
    const struct {
        uint16_t told;
        size_t reply_max;
    } rows[] = {{0, 548}, {300, 548}, {576, 548}, {577, 549}, {1260, 1232}, {1472, 1444}, {1500, 1472}, {65535, 1472}};
    for (size_t i = 0; i < LENGTH(rows); i++) {
        const uint8_t octets[] = {(uint8_t)(rows[i].told >> 8), (uint8_t)rows[i].told};
        write_option_of(discover_begin(&message), DHCP_OPTION_MAX_SIZE, octets, sizeof octets);
        begin_offer();
        CHECK_NUMBER(builder.size_max, rows[i].reply_max);
    }
    discover_begin(&message);
    begin_offer();
    CHECK_NUMBER(builder.size_max, 548);
}

static void a_value_of_more_than_255_octets_is_split(void)
{
    const size_t sizes[] = {254, 255, 256, 509, 510, 511, 1000};
    uint8_t value[1000];
    for (size_t i = 0; i < sizeof value; i++)
        value[i] = (uint8_t)(i * 7);
    for (size_t i = 0; i < LENGTH(sizes); i++) {
        WRITE_OPTION(discover_begin(&message), DHCP_OPTION_MAX_SIZE, "\x05\xdc");
        begin_offer();
        dhcp_builder_put(&builder, DHCP_OPTION_DOMAIN_SEARCH, bytes_of(value, sizes[i]));
        finish_offer();
        CHECK(bytes_equal(dhcp_option(&reply, DHCP_OPTION_DOMAIN_SEARCH), bytes_of(value, sizes[i])));
    }
}

static void the_least_important_options_are_dropped_and_named(void)
{
    static const char filler[200] = "";
    const struct ipv4 address = {0x0a000001};
    discover_begin(&message);
    begin_offer();
    dhcp_builder_put_ipv4(&builder, DHCP_OPTION_SERVER_ID, address);
    dhcp_builder_put_u32(&builder, DHCP_OPTION_LEASE_TIME, 3600);
    dhcp_builder_put_u32(&builder, DHCP_OPTION_RENEWAL_TIME, 1800);
    dhcp_builder_put_ipv4(&builder, DHCP_OPTION_SUBNET_MASK, address);
    dhcp_builder_put_ipv4_list(&builder, DHCP_OPTION_ROUTER, &address, 1);
    dhcp_builder_put(&builder, DHCP_OPTION_VENDOR, bytes_of(filler, sizeof filler));
    dhcp_builder_put(&builder, DHCP_OPTION_DOMAIN, bytes_of(filler, 60));
    dhcp_builder_put(&builder, DHCP_OPTION_ROUTES, bytes_of(filler, 6));
    dhcp_builder_put(&builder, DHCP_OPTION_DOMAIN_SEARCH, bytes_of(filler, sizeof filler));
    struct bytes octets = finish_offer();
    CHECK(octets.size <= DHCP_REPLY_DEFAULT);
    AUTO(text_finish) struct text dropped = {0};
    dhcp_builder_show_dropped(&dropped, &builder);
    CHECK_TEXT(text_characters(&dropped), "domain-search (119)");
    AUTO(text_finish) struct text order = {0};
    order_to_text(&order, octets);
    CHECK_TEXT(text_characters(&order), "53 54 51 58 1 3 15 43 121");
    CHECK(bytes_equal(dhcp_builder_finish(&builder, buffer), octets));
    CHECK_NUMBER(builder.dropped_count, 1);
}

static void what_could_never_fit_takes_nothing_with_it(void)
{
    static const uint8_t filler[320];
    struct writer *w = discover_begin(&message);
    write_option_of(w, DHCP_OPTION_RELAY, filler, 255);
    write_option_of(w, DHCP_OPTION_RELAY, filler, 65);
    begin_offer();
    builder.may_overload = true;
    dhcp_builder_put_text(&builder, DHCP_OPTION_DOMAIN, "lab.example");
    dhcp_builder_put_u16(&builder, DHCP_OPTION_MTU, 1500);
    dhcp_builder_echo(&builder, &request, DHCP_OPTION_RELAY);
    finish_offer();
    CHECK(!dhcp_option_is_present(&reply, DHCP_OPTION_RELAY));
    CHECK(dhcp_option_is_present(&reply, DHCP_OPTION_DOMAIN) && dhcp_option_is_present(&reply, DHCP_OPTION_MTU));
    CHECK(builder.dropped_count == 1 && builder.dropped[0] == DHCP_OPTION_RELAY);
}

/* RFC 2132 §9.3: 191 octets more, where the fields are empty and the client is one that reads them. */
static void options_overload_the_fields_that_are_empty(void)
{
    static const uint8_t filler[244];
    static const struct {
        const char *row;
        bool may, has_file;
        uint8_t overload;
        size_t dropped;
    } rows[] = {
        {"it may not", false, false, 0, 3},
        {"it may", true, false, 3, 0},
        {"the file is needed", true, true, 2, 2},
    };
    for (size_t i = 0; i < LENGTH(rows); i++) {
        struct writer *w = discover_begin(&message);
        WRITE_OPTION(w, DHCP_OPTION_RELAY, "\x01\x01x");
        begin_offer();
        builder.may_overload = rows[i].may;
        if (rows[i].has_file)
            dhcp_builder_set_file(&builder, "boot");
        dhcp_builder_echo(&builder, &request, DHCP_OPTION_RELAY);
        dhcp_builder_put(&builder, DHCP_OPTION_DOMAIN, bytes_of(filler, sizeof filler));
        dhcp_builder_put_u32(&builder, DHCP_OPTION_LEASE_TIME, 3600);
        dhcp_builder_put_u32(&builder, DHCP_OPTION_RENEWAL_TIME, 1800);
        dhcp_builder_put_u32(&builder, DHCP_OPTION_REBINDING_TIME, 3150);
        for (unsigned code = 224; code < 228; code++)
            dhcp_builder_put(&builder, (uint8_t)code, bytes_of(filler, code == 224 ? 10 : 57));
        struct bytes octets = finish_offer();
        uint8_t overload = 0;
        dhcp_option_u8(&overload, &reply, DHCP_OPTION_OVERLOAD);
        CHECK_ROW(rows[i].row, octets.size <= DHCP_REPLY_DEFAULT);
        CHECK_ROW(rows[i].row, overload == rows[i].overload);
        CHECK_ROW(rows[i].row, builder.dropped_count == rows[i].dropped);
        CHECK_ROW(rows[i].row, bytes_equal_text(reply.file, rows[i].has_file ? "boot" : ""));
        CHECK_ROW(rows[i].row, dhcp_option(&reply, DHCP_OPTION_DOMAIN).size == sizeof filler);
        AUTO(text_finish) struct text order = {0};
        order_to_text(&order, octets);
        CHECK_ROW(rows[i].row,
                  text_starts_with(text_characters(&order), overload ? "53 52 51 58 59 " : "53 51 58 59 "));
        CHECK_ROW(rows[i].row, text_ends_with(text_characters(&order), " 82"));
    }
}

static void a_reply_may_be_just_as_long_as_the_limit(void)
{
    static const uint8_t filler[400];
    /* Header, option 53, two heads of a split option and the END leave 300 octets of 548. */
    const size_t room = DHCP_REPLY_DEFAULT - DHCP_HEADER_SIZE - 3 - 4 - 1;
    for (size_t over = 0; over <= 1; over++) {
        discover_begin(&message);
        begin_offer();
        dhcp_builder_put(&builder, DHCP_OPTION_DOMAIN_SEARCH, bytes_of(filler, room + over));
        CHECK_NUMBER(finish_offer().size, over ? DHCP_REPLY_MIN : DHCP_REPLY_DEFAULT);
        CHECK_NUMBER(builder.dropped_count, over);
    }
}

static void what_every_client_needs_goes_last(void)
{
    struct ipv4 routers[60] = {{0}};
    discover_begin(&message);
    begin_offer();
    dhcp_builder_put_ipv4_list(&builder, DHCP_OPTION_ROUTER, routers, LENGTH(routers));
    for (unsigned code = 224; code < 255; code++)
        dhcp_builder_put(&builder, (uint8_t)code, bytes_of("123456789", 9));
    dhcp_builder_put_ipv4(&builder, DHCP_OPTION_SUBNET_MASK, (struct ipv4){1});
    struct bytes octets = finish_offer();
    CHECK(octets.size <= DHCP_REPLY_DEFAULT && octets.size > DHCP_REPLY_DEFAULT - 11);
    CHECK_NUMBER(dhcp_option(&reply, DHCP_OPTION_ROUTER).size, sizeof routers);
    CHECK(dhcp_option_is_present(&reply, DHCP_OPTION_SUBNET_MASK) && reply.message_type == DHCP_OFFER);
    CHECK(dhcp_option_is_present(&reply, 224) && !dhcp_option_is_present(&reply, 254));
}

static void more_options_than_a_builder_holds_are_dropped(void)
{
    static const uint8_t filler[1000];
    discover_begin(&message);
    begin_offer();
    for (unsigned code = 224; code < 229; code++)
        dhcp_builder_put(&builder, (uint8_t)code, bytes_of(filler, sizeof filler));
    CHECK_NUMBER(builder.dropped_count, 1);
    CHECK_NUMBER(builder.dropped[0], 228);
    finish_offer();
    CHECK_NUMBER(builder.dropped_count, 5);
}

static void a_built_message_read_and_built_again_is_the_same(void)
{
    struct writer *w = discover_begin(&message);
    WRITE_OPTION(w, DHCP_OPTION_MAX_SIZE, "\x05\xdc");
    WRITE_OPTION(w, DHCP_OPTION_RELAY, "\x01\x01x");
    begin_offer();
    builder.yiaddr = (struct ipv4){0x0a000005};
    builder.siaddr = (struct ipv4){0x0a000001};
    CHECK(dhcp_builder_set_sname(&builder, "10.0.0.1") && dhcp_builder_set_file(&builder, "undionly.kpxe"));
    static const uint8_t search[300];
    dhcp_builder_put_ipv4(&builder, DHCP_OPTION_SERVER_ID, builder.siaddr);
    dhcp_builder_put(&builder, DHCP_OPTION_DOMAIN_SEARCH, bytes_of(search, sizeof search));
    dhcp_builder_put_text(&builder, DHCP_OPTION_BOOT_FILE, "undionly.kpxe");
    dhcp_builder_put(&builder, DHCP_OPTION_VENDOR, dhcp_pxe_raspberry_pi());
    dhcp_builder_echo(&builder, &request, DHCP_OPTION_RELAY);
    struct bytes octets = finish_offer();
    static struct dhcp_builder again;
    static uint8_t buffer_again[DHCP_REPLY_MAX];
    struct bytes octets_again = {0};
    CHECK(packet_rebuild(&octets_again, &again, &reply, buffer_again));
    CHECK(bytes_equal(octets, octets_again));
}

int main(void)
{
    RUN(a_reply_takes_over_what_the_request_says);
    RUN(a_guid_for_a_hardware_address_goes_back_whole);
    RUN(a_short_reply_is_filled_up_to_300_octets);
    RUN(options_stand_in_the_order_that_old_roms_expect);
    RUN(an_option_put_again_is_replaced);
    RUN(echoes_are_verbatim_and_only_of_what_was_sent);
    RUN(server_and_file_end_in_a_nul_that_counts);
    RUN(a_client_that_terminates_its_texts_gets_them_terminated);
    RUN(a_file_name_goes_where_it_fits);
    RUN(a_server_name_leaves_room_for_its_nul);
    RUN(the_limit_is_what_the_client_takes);
    RUN(a_value_of_more_than_255_octets_is_split);
    RUN(the_least_important_options_are_dropped_and_named);
    RUN(what_could_never_fit_takes_nothing_with_it);
    RUN(options_overload_the_fields_that_are_empty);
    RUN(a_reply_may_be_just_as_long_as_the_limit);
    RUN(what_every_client_needs_goes_last);
    RUN(more_options_than_a_builder_holds_are_dropped);
    RUN(a_built_message_read_and_built_again_is_the_same);
    return test_result();
}
