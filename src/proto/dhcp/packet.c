/* SPDX-License-Identifier: Apache-2.0 */
/* Reads DHCPv4 and BOOTP messages. Options are noted where they lie; only those in several parts are copied together,
 * in a second walk over the same octets. */
#include "proto/dhcp/packet.h"

#include <string.h>

#include "base/array.h"
#include "base/reader.h"

/* RFC 2131 §3 */
#define MAGIC_COOKIE 0x63825363u

/* The parts of a message that may hold options, in the order in which RFC 3396 §5 joins them. */
struct areas {
    struct bytes at[3];
    size_t count;
};

/* One part of an option, as it stands in the message. */
struct part {
    const uint8_t *start;
    uint8_t code;
    uint8_t size;
    struct bytes value;
};

/* Steps to the next option; false at the END, at the end of the area, or, with r->failed, in an option that is cut. */
static bool part_next(struct part *ret, struct reader *r)
{
    while (reader_left(r) > 0) {
        ret->start = r->cursor;
        ret->code = read_u8(r);
        if (ret->code == DHCP_OPTION_PAD)
            continue;
        if (ret->code == DHCP_OPTION_END)
            return false;
        ret->size = read_u8(r);
        ret->value = read_bytes(r, ret->size);
        return !r->failed;
    }
    return false;
}

static int fail_cut(const struct dhcp_packet *packet, const struct part *part, const uint8_t *end, struct diag *why)
{
    long offset = part->start - packet->datagram.data;
    long left = end - part->start - 2;
    if (left < 0)
        return fail(why, DHCP_E_MALFORMED, "option %u (%s) at offset %ld has no length", part->code,
                    dhcp_option_name(part->code), offset);
    return fail(why, DHCP_E_MALFORMED, "option %u (%s) at offset %ld says %u octets where %ld are left", part->code,
                dhcp_option_name(part->code), offset, part->size, left);
}

static void packet_note(struct dhcp_packet *packet, const struct part *part)
{
    struct dhcp_option_place *place = &packet->places[part->code];
    if (dhcp_codes_have(&packet->present, part->code)) {
        dhcp_codes_add(&packet->joined, part->code);
        place->size = (uint16_t)(place->size + part->size);
        return;
    }
    dhcp_codes_add(&packet->present, part->code);
    *place = (struct dhcp_option_place){
        .offset = (uint16_t)(part->start + 2 - packet->datagram.data),
        .size = part->size,
    };
}

static int packet_note_area(struct dhcp_packet *packet, struct bytes area, struct diag *why)
{
    struct part part;
    struct reader r = reader_over(area);
    while (part_next(&part, &r))
        packet_note(packet, &part);
    return r.failed ? fail_cut(packet, &part, r.end, why) : DHCP_OK;
}

/* Gives each option that came in parts its room among the joined octets, still empty. */
static int packet_place_joined(struct dhcp_packet *packet, struct diag *why)
{
    size_t used = 0;
    for (int code = dhcp_codes_next(&packet->joined, -1); code >= 0; code = dhcp_codes_next(&packet->joined, code)) {
        struct dhcp_option_place *place = &packet->places[code];
        size_t offset = used;
        used += place->size;
        if (used > DHCP_JOINED_MAX)
            return fail(why, DHCP_E_MALFORMED, "option %d (%s) and others come in parts of more than %d octets", code,
                        dhcp_option_name((uint8_t)code), DHCP_JOINED_MAX);
        *place = (struct dhcp_option_place){.offset = (uint16_t)offset};
    }
    return DHCP_OK;
}

static void packet_join_area(struct dhcp_packet *packet, struct bytes area)
{
    struct part part;
    struct reader r = reader_over(area);
    while (part_next(&part, &r)) {
        struct dhcp_option_place *place = &packet->places[part.code];
        if (!dhcp_codes_have(&packet->joined, part.code) || part.size == 0)
            continue;
        memcpy(packet->joined_octets + place->offset + place->size, part.value.data, part.size);
        place->size = (uint16_t)(place->size + part.size);
    }
}

/* RFC 3396 §7: all parts of one option, in the order they came, are one value. */
static int packet_join(struct dhcp_packet *packet, const struct areas *areas, struct diag *why)
{
    if (dhcp_codes_are_empty(&packet->joined))
        return DHCP_OK;
    int r = packet_place_joined(packet, why);
    if (r != DHCP_OK)
        return r;
    for (size_t i = 0; i < areas->count; i++)
        packet_join_area(packet, areas->at[i]);
    return DHCP_OK;
}

/* Octets of a fixed field up to its first NUL; old clients fill a field to its end. */
static struct bytes until_nul(struct bytes field)
{
    const uint8_t *nul = field.size > 0 ? memchr(field.data, 0, field.size) : NULL;
    return nul ? bytes_of(field.data, (size_t)(nul - field.data)) : field;
}

/* RFC 2132 §9.3: option 52 turns file (1), sname (2) or both (3) into room for more options. A value that is none of
 * these, or two of them, overloads nothing. */
static uint8_t packet_overload(const struct dhcp_packet *packet)
{
    uint8_t overload = 0;
    if (!dhcp_codes_have(&packet->joined, DHCP_OPTION_OVERLOAD))
        dhcp_option_u8(&overload, packet, DHCP_OPTION_OVERLOAD);
    return overload <= 3 ? overload : 0;
}

/* Hands a field of the header over to the areas of options; it is no text then. */
static void areas_take(struct areas *areas, struct bytes *field)
{
    areas->at[areas->count++] = *field;
    *field = (struct bytes){0};
}

static int packet_parse_options(struct dhcp_packet *packet, struct bytes options, struct diag *why)
{
    struct areas areas = {.at = {options}, .count = 1};
    int r = packet_note_area(packet, options, why);
    uint8_t overload = r == DHCP_OK ? packet_overload(packet) : 0;
    if (overload & 1)
        areas_take(&areas, &packet->file);
    if (overload & 2)
        areas_take(&areas, &packet->sname);
    for (size_t i = 1; i < areas.count && r == DHCP_OK; i++)
        r = packet_note_area(packet, areas.at[i], why);
    return r != DHCP_OK ? r : packet_join(packet, &areas, why);
}

static int packet_parse_message_type(struct dhcp_packet *packet, struct diag *why)
{
    if (!dhcp_option_is_present(packet, DHCP_OPTION_MESSAGE_TYPE))
        return DHCP_OK;
    if (!dhcp_option_u8(&packet->message_type, packet, DHCP_OPTION_MESSAGE_TYPE))
        return fail(why, DHCP_E_MALFORMED, "option 53 (dhcp-message-type) has %zu octets, not 1",
                    dhcp_option(packet, DHCP_OPTION_MESSAGE_TYPE).size);
    if (packet->message_type == DHCP_BOOTP)
        return fail(why, DHCP_E_MALFORMED, "option 53 (dhcp-message-type) is 0");
    return DHCP_OK;
}

static struct ipv4 read_ipv4(struct reader *r)
{
    return (struct ipv4){.number = read_u32be(r)};
}

/* Reads the fixed fields; hlen is checked by the caller, who knows the words. */
static uint8_t packet_parse_header(struct dhcp_packet *packet, struct reader *r)
{
    packet->operation = read_u8(r);
    packet->htype = read_u8(r);
    uint8_t hlen = read_u8(r);
    packet->hops = read_u8(r);
    packet->xid = read_u32be(r);
    packet->secs = read_u16be(r);
    packet->flags = read_u16be(r);
    packet->ciaddr = read_ipv4(r);
    packet->yiaddr = read_ipv4(r);
    packet->siaddr = read_ipv4(r);
    packet->giaddr = read_ipv4(r);
    packet->chaddr = mac_from_bytes(bytes_slice(read_bytes(r, DHCP_CHADDR_SIZE), 0, hlen));
    packet->sname = read_bytes(r, DHCP_SNAME_SIZE);
    packet->file = read_bytes(r, DHCP_FILE_SIZE);
    return hlen;
}

int dhcp_packet_parse(struct dhcp_packet *ret, struct bytes datagram, struct diag *why)
{
    if (datagram.size < DHCP_HEADER_SIZE)
        return fail(why, DHCP_E_MALFORMED, "%zu octets are shorter than a DHCP header of %d", datagram.size,
                    DHCP_HEADER_SIZE);
    if (datagram.size > UINT16_MAX)
        return fail(why, DHCP_E_MALFORMED, "%zu octets are longer than any datagram", datagram.size);
    struct reader r = reader_over(datagram);
    uint8_t hlen = packet_parse_header(ret, &r);
    if (ret->operation != DHCP_BOOTREQUEST && ret->operation != DHCP_BOOTREPLY)
        return fail(why, DHCP_E_MALFORMED, "operation %u is neither request nor reply", ret->operation);
    if (hlen > DHCP_CHADDR_SIZE)
        return fail(why, DHCP_E_MALFORMED, "a hardware address of %u octets, of which %d fit", hlen, DHCP_CHADDR_SIZE);
    uint32_t cookie = read_u32be(&r);
    if (cookie != MAGIC_COOKIE)
        return fail(why, DHCP_E_MALFORMED, "magic cookie %08x is not DHCP's", cookie);
    ret->datagram = datagram;
    ret->message_type = DHCP_BOOTP;
    ret->present = ret->joined = (struct dhcp_codes){0};
    int result = packet_parse_options(ret, read_rest(&r), why);
    ret->sname = until_nul(ret->sname);
    ret->file = until_nul(ret->file);
    return result != DHCP_OK ? result : packet_parse_message_type(ret, why);
}

const char *dhcp_message_type_to_text(uint8_t message_type)
{
    static const char *const texts[] = {
        [DHCP_BOOTP] = "BOOTP",
        [DHCP_DISCOVER] = "DISCOVER",
        [DHCP_OFFER] = "OFFER",
        [DHCP_REQUEST] = "REQUEST",
        [DHCP_DECLINE] = "DECLINE",
        [DHCP_ACK] = "ACK",
        [DHCP_NAK] = "NAK",
        [DHCP_RELEASE] = "RELEASE",
        [DHCP_INFORM] = "INFORM",
        [DHCP_FORCERENEW] = "FORCERENEW",
        [DHCP_LEASEQUERY] = "LEASEQUERY",
        [DHCP_LEASEUNASSIGNED] = "LEASEUNASSIGNED",
        [DHCP_LEASEUNKNOWN] = "LEASEUNKNOWN",
        [DHCP_LEASEACTIVE] = "LEASEACTIVE",
    };
    return message_type < LENGTH(texts) ? texts[message_type] : "message";
}

bool dhcp_option_is_present(const struct dhcp_packet *packet, uint8_t code)
{
    return dhcp_codes_have(&packet->present, code);
}

struct bytes dhcp_option(const struct dhcp_packet *packet, uint8_t code)
{
    if (!dhcp_codes_have(&packet->present, code))
        return (struct bytes){0};
    struct dhcp_option_place place = packet->places[code];
    const uint8_t *octets = dhcp_codes_have(&packet->joined, code) ? packet->joined_octets : packet->datagram.data;
    return bytes_of(octets + place.offset, place.size);
}

bool dhcp_option_u8(uint8_t *ret, const struct dhcp_packet *packet, uint8_t code)
{
    struct bytes value = dhcp_option(packet, code);
    if (value.size != 1)
        return false;
    struct reader r = reader_over(value);
    *ret = read_u8(&r);
    return true;
}

bool dhcp_option_u16(uint16_t *ret, const struct dhcp_packet *packet, uint8_t code)
{
    struct bytes value = dhcp_option(packet, code);
    if (value.size != 2)
        return false;
    struct reader r = reader_over(value);
    *ret = read_u16be(&r);
    return true;
}

bool dhcp_option_u32(uint32_t *ret, const struct dhcp_packet *packet, uint8_t code)
{
    struct bytes value = dhcp_option(packet, code);
    if (value.size != 4)
        return false;
    struct reader r = reader_over(value);
    *ret = read_u32be(&r);
    return true;
}

struct ipv4 dhcp_option_ipv4(const struct dhcp_packet *packet, uint8_t code)
{
    return ipv4_from_bytes(dhcp_option(packet, code));
}

size_t dhcp_option_ipv4_list(struct ipv4 *ret, size_t max, const struct dhcp_packet *packet, uint8_t code)
{
    struct bytes value = dhcp_option(packet, code);
    if (value.size % 4 != 0)
        return 0;
    size_t count = 0;
    struct reader r = reader_over(value);
    while (reader_left(&r) > 0 && count < max)
        ret[count++] = read_ipv4(&r);
    return count;
}

struct bytes dhcp_option_text(const struct dhcp_packet *packet, uint8_t code)
{
    struct bytes value = dhcp_option(packet, code);
    while (value.size > 0 && value.data[value.size - 1] == '\0')
        value.size--;
    return value;
}

int dhcp_option_next(const struct dhcp_packet *packet, int code)
{
    return dhcp_codes_next(&packet->present, code);
}

bool dhcp_packet_asks_for(const struct dhcp_packet *packet, uint8_t code)
{
    struct bytes parameters = dhcp_option(packet, DHCP_OPTION_PARAMETERS);
    return parameters.size > 0 && memchr(parameters.data, code, parameters.size) != NULL;
}
