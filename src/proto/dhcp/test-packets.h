/* SPDX-License-Identifier: Apache-2.0 */
/* Packets for the tests of DHCP: clients' requests, written as those clients write them, and a packet's way back to
 * octets. */
#pragma once

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/writer.h"
#include "proto/dhcp/builder.h"
#include "proto/dhcp/packet.h"

#define XID 0x11223344u

struct message {
    uint8_t octets[4096];
    struct writer w;
};

static inline void write_option_of(struct writer *w, uint8_t code, const void *value, size_t size)
{
    write_u8(w, code);
    write_u8(w, (uint8_t)size);
    write_bytes(w, bytes_of(value, size));
}

/* Option with octets from a string literal. */
#define WRITE_OPTION(w, code, literal) write_option_of((w), (code), (literal), sizeof(literal) - 1)

/* Starts a request from 52:54:00:00:00:01 up to its magic cookie. */
static inline struct writer *message_begin(struct message *message)
{
    struct writer *w = &message->w;
    *w = writer_over(message->octets, sizeof message->octets);
    write_u8(w, DHCP_BOOTREQUEST);
    write_u8(w, 1);
    write_u8(w, 6);
    write_u8(w, 0);
    write_u32be(w, XID);
    write_u16be(w, 4);
    write_u16be(w, DHCP_FLAG_BROADCAST);
    write_zeros(w, 16);
    write_bytes(w, bytes_of("\x52\x54\x00\x00\x00\x01", 6));
    write_zeros(w, 10 + DHCP_SNAME_SIZE + DHCP_FILE_SIZE);
    write_u32be(w, 0x63825363);
    return w;
}

/* Starts a DISCOVER. */
static inline struct writer *discover_begin(struct message *message)
{
    struct writer *w = message_begin(message);
    WRITE_OPTION(w, DHCP_OPTION_MESSAGE_TYPE, "\x01");
    return w;
}

static inline struct bytes message_end(struct message *message)
{
    write_u8(&message->w, DHCP_OPTION_END);
    return writer_bytes(&message->w);
}

/* A copy of just that size on the heap, so that a sanitizer sees every read past the end. */
static inline uint8_t *copy_exactly(struct bytes octets)
{
    uint8_t *copy = malloc(octets.size > 0 ? octets.size : 1);
    if (!copy)
        abort();
    if (octets.size > 0)
        memcpy(copy, octets.data, octets.size);
    return copy;
}

static inline bool set_text_of(struct dhcp_builder *builder, bool (*set)(struct dhcp_builder *, const char *),
                               struct bytes text, size_t field_size)
{
    char copy[DHCP_FILE_SIZE + 1] = "";
    if (text.size >= field_size)
        return false;
    memcpy(copy, text.data ? (const char *)text.data : "", text.size);
    return set(builder, copy);
}

/* The octets of a packet built anew; option 52 is spent, since the options it pointed to are among the others. False
 * when the packet has a header field without a NUL, which the builder does not write. */
static inline bool packet_rebuild(struct bytes *ret, struct dhcp_builder *builder, const struct dhcp_packet *packet,
                                  uint8_t buffer[DHCP_REPLY_MAX])
{
    dhcp_builder_init(builder, packet->operation);
    builder->htype = packet->htype;
    builder->hops = packet->hops;
    builder->xid = packet->xid;
    builder->secs = packet->secs;
    builder->flags = packet->flags;
    builder->ciaddr = packet->ciaddr;
    builder->yiaddr = packet->yiaddr;
    builder->siaddr = packet->siaddr;
    builder->giaddr = packet->giaddr;
    builder->chaddr = packet->chaddr;
    for (int code = dhcp_option_next(packet, -1); code >= 0; code = dhcp_option_next(packet, code))
        if (code != DHCP_OPTION_OVERLOAD)
            dhcp_builder_echo(builder, packet, (uint8_t)code);
    if (!set_text_of(builder, dhcp_builder_set_sname, packet->sname, DHCP_SNAME_SIZE) ||
        !set_text_of(builder, dhcp_builder_set_file, packet->file, DHCP_FILE_SIZE))
        return false;
    *ret = dhcp_builder_finish(builder, buffer);
    return true;
}
