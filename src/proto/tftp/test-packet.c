/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/tftp/packet.h"

#include "base/array.h"
#include "test.h"

/* The octets of a literal without its closing NUL. */
#define OCTETS(literal) bytes_of((literal), sizeof(literal) - 1)

/* As EDK2 asks: RFC 2347 options, one of which we do not know. */
#define REQUEST                                                                                                        \
    "\0\1boot/ipxe.efi\0octet\0tsize\0"                                                                                \
    "0\0blksize\0"                                                                                                     \
    "1468\0windowsize\0"                                                                                               \
    "4\0"

static bool option_is(const struct tftp_options *options, enum tftp_option_code code, const char *name,
                      const char *value)
{
    const struct tftp_option *option = tftp_options_find(options, code);
    return option && bytes_equal_text(option->name, name) && bytes_equal_text(option->value, value);
}

static void a_request_is_read(void)
{
    struct tftp_packet packet;
    CHECK_NUMBER(tftp_packet_parse(&packet, OCTETS(REQUEST)), 0);
    CHECK_NUMBER(packet.opcode, TFTP_READ);
    CHECK(!packet.request.is_write);
    CHECK(bytes_equal_text(packet.request.file, "boot/ipxe.efi"));
    CHECK_NUMBER(packet.request.mode, TFTP_MODE_OCTET);
    CHECK_NUMBER(packet.request.options.count, 3);
    CHECK(option_is(&packet.request.options, TFTP_OPTION_TSIZE, "tsize", "0"));
    CHECK(option_is(&packet.request.options, TFTP_OPTION_BLKSIZE, "blksize", "1468"));
    CHECK(option_is(&packet.request.options, TFTP_OPTION_WINDOWSIZE, "windowsize", "4"));
    CHECK(!tftp_options_find(&packet.request.options, TFTP_OPTION_TIMEOUT));
}

static void names_are_read_in_any_case_and_kept_as_spelled(void)
{
    struct tftp_packet packet;
    CHECK_NUMBER(tftp_packet_parse(&packet, OCTETS("\0\2x\0NetASCII\0BlkSize\0001024\0TSIZE\0000\0")), 0);
    CHECK(packet.request.is_write);
    CHECK_NUMBER(packet.request.mode, TFTP_MODE_NETASCII);
    CHECK(option_is(&packet.request.options, TFTP_OPTION_BLKSIZE, "BlkSize", "1024"));
    CHECK(option_is(&packet.request.options, TFTP_OPTION_TSIZE, "TSIZE", "0"));
}

static void the_first_of_a_repeated_option_counts_and_unknown_ones_do_not(void)
{
    struct tftp_packet packet;
    CHECK_NUMBER(tftp_packet_parse(&packet, OCTETS("\0\1x\0octet\0multicast\0\0blksize\0"
                                                   "900\0BLKSIZE\0"
                                                   "1400\0x-a\0b\0timeout\0"
                                                   "3\0")),
                 0);
    CHECK_NUMBER(packet.request.options.count, 2);
    CHECK(option_is(&packet.request.options, TFTP_OPTION_BLKSIZE, "blksize", "900"));
    CHECK(option_is(&packet.request.options, TFTP_OPTION_TIMEOUT, "timeout", "3"));
}

static void zeros_behind_the_last_option_are_padding(void)
{
    struct tftp_packet packet;
    CHECK_NUMBER(tftp_packet_parse(&packet, OCTETS("\0\1x\0octet\0\0\0\0\0\0\0")), 0);
    CHECK_NUMBER(packet.request.options.count, 0);
    CHECK_NUMBER(tftp_packet_parse(&packet, OCTETS("\0\1x\0octet\0tsize\0000\0\0\0")), 0);
    CHECK_NUMBER(packet.request.options.count, 1);
    /* A ROM that asks for nothing at all: read, so that it can be told what is wrong. */
    CHECK_NUMBER(tftp_packet_parse(&packet, OCTETS("\0\1\0\0\0\0\0\0\0\0\0\0")), 0);
    CHECK(packet.request.file.size == 0 && packet.request.mode == TFTP_MODE_UNKNOWN);
}

static void what_is_no_packet_is_refused(void)
{
    static const struct {
        const char *what;
        struct bytes datagram;
    } rows[] = {
        {"nothing", {0}},
        {"half an opcode", {(const uint8_t *)"\0", 1}},
        {"opcode 0", {(const uint8_t *)"\0\0\0\0", 4}},
        {"opcode 7", {(const uint8_t *)"\0\7\0\0", 4}},
        {"opcode 256", {(const uint8_t *)"\1\1x\0octet\0", 10}},
        {"a file without NUL", {(const uint8_t *)"\0\1x", 3}},
        {"a mode without NUL", {(const uint8_t *)"\0\1x\0octet", 9}},
        {"no mode", {(const uint8_t *)"\0\1x\0", 4}},
        {"an option without a value", {(const uint8_t *)"\0\1x\0octet\0tsize\0", 16}},
        {"a value without NUL", {(const uint8_t *)"\0\1x\0octet\0tsize\0000", 17}},
        {"an ACK without a block", {(const uint8_t *)"\0\4\0", 3}},
        {"a DATA without a block", {(const uint8_t *)"\0\3", 2}},
        {"an ERROR without a code", {(const uint8_t *)"\0\5\0", 3}},
    };
    for (size_t i = 0; i < LENGTH(rows); i++) {
        struct tftp_packet packet = {.opcode = TFTP_DATA};
        CHECK_ROW(rows[i].what, tftp_packet_parse(&packet, rows[i].datagram) == TFTP_E_MALFORMED);
        CHECK_ROW(rows[i].what, packet.opcode == TFTP_DATA);
    }
}

static void a_request_has_a_longest_size(void)
{
    uint8_t datagram[TFTP_REQUEST_MAX + 1];
    struct writer w = writer_over(datagram, sizeof datagram);
    write_u16be(&w, TFTP_READ);
    while (writer_left(&w) > 7)
        write_u8(&w, 'a');
    write_text_nul(&w, "");
    write_text_nul(&w, "octet");
    struct tftp_packet packet;
    CHECK_NUMBER(writer_size(&w), sizeof datagram);
    CHECK_NUMBER(tftp_packet_parse(&packet, writer_bytes(&w)), TFTP_E_MALFORMED);
    memmove(datagram + 2, datagram + 3, sizeof datagram - 3);
    CHECK_NUMBER(tftp_packet_parse(&packet, bytes_of(datagram, sizeof datagram - 1)), 0);
}

static void every_prefix_of_a_request_is_refused_or_asks_for_less(void)
{
    for (size_t size = 0; size < sizeof REQUEST - 1; size++) {
        struct tftp_packet packet;
        struct bytes prefix = bytes_slice(OCTETS(REQUEST), 0, size);
        if (tftp_packet_parse(&packet, prefix) == 0)
            CHECK(packet.request.options.count < 3 && prefix.data[size - 1] == 0);
    }
}

static void an_error_may_lack_its_nul(void)
{
    struct tftp_packet packet;
    CHECK_NUMBER(tftp_packet_parse(&packet, OCTETS("\0\5\0\10User aborted")), 0);
    CHECK(packet.error.code == TFTP_ERROR_OPTION && bytes_equal_text(packet.error.text, "User aborted"));
    CHECK_NUMBER(tftp_packet_parse(&packet, OCTETS("\0\5\0\0")), 0);
    CHECK(packet.error.text.size == 0);
    CHECK_TEXT(tftp_error_to_text(8), "option refused");
    CHECK_TEXT(tftp_error_to_text(999), "an error of no known code");
}

static void what_is_built_is_what_was_read(void)
{
    static const struct bytes datagrams[] = {
        {(const uint8_t *)REQUEST, sizeof REQUEST - 1},
        {(const uint8_t *)"\0\2up\0octet\0", 11},
        {(const uint8_t *)"\0\3\0\7data", 8},
        {(const uint8_t *)"\0\3\377\377", 4},
        {(const uint8_t *)"\0\4\1\2", 4},
        {(const uint8_t *)"\0\5\0\1no such file", 17},
        {(const uint8_t *)"\0\6BLKSIZE\0001468\0", 15},
    };
    for (size_t i = 0; i < LENGTH(datagrams); i++) {
        struct tftp_packet packet;
        uint8_t memory[256];
        struct writer w = writer_over(memory, sizeof memory);
        CHECK_NUMBER(tftp_packet_parse(&packet, datagrams[i]), 0);
        tftp_packet_build(&w, &packet);
        CHECK(!w.failed && bytes_equal(writer_bytes(&w), datagrams[i]));
    }
}

int main(void)
{
    RUN(a_request_is_read);
    RUN(names_are_read_in_any_case_and_kept_as_spelled);
    RUN(the_first_of_a_repeated_option_counts_and_unknown_ones_do_not);
    RUN(zeros_behind_the_last_option_are_padding);
    RUN(what_is_no_packet_is_refused);
    RUN(a_request_has_a_longest_size);
    RUN(every_prefix_of_a_request_is_refused_or_asks_for_less);
    RUN(an_error_may_lack_its_nul);
    RUN(what_is_built_is_what_was_read);
    return test_result();
}
