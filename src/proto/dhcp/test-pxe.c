/* SPDX-License-Identifier: Apache-2.0 */
/* The options of PXE firmware and of iPXE. */
#include "proto/dhcp/pxe.h"

#include "proto/dhcp/test-packets.h"
#include "test.h"

static struct message message;
static struct dhcp_packet packet;

/* Reads a DISCOVER with one option more. */
#define READ_WITH(code, literal)                                                                                       \
    do {                                                                                                               \
        WRITE_OPTION(discover_begin(&message), (code), literal);                                                       \
        CHECK_NUMBER(dhcp_packet_parse(&packet, message_end(&message), NULL), DHCP_OK);                                \
    } while (0)

static struct bytes written(uint8_t memory[DHCP_PXE_OPTIONS_MAX], const struct dhcp_pxe_options *options)
{
    struct writer w = writer_over(memory, DHCP_PXE_OPTIONS_MAX);
    return dhcp_pxe_options_write(&w, options) ? writer_bytes(&w) : (struct bytes){0};
}

#define CHECK_OCTETS(actual, literal) CHECK(bytes_equal((actual), bytes_of((literal), sizeof(literal) - 1)))

static void vendor_options_are_written_octet_by_octet(void)
{
    uint8_t memory[DHCP_PXE_OPTIONS_MAX];
    const struct ipv4 servers[] = {{0xc0a8100a}, {0xc0a8100b}};
    const struct dhcp_pxe_servers server_list[] = {{0x8000, servers, 2}, {0x8001, servers, 1}};
    const struct dhcp_pxe_menu_item menu[] = {{0x8000, "muster"}, {0, "local"}};
    const struct dhcp_pxe_boot_item item = {.type = 0x8001, .layer = 2};
    CHECK_OCTETS(written(memory, &(struct dhcp_pxe_options){0}), "\xff");
    CHECK_OCTETS(written(memory, &(struct dhcp_pxe_options){.discovery_control = DHCP_PXE_BYPASS}), "\x06\x01\x08\xff");
    CHECK_OCTETS(written(memory, &(struct dhcp_pxe_options){.boot_item = &item, .discovery_control = DHCP_PXE_BYPASS}),
                 "\x47\x04\x80\x01\x00\x02\x06\x01\x08\xff");
    CHECK_OCTETS(written(memory,
                         &(struct dhcp_pxe_options){
                             .discovery_control = DHCP_PXE_NO_BROADCAST | DHCP_PXE_NO_MULTICAST,
                             .servers = server_list,
                             .server_count = 2,
                             .menu = menu,
                             .menu_count = 2,
                             .prompt = "Boot",
                             .prompt_seconds = 3,
                         }),
                 "\x06\x01\x03"
                 "\x08\x12\x80\x00\x02\xc0\xa8\x10\x0a\xc0\xa8\x10\x0b\x80\x01\x01\xc0\xa8\x10\x0a"
                 "\x09\x11\x80\x00\x06muster\x00\x00\x05local"
                 "\x0a\x05\x03"
                 "Boot"
                 "\xff");
    CHECK_OCTETS(dhcp_pxe_bypass(), "\x06\x01\x08\xff");
}

static void a_raspberry_pi_gets_the_menu_it_looks_for(void)
{
    uint8_t memory[DHCP_PXE_OPTIONS_MAX];
    const struct dhcp_pxe_menu_item menu[] = {{0, "Raspberry Pi Boot"}};
    CHECK(bytes_equal(dhcp_pxe_raspberry_pi(), written(memory, &(struct dhcp_pxe_options){
                                                                   .discovery_control = DHCP_PXE_BYPASS,
                                                                   .menu = menu,
                                                                   .menu_count = 1,
                                                                   .prompt = "PXE",
                                                               })));
    CHECK_NUMBER(dhcp_pxe_raspberry_pi().size, 32);
}

static void vendor_options_that_are_too_long_are_not_written(void)
{
    uint8_t memory[300];
    char text[300];
    memset(text, 'x', sizeof text);
    const struct dhcp_pxe_menu_item menu[] = {{1, text}};
    const struct dhcp_pxe_options options = {.menu = menu, .menu_count = 1};
    const struct {
        size_t length, room;
        bool fits;
    } rows[] = {{247, 300, true},  {248, 300, false}, {255, 300, false},
                {256, 300, false}, {10, 16, true},    {10, 15, false}};
    for (size_t i = 0; i < LENGTH(rows); i++) {
        text[rows[i].length] = '\0';
        struct writer w = writer_over(memory, rows[i].room);
        CHECK(dhcp_pxe_options_write(&w, &options) == rows[i].fits);
        CHECK_NUMBER(writer_size(&w), rows[i].fits ? rows[i].length + 6 : 0);
        text[rows[i].length] = 'x';
    }
}

static void a_boot_item_is_asked_for_in_option_43(void)
{
    struct dhcp_pxe_boot_item item = {0};
    READ_WITH(DHCP_OPTION_VENDOR, "\x47\x04\x80\x01\x00\x02\xff");
    CHECK(dhcp_pxe_boot_item(&item, &packet) && item.type == 0x8001 && item.layer == 2);
    READ_WITH(DHCP_OPTION_VENDOR, "\x06\x01\x08\x47\x04\x80\x00\x80\x00");
    CHECK(dhcp_pxe_boot_item(&item, &packet) && item.type == 0x8000 && item.layer & DHCP_PXE_LAYER_CREDENTIALS);
    READ_WITH(DHCP_OPTION_VENDOR, "\x47\x03\x80\x01\x00\xff");
    CHECK(!dhcp_pxe_boot_item(&item, &packet) && item.type == 0x8000);
    READ_WITH(DHCP_OPTION_VENDOR, "\x47\x04\x80\x01");
    CHECK(!dhcp_pxe_boot_item(&item, &packet));
    READ_WITH(DHCP_OPTION_HOSTNAME, "x");
    CHECK(!dhcp_pxe_boot_item(&item, &packet));
}

static void architectures_are_a_list(void)
{
    uint16_t codes[2] = {0};
    READ_WITH(DHCP_OPTION_ARCHITECTURE, "\x00\x07");
    CHECK(dhcp_pxe_architectures(codes, 2, &packet) == 1 && codes[0] == 7);
    READ_WITH(DHCP_OPTION_ARCHITECTURE, "\x00\x10\x00\x07\x00\x00");
    CHECK(dhcp_pxe_architectures(codes, 2, &packet) == 2 && codes[0] == 0x10 && codes[1] == 7);
    READ_WITH(DHCP_OPTION_ARCHITECTURE, "\x00\x06\x07");
    CHECK(dhcp_pxe_architectures(codes, 2, &packet) == 1 && codes[0] == 6);
    READ_WITH(DHCP_OPTION_ARCHITECTURE, "\x07");
    CHECK_NUMBER(dhcp_pxe_architectures(codes, 2, &packet), 0);
}

static void the_undi_version_has_three_octets(void)
{
    struct dhcp_pxe_undi undi = {0};
    READ_WITH(DHCP_OPTION_UNDI, "\x01\x03\x10");
    CHECK(dhcp_pxe_undi(&undi, &packet) && undi.type == 1 && undi.major == 3 && undi.minor == 16);
    READ_WITH(DHCP_OPTION_UNDI, "\x01\x02");
    CHECK(!dhcp_pxe_undi(&undi, &packet) && undi.major == 3);
}

static void a_uuid_has_a_type_or_none(void)
{
    struct uuid uuid;
    READ_WITH(DHCP_OPTION_MACHINE_ID, "\x00"
                                      "0123456789abcdef");
    CHECK(dhcp_pxe_uuid(&uuid, &packet) && memcmp(&uuid, "0123456789abcdef", 16) == 0);
    READ_WITH(DHCP_OPTION_MACHINE_ID, "fedcba9876543210");
    CHECK(dhcp_pxe_uuid(&uuid, &packet) && memcmp(&uuid, "fedcba9876543210", 16) == 0);
    READ_WITH(DHCP_OPTION_MACHINE_ID, "\x01"
                                      "0123456789abcdef");
    CHECK(!dhcp_pxe_uuid(&uuid, &packet));
    READ_WITH(DHCP_OPTION_MACHINE_ID, "");
    CHECK(!dhcp_pxe_uuid(&uuid, &packet));
    READ_WITH(DHCP_OPTION_MACHINE_ID, "\x00"
                                      "0123456789abcdefg");
    CHECK(!dhcp_pxe_uuid(&uuid, &packet));
    READ_WITH(DHCP_OPTION_MACHINE_ID, "0123456789abcde");
    CHECK(!dhcp_pxe_uuid(&uuid, &packet));
}

static void a_vendor_class_is_taken_apart(void)
{
    const struct {
        const char *text;
        enum dhcp_pxe_class_kind kind;
        bool is_complete, is_hexadecimal;
        uint16_t arch;
        bool has_undi;
    } rows[] = {
        {"PXEClient:Arch:00007:UNDI:003016", DHCP_PXE_CLASS_PXE, true, false, 7, true},
        {"PXEClient:Arch:00000:UNDI:002001", DHCP_PXE_CLASS_PXE, true, false, 0, true},
        {"HTTPClient:Arch:00016:UNDI:003016", DHCP_PXE_CLASS_HTTP, true, false, 16, true},
        {"PXEClient:Arch:00011", DHCP_PXE_CLASS_PXE, true, false, 11, false},
        {"PXEClient:Arch:0001b:UNDI:003000", DHCP_PXE_CLASS_PXE, true, true, 0x1b, true},
        {"PXEClient:Arch:0001B:UNDI:003000", DHCP_PXE_CLASS_PXE, true, true, 0x1b, true},
        {"PXEClient:Arch:00009:UNDI:003010:PID:NCS-5508", DHCP_PXE_CLASS_PXE, false, false, 9, true},
        {"PXEClient:Arch:00009:PID:X", DHCP_PXE_CLASS_PXE, false, false, 9, false},
        {"PXEClient:Arch:0000", DHCP_PXE_CLASS_PXE, false, false, 0, false},
        {"PXEClient:Arch:0000x", DHCP_PXE_CLASS_PXE, false, false, 0, false},
        {"PXEClient:Arch:70000", DHCP_PXE_CLASS_PXE, false, false, 70000 % 65536, false},
        {"PXEClient:Arch:00007:UNDI:300999", DHCP_PXE_CLASS_PXE, false, false, 7, false},
        {"PXEClient:Arch:00007:UNDI:00301", DHCP_PXE_CLASS_PXE, false, false, 7, false},
        {"PXEClient", DHCP_PXE_CLASS_PXE, false, false, 0, false},
        {"PXEClientX", DHCP_PXE_CLASS_PXE, false, false, 0, false},
        {"HTTPClient", DHCP_PXE_CLASS_HTTP, false, false, 0, false},
        {"U-Boot.armv8", DHCP_PXE_CLASS_UBOOT, false, false, 0, false},
        {"MSFT 5.0", DHCP_PXE_CLASS_NONE, false, false, 0, false},
        {"pxeclient", DHCP_PXE_CLASS_NONE, false, false, 0, false},
        {"PXE", DHCP_PXE_CLASS_NONE, false, false, 0, false},
        {"", DHCP_PXE_CLASS_NONE, false, false, 0, false},
    };
    for (size_t i = 0; i < LENGTH(rows); i++) {
        struct dhcp_pxe_class class = dhcp_pxe_class_from_option(bytes_of_text(rows[i].text));
        CHECK_ROW(rows[i].text, class.kind == rows[i].kind);
        CHECK_ROW(rows[i].text, class.is_complete == rows[i].is_complete);
        CHECK_ROW(rows[i].text, class.is_hexadecimal == rows[i].is_hexadecimal);
        CHECK_ROW(rows[i].text, class.arch == rows[i].arch);
        CHECK_ROW(rows[i].text, class.has_undi == rows[i].has_undi);
    }
    struct dhcp_pxe_class class = dhcp_pxe_class_from_option(bytes_of_text("PXEClient:Arch:00027:UNDI:003016"));
    CHECK(class.arch == 27 && class.arch_as_hexadecimal == 0x27 && class.undi_major == 3 && class.undi_minor == 16);
}

static void a_vendor_class_is_answered_without_its_suffix(void)
{
    CHECK_TEXT(dhcp_pxe_class_to_reply(DHCP_PXE_CLASS_PXE), "PXEClient");
    CHECK_TEXT(dhcp_pxe_class_to_reply(DHCP_PXE_CLASS_HTTP), "HTTPClient");
    CHECK(!dhcp_pxe_class_to_reply(DHCP_PXE_CLASS_UBOOT) && !dhcp_pxe_class_to_reply(DHCP_PXE_CLASS_NONE));
}

static void user_classes_are_a_list_or_one(void)
{
    const struct {
        const char *option;
        size_t count;
        const char *first;
        bool is_ipxe;
    } rows[] = {
        {"iPXE", 1, "iPXE", true},
        {"\x04iPXE", 1, "iPXE", true},
        {"\x03"
         "foo\x04iPXE",
         2, "foo", true},
        {"\x05iPXE", 1, "\x05iPXE", false},
        {"\x04iPXE\x09", 1, "\x04iPXE\x09", false},
        {"muster", 1, "muster", false},
        {"", 0, "", false},
    };
    for (size_t i = 0; i < LENGTH(rows); i++) {
        struct bytes classes[4] = {{0}};
        struct bytes option = bytes_of_text(rows[i].option);
        CHECK_ROW(rows[i].option, dhcp_pxe_user_classes(classes, LENGTH(classes), option) == rows[i].count);
        CHECK_ROW(rows[i].option, bytes_equal_text(classes[0], rows[i].first));
        CHECK_ROW(rows[i].option, dhcp_pxe_user_class_is(option, "iPXE") == rows[i].is_ipxe);
    }
    struct bytes one;
    CHECK_NUMBER(dhcp_pxe_user_classes(&one, 1,
                                       bytes_of_text("\x01"
                                                     "a\x01"
                                                     "b\x01"
                                                     "c")),
                 1);
    CHECK(bytes_equal_text(one, "a"));
    CHECK(bytes_equal(bytes_of("\0", 1), (dhcp_pxe_user_classes(&one, 1, bytes_of("\0", 1)), one)));
}

static void ipxe_lists_its_features(void)
{
    static const uint8_t option[] = {0xb1, 5,    1, 0x1a, 0xf4, 0x10, 0x00, 0x13, 1, 1, 0x29, 1, 1, 0x24, 1,
                                     0,    0xeb, 3, 1,    21,   1,    0x10, 1,    2, 0, 0x14, 9, 1, 255};
    struct dhcp_ipxe ipxe = dhcp_ipxe_from_option(bytes_of(option, sizeof option));
    CHECK(ipxe.has_bus && ipxe.bus_type == 1 && ipxe.bus_vendor == 0x1af4 && ipxe.bus_device == 0x1000);
    CHECK(ipxe.has_version && ipxe.version[0] == 1 && ipxe.version[1] == 21 && ipxe.version[2] == 1);
    CHECK(dhcp_ipxe_has(&ipxe, DHCP_IPXE_HTTP) && dhcp_ipxe_has(&ipxe, DHCP_IPXE_NFS));
    CHECK(dhcp_ipxe_has(&ipxe, DHCP_IPXE_PXE_EXTENSIONS));
    CHECK(!dhcp_ipxe_has(&ipxe, DHCP_IPXE_EFI) && !dhcp_ipxe_has(&ipxe, DHCP_IPXE_HTTPS));
    for (size_t size = 0; size < sizeof option; size++) {
        uint8_t *copy = copy_exactly(bytes_of(option, size));
        struct dhcp_ipxe cut = dhcp_ipxe_from_option(bytes_of(copy, size));
        CHECK(dhcp_ipxe_has(&cut, DHCP_IPXE_HTTP) == (size >= 10));
        free(copy);
    }
}

static void ipxe_is_told_not_to_wait_for_a_proxy(void)
{
    struct dhcp_suboption suboption;
    struct reader walk = reader_over(dhcp_ipxe_no_proxy());
    CHECK(dhcp_suboption_next(&suboption, &walk) && suboption.code == 0xb0);
    CHECK(suboption.value.size == 1 && suboption.value.data[0] == 1 && !dhcp_suboption_next(&suboption, &walk));
}

int main(void)
{
    RUN(vendor_options_are_written_octet_by_octet);
    RUN(a_raspberry_pi_gets_the_menu_it_looks_for);
    RUN(vendor_options_that_are_too_long_are_not_written);
    RUN(a_boot_item_is_asked_for_in_option_43);
    RUN(architectures_are_a_list);
    RUN(the_undi_version_has_three_octets);
    RUN(a_uuid_has_a_type_or_none);
    RUN(a_vendor_class_is_taken_apart);
    RUN(a_vendor_class_is_answered_without_its_suffix);
    RUN(user_classes_are_a_list_or_one);
    RUN(ipxe_lists_its_features);
    RUN(ipxe_is_told_not_to_wait_for_a_proxy);
    return test_result();
}
