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
    outbox->count = 0;
}

/* Makes room for one more reply from that socket. */
static void make_room(struct dhcp_outbox *outbox, int fd)
{
    if (outbox->count == LENGTH(outbox->sendings) || outbox->fd != fd)
        dhcp_outbox_flush(outbox);
    outbox->fd = fd;
}

void dhcp_outbox_put(struct dhcp_outbox *outbox, int fd, struct bytes reply, struct datagram_endpoint to,
                     struct ipv4 from, const struct mac *client)
{
    make_room(outbox, fd);
    uint8_t *place = outbox->octets[outbox->count];
    memcpy(place, reply.data, reply.size);
    outbox->clients[outbox->count] = *client;
    outbox->sendings[outbox->count++] = (struct datagram_sending){
        .payload = bytes_of(place, reply.size), .segment = reply.size, .to = to, .from = from};
}
