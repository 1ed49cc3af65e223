/* SPDX-License-Identifier: Apache-2.0 */
/* Reading DHCP messages, good and bad. */
#include "proto/dhcp/packet.h"

#include "proto/dhcp/test-packets.h"
#include "test.h"

static struct message message;
static struct dhcp_packet packet;
static struct diag why;

static int parse(struct bytes datagram)
{
    why.text[0] = '\0';
    return dhcp_packet_parse(&packet, datagram, &why);
}

static void a_discover_is_read_field_by_field(void)
{
    static const uint8_t header[] = {1,    1,    6,    2,    0xde, 0xad, 0xbe, 0xef, 0, 9, 0x80, 0, 10, 0,
                                     0,    1,    10,   0,    0,    2,    10,   0,    0, 3, 10,   0, 0,  4,
                                     0x52, 0x54, 0x00, 0x12, 0x34, 0x56, 0,    0,    0, 0, 0,    0, 0,  0};
    struct writer w = writer_over(message.octets, sizeof message.octets);
    write_bytes(&w, bytes_of(header, sizeof header));
    write_zeros(&w, 44 - sizeof header);
    write_text_nul(&w, "server");
    write_zeros(&w, DHCP_SNAME_SIZE - 7);
    write_text_nul(&w, "boot/file");
    write_zeros(&w, DHCP_FILE_SIZE - 10);
    write_u32be(&w, 0x63825363);
    WRITE_OPTION(&w, DHCP_OPTION_MESSAGE_TYPE, "\x01");
    CHECK_NUMBER(parse(writer_bytes(&w)), DHCP_OK);
    CHECK_NUMBER(packet.operation, DHCP_BOOTREQUEST);
    CHECK_NUMBER(packet.message_type, DHCP_DISCOVER);
    CHECK_NUMBER(packet.htype, 1);
    CHECK_NUMBER(packet.hops, 2);
    CHECK_NUMBER(packet.xid, 0xdeadbeef);
    CHECK_NUMBER(packet.secs, 9);
    CHECK_NUMBER(packet.flags, DHCP_FLAG_BROADCAST);
    CHECK_NUMBER(packet.ciaddr.number, 0x0a000001);
    CHECK_NUMBER(packet.yiaddr.number, 0x0a000002);
    CHECK_NUMBER(packet.siaddr.number, 0x0a000003);
    CHECK_NUMBER(packet.giaddr.number, 0x0a000004);
    char text[MAC_TEXT_MAX];
    CHECK_TEXT(mac_to_text(text, &packet.chaddr, ':'), "52:54:00:12:34:56");
    CHECK(bytes_equal_text(packet.sname, "server"));
    CHECK(bytes_equal_text(packet.file, "boot/file"));
}

static void what_is_no_message_is_refused(void)
{
    const struct {
        const char *what;
        size_t offset;
        uint8_t octet;
        const char *words;
    } rows[] = {
        {"operation 0", 0, 0, "operation 0 is neither request nor reply"},
        {"operation 3", 0, 3, "operation 3 is neither request nor reply"},
        {"hlen 17", 2, 17, "a hardware address of 17 octets, of which 16 fit"},
        {"bad cookie", 236, 0x64, "magic cookie 64825363 is not DHCP's"},
    };
    for (size_t i = 0; i < LENGTH(rows); i++) {
        discover_begin(&message);
        message.octets[rows[i].offset] = rows[i].octet;
        CHECK_ROW(rows[i].what, parse(message_end(&message)) == DHCP_E_MALFORMED);
        CHECK_TEXT(why.text, rows[i].words);
    }
    discover_begin(&message);
    CHECK_NUMBER(parse(bytes_slice(message_end(&message), 0, 239)), DHCP_E_MALFORMED);
    CHECK_TEXT(why.text, "239 octets are shorter than a DHCP header of 240");
    static uint8_t huge[70000];
    memcpy(huge, message.octets, DHCP_HEADER_SIZE);
    CHECK_NUMBER(parse(bytes_of(huge, sizeof huge)), DHCP_E_MALFORMED);
}

static void a_hardware_address_is_as_long_as_it_says(void)
{
    const uint8_t sizes[] = {0, 1, 6, 8, 16};
    for (size_t i = 0; i < LENGTH(sizes); i++) {
        discover_begin(&message);
        message.octets[2] = sizes[i];
        CHECK_NUMBER(parse(message_end(&message)), DHCP_OK);
        CHECK_NUMBER(packet.chaddr.size, sizes[i]);
    }
}

static void options_are_read_leniently(void)
{
    const struct {
        const char *what;
        struct bytes options;
        const char *host_name;
    } rows[] = {
#define ROW(what, octets, name) {what, {(const uint8_t *)(octets), sizeof(octets) - 1}, name}
        ROW("plain", "\x35\x01\x01\x0c\x02pc\xff", "pc"),
        ROW("PAD first, as NetworkManager does", "\x00\x35\x01\x01\x0c\x02pc\xff", "pc"),
        ROW("PAD between", "\x35\x01\x01\x00\x00\x0c\x02pc\x00\xff", "pc"),
        ROW("no END", "\x35\x01\x01\x0c\x02pc", "pc"),
        ROW("PAD instead of END", "\x35\x01\x01\x0c\x02pc\x00\x00", "pc"),
        ROW("junk after END", "\x35\x01\x01\x0c\x02pc\xff\x0c\xff\x01", "pc"),
        ROW("an empty option", "\x35\x01\x01\x0c\x00\xff", ""),
        ROW("unknown codes", "\x35\x01\x01\x60\x01z\xfe\x00\x0c\x02pc\xff", "pc"),
        ROW("a NUL behind the text", "\x35\x01\x01\x0c\x03pc\x00\xff", "pc"),
        ROW("in two parts", "\x35\x01\x01\x0c\x01p\x32\x04\x0a\x00\x00\x01\x0c\x01\x63\xff", "pc"),
        ROW("in two parts, one empty", "\x35\x01\x01\x0c\x00\x0c\x02pc\xff", "pc"),
#undef ROW
    };
    for (size_t i = 0; i < LENGTH(rows); i++) {
        write_bytes(message_begin(&message), rows[i].options);
        CHECK_ROW(rows[i].what, parse(writer_bytes(&message.w)) == DHCP_OK);
        CHECK_ROW(rows[i].what, packet.message_type == DHCP_DISCOVER);
        CHECK_ROW(rows[i].what, dhcp_option_is_present(&packet, DHCP_OPTION_HOSTNAME));
        CHECK_ROW(rows[i].what, bytes_equal_text(dhcp_option_text(&packet, DHCP_OPTION_HOSTNAME), rows[i].host_name));
    }
}

static void an_option_that_is_cut_is_named(void)
{
    const struct {
        struct bytes options;
        const char *words;
    } rows[] = {
#define ROW(octets, words) {{(const uint8_t *)(octets), sizeof(octets) - 1}, words}
        ROW("\x35\x01\x01\x37", "option 55 (dhcp-parameter-request-list) at offset 243 has no length"),
        ROW("\x35\x01\x01\x37\x04\x01\x03",
            "option 55 (dhcp-parameter-request-list) at offset 243 says 4 octets where 2 are left"),
        ROW("\x35", "option 53 (dhcp-message-type) at offset 240 has no length"),
        ROW("\xe0\x05zz\xff", "option 224 (option) at offset 240 says 5 octets where 3 are left"),
        ROW("\x35\x02\x01\x01\xff", "option 53 (dhcp-message-type) has 2 octets, not 1"),
        ROW("\x35\x01\x01\x35\x01\x01\xff", "option 53 (dhcp-message-type) has 2 octets, not 1"),
        ROW("\x35\x00\xff", "option 53 (dhcp-message-type) has 0 octets, not 1"),
        ROW("\x35\x01\x00\xff", "option 53 (dhcp-message-type) is 0"),
#undef ROW
    };
    for (size_t i = 0; i < LENGTH(rows); i++) {
        write_bytes(message_begin(&message), rows[i].options);
        CHECK_ROW(rows[i].words, parse(writer_bytes(&message.w)) == DHCP_E_MALFORMED);
        CHECK_TEXT(why.text, rows[i].words);
    }
}

static void without_a_message_type_it_is_bootp(void)
{
    write_zeros(message_begin(&message), 60);
    CHECK_NUMBER(parse(writer_bytes(&message.w)), DHCP_OK);
    CHECK_NUMBER(packet.message_type, DHCP_BOOTP);
    CHECK_NUMBER(dhcp_option_next(&packet, -1), -1);
}

/* A DISCOVER whose option 52 has that value, with one part of the user class in each area. */
static struct bytes overloaded(uint8_t overload)
{
    struct writer *w = discover_begin(&message);
    write_option_of(w, DHCP_OPTION_OVERLOAD, &overload, 1);
    WRITE_OPTION(w, DHCP_OPTION_USER_CLASS, "options ");
    memcpy(message.octets + 44, "\x4d\x05sname\xffjunk", 12);
    memcpy(message.octets + 108,
           "\x00\x4d\x05"
           "file \xffjunk",
           13);
    return message_end(&message);
}

static void overloaded_fields_are_options_and_no_texts(void)
{
    const struct {
        uint8_t overload;
        const char *user_class;
        bool has_file, has_sname;
    } rows[] = {
        {1, "options file ", false, true}, {2, "options sname", true, false}, {3, "options file sname", false, false},
        {0, "options ", true, true},       {4, "options ", true, true},       {5, "options ", true, true},
        {7, "options ", true, true},
    };
    for (size_t i = 0; i < LENGTH(rows); i++) {
        char row[] = {(char)('0' + rows[i].overload), '\0'};
        struct bytes datagram = overloaded(rows[i].overload);
        message.octets[108] = rows[i].has_file ? 'f' : 0;
        CHECK_ROW(row, parse(datagram) == DHCP_OK);
        CHECK_ROW(row, bytes_equal_text(dhcp_option(&packet, DHCP_OPTION_USER_CLASS), rows[i].user_class));
        CHECK_ROW(row, (packet.file.size > 0) == rows[i].has_file);
        CHECK_ROW(row, (packet.sname.size > 0) == rows[i].has_sname);
    }
    struct bytes datagram = overloaded(3);
    message.octets[45] = 200;
    CHECK_NUMBER(parse(datagram), DHCP_E_MALFORMED);
    CHECK_TEXT(why.text, "option 77 (user-class) at offset 44 says 200 octets where 62 are left");
}

static void an_overload_in_two_parts_overloads_nothing(void)
{
    struct writer *w = discover_begin(&message);
    WRITE_OPTION(w, DHCP_OPTION_OVERLOAD, "");
    WRITE_OPTION(w, DHCP_OPTION_OVERLOAD, "\x03");
    message.octets[44] = 's';
    message.octets[108] = 'f';
    memset(&packet, 3, sizeof packet);
    CHECK_NUMBER(parse(message_end(&message)), DHCP_OK);
    CHECK(bytes_equal_text(packet.sname, "s") && bytes_equal_text(packet.file, "f"));
}

static void a_field_without_a_nul_is_all_text(void)
{
    discover_begin(&message);
    memset(message.octets + 44, 's', DHCP_SNAME_SIZE);
    memset(message.octets + 108, 'f', DHCP_FILE_SIZE);
    CHECK_NUMBER(parse(message_end(&message)), DHCP_OK);
    CHECK_NUMBER(packet.sname.size, DHCP_SNAME_SIZE);
    CHECK_NUMBER(packet.file.size, DHCP_FILE_SIZE);
}

static void long_options_are_joined_up_to_a_limit(void)
{
    uint8_t part[255];
    for (unsigned parts = 2; parts <= 8; parts++) {
        struct writer *w = discover_begin(&message);
        for (unsigned i = 0; i < parts; i++) {
            memset(part, (int)i, sizeof part);
            write_option_of(w, DHCP_OPTION_VENDOR, part, sizeof part);
        }
        bool fits = parts * sizeof part <= DHCP_JOINED_MAX;
        CHECK_NUMBER(parse(message_end(&message)), fits ? DHCP_OK : DHCP_E_MALFORMED);
        struct bytes joined = dhcp_option(&packet, DHCP_OPTION_VENDOR);
        CHECK(!fits || (joined.size == parts * sizeof part && joined.data[joined.size - 1] == parts - 1));
    }
    CHECK_TEXT(why.text, "option 43 (vendor-encapsulated-options) and others come in parts of more than 1536 octets");
}

static void several_options_are_joined_each_by_itself(void)
{
    struct writer *w = discover_begin(&message);
    for (int i = 0; i < 3; i++) {
        WRITE_OPTION(w, DHCP_OPTION_USER_CLASS, "ab");
        WRITE_OPTION(w, DHCP_OPTION_RELAY, "\x01\x01x");
        WRITE_OPTION(w, DHCP_OPTION_HOSTNAME, "h");
    }
    WRITE_OPTION(w, DHCP_OPTION_DOMAIN, "once");
    CHECK_NUMBER(parse(message_end(&message)), DHCP_OK);
    struct dhcp_packet copy = packet;
    memset(&packet, 0xee, sizeof packet);
    CHECK(bytes_equal_text(dhcp_option(&copy, DHCP_OPTION_USER_CLASS), "ababab"));
    CHECK(bytes_equal_text(dhcp_option(&copy, DHCP_OPTION_RELAY), "\x01\x01x\x01\x01x\x01\x01x"));
    CHECK(bytes_equal_text(dhcp_option(&copy, DHCP_OPTION_HOSTNAME), "hhh"));
    CHECK(bytes_equal_text(dhcp_option(&copy, DHCP_OPTION_DOMAIN), "once"));
}

static void values_are_given_by_type(void)
{
    struct writer *w = discover_begin(&message);
    WRITE_OPTION(w, DHCP_OPTION_MAX_SIZE, "\x05\xc0");
    WRITE_OPTION(w, DHCP_OPTION_LEASE_TIME, "\x00\x01\x02\x03");
    WRITE_OPTION(w, DHCP_OPTION_SERVER_ID, "\x0a\x00\x00\x01");
    WRITE_OPTION(w, DHCP_OPTION_DNS, "\x0a\x00\x00\x01\x0a\x00\x00\x02\x0a\x00\x00\x03");
    WRITE_OPTION(w, DHCP_OPTION_NTP, "\x0a\x00\x00\x01\x0a");
    WRITE_OPTION(w, DHCP_OPTION_PARAMETERS, "\x01\x03\x43");
    CHECK_NUMBER(parse(message_end(&message)), DHCP_OK);
    uint8_t u8 = 77;
    uint16_t u16 = 77;
    uint32_t u32 = 77;
    CHECK(dhcp_option_u8(&u8, &packet, DHCP_OPTION_MESSAGE_TYPE) && u8 == 1);
    CHECK(dhcp_option_u16(&u16, &packet, DHCP_OPTION_MAX_SIZE) && u16 == 0x05c0);
    CHECK(dhcp_option_u32(&u32, &packet, DHCP_OPTION_LEASE_TIME) && u32 == 0x00010203);
    CHECK(!dhcp_option_u8(&u8, &packet, DHCP_OPTION_MAX_SIZE) && u8 == 1);
    CHECK(!dhcp_option_u16(&u16, &packet, DHCP_OPTION_LEASE_TIME) && u16 == 0x05c0);
    CHECK(!dhcp_option_u32(&u32, &packet, DHCP_OPTION_RENEWAL_TIME) && u32 == 0x00010203);
    CHECK_NUMBER(dhcp_option_ipv4(&packet, DHCP_OPTION_SERVER_ID).number, 0x0a000001);
    CHECK(!ipv4_is_set(dhcp_option_ipv4(&packet, DHCP_OPTION_MAX_SIZE)));
    CHECK(!ipv4_is_set(dhcp_option_ipv4(&packet, DHCP_OPTION_ROUTER)));
    struct ipv4 addresses[2];
    CHECK_NUMBER(dhcp_option_ipv4_list(addresses, 2, &packet, DHCP_OPTION_DNS), 2);
    CHECK_NUMBER(addresses[1].number, 0x0a000002);
    CHECK_NUMBER(dhcp_option_ipv4_list(addresses, 2, &packet, DHCP_OPTION_NTP), 0);
    CHECK_NUMBER(dhcp_option_ipv4_list(addresses, 2, &packet, DHCP_OPTION_ROUTER), 0);
    CHECK(dhcp_packet_asks_for(&packet, DHCP_OPTION_BOOT_FILE));
    CHECK(!dhcp_packet_asks_for(&packet, DHCP_OPTION_DNS));
}

static void present_options_are_walked_in_order(void)
{
    struct writer *w = discover_begin(&message);
    WRITE_OPTION(w, 254, "x");
    WRITE_OPTION(w, 64, "x");
    WRITE_OPTION(w, 1, "x");
    WRITE_OPTION(w, 63, "x");
    CHECK_NUMBER(parse(message_end(&message)), DHCP_OK);
    const int expected[] = {1, 53, 63, 64, 254, -1};
    int code = -1;
    for (size_t i = 0; i < LENGTH(expected); i++) {
        code = dhcp_option_next(&packet, code);
        CHECK_NUMBER(code, expected[i]);
    }
}

static void every_prefix_is_read_within_its_bounds(void)
{
    struct writer *w = discover_begin(&message);
    WRITE_OPTION(w, DHCP_OPTION_PARAMETERS, "\x01\x03\x06");
    WRITE_OPTION(w, DHCP_OPTION_VENDOR_CLASS, "PXEClient");
    struct bytes whole = message_end(&message);
    /* Where an option ends a prefix is a message without END; everywhere else it is refused. */
    const size_t good[] = {DHCP_HEADER_SIZE, DHCP_HEADER_SIZE + 3, DHCP_HEADER_SIZE + 8, DHCP_HEADER_SIZE + 19,
                           DHCP_HEADER_SIZE + 20};
    size_t next = 0;
    for (size_t size = 0; size <= whole.size; size++) {
        uint8_t *copy = copy_exactly(bytes_slice(whole, 0, size));
        bool is_good = next < LENGTH(good) && good[next] == size;
        CHECK_NUMBER(parse(bytes_of(copy, size)), is_good ? DHCP_OK : DHCP_E_MALFORMED);
        next += is_good;
        free(copy);
    }
    CHECK_NUMBER(next, LENGTH(good));
}

static void message_types_have_names(void)
{
    CHECK_TEXT(dhcp_message_type_to_text(DHCP_DISCOVER), "DISCOVER");
    CHECK_TEXT(dhcp_message_type_to_text(DHCP_LEASEACTIVE), "LEASEACTIVE");
    CHECK_TEXT(dhcp_message_type_to_text(DHCP_BOOTP), "BOOTP");
    CHECK_TEXT(dhcp_message_type_to_text(14), "message");
}

int main(void)
{
    RUN(a_discover_is_read_field_by_field);
    RUN(what_is_no_message_is_refused);
    RUN(a_hardware_address_is_as_long_as_it_says);
    RUN(options_are_read_leniently);
    RUN(an_option_that_is_cut_is_named);
    RUN(without_a_message_type_it_is_bootp);
    RUN(overloaded_fields_are_options_and_no_texts);
    RUN(an_overload_in_two_parts_overloads_nothing);
    RUN(a_field_without_a_nul_is_all_text);
    RUN(long_options_are_joined_up_to_a_limit);
    RUN(several_options_are_joined_each_by_itself);
    RUN(values_are_given_by_type);
    RUN(present_options_are_walked_in_order);
    RUN(every_prefix_is_read_within_its_bounds);
    RUN(message_types_have_names);
    return test_result();
}
