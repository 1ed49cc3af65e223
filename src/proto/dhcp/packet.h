/* SPDX-License-Identifier: Apache-2.0 */
/* A DHCPv4 or BOOTP message as it was received (RFC 2131 §2, RFC 951), with its options in one table whichever part
 * of the message they came in, and however many parts they came in (RFC 3396). */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/diag.h"
#include "base/ipv4.h"
#include "base/mac.h"
#include "proto/dhcp/codes.h"
#include "proto/dhcp/options.h"

#define DHCP_PORT_SERVER 67
#define DHCP_PORT_CLIENT 68
#define DHCP_PORT_PXE 4011 /* PXE 2.1 §2.1: boot servers and proxies answer here */

#define DHCP_FLAG_BROADCAST 0x8000
#define DHCP_CHADDR_SIZE 16
#define DHCP_SNAME_SIZE 64
#define DHCP_FILE_SIZE 128
/* Header and magic cookie: where the options begin. */
#define DHCP_HEADER_SIZE 240
/* Most octets of options that came in several parts and had to be joined: more than any client has to say, and
 * as much as a full Ethernet frame holds. */
#define DHCP_JOINED_MAX 1536

enum {
    DHCP_OK = 0,
    DHCP_E_MALFORMED = 1,
};

enum dhcp_operation {
    DHCP_BOOTREQUEST = 1,
    DHCP_BOOTREPLY = 2,
};

/* Option 53. */
enum dhcp_message_type {
    DHCP_BOOTP = 0, /* there is no option 53: not DHCP but BOOTP */
    DHCP_DISCOVER = 1,
    DHCP_OFFER = 2,
    DHCP_REQUEST = 3,
    DHCP_DECLINE = 4,
    DHCP_ACK = 5,
    DHCP_NAK = 6,
    DHCP_RELEASE = 7,
    DHCP_INFORM = 8,
    DHCP_FORCERENEW = 9,
    DHCP_LEASEQUERY = 10,
    DHCP_LEASEUNASSIGNED = 11,
    DHCP_LEASEUNKNOWN = 12,
    DHCP_LEASEACTIVE = 13,
};

/* Where the value of an option lies: in the datagram, or in what was joined. */
struct dhcp_option_place {
    uint16_t offset;
    uint16_t size;
};

struct dhcp_packet {
    uint8_t operation;    /* DHCP_BOOTREQUEST or DHCP_BOOTREPLY */
    uint8_t message_type; /* enum dhcp_message_type, or a number it does not have */
    uint8_t htype;
    uint8_t hops;
    uint32_t xid;
    uint16_t secs;
    uint16_t flags;
    struct ipv4 ciaddr;
    struct ipv4 yiaddr;
    struct ipv4 siaddr;
    struct ipv4 giaddr;
    struct mac chaddr;  /* its size is hlen as sent: 6 on Ethernet, 0 to 16 elsewhere */
    struct bytes sname; /* up to the first NUL; none when overloaded with options */
    struct bytes file;  /* likewise */

    /* For dhcp_option() and its kin only. Just what present tells is initialised. */
    struct bytes datagram;
    struct dhcp_codes present;
    struct dhcp_codes joined; /* of those, the ones that lie in joined_octets */
    struct dhcp_option_place places[256];
    uint8_t joined_octets[DHCP_JOINED_MAX];
};

/* Fills *ret from one datagram, a request or a reply; the packet borrows from the datagram and may be copied. PADs may
 * stand anywhere, the END may be missing where the options just fill the packet, and what follows an END is ignored.
 * Returns DHCP_OK, or DHCP_E_MALFORMED with words that name the option and its offset; *ret must not be used then.
 * RFC 2131 §2 and §4.1, RFC 2132 §9.3, RFC 3396. */
int dhcp_packet_parse(struct dhcp_packet *ret, struct bytes datagram, struct diag *why);
/* "DISCOVER", "BOOTP"; "message" for a number that is unknown. Static text. */
const char *dhcp_message_type_to_text(uint8_t message_type);

bool dhcp_option_is_present(const struct dhcp_packet *packet, uint8_t code);
/* The value, borrowed from the packet and its datagram; no octets when it is not present (or present and empty). */
struct bytes dhcp_option(const struct dhcp_packet *packet, uint8_t code);
/* Values of one fixed size: false, and *ret is left alone, when the option is absent or of another size. */
bool dhcp_option_u8(uint8_t *ret, const struct dhcp_packet *packet, uint8_t code);
bool dhcp_option_u16(uint16_t *ret, const struct dhcp_packet *packet, uint8_t code);
bool dhcp_option_u32(uint32_t *ret, const struct dhcp_packet *packet, uint8_t code);
/* Unset when the option is absent or not of four octets. */
struct ipv4 dhcp_option_ipv4(const struct dhcp_packet *packet, uint8_t code);
/* At most max addresses; returns how many. None when the option is absent or its size no multiple of four. */
size_t dhcp_option_ipv4_list(struct ipv4 *ret, size_t max, const struct dhcp_packet *packet, uint8_t code);
/* The value without the NULs that some clients put behind it. */
struct bytes dhcp_option_text(const struct dhcp_packet *packet, uint8_t code);
/* The next code after the given one that is present, or -1; start with -1. */
int dhcp_option_next(const struct dhcp_packet *packet, int code);

/* Whether the client's parameter request list (55) names the code. */
bool dhcp_packet_asks_for(const struct dhcp_packet *packet, uint8_t code);
