/* SPDX-License-Identifier: Apache-2.0 */
/* Datagrams that wait to be sent: what many transfers answer to one batch of datagrams leaves with few system calls. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/instant.h"
#include "io/datagram.h"
#include "io/raw-datagram.h"
#include "proto/tftp/transfer.h"

/* What waits at the same time, of all clients that a batch came from. */
#define TFTP_OUTBOX_SIZE (256 << 10)

struct tftp_outbox {
    int fd; /* the datagrams that wait leave from this one */
    struct datagram_sending sendings[DATAGRAM_BATCH_MAX];
    size_t count;
    int raw_fd; /* and the packets from this one, … */
    struct raw_sending packets[DATAGRAM_BATCH_MAX];
    int packet_fds[DATAGRAM_BATCH_MAX]; /* … or, where that refuses them, from these */
    size_t packet_count;
    size_t used; /* octets of both */
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
    uint16_t port;      /* that fd is bound to */
    bool is_heard;      /* the client just told what it got */
    struct raw_hop hop; /* where single datagrams go without the kernel's help; none: nowhere */
};

/* Takes all that the transfer has to send now. */
void tftp_outbox_take(struct tftp_outbox *outbox, struct tftp_transfer *transfer, const struct tftp_way *way,
                      instant now);
/* Sends what waits. What the kernel has no room for is lost as on a wire, and transfers send it again. */
void tftp_outbox_flush(struct tftp_outbox *outbox);
