/* SPDX-License-Identifier: Apache-2.0 */
/* Replies that wait to be sent: those to one batch of messages leave with few system calls, and those of one size to
 * one relay as one run that the kernel cuts, since most of what a reply costs is its way through the kernel. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/mac.h"
#include "io/datagram.h"
#include "proto/dhcp/builder.h"

struct dhcp_outbox {
    int fd; /* all that waits leaves from this one */
    struct datagram_sending sendings[DATAGRAM_BATCH_MAX];
    struct mac clients[DATAGRAM_BATCH_MAX]; /* of each the first whom a reply is for */
    size_t count;
    size_t used; /* octets */
    uint8_t octets[DATAGRAM_BATCH_MAX * DHCP_REPLY_MAX];
    /* Told of what the kernel would not send; the error is an errno. */
    void (*failed)(const struct mac *client, struct ipv4 to, int error);
};

/* Takes in a reply, copied: at most DHCP_REPLY_MAX octets. */
void dhcp_outbox_put(struct dhcp_outbox *outbox, int fd, struct bytes reply, struct datagram_endpoint to,
                     struct ipv4 from, const struct mac *client);
/* Sends what waits. */
void dhcp_outbox_flush(struct dhcp_outbox *outbox);
