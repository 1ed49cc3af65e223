/* SPDX-License-Identifier: Apache-2.0 */
/* Runs of datagrams, collected until one socket's are enough for a system call. */
#include "serve/tftp-outbox.h"

#include <errno.h>

/* A queue that is full loses what it is given; so says EAGAIN of a socket, and ENOBUFS of a link. */
static void note_result(const struct tftp_outbox *outbox, struct datagram_endpoint to, int result)
{
    if (result < 0 && result != -EAGAIN && result != -ENOBUFS)
        outbox->failed(outbox->context, to, -result);
}

/* What the packet socket refuses may go the kernel's way all the same: where the link's MTU has become less, or another
 * link leads there. What a link's own queue has no room for is lost on either way. */
static void send_packets(struct tftp_outbox *outbox)
{
    raw_datagram_send_many(outbox->raw_fd, outbox->packets, outbox->packet_count);
    for (size_t i = 0; i < outbox->packet_count; i++) {
        const struct raw_sending *packet = &outbox->packets[i];
        int result = packet->result;
        if (result < 0 && result != -ENOBUFS)
            result = datagram_send(outbox->packet_fds[i], packet->payload, packet->to, packet->from.address, 0);
        note_result(outbox, packet->to, result);
    }
}

void tftp_outbox_flush(struct tftp_outbox *outbox)
{
    datagram_send_many(outbox->fd, outbox->sendings, outbox->count);
    for (size_t i = 0; i < outbox->count; i++)
        note_result(outbox, outbox->sendings[i].to, outbox->sendings[i].result);
    send_packets(outbox);
    outbox->count = outbox->packet_count = outbox->used = 0;
}

/* Makes room for one more run from that socket. */
static void make_room(struct tftp_outbox *outbox, int fd)
{
    bool is_full = outbox->count == DATAGRAM_BATCH_MAX || outbox->packet_count == DATAGRAM_BATCH_MAX ||
                   sizeof outbox->octets - outbox->used < DATAGRAM_SENDING_MAX;
    if (is_full || (outbox->count > 0 && outbox->fd != fd))
        tftp_outbox_flush(outbox);
    outbox->fd = fd;
}

static void put(struct tftp_outbox *outbox, const struct tftp_run *run, const struct tftp_way *way)
{
    outbox->used += run->datagrams.size;
    if (way->hop.mac.size > 0 && run->datagrams.size <= run->segment && run->datagrams.size <= DATAGRAM_SIZE_MAX) {
        outbox->packet_fds[outbox->packet_count] = way->fd;
        outbox->packets[outbox->packet_count++] = (struct raw_sending){
            .payload = run->datagrams, .from = {way->from, way->port}, .to = way->to, .hop = way->hop};
    } else {
        outbox->sendings[outbox->count++] = (struct datagram_sending){.payload = run->datagrams,
                                                                      .segment = run->segment,
                                                                      .to = way->to,
                                                                      .from = way->from,
                                                                      .is_heard = way->is_heard};
    }
}

void tftp_outbox_take(struct tftp_outbox *outbox, struct tftp_transfer *transfer, const struct tftp_way *way,
                      instant now)
{
    for (;;) {
        struct tftp_run run;
        make_room(outbox, way->fd);
        if (!tftp_transfer_next(&run, transfer, outbox->octets + outbox->used, DATAGRAM_SENDING_MAX, now))
            return;
        put(outbox, &run, way);
    }
}
