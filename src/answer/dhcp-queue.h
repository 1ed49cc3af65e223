/* SPDX-License-Identifier: Apache-2.0 */
/* What came and is not answered yet, when more comes than can be answered: bounded, the oldest dropped first, since its
 * sender has given up first; a message that waits already is not kept twice; nothing is answered that is older than a
 * second; and no client has more than its share. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/auto.h"
#include "base/bytes.h"
#include "base/instant.h"
#include "base/ipv4.h"
#include "base/text.h"

/* Messages that wait at once: a few hundred milliseconds of work, and every machine of a large hall when its power
 * comes back. */
#define DHCP_QUEUE_MAX 4096
/* Longest message kept, in octets; a longer one is marked as cut. More than a full Ethernet frame. */
#define DHCP_QUEUE_DATAGRAM_MAX 2048
/* Firmware gives up or asks again after a second at the earliest; a later answer is to a question forgotten. */
#define DHCP_QUEUE_AGE_MAX SECOND
/* Messages of one hardware address: so many at once, and so many a second. A boot from ROM to system has about ten. */
#define DHCP_QUEUE_CLIENT_BURST 32
#define DHCP_QUEUE_CLIENT_RATE 16

enum dhcp_drop {
    DHCP_DROP_DUPLICATE,  /* the same message waits already */
    DHCP_DROP_FULL,       /* the oldest, to make room */
    DHCP_DROP_OLD,        /* DHCP_QUEUE_AGE_MAX */
    DHCP_DROP_CLIENT,     /* its client has had its share */
    DHCP_DROP_NO_ROOM,    /* the kernel's, of what came while the caller did not look */
    DHCP_DROP_NOT_STORED, /* its lease could not be made durable */
    DHCP_DROP_REASONS,
};

struct dhcp_queued {
    struct bytes datagram;
    bool cut;
    struct ipv4 source;
    uint16_t source_port;
    bool was_unicast;
    uint16_t port;      /* the one it came to */
    unsigned interface; /* and the interface */
    instant arrived;
    uint8_t type; /* of one that was taken: what kind of message it seems to be, 0 for none */
};

struct dhcp_queue;

struct dhcp_queue *dhcp_queue_create(void);
void dhcp_queue_destroy(struct dhcp_queue *queue);
AUTO_DEFINE(dhcp_queue_destroy, struct dhcp_queue *);
/* Copies a message in, or drops it or another. message->arrived is now, or a little earlier. */
void dhcp_queue_put(struct dhcp_queue *queue, const struct dhcp_queued *message);
/* Takes the oldest that is worth an answer; false when none waits. It is borrowed until the next call. */
bool dhcp_queue_take(struct dhcp_queued *ret, struct dhcp_queue *queue, instant now);
bool dhcp_queue_is_empty(const struct dhcp_queue *queue);
/* How many wait. */
size_t dhcp_queue_length(const struct dhcp_queue *queue);
/* Counts drops that the caller makes, or knows of. */
void dhcp_queue_count(struct dhcp_queue *queue, enum dhcp_drop reason);
void dhcp_queue_count_many(struct dhcp_queue *queue, enum dhcp_drop reason, uint32_t count);
/* "12 older than a second, 3 of clients that ask too often (most of 52:54:00:12:34:56)": what was dropped since it was
 * asked last. Appends nothing for nothing. */
void dhcp_queue_show_drops(struct text *ret, struct dhcp_queue *queue);
/* The same since the beginning. */
void dhcp_queue_show_all_drops(struct text *ret, const struct dhcp_queue *queue);
bool dhcp_queue_has_dropped(const struct dhcp_queue *queue);
