/* SPDX-License-Identifier: Apache-2.0 */
/* Raw ICMPv6 on one interface, as far as router discovery goes: solicitations come in, advertisements go out. */
#pragma once

#include <netinet/in.h>
#include <stdbool.h>

#include "base/bytes.h"
#include "base/diag.h"

/* Longest message looked at; solicitations have 8 or 16 octets. */
#define ROUTER_SOCKET_MESSAGE_MAX 512

struct router_message {
    uint8_t octets[ROUTER_SOCKET_MESSAGE_MAX];
    size_t size;
    unsigned hop_limit;
    struct sockaddr_in6 source;
};

/* Opens the socket and joins the group of all routers, ff02::2. 0 or a negative errno with the reason: IPv6 is off on
 * this host or interface, CAP_NET_RAW is missing. */
int router_socket_open(int *ret_fd, const char *interface, unsigned index, struct diag *why);
/* Receives one solicitation; 0 for none now, 1, or a negative errno. */
int router_socket_receive(struct router_message *ret, int fd);
/* Sends one message to who asked, with the hop limit of router discovery. 0 or a negative errno. */
int router_socket_send(int fd, struct bytes message, const struct sockaddr_in6 *to);
/* Whether this host forwards IPv6 on the interface: then it is a router itself, and speaks for itself. */
bool router_socket_is_router(const char *interface);
