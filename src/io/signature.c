/* SPDX-License-Identifier: Apache-2.0 */
/* OpenPGP packets, as far as detached signatures need them. */
#include "io/signature.h"

#include "base/reader.h"

enum { PACKET_SIGNATURE = 2, PACKET_SECRET_KEY = 5, PACKET_SECRET_SUBKEY = 7 };
enum { VERSION_4 = 4, HASH_SHA256 = 8, SUBPACKET_CREATED = 2, SUBPACKET_ISSUER = 16, NOT_ENCRYPTED = 0 };
/* 1.3.6.1.4.1.11591.15.1, which GnuPG and librnp name Ed25519 by. */
static const uint8_t ed25519_curve[] = {0x2b, 0x06, 0x01, 0x04, 0x01, 0xda, 0x47, 0x0f, 0x01};
/* Octets of base64 in a line of armor: 48 of the packet. */
#define ARMOR_LINE_OCTETS 48

/* RFC 4880 §4.2.1: the length in an old packet header is 1, 2 or 4 octets, by the lowest bits of the first one. */
static size_t read_old_length(struct reader *r, uint8_t first)
{
    switch (first & 3) {
    case 0:
        return read_u8(r);
    case 1:
        return read_u16be(r);
    case 2:
        return read_u32be(r);
    default:
        return reader_left(r);
    }
}

/* RFC 4880 §4.2.2, but for partial lengths, which keys do not have. */
static size_t read_new_length(struct reader *r)
{
    uint8_t first = read_u8(r);
    if (first < 192)
        return first;
    if (first < 224)
        return ((size_t)(first - 192) << 8) + read_u8(r) + 192;
    if (first == 255)
        return read_u32be(r);
    r->failed = true;
    return 0;
}

static struct bytes read_packet(struct reader *r, unsigned *ret_tag)
{
    uint8_t first = read_u8(r);
    bool is_new = first & 0x40;
    if (!(first & 0x80))
        r->failed = true;
    *ret_tag = is_new ? first & 0x3f : (first >> 2) & 0x0f;
    return read_bytes(r, is_new ? read_new_length(r) : read_old_length(r, first));
}

/* RFC 4880 §3.2: a length in bits, then the number. */
static struct bytes read_number(struct reader *r)
{
    return read_bytes(r, ((size_t)read_u16be(r) + 7) / 8);
}

/* A point in its native form: 0x40, then 32 octets. */
static struct bytes read_point(struct reader *r)
{
    struct bytes number = read_number(r);
    if (number.size != 33 || number.data[0] != 0x40)
        r->failed = true;
    return bytes_slice(number, 1, 32);
}

static int read_rsa(struct signature_key *key, struct reader *r)
{
    key->rsa.n = read_number(r);
    key->rsa.e = read_number(r);
    if (!r->failed && read_u8(r) != NOT_ENCRYPTED)
        return SIGNATURE_E_LOCKED;
    key->rsa.d = read_number(r);
    key->rsa.p = read_number(r);
    key->rsa.q = read_number(r);
    return r->failed ? SIGNATURE_E_MALFORMED : SIGNATURE_OK;
}

static int read_eddsa(struct signature_key *key, struct reader *r)
{
    struct bytes curve = read_bytes(r, read_u8(r));
    if (!r->failed && !bytes_equal(curve, bytes_of(ed25519_curve, sizeof ed25519_curve)))
        return SIGNATURE_E_UNSUPPORTED;
    key->ed25519.point = read_point(r);
    if (!r->failed && read_u8(r) != NOT_ENCRYPTED)
        return SIGNATURE_E_LOCKED;
    key->ed25519.seed = read_number(r);
    return r->failed || key->ed25519.seed.size > 32 ? SIGNATURE_E_MALFORMED : SIGNATURE_OK;
}

/* RFC 4880 §5.5.3. */
static int read_key(struct signature_key *key, struct reader *r)
{
    uint8_t version = read_u8(r);
    read_u32be(r); /* created */
    key->algorithm = read_u8(r);
    if (r->failed)
        return SIGNATURE_E_MALFORMED;
    if (version != VERSION_4)
        return SIGNATURE_E_UNSUPPORTED;
    switch (key->algorithm) {
    case SIGNATURE_RSA:
    case SIGNATURE_RSA_SIGN_ONLY:
        return read_rsa(key, r);
    case SIGNATURE_EDDSA:
        return read_eddsa(key, r);
    default:
        return SIGNATURE_E_UNSUPPORTED;
    }
}

/* The last secret key among the packets; others are user IDs, signatures and the like. */
static struct bytes find_key(struct bytes packets)
{
    struct bytes found = {0};
    struct reader r = reader_over(packets);
    while (reader_left(&r) > 0) {
        unsigned tag;
        struct bytes packet = read_packet(&r, &tag);
        if (tag == PACKET_SECRET_KEY || tag == PACKET_SECRET_SUBKEY)
            found = packet;
    }
    return r.failed ? (struct bytes){0} : found;
}

int signature_key_parse(struct signature_key *ret, struct bytes packets)
{
    struct signature_key key = {0};
    struct reader r = reader_over(find_key(packets));
    int result = read_key(&key, &r);
    if (result == SIGNATURE_OK)
        *ret = key;
    return result;
}

/* The line at the start of rest, its LF with it. */
static struct bytes first_line(struct bytes rest)
{
    const uint8_t *end = rest.size > 0 ? memchr(rest.data, '\n', rest.size) : NULL;
    return end ? bytes_slice(rest, 0, (size_t)(end - rest.data) + 1) : rest;
}

static bool ends_in(struct bytes line, const char *end)
{
    size_t size = strlen(end);
    return line.size >= size && memcmp(line.data + line.size - size, end, size) == 0;
}

static bool line_is_plain(struct bytes line)
{
    const uint8_t *cr = line.size > 0 ? memchr(line.data, '\r', line.size) : NULL;
    bool ends_line = cr && ends_in(line, "\r\n") && (size_t)(cr - line.data) == line.size - 2;
    return line.size <= SIGNATURE_LINE_MAX && (!cr || ends_line);
}

enum signature_type signature_type_for(struct bytes document)
{
    for (struct bytes rest = document; rest.size > 0;) {
        struct bytes line = first_line(rest);
        if (!line_is_plain(line))
            return SIGNATURE_OF_BINARY;
        rest = bytes_slice(rest, line.size, rest.size);
    }
    return SIGNATURE_OF_TEXT;
}

void signature_hash_document(struct bytes document, enum signature_type type,
                             void (*update)(void *context, struct bytes piece), void *context)
{
    if (type == SIGNATURE_OF_BINARY) {
        update(context, document);
        return;
    }
    for (struct bytes rest = document; rest.size > 0;) {
        struct bytes line = first_line(rest);
        rest = bytes_slice(rest, line.size, rest.size);
        if (ends_in(line, "\n") && !ends_in(line, "\r\n")) {
            update(context, bytes_slice(line, 0, line.size - 1));
            update(context, bytes_of_text("\r\n"));
        } else {
            update(context, line);
        }
    }
}

/* RFC 4880 §5.2.3: from the version to the end of the subpackets that are hashed. */
static void write_hashed_part(struct writer *w, const struct signature *signature)
{
    write_u8(w, VERSION_4);
    write_u8(w, (uint8_t)signature->type);
    write_u8(w, (uint8_t)signature->algorithm);
    write_u8(w, HASH_SHA256);
    write_u16be(w, 6 + 2 + SIGNATURE_KEY_ID_SIZE); /* of both subpackets, their lengths included */
    write_u8(w, 5);
    write_u8(w, SUBPACKET_CREATED);
    write_u32be(w, signature->created);
    write_u8(w, 1 + SIGNATURE_KEY_ID_SIZE);
    write_u8(w, SUBPACKET_ISSUER);
    write_bytes(w, bytes_of(signature->key_id, sizeof signature->key_id));
}

void signature_write_trailer(struct writer *w, const struct signature *signature)
{
    size_t before = writer_size(w);
    write_hashed_part(w, signature);
    uint32_t hashed = (uint32_t)(writer_size(w) - before);
    write_u8(w, VERSION_4);
    write_u8(w, 0xff);
    write_u32be(w, hashed);
}

static void append_u8(struct text *ret, size_t value)
{
    text_append_char(ret, (char)(uint8_t)value);
}

/* RFC 4880 §3.2: without zeros at the start, behind its length in bits. */
static void append_number(struct text *ret, struct bytes number)
{
    while (number.size > 0 && number.data[0] == 0)
        number = bytes_slice(number, 1, number.size);
    size_t bits = number.size > 0 ? 8 * number.size - (size_t)(__builtin_clz(number.data[0]) - 24) : 0;
    append_u8(ret, bits >> 8);
    append_u8(ret, bits);
    text_append_bytes(ret, number);
}

static void append_raw(struct text *ret, const struct signature *signature, struct bytes raw)
{
    if (signature->algorithm != SIGNATURE_EDDSA) {
        append_number(ret, raw);
        return;
    }
    append_number(ret, bytes_slice(raw, 0, 32));
    append_number(ret, bytes_slice(raw, 32, 32));
}

void signature_append_packet(struct text *ret, const struct signature *signature, struct bytes digest, struct bytes raw)
{
    AUTO(text_finish) struct text body = {0};
    uint8_t memory[SIGNATURE_TRAILER_MAX];
    struct writer hashed = writer_over(memory, sizeof memory);
    write_hashed_part(&hashed, signature);
    text_append_bytes(&body, writer_bytes(&hashed));
    text_append_bytes(&body, bytes_of("\0\0", 2)); /* no subpackets that are not hashed */
    text_append_bytes(&body, bytes_slice(digest, 0, 2));
    append_raw(&body, signature, raw);
    append_u8(ret, 0xc0 | PACKET_SIGNATURE);
    if (body.length < 192) {
        append_u8(ret, body.length);
    } else {
        append_u8(ret, 192 + ((body.length - 192) >> 8));
        append_u8(ret, body.length - 192);
    }
    text_append_bytes(ret, text_bytes(&body));
}

/* RFC 4880 §6.1. */
static uint32_t checksum_of(struct bytes bytes)
{
    uint32_t sum = 0xb704ce;
    for (size_t i = 0; i < bytes.size; i++) {
        sum ^= (uint32_t)bytes.data[i] << 16;
        for (int bit = 0; bit < 8; bit++) {
            sum <<= 1;
            if (sum & 0x1000000)
                sum ^= 0x1864cfb;
        }
    }
    return sum & 0xffffff;
}

static void append_base64(struct text *ret, struct bytes bytes)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (struct bytes rest = bytes; rest.size > 0; rest = bytes_slice(rest, 3, rest.size)) {
        uint8_t three[3] = {0};
        memcpy(three, rest.data, rest.size < 3 ? rest.size : 3);
        text_append_char(ret, digits[three[0] >> 2]);
        text_append_char(ret, digits[(three[0] & 3) << 4 | three[1] >> 4]);
        text_append_char(ret, rest.size > 1 ? digits[(three[1] & 15) << 2 | three[2] >> 6] : '=');
        text_append_char(ret, rest.size > 2 ? digits[three[2] & 63] : '=');
    }
}

void signature_append_armored(struct text *ret, struct bytes packet)
{
    uint32_t sum = checksum_of(packet);
    uint8_t octets[] = {(uint8_t)(sum >> 16), (uint8_t)(sum >> 8), (uint8_t)sum};
    text_append(ret, "-----BEGIN PGP SIGNATURE-----\n\n");
    for (size_t i = 0; i < packet.size; i += ARMOR_LINE_OCTETS) {
        append_base64(ret, bytes_slice(packet, i, ARMOR_LINE_OCTETS));
        text_append_char(ret, '\n');
    }
    text_append_char(ret, '=');
    append_base64(ret, bytes_of(octets, sizeof octets));
    text_append(ret, "\n-----END PGP SIGNATURE-----");
}
