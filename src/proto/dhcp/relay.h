/* SPDX-License-Identifier: Apache-2.0 */
/* What a relay agent tells in option 82 (RFC 3046). It goes back as it came: dhcp_builder_echo(). */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/ipv4.h"
#include "base/reader.h"
#include "proto/dhcp/options.h"

enum dhcp_relay_code {
    DHCP_RELAY_CIRCUIT_ID = 1,          /* RFC 3046 §3.1 */
    DHCP_RELAY_REMOTE_ID = 2,           /* RFC 3046 §3.2 */
    DHCP_RELAY_LINK_SELECTION = 5,      /* RFC 3527 */
    DHCP_RELAY_SUBSCRIBER_ID = 6,       /* RFC 3993 */
    DHCP_RELAY_VENDOR = 9,              /* RFC 4243 */
    DHCP_RELAY_FLAGS = 10,              /* RFC 5010 */
    DHCP_RELAY_SERVER_ID_OVERRIDE = 11, /* RFC 5107 */
};

/* Borrowed from the option; no octets and unset addresses for what is absent or of the wrong size. */
struct dhcp_relay {
    struct bytes circuit_id;
    struct bytes remote_id;
    struct bytes subscriber_id;
    struct ipv4 link_selection;     /* the subnet to choose the address from, instead of giaddr's */
    struct ipv4 server_id_override; /* what option 54 of the reply must be: the relay itself */
    bool has_flags;
    bool client_sent_unicast; /* RFC 5010 §3, only when has_flags */
    bool is_malformed;        /* the last suboption ran past the end; those before it are good */
};

/* Reads option 82. */
struct dhcp_relay dhcp_relay_from_option(struct bytes option82);
/* Steps to the next suboption, as dhcp_suboption_next() does, but without PAD and END, which option 82 does not have
 * (RFC 3046 §2.0). */
bool dhcp_relay_next(struct dhcp_suboption *ret, struct reader *walk);
