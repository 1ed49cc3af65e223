/* SPDX-License-Identifier: Apache-2.0 */
/* Replies that wait to be sent: those to one batch of messages leave with few system calls. They are not joined to runs
 * that the kernel cuts: relay agents and clients hear through packet sockets, which on this very host, or behind a
 * virtual network card, are given a run in one piece. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/mac.h"
#include "io/datagram.h"
#include "proto/dhcp/builder.h"

struct dhcp_outbox {
    int fd; /* all that waits leaves from this one */
    struct datagram_sending sendings[DATAGRAM_BATCH_MAX];
    struct mac clients[DATAGRAM_BATCH_MAX];
    uint8_t octets[DATAGRAM_BATCH_MAX][DHCP_REPLY_MAX];
    size_t count;
    /* Told of what the kernel would not send; the error is an errno. */
    void (*failed)(const struct mac *client, struct ipv4 to, int error);
};

/* Takes in a reply, copied: at most DHCP_REPLY_MAX octets. */
void dhcp_outbox_put(struct dhcp_outbox *outbox, int fd, struct bytes reply, struct datagram_endpoint to,
                     struct ipv4 from, const struct mac *client);
/* Sends what waits. */
void dhcp_outbox_flush(struct dhcp_outbox *outbox);
