/* SPDX-License-Identifier: Apache-2.0 */
/* Packets of our own first, then by the kernel what goes its way and what was refused as a packet. */
#include "serve/dhcp-tray.h"

#include <string.h>

#include "base/array.h"

/* Posts, by the order in which they are sent. */
struct pile {
    struct dhcp_post *posts[DATAGRAM_BATCH_MAX];
    size_t count;
};

static void pile_add(struct pile *pile, struct dhcp_post *post)
{
    pile->posts[pile->count++] = post;
}

/* What the kernel refuses is added to the other pile. */
static void send_packets(int raw_fd, const struct pile *pile, struct pile *refused)
{
    struct raw_sending sendings[DATAGRAM_BATCH_MAX];
    for (size_t i = 0; i < pile->count; i++) {
        const struct dhcp_post *post = pile->posts[i];
        const struct dhcp_way *way = &post->way;
        sendings[i] = (struct raw_sending){.payload = bytes_of(post->octets, post->size),
                                           .from = way->from,
                                           .to = {way->at_hop, way->to.port},
                                           .hop = way->hop};
    }
    raw_datagram_send_many(raw_fd, sendings, pile->count);
    for (size_t i = 0; i < pile->count; i++)
        if (sendings[i].result < 0)
            pile_add(refused, pile->posts[i]);
}

/* How many from that one on leave from the same socket. */
static size_t run_length(const struct pile *pile, size_t from)
{
    size_t length = 1;
    while (from + length < pile->count && pile->posts[from + length]->way.fd == pile->posts[from]->way.fd)
        length++;
    return length;
}

static void send_run(const struct dhcp_senders *senders, struct dhcp_post *const *posts, size_t count)
{
    struct datagram_sending sendings[DATAGRAM_BATCH_MAX];
    for (size_t i = 0; i < count; i++)
        sendings[i] = (struct datagram_sending){.payload = bytes_of(posts[i]->octets, posts[i]->size),
                                                .segment = posts[i]->size,
                                                .to = posts[i]->way.to,
                                                .from = posts[i]->way.from.address};
    datagram_send_many(posts[0]->way.fd, sendings, count);
    for (size_t i = 0; i < count; i++)
        if (sendings[i].result < 0)
            senders->failed(&posts[i]->client, sendings[i].to.address, -sendings[i].result);
}

static bool goes_as_packet(const struct dhcp_way *way, bool is_crowd)
{
    return way->hop.mac.size > 0 && way->hop.mac.size <= RAW_HOP_MAC_MAX && (!way->is_shortcut || is_crowd);
}

void dhcp_tray_send(struct dhcp_tray *tray, const struct dhcp_senders *senders)
{
    struct pile packets = {.count = 0}, others = {.count = 0};
    bool is_crowd = tray->shortcuts >= DHCP_TRAY_CROWD;
    for (size_t i = 0; i < tray->count; i++) {
        struct dhcp_post *post = &tray->posts[i];
        pile_add(senders->raw_fd >= 0 && goes_as_packet(&post->way, is_crowd) ? &packets : &others, post);
    }
    send_packets(senders->raw_fd, &packets, &others);
    for (size_t i = 0, length; i < others.count; i += length) {
        length = run_length(&others, i);
        send_run(senders, others.posts + i, length);
    }
    tray->count = tray->shortcuts = 0;
}

bool dhcp_tray_is_full(const struct dhcp_tray *tray)
{
    return tray->count == LENGTH(tray->posts);
}

void dhcp_tray_put(struct dhcp_tray *tray, struct bytes reply, const struct dhcp_way *way, const struct mac *client)
{
    struct dhcp_post *post = &tray->posts[tray->count++];
    post->way = *way;
    post->client = *client;
    post->size = reply.size;
    memcpy(post->octets, reply.data, reply.size);
    tray->shortcuts += way->is_shortcut && way->hop.mac.size > 0;
}
