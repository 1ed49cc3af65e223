/* SPDX-License-Identifier: Apache-2.0 */
/* Builds a DHCPv4 message that every client we know of accepts: options in the order old ROMs expect, strict lengths,
 * no PAD before the END, no overloading but of operating systems, never longer than the client says it can take.
 *
 *     struct dhcp_builder b;
 *     dhcp_builder_init_reply(&b, &request, DHCP_OFFER);
 *     b.yiaddr = address;
 *     dhcp_builder_put_ipv4(&b, DHCP_OPTION_SERVER_ID, server);
 *     dhcp_builder_set_file(&b, "ipxe.efi");
 *     struct bytes reply = dhcp_builder_finish(&b, buffer); */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/ipv4.h"
#include "base/mac.h"
#include "base/text.h"
#include "proto/dhcp/codes.h"
#include "proto/dhcp/packet.h"

/* IP and UDP headers, which option 57 counts and a datagram's payload does not. */
#define DHCP_REPLY_OVERHEAD 28
/* Longest reply, in octets of UDP payload, to a client that does not say more in option 57: an IP datagram of 576
 * octets, which every host must take (RFC 2131 §2, RFC 1122 §3.3.2). */
#define DHCP_REPLY_DEFAULT (576 - DHCP_REPLY_OVERHEAD)
/* Longest reply whatever option 57 says: a full Ethernet frame. Firmware cannot put fragments together. */
#define DHCP_REPLY_MAX (1500 - DHCP_REPLY_OVERHEAD)
/* Shorter ones are filled up with zeros: BOOTP messages have 300 octets, and the Linux kernel's own client and some
 * relays drop shorter ones (RFC 951 §3, RFC 1542 §2.1). */
#define DHCP_REPLY_MIN 300
/* Longest boot file name: one option 67 with its NUL; firmware does not join split ones. */
#define DHCP_BOOT_FILE_MAX 254
/* Octets of values a builder holds: more than fit a reply, so that the less important are dropped, not the later. */
#define DHCP_BUILDER_VALUES_MAX 4096

struct dhcp_builder {
    /* The header: for the caller to set where init's values are not what it wants. */
    uint8_t operation;
    uint8_t htype;
    uint8_t hops;
    uint32_t xid;
    uint16_t secs;
    uint16_t flags;
    struct ipv4 ciaddr;
    struct ipv4 yiaddr;
    struct ipv4 siaddr;
    struct ipv4 giaddr;
    struct mac chaddr; /* at most DHCP_CHADDR_SIZE octets */
    size_t size_max;   /* octets of UDP payload, DHCP_REPLY_MIN to DHCP_REPLY_MAX */
    bool may_overload; /* options may stand in file and sname (RFC 2132 §9.3), which not all firmware reads */
    /* Which options finish() had to leave out, least important first. */
    uint8_t dropped[256];
    size_t dropped_count;

    /* The builder's own. Just what present tells is initialised. */
    char sname[DHCP_SNAME_SIZE];
    char file[DHCP_FILE_SIZE];
    bool terminate_texts;
    struct dhcp_codes present;
    size_t values_size;
    struct dhcp_option_place places[256];
    uint8_t values[DHCP_BUILDER_VALUES_MAX];
};

/* The longest reply, in octets of UDP payload, to who sent the packet: what option 57 says, at least DHCP_REPLY_DEFAULT
 * and at most DHCP_REPLY_MAX. */
size_t dhcp_builder_reply_max(const struct dhcp_packet *packet);
/* Starts an empty message: operation, no addresses, no options, size_max DHCP_REPLY_MAX. */
void dhcp_builder_init(struct dhcp_builder *ret, enum dhcp_operation operation);
/* Starts the reply to a request: op 2, htype, hlen, xid, flags, giaddr and chaddr are the request's, all else is zero
 * (RFC 2131 §4.1, table 3), size_max is what option 57 allows. message_type becomes option 53; DHCP_BOOTP puts none. */
void dhcp_builder_init_reply(struct dhcp_builder *ret, const struct dhcp_packet *request, uint8_t message_type);

/* Each puts an option in place of one with the same code. The size must be valid for the code
 * (dhcp_option_size_is_valid() tells): an encoder that is wrong is a bug, so it is asserted. The value is copied. */
void dhcp_builder_put(struct dhcp_builder *builder, uint8_t code, struct bytes value);
/* The same for a value as a configuration has it: a text gets the NUL that some clients need. */
void dhcp_builder_put_configured(struct dhcp_builder *builder, uint8_t code, struct bytes value);
void dhcp_builder_put_u8(struct dhcp_builder *builder, uint8_t code, uint8_t number);
void dhcp_builder_put_u16(struct dhcp_builder *builder, uint8_t code, uint16_t number);
void dhcp_builder_put_u32(struct dhcp_builder *builder, uint8_t code, uint32_t number);
void dhcp_builder_put_ipv4(struct dhcp_builder *builder, uint8_t code, struct ipv4 address);
void dhcp_builder_put_ipv4_list(struct dhcp_builder *builder, uint8_t code, const struct ipv4 *addresses, size_t count);
/* Puts no option for NULL or "". 66 and 67 get a NUL that counts; others do where the client itself ends its texts with
 * one, since such clients (older Windows) ignore what lacks it. */
void dhcp_builder_put_text(struct dhcp_builder *builder, uint8_t code, const char *text);
/* Sends back an option as it came, octet by octet and whatever its size; puts none when the request has none or an
 * empty one. For 61 (RFC 6842), 82 (RFC 3046 §2.2) and 97 (RFC 4578 §2.3). */
void dhcp_builder_echo(struct dhcp_builder *builder, const struct dhcp_packet *request, uint8_t code);
void dhcp_builder_remove(struct dhcp_builder *builder, uint8_t code);

/* The server's name in the header. False, and nothing is set, for one of more than 63 octets. */
bool dhcp_builder_set_sname(struct dhcp_builder *builder, const char *name);
/* The boot file name or URL: in the header, or in option 67 alone when it is longer than 127 octets. Whoever answers a
 * client that asks for option 67 puts that too. False, and nothing is set, beyond DHCP_BOOT_FILE_MAX octets. */
bool dhcp_builder_set_file(struct dhcp_builder *builder, const char *name);

/* Writes the message into buffer and returns it, borrowed from there. Over size_max it overloads file and sname as far
 * as they are empty and may be, and leaves out what has no room then (dropped[] names it): the more important options
 * take theirs first, 53, 54, 51, 1 and 3 before all others. The relay's option is sent whole or not at all. */
struct bytes dhcp_builder_finish(struct dhcp_builder *builder, uint8_t buffer[DHCP_REPLY_MAX]);
/* "domain-search (119), ntp (42)": what finish() dropped, for a log line. Appends nothing when it dropped nothing. */
void dhcp_builder_show_dropped(struct text *ret, const struct dhcp_builder *builder);
