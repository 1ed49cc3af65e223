/* SPDX-License-Identifier: Apache-2.0 */
/* The two ICMPv6 messages of router discovery, RFC 4861 §4.1 and §4.2: what a client asks, and the one answer we give.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/mac.h"
#include "base/writer.h"

#define ICMPV6_ROUTER_SOLICITATION 133
#define ICMPV6_ROUTER_ADVERTISEMENT 134
/* Octets of an advertisement without options. */
#define ICMPV6_ROUTER_ADVERTISEMENT_SIZE 16
/* What no router has passed on: the hop limit of every message of router discovery. RFC 4861 §6.1 */
#define ICMPV6_HOP_LIMIT 255

enum {
    ICMPV6_OK = 0,
    ICMPV6_E_MALFORMED = 1,
};

struct icmpv6_router_solicitation {
    struct mac source; /* the source link-layer address option; none when it was not sent */
};

/* Reads the ICMPv6 message of a datagram whose hop limit and checksum are known to be right. Returns ICMPV6_OK, or
 * ICMPV6_E_MALFORMED and leaves *ret alone. RFC 4861 §6.1.1 */
int icmpv6_router_solicitation_parse(struct icmpv6_router_solicitation *ret, struct bytes message);
/* Writes an advertisement of who is no router: lifetime 0, no prefix, no flags. A host that gets it configures nothing
 * and knows that there is nothing to wait for. The checksum is zero: raw ICMPv6 sockets fill it in (RFC 3542 §3.1). */
void icmpv6_router_advertisement_write(struct writer *w);
