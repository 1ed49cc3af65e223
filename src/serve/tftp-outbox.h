/* SPDX-License-Identifier: Apache-2.0 */
/* Datagrams that wait to be sent: what many transfers answer to one batch of datagrams leaves with few system calls. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/instant.h"
#include "io/datagram.h"
#include "proto/tftp/transfer.h"

/* What waits at the same time, of all clients that a batch came from. */
#define TFTP_OUTBOX_SIZE (256 << 10)

struct tftp_outbox {
    int fd; /* all that waits leaves from this one */
    struct datagram_sending sendings[DATAGRAM_BATCH_MAX];
    size_t count;
    size_t used; /* octets */
    uint8_t octets[TFTP_OUTBOX_SIZE];
    /* Told of a datagram that the kernel would not send; the error is an errno. */
    void (*failed)(void *context, struct datagram_endpoint to, int error);
    void *context;
};

/* How a transfer's datagrams leave. */
struct tftp_way {
    int fd;
    struct datagram_endpoint to;
    struct ipv4 from;
    bool is_heard; /* the client just told what it got */
};

/* Takes all that the transfer has to send now. */
void tftp_outbox_take(struct tftp_outbox *outbox, struct tftp_transfer *transfer, const struct tftp_way *way,
                      instant now);
/* Sends what waits. What the kernel has no room for is lost as on a wire, and transfers send it again. */
void tftp_outbox_flush(struct tftp_outbox *outbox);
