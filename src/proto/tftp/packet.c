/* SPDX-License-Identifier: Apache-2.0 */
/* TFTP packets, read and written. */
#include "proto/tftp/packet.h"

#include <strings.h>

#include "base/array.h"
#include "base/reader.h"

static const char *const option_names[TFTP_OPTION_COUNT] = {
    [TFTP_OPTION_BLKSIZE] = "blksize",
    [TFTP_OPTION_TIMEOUT] = "timeout",
    [TFTP_OPTION_TSIZE] = "tsize",
    [TFTP_OPTION_WINDOWSIZE] = "windowsize",
};

static const struct {
    const char *name;
    enum tftp_mode mode;
} mode_names[] = {
    {"octet", TFTP_MODE_OCTET},
    {"netascii", TFTP_MODE_NETASCII},
    {"mail", TFTP_MODE_MAIL},
};

static const char *const error_texts[] = {
    [TFTP_ERROR_UNDEFINED] = "error without a code",
    [TFTP_ERROR_NOT_FOUND] = "file not found",
    [TFTP_ERROR_ACCESS] = "access violation",
    [TFTP_ERROR_DISK_FULL] = "disk full",
    [TFTP_ERROR_ILLEGAL] = "illegal operation",
    [TFTP_ERROR_UNKNOWN_TRANSFER] = "unknown transfer",
    [TFTP_ERROR_EXISTS] = "file exists",
    [TFTP_ERROR_NO_USER] = "no such user",
    [TFTP_ERROR_OPTION] = "option refused",
};

/* RFC 1350 §5 and RFC 2347: modes and option names in any mixture of case. */
static bool bytes_are_ignoring_case(struct bytes bytes, const char *text)
{
    return bytes.size == strlen(text) && strncasecmp((const char *)bytes.data, text, bytes.size) == 0;
}

static enum tftp_mode mode_from_name(struct bytes name)
{
    for (size_t i = 0; i < LENGTH(mode_names); i++)
        if (bytes_are_ignoring_case(name, mode_names[i].name))
            return mode_names[i].mode;
    return TFTP_MODE_UNKNOWN;
}

const struct tftp_option *tftp_options_find(const struct tftp_options *options, enum tftp_option_code code)
{
    for (size_t i = 0; i < options->count; i++)
        if (options->at[i].code == code)
            return &options->at[i];
    return NULL;
}

static void options_add(struct tftp_options *options, struct bytes name, struct bytes value)
{
    for (size_t code = 0; code < TFTP_OPTION_COUNT; code++) {
        if (!bytes_are_ignoring_case(name, option_names[code]))
            continue;
        if (!tftp_options_find(options, (enum tftp_option_code)code))
            options->at[options->count++] = (struct tftp_option){(enum tftp_option_code)code, name, value};
        return;
    }
}

/* Some boot ROMs send a buffer of fixed size, zeros behind what they mean. */
static bool rest_is_padding(const struct reader *r)
{
    for (const uint8_t *octet = r->cursor; octet < r->end; octet++)
        if (*octet != 0)
            return false;
    return true;
}

static void read_options(struct tftp_options *ret, struct reader *r)
{
    while (reader_left(r) > 0 && !rest_is_padding(r)) {
        struct bytes name = read_until_nul(r);
        struct bytes value = read_until_nul(r);
        if (!r->failed)
            options_add(ret, name, value);
    }
}

static void read_request(struct tftp_request *ret, struct reader *r, bool is_write)
{
    if (reader_left(r) + sizeof(uint16_t) > TFTP_REQUEST_MAX)
        r->failed = true;
    ret->is_write = is_write;
    ret->file = read_until_nul(r);
    ret->mode_name = read_until_nul(r);
    ret->mode = mode_from_name(ret->mode_name);
    read_options(&ret->options, r);
}

/* The text of an ERROR, whose closing NUL some clients leave out. */
static struct bytes read_error_text(struct reader *r)
{
    struct bytes rest = read_rest(r);
    return bytes_slice(rest, 0, rest.size > 0 ? strnlen((const char *)rest.data, rest.size) : 0);
}

int tftp_packet_parse(struct tftp_packet *ret, struct bytes datagram)
{
    struct reader r = reader_over(datagram);
    struct tftp_packet packet = {.opcode = read_u16be(&r)};
    switch (packet.opcode) {
    case TFTP_READ:
    case TFTP_WRITE:
        read_request(&packet.request, &r, packet.opcode == TFTP_WRITE);
        break;
    case TFTP_DATA:
        packet.data.block = read_u16be(&r);
        packet.data.data = read_rest(&r);
        break;
    case TFTP_ACK:
        packet.ack.block = read_u16be(&r);
        break;
    case TFTP_ERROR:
        packet.error.code = read_u16be(&r);
        packet.error.text = read_error_text(&r);
        break;
    case TFTP_OACK:
        read_options(&packet.oack, &r);
        break;
    default:
        return TFTP_E_MALFORMED;
    }
    if (r.failed)
        return TFTP_E_MALFORMED;
    *ret = packet;
    return 0;
}

static void write_bytes_nul(struct writer *w, struct bytes text)
{
    write_bytes(w, text);
    write_u8(w, 0);
}

static void write_options(struct writer *w, const struct tftp_options *options)
{
    for (size_t i = 0; i < options->count; i++) {
        write_bytes_nul(w, options->at[i].name);
        write_bytes_nul(w, options->at[i].value);
    }
}

void tftp_packet_build(struct writer *w, const struct tftp_packet *packet)
{
    write_u16be(w, (uint16_t)packet->opcode);
    switch (packet->opcode) {
    case TFTP_READ:
    case TFTP_WRITE:
        write_bytes_nul(w, packet->request.file);
        write_bytes_nul(w, packet->request.mode_name);
        write_options(w, &packet->request.options);
        break;
    case TFTP_DATA:
        write_u16be(w, packet->data.block);
        write_bytes(w, packet->data.data);
        break;
    case TFTP_ACK:
        write_u16be(w, packet->ack.block);
        break;
    case TFTP_ERROR:
        write_u16be(w, packet->error.code);
        write_bytes_nul(w, packet->error.text);
        break;
    case TFTP_OACK:
        write_options(w, &packet->oack);
        break;
    }
}

const char *tftp_error_to_text(uint16_t code)
{
    return code < LENGTH(error_texts) ? error_texts[code] : "an error of no known code";
}
