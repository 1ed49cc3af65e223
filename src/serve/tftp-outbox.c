/* SPDX-License-Identifier: Apache-2.0 */
/* Runs of datagrams, collected until one socket's are enough for a system call. */
#include "serve/tftp-outbox.h"

#include <errno.h>

void tftp_outbox_flush(struct tftp_outbox *outbox)
{
    datagram_send_many(outbox->fd, outbox->sendings, outbox->count);
    for (size_t i = 0; i < outbox->count; i++) {
        const struct datagram_sending *sending = &outbox->sendings[i];
        if (sending->result < 0 && sending->result != -EAGAIN)
            outbox->failed(outbox->context, sending->to, -sending->result);
    }
    outbox->count = outbox->used = 0;
}

/* Makes room for one more run from that socket. */
static void make_room(struct tftp_outbox *outbox, int fd)
{
    bool is_full = outbox->count == DATAGRAM_BATCH_MAX || sizeof outbox->octets - outbox->used < DATAGRAM_SENDING_MAX;
    if (outbox->count > 0 && (is_full || outbox->fd != fd))
        tftp_outbox_flush(outbox);
    outbox->fd = fd;
}

void tftp_outbox_take(struct tftp_outbox *outbox, struct tftp_transfer *transfer, const struct tftp_way *way,
                      instant now)
{
    for (;;) {
        struct tftp_run run;
        make_room(outbox, way->fd);
        if (!tftp_transfer_next(&run, transfer, outbox->octets + outbox->used, DATAGRAM_SENDING_MAX, now))
            return;
        outbox->sendings[outbox->count++] = (struct datagram_sending){.payload = run.datagrams,
                                                                      .segment = run.segment,
                                                                      .to = way->to,
                                                                      .from = way->from,
                                                                      .is_heard = way->is_heard};
        outbox->used += run.datagrams.size;
    }
}
