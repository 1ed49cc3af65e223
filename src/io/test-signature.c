/* SPDX-License-Identifier: Apache-2.0 */
#include "io/signature.h"

#include "base/array.h"
#include "test.h"

/* An Ed25519 key as in the examples of draft-koch-eddsa-for-openpgp-00, its secret made up; not encrypted. */
static const uint8_t ed25519_key[] = {
    0x94, 0x58, 0x04, 0x53, 0xf3, 0x5f, 0x0b, 0x16, 0x09, 0x2b, 0x06, 0x01, 0x04, 0x01, 0xda, 0x47, 0x0f, 0x01,
    0x01, 0x07, 0x40, 0x3f, 0x09, 0x89, 0x94, 0xbd, 0xd9, 0x16, 0xed, 0x40, 0x53, 0x19, 0x79, 0x34, 0xe4, 0xa8,
    0x7c, 0x80, 0x73, 0x3a, 0x12, 0x80, 0xd6, 0x2f, 0x80, 0x10, 0x99, 0x2e, 0x43, 0xee, 0x3b, 0x24, 0x06, 0x00,
    0x01, 0x00, 0x1a, 0x8b, 0x1f, 0xf0, 0x5d, 0xed, 0x48, 0xe1, 0x8b, 0xf5, 0x01, 0x66, 0xc6, 0x64, 0xab, 0x02,
    0x3e, 0xa7, 0x00, 0x03, 0xd7, 0x8d, 0x9e, 0x41, 0xf5, 0x75, 0x8a, 0x91, 0xd8, 0x50, 0xf8, 0xd2, 0x00, 0x00};

static void a_key_is_read(void)
{
    struct signature_key key;
    CHECK_NUMBER(signature_key_parse(&key, bytes_of(ed25519_key, sizeof ed25519_key)), SIGNATURE_OK);
    CHECK_NUMBER(key.algorithm, SIGNATURE_EDDSA);
    CHECK_NUMBER(key.ed25519.point.size, 32);
    CHECK_NUMBER(key.ed25519.point.data[0], 0x3f);
    CHECK_NUMBER(key.ed25519.seed.size, 32);
    CHECK_NUMBER(key.ed25519.seed.data[31], 0xd2);
}

static void each_prefix_of_a_key_is_refused(void)
{
    struct signature_key key = {.algorithm = SIGNATURE_RSA};
    for (size_t size = 0; size < sizeof ed25519_key; size++)
        CHECK_NUMBER(signature_key_parse(&key, bytes_of(ed25519_key, size)), SIGNATURE_E_MALFORMED);
    CHECK_NUMBER(key.algorithm, SIGNATURE_RSA);
}

static int parse_changed(size_t at, uint8_t value)
{
    uint8_t changed[sizeof ed25519_key];
    struct signature_key key;
    memcpy(changed, ed25519_key, sizeof changed);
    changed[at] = value;
    return signature_key_parse(&key, bytes_of(changed, sizeof changed));
}

static void other_keys_are_named(void)
{
    CHECK_NUMBER(parse_changed(53, 254), SIGNATURE_E_LOCKED);
    CHECK_NUMBER(parse_changed(2, 5), SIGNATURE_E_UNSUPPORTED);    /* version 5 */
    CHECK_NUMBER(parse_changed(7, 17), SIGNATURE_E_UNSUPPORTED);   /* DSA */
    CHECK_NUMBER(parse_changed(9, 0x2a), SIGNATURE_E_UNSUPPORTED); /* another curve */
    CHECK_NUMBER(parse_changed(0, 0x98), SIGNATURE_E_MALFORMED);   /* a public key */
}

static void append_piece(void *context, struct bytes piece)
{
    text_append_bytes(context, piece);
}

static void lines_are_hashed_with_cr_lf(void)
{
    static const struct {
        const char *document, *hashed;
    } rows[] = {{"", ""},
                {"a", "a"},
                {"a\n", "a\r\n"},
                {"a\r\nb", "a\r\nb"},
                {"\n\n", "\r\n\r\n"},
                {"a \nb\t\n", "a \r\nb\t\r\n"},
                {"a\rb\n", "a\rb\r\n"}};
    for (size_t i = 0; i < LENGTH(rows); i++) {
        AUTO(text_finish) struct text text = {0};
        signature_hash_document(bytes_of_text(rows[i].document), SIGNATURE_OF_TEXT, append_piece, &text);
        CHECK_TEXT(text_characters(&text), rows[i].hashed);
    }
}

static void a_binary_document_is_hashed_as_it_is(void)
{
    AUTO(text_finish) struct text text = {0};
    signature_hash_document(bytes_of_text("a\nb\r\n"), SIGNATURE_OF_BINARY, append_piece, &text);
    CHECK_TEXT(text_characters(&text), "a\nb\r\n");
}

static void what_gnupg_hashes_otherwise_is_signed_as_binary(void)
{
    static char line[SIGNATURE_LINE_MAX + 2];
    static const struct {
        const char *document;
        enum signature_type type;
    } rows[] = {
        {"", SIGNATURE_OF_TEXT},        {"a\nb", SIGNATURE_OF_TEXT},      {"a\r\nb\r\n", SIGNATURE_OF_TEXT},
        {"a\r", SIGNATURE_OF_BINARY},   {"a\r\r\n", SIGNATURE_OF_BINARY}, {"a\rb\r\n", SIGNATURE_OF_BINARY},
        {"\rb\n", SIGNATURE_OF_BINARY},
    };
    for (size_t i = 0; i < LENGTH(rows); i++)
        CHECK_ROW(rows[i].document, signature_type_for(bytes_of_text(rows[i].document)) == rows[i].type);
    memset(line, 'x', sizeof line - 1);
    CHECK_NUMBER(signature_type_for(bytes_of(line, SIGNATURE_LINE_MAX)), SIGNATURE_OF_TEXT);
    CHECK_NUMBER(signature_type_for(bytes_of(line, SIGNATURE_LINE_MAX + 1)), SIGNATURE_OF_BINARY);
}

static const struct signature example = {
    .type = SIGNATURE_OF_TEXT, .algorithm = SIGNATURE_EDDSA, .created = 0x01020304, .key_id = {1, 2, 3, 4, 5, 6, 7, 8}};

static void the_trailer_counts_what_is_before_it(void)
{
    uint8_t memory[SIGNATURE_TRAILER_MAX];
    struct writer w = writer_over(memory, sizeof memory);
    static const uint8_t expected[] = {4, 1, 22, 8, 0, 16, 5, 2, 1, 2,    3, 4, 9, 16,
                                       1, 2, 3,  4, 5, 6,  7, 8, 4, 0xff, 0, 0, 0, 22};
    signature_write_trailer(&w, &example);
    CHECK(bytes_equal(writer_bytes(&w), bytes_of(expected, sizeof expected)));
}

static void zeros_before_a_number_are_left_out(void)
{
    AUTO(text_finish) struct text packet = {0};
    uint8_t raw[64] = {0};
    raw[31] = 0x05;
    raw[32] = 0x80;
    signature_append_packet(&packet, &example, bytes_of("\xaa\xbb\xcc", 3), bytes_of(raw, sizeof raw));
    const uint8_t *octets = text_bytes(&packet).data;
    static const uint8_t end[] = {0, 0, 0xaa, 0xbb, 0, 3, 5, 1, 0, 0x80};
    CHECK_NUMBER(octets[0], 0xc2);
    CHECK_NUMBER(octets[1], packet.length - 2);
    CHECK(bytes_equal(bytes_slice(text_bytes(&packet), 24, sizeof end), bytes_of(end, sizeof end)));
}

static void a_long_packet_has_a_length_of_two_octets(void)
{
    AUTO(text_finish) struct text packet = {0};
    struct signature rsa = example;
    uint8_t raw[512];
    memset(raw, 0xff, sizeof raw);
    rsa.algorithm = SIGNATURE_RSA;
    signature_append_packet(&packet, &rsa, bytes_of("\xaa\xbb\xcc", 3), bytes_of(raw, sizeof raw));
    const uint8_t *octets = text_bytes(&packet).data;
    CHECK_NUMBER(((octets[1] - 192) << 8) + octets[2] + 192, packet.length - 3);
}

static void armor_has_its_checksum_and_no_end_of_line(void)
{
    AUTO(text_finish) struct text armored = {0};
    /* RFC 4880 §6.6 gives the checksum of its packet. */
    static const uint8_t packet[] = {0xc8, 0x38, 0x01, 0x3b, 0x6d, 0x90, 0xc4, 0x55, 0xfb, 0xa2, 0x8c, 0xc9,
                                     0x48, 0xa4, 0xfc, 0x0d, 0xa5, 0x64, 0x45, 0xd1, 0x4a, 0x54, 0xcb, 0xd0,
                                     0x20, 0xa4, 0xc1, 0x28, 0x58, 0x52, 0x4f, 0x3a, 0x3e, 0x9a, 0xa1, 0x5a};
    signature_append_armored(&armored, bytes_of(packet, sizeof packet));
    CHECK(text_starts_with(text_characters(&armored), "-----BEGIN PGP SIGNATURE-----\n\nyDgBO22QxFX7ooz"));
    CHECK(text_ends_with(text_characters(&armored), "\n-----END PGP SIGNATURE-----"));
}

int main(void)
{
    RUN(a_key_is_read);
    RUN(each_prefix_of_a_key_is_refused);
    RUN(other_keys_are_named);
    RUN(lines_are_hashed_with_cr_lf);
    RUN(a_binary_document_is_hashed_as_it_is);
    RUN(what_gnupg_hashes_otherwise_is_signed_as_binary);
    RUN(the_trailer_counts_what_is_before_it);
    RUN(zeros_before_a_number_are_left_out);
    RUN(a_long_packet_has_a_length_of_two_octets);
    RUN(armor_has_its_checksum_and_no_end_of_line);
    return test_result();
}
