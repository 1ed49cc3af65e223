/* SPDX-License-Identifier: Apache-2.0 */
/* Replies, collected until one socket's are enough for a system call. */
#include "serve/dhcp-outbox.h"

#include <string.h>

#include "base/array.h"

void dhcp_outbox_flush(struct dhcp_outbox *outbox)
{
    if (outbox->count == 0)
        return;
    datagram_send_many(outbox->fd, outbox->sendings, outbox->count);
    for (size_t i = 0; i < outbox->count; i++)
        if (outbox->sendings[i].result < 0)
            outbox->failed(&outbox->clients[i], outbox->sendings[i].to.address, -outbox->sendings[i].result);
    outbox->count = outbox->used = 0;
}

/* Makes room for one more reply from that socket. */
static void make_room(struct dhcp_outbox *outbox, int fd)
{
    bool is_full = outbox->count == LENGTH(outbox->sendings) || sizeof outbox->octets - outbox->used < DHCP_REPLY_MAX;
    if (is_full || outbox->fd != fd)
        dhcp_outbox_flush(outbox);
    outbox->fd = fd;
}

/* The run that a reply continues: the last one, when it differs in nothing but what it says. NULL: none. */
static struct datagram_sending *run_of(struct dhcp_outbox *outbox, size_t size, struct datagram_endpoint to,
                                       struct ipv4 from)
{
    struct datagram_sending *last = outbox->count > 0 ? &outbox->sendings[outbox->count - 1] : NULL;
    bool is_same = last && last->segment == size && ipv4_equal(last->to.address, to.address) &&
                   last->to.port == to.port && ipv4_equal(last->from, from);
    return is_same ? last : NULL;
}

void dhcp_outbox_put(struct dhcp_outbox *outbox, int fd, struct bytes reply, struct datagram_endpoint to,
                     struct ipv4 from, const struct mac *client)
{
    make_room(outbox, fd);
    struct datagram_sending *run = run_of(outbox, reply.size, to, from);
    uint8_t *place = outbox->octets + outbox->used;
    memcpy(place, reply.data, reply.size);
    outbox->used += reply.size;
    if (run) {
        run->payload.size += reply.size;
        return;
    }
    outbox->clients[outbox->count] = *client;
    outbox->sendings[outbox->count++] = (struct datagram_sending){
        .payload = bytes_of(place, reply.size), .segment = reply.size, .to = to, .from = from};
}
