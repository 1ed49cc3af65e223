/* SPDX-License-Identifier: Apache-2.0 */
/* Reader, writer and the values that stand in packets: MAC, IPv4, UUID. */
#include "base/array.h"
#include "base/ipv4.h"
#include "base/mac.h"
#include "base/reader.h"
#include "base/uuid.h"
#include "base/writer.h"
#include "test.h"

static void a_reader_gives_what_a_writer_wrote(void)
{
    uint8_t memory[64];
    struct writer w = writer_over(memory, sizeof memory);
    write_u8(&w, 1);
    write_u16be(&w, 0x0203);
    write_u32be(&w, 0x04050607);
    write_text_nul(&w, "file");
    write_text(&w, "rest");
    CHECK(!w.failed);
    struct reader r = reader_over(writer_bytes(&w));
    CHECK_NUMBER(read_u8(&r), 1);
    CHECK_NUMBER(read_u16be(&r), 0x0203);
    CHECK_NUMBER(read_u32be(&r), 0x04050607);
    CHECK(bytes_equal_text(read_until_nul(&r), "file"));
    CHECK(bytes_equal_text(read_rest(&r), "rest"));
    CHECK(!r.failed && reader_left(&r) == 0);
}

static void a_reader_remembers_that_it_failed(void)
{
    uint8_t octets[] = {1, 2, 3};
    struct reader r = reader_over(bytes_of(octets, sizeof octets));
    CHECK_NUMBER(read_u32be(&r), 0);
    CHECK(r.failed);
    CHECK_NUMBER(read_u8(&r), 0);
    struct reader text = reader_over(bytes_of(octets, sizeof octets));
    CHECK(read_until_nul(&text).size == 0 && text.failed);
    struct reader nothing = reader_over((struct bytes){0});
    CHECK(read_rest(&nothing).size == 0 && !nothing.failed);
}

static void a_writer_writes_nothing_that_does_not_fit(void)
{
    uint8_t memory[4] = {0};
    struct writer w = writer_over(memory, 3);
    write_u16be(&w, 0x0102);
    write_u16be(&w, 0x0304);
    CHECK(w.failed);
    write_u8(&w, 9);
    CHECK_NUMBER(writer_size(&w), 2);
    CHECK_NUMBER(memory[2], 0);
}

static void a_mac_is_read_as_go_reads_it(void)
{
    const struct {
        const char *text, *canonical;
    } rows[] = {
        {"52:54:00:12:34:56", "52:54:00:12:34:56"},
        {"52-54-00-AB-cd-Ef", "52:54:00:ab:cd:ef"},
        {"5254.0012.3456", "52:54:00:12:34:56"},
        {"02:00:5e:10:00:00:00:01", "02:00:5e:10:00:00:00:01"},
        {"0200.5e10.0000.0001", "02:00:5e:10:00:00:00:01"},
        {"525400123456", NULL},
        {"52:54:00:12:34", NULL},
        {"52:54:00:12:34:5", NULL},
        {"52:54:00-12:34:56", NULL},
        {"5:54:00:12:34:56:0", NULL},
        {" 52:54:00:12:34:56", NULL},
        {"52:54:00:12:34:56 ", NULL},
        {"52:54:00:12:34:56:", NULL},
        {"5254.0012.345", NULL},
        {"", NULL},
        {"zz:54:00:12:34:56", NULL},
    };
    for (size_t i = 0; i < LENGTH(rows); i++) {
        struct mac mac;
        char text[MAC_TEXT_MAX];
        bool accepted = mac_from_text(&mac, rows[i].text);
        CHECK_ROW(rows[i].text, accepted == (rows[i].canonical != NULL));
        if (accepted)
            CHECK_TEXT(mac_to_text(text, &mac, ':'), rows[i].canonical);
    }
    struct mac raw;
    CHECK(mac_from_any_text(&raw, "5254001234Ab") && raw.octets[5] == 0xab);
    CHECK(!mac_from_any_text(&raw, "5254001234zz"));
}

static void an_address_is_four_numbers(void)
{
    struct ipv4 address;
    char text[IPV4_TEXT_MAX];
    CHECK(ipv4_from_text(&address, "10.77.0.255") && address.number == 0x0a4d00ff);
    CHECK_TEXT(ipv4_to_text(text, address), "10.77.0.255");
    CHECK_TEXT(ipv4_to_text(text, (struct ipv4){0}), "0.0.0.0");
    CHECK_TEXT(ipv4_to_text(text, (struct ipv4){0x01146309}), "1.20.99.9");
    CHECK_TEXT(ipv4_to_text(text, IPV4_BROADCAST), "255.255.255.255");
    const char *refused[] = {"",          "10.0.0",  "10.0.0.0.1", "10.0.0.256",
                             "10.0.0.1 ", "10..0.1", "0x0a.0.0.1", "10.0.0.0001"};
    for (size_t i = 0; i < LENGTH(refused); i++)
        CHECK_ROW(refused[i], !ipv4_from_text(&address, refused[i]));
}

static void a_subnet_knows_its_addresses(void)
{
    struct ipv4_subnet subnet;
    CHECK(ipv4_subnet_from_text(&subnet, "10.77.0.0/22"));
    CHECK_NUMBER(ipv4_subnet_mask(subnet).number, 0xfffffc00);
    CHECK_NUMBER(ipv4_subnet_broadcast(subnet).number, 0x0a4d03ff);
    CHECK(ipv4_subnet_contains(subnet, (struct ipv4){0x0a4d0301}));
    CHECK(!ipv4_subnet_contains(subnet, (struct ipv4){0x0a4d0401}));
    CHECK(ipv4_subnet_from_text(&subnet, "0.0.0.0/0") && ipv4_subnet_contains(subnet, IPV4_BROADCAST));
    CHECK(ipv4_subnet_from_text(&subnet, "10.0.0.0/31") && !ipv4_is_set(ipv4_subnet_broadcast(subnet)));
    const char *refused[] = {"10.0.0.1/24", "10.0.0.0", "10.0.0.0/33", "10.0.0.0/", "10.0.0/24", "/24"};
    for (size_t i = 0; i < LENGTH(refused); i++)
        CHECK_ROW(refused[i], !ipv4_subnet_from_text(&subnet, refused[i]));
}

static void a_machine_is_told_our_address_in_its_subnet(void)
{
    const struct ipv4_interface ours[] = {
        {.address = {0x0a4d0001}, .subnet = {.network = {0x0a4d0000}, .prefix = 24}},
        {.address = {0xc0a80101}, .subnet = {.network = {0xc0a80100}, .prefix = 24}},
    };
    CHECK_NUMBER(ipv4_interface_near(ours, 2, (struct ipv4){0xc0a80132}).number, 0xc0a80101);
    CHECK_NUMBER(ipv4_interface_near(ours, 2, (struct ipv4){0x08080808}).number, 0x0a4d0001);
    CHECK_NUMBER(ipv4_interface_near(ours, 2, (struct ipv4){0}).number, 0x0a4d0001);
    CHECK_NUMBER(ipv4_interface_near(ours, 0, (struct ipv4){0}).number, 0);
}

static void a_uuid_has_a_wire_form_and_a_text_form(void)
{
    const struct uuid uuid = {
        .octets = {0x00, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88, 0x99, 0xaa, 0xbb, 0xcc, 0xdd, 0xee, 0xff}};
    char text[UUID_TEXT_MAX];
    CHECK_TEXT(uuid_to_wire_text(text, &uuid), "00112233-4455-6677-8899-aabbccddeeff");
    CHECK_TEXT(uuid_to_text(text, &uuid), "33221100-5544-7766-8899-aabbccddeeff");
    struct uuid read;
    CHECK(uuid_from_text(&read, "33221100-5544-7766-8899-AABBCCDDEEFF") && memcmp(&read, &uuid, sizeof uuid) == 0);
    CHECK(!uuid_from_text(&read, "33221100-5544-7766-8899-AABBCCDDEEF"));
    CHECK(!uuid_from_text(&read, "33221100+5544-7766-8899-AABBCCDDEEFF"));
    CHECK(!uuid_is_dummy(&uuid));
    CHECK(uuid_is_dummy(&(struct uuid){0}));
}

int main(void)
{
    RUN(a_reader_gives_what_a_writer_wrote);
    RUN(a_reader_remembers_that_it_failed);
    RUN(a_writer_writes_nothing_that_does_not_fit);
    RUN(a_mac_is_read_as_go_reads_it);
    RUN(an_address_is_four_numbers);
    RUN(a_subnet_knows_its_addresses);
    RUN(a_machine_is_told_our_address_in_its_subnet);
    RUN(a_uuid_has_a_wire_form_and_a_text_form);
    return test_result();
}
