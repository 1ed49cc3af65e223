/* SPDX-License-Identifier: Apache-2.0 */
/* A tray of replies: those to one batch of messages leave with few system calls. They are not joined to runs that the
 * kernel cuts: relay agents and clients hear through packet sockets, which on this very host, or behind a virtual
 * network card, are given a run in one piece. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/mac.h"
#include "io/datagram.h"
#include "io/raw-datagram.h"
#include "proto/dhcp/builder.h"

/* Replies at once that make a crowd. */
#define DHCP_TRAY_CROWD 8

/* How a reply leaves. */
struct dhcp_way {
    int fd; /* by the kernel: from this socket to there */
    struct datagram_endpoint to;
    struct datagram_endpoint from;
    /* As a packet of our own to the client, and what that cannot be sent to by the kernel after all; none: by the
     * kernel. */
    struct raw_hop hop;
    struct ipv4 at_hop; /* the packet's destination */
    /* The kernel finds the way to hop by itself. That costs twice as much, so that in a crowd it is not asked. */
    bool is_shortcut;
};

/* One that waits. */
struct dhcp_post {
    struct dhcp_way way;
    struct mac client;
    size_t size;
    uint8_t octets[DHCP_REPLY_MAX];
};

/* Zero is an empty one. */
struct dhcp_tray {
    struct dhcp_post posts[DATAGRAM_BATCH_MAX];
    size_t count;
    size_t shortcuts; /* of them */
};

/* How a tray's replies are sent. */
struct dhcp_senders {
    int raw_fd; /* packets of our own leave from this one; -1: there are none */
    /* Told of what the kernel would not send; the error is an errno. Called on the thread that sends. */
    void (*failed)(const struct mac *client, struct ipv4 to, int error);
};

bool dhcp_tray_is_full(const struct dhcp_tray *tray);
/* Takes in a reply, copied: at most DHCP_REPLY_MAX octets, on a tray that is not full. */
void dhcp_tray_put(struct dhcp_tray *tray, struct bytes reply, const struct dhcp_way *way, const struct mac *client);
/* Sends all of it; it is empty then. */
void dhcp_tray_send(struct dhcp_tray *tray, const struct dhcp_senders *senders);
