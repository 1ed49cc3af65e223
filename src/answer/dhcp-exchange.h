/* SPDX-License-Identifier: Apache-2.0 */
/* One exchange while it is being answered: what server, proxy and boot server share. Only for answer/dhcp*. */
#pragma once

#include "answer/dhcp.h"
#include "boot/decision.h"
#include "proto/dhcp/builder.h"
#include "proto/dhcp/client.h"
#include "proto/dhcp/packet.h"
#include "proto/dhcp/relay.h"

struct dhcp_exchange {
    const struct answer_dhcp_settings *settings;
    const struct answer_dhcp_request *request;
    struct dhcp_packet packet;
    struct dhcp_client client;
    struct dhcp_relay relay;
    struct ipv4 server;       /* our address as this client is told it: next-server, host of URLs */
    struct machine machine;   /* what is known of it, with what this packet tells */
    struct decision decision; /* what its group says, for an address and for booting; all NULL without a catalog */
    struct diag undecided;    /* why there is no group or no profile */
    struct answer_dhcp *answer;
    struct dhcp_builder builder;
};

/* What option 54 of the reply says: our address, or the relay's where it stands in for us. RFC 5107 §4 */
struct ipv4 dhcp_exchange_server_id(const struct dhcp_exchange *exchange);
/* Whether this host has the address, on whatever interface. */
bool dhcp_exchange_is_own(const struct dhcp_exchange *exchange, struct ipv4 address);
/* Whether the client's option 54 names us. */
bool dhcp_exchange_is_for_us(const struct dhcp_exchange *exchange);

/* Starts a reply: header, 53, 54, and what is sent back as it came (61, 82, 97). */
void dhcp_exchange_begin(struct dhcp_exchange *exchange, enum dhcp_message_type type);
/* Ends it into the answer and says where it goes, RFC 2131 §4.1. */
void dhcp_exchange_send(struct dhcp_exchange *exchange);
void dhcp_exchange_send_broadcast(struct dhcp_exchange *exchange);
void dhcp_exchange_send_to(struct dhcp_exchange *exchange, struct ipv4 address, uint16_t port);

/* Sets the words: "DISCOVER from x86-64 UEFI on eth1: ", what the format says, and what did not fit the reply, which is
 * known once it was sent. */
void dhcp_exchange_say(struct dhcp_exchange *exchange, enum answer_weight weight, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* The same, and remembers them in the machine's timeline. */
void dhcp_exchange_tell(struct dhcp_exchange *exchange, enum stage stage, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
