/* SPDX-License-Identifier: Apache-2.0 */
/* A ring of messages, found by who asks what, and a bucket of tokens for each client. */
#include "answer/dhcp-queue.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/hash.h"
#include "base/list.h"
#include "base/mac.h"
#include "base/reader.h"
#include "proto/dhcp/packet.h"

/* Clients whose share is remembered; of two that meet in one place the later one is. */
#define CLIENTS_MAX 4096

/* Who asks. A machine on InfiniBand has no chaddr, and its client identifier tells it from the others (RFC 4390 §2.1):
 * of that there is a hash. */
struct asker {
    uint8_t chaddr[DHCP_CHADDR_SIZE];
    uint32_t id;
};

/* Who asks what, and where; every octet is set, since it is compared and hashed as octets. */
struct message_key {
    struct asker asker;
    uint32_t xid;
    uint32_t giaddr;
    uint32_t interface;
    uint16_t port;
    uint16_t type;
};

struct slot {
    struct list link; /* dhcp_queue::waiting or ::spare */
    UT_hash_handle by_key;
    struct message_key key;
    struct dhcp_queued message;
    uint8_t octets[DHCP_QUEUE_DATAGRAM_MAX];
};

struct client_share {
    struct asker asker;
    instant spent;    /* the bucket is full again at this time */
    uint64_t period;  /* when the next was counted: dhcp_queue::period */
    uint64_t refused; /* messages */
};

struct dhcp_queue {
    struct list waiting; /* the oldest first */
    struct list spare;   /* the one used last, which the processor has at hand, at the end */
    size_t touched;      /* slots that were ever used: memory that was not needed yet stays the system's */
    struct slot *by_key;
    uint64_t drops[DHCP_DROP_REASONS];      /* of this period */
    uint64_t drops_ever[DHCP_DROP_REASONS]; /* before it */
    uint64_t period;                        /* how often the drops were shown */
    struct client_share worst;              /* the client of whom most was refused in this period */
    struct slot slots[DHCP_QUEUE_MAX];
    struct client_share clients[CLIENTS_MAX];
};

struct dhcp_queue *dhcp_queue_create(void)
{
    struct dhcp_queue *queue = MEMORY_NEW(struct dhcp_queue);
    list_init(&queue->waiting);
    list_init(&queue->spare);
    return queue;
}

void dhcp_queue_destroy(struct dhcp_queue *queue)
{
    if (queue)
        HASH_CLEAR(by_key, queue->by_key);
    free(queue);
}

void dhcp_queue_count(struct dhcp_queue *queue, enum dhcp_drop reason)
{
    dhcp_queue_count_many(queue, reason, 1);
}

void dhcp_queue_count_many(struct dhcp_queue *queue, enum dhcp_drop reason, uint32_t count)
{
    queue->drops[reason] += count;
}

/* What is found without reading the packet whole. */
struct glance {
    uint8_t type; /* 0: none */
    struct bytes client_id;
};

static struct glance glance_at(struct bytes datagram)
{
    struct glance glance = {0};
    struct reader r = reader_over(bytes_slice(datagram, DHCP_HEADER_SIZE, datagram.size));
    while (reader_left(&r) > 0) {
        uint8_t code = read_u8(&r);
        if (code == DHCP_OPTION_PAD)
            continue;
        if (code == DHCP_OPTION_END)
            break;
        struct bytes value = read_bytes(&r, read_u8(&r));
        if (code == DHCP_OPTION_MESSAGE_TYPE && value.size == 1)
            glance.type = value.data[0];
        else if (code == DHCP_OPTION_CLIENT_ID)
            glance.client_id = value;
    }
    return glance;
}

static bool is_zero(const uint8_t *octets, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if (octets[i] != 0)
            return false;
    return true;
}

/* RFC 2131 §2: op, htype, hlen, hops, xid, secs, flags, three addresses, giaddr, chaddr. */
static bool key_read(struct message_key *ret, const struct dhcp_queued *message)
{
    struct reader r = reader_over(message->datagram);
    memset(ret, 0, sizeof *ret);
    read_bytes(&r, 4);
    ret->xid = read_u32be(&r);
    read_bytes(&r, 16);
    ret->giaddr = read_u32be(&r);
    struct bytes chaddr = read_bytes(&r, DHCP_CHADDR_SIZE);
    if (r.failed)
        return false;
    struct glance glance = glance_at(message->datagram);
    memcpy(ret->asker.chaddr, chaddr.data, sizeof ret->asker.chaddr);
    if (glance.client_id.size > 0 && is_zero(chaddr.data, chaddr.size))
        ret->asker.id = hash_of(glance.client_id);
    ret->interface = message->interface;
    ret->port = message->port;
    ret->type = glance.type;
    return true;
}

/* Notes that a client has had its share, and whether any had more refused. */
static void refuse(struct dhcp_queue *queue, struct client_share *share)
{
    if (share->period != queue->period) {
        share->period = queue->period;
        share->refused = 0;
    }
    share->refused++;
    if (share->refused > queue->worst.refused)
        queue->worst = *share;
}

/* A bucket of tokens as the time at which it is full again: each message takes that on by its price. */
static bool take_share(struct dhcp_queue *queue, const struct message_key *key, instant now)
{
    const instant price = SECOND / DHCP_QUEUE_CLIENT_RATE;
    uint32_t hash = hash_of(bytes_of(&key->asker, sizeof key->asker));
    struct client_share *share = &queue->clients[hash % CLIENTS_MAX];
    if (memcmp(&share->asker, &key->asker, sizeof share->asker) != 0)
        *share = (struct client_share){.asker = key->asker};
    instant from = share->spent > now ? share->spent : now;
    if (from - now > (DHCP_QUEUE_CLIENT_BURST - 1) * price) {
        refuse(queue, share);
        return false;
    }
    share->spent = from + price;
    return true;
}

static void slot_release(struct dhcp_queue *queue, struct slot *slot)
{
    HASH_DELETE(by_key, queue->by_key, slot);
    list_remove(&slot->link);
    list_append(&queue->spare, &slot->link);
}

static struct slot *oldest(const struct dhcp_queue *queue)
{
    return list_is_empty(&queue->waiting) ? NULL : list_owner(queue->waiting.next, struct slot, link);
}

static struct slot *slot_obtain(struct dhcp_queue *queue)
{
    if (list_is_empty(&queue->spare) && queue->touched < LENGTH(queue->slots)) {
        struct slot *slot = &queue->slots[queue->touched++];
        list_init(&slot->link);
        return slot;
    }
    if (list_is_empty(&queue->spare)) {
        dhcp_queue_count(queue, DHCP_DROP_FULL);
        slot_release(queue, oldest(queue));
    }
    return list_owner(queue->spare.previous, struct slot, link);
}

static void slot_fill(struct slot *slot, const struct message_key *key, const struct dhcp_queued *message)
{
    struct bytes kept = bytes_slice(message->datagram, 0, DHCP_QUEUE_DATAGRAM_MAX);
    slot->key = *key;
    slot->message = *message;
    if (kept.size > 0)
        memcpy(slot->octets, kept.data, kept.size);
    slot->message.datagram = bytes_of(slot->octets, kept.size);
    slot->message.type = (uint8_t)key->type;
    slot->message.cut = message->cut || kept.size < message->datagram.size;
}

void dhcp_queue_put(struct dhcp_queue *queue, const struct dhcp_queued *message)
{
    struct message_key key;
    struct slot *waiting = NULL;
    bool is_readable = key_read(&key, message);
    unsigned hash = hash_of(bytes_of(&key, sizeof key));
    HASH_FIND_BYHASHVALUE(by_key, queue->by_key, &key, sizeof key, hash, waiting);
    if (waiting && is_readable) {
        /* The client still waits: it has just said so. */
        waiting->message.arrived = message->arrived;
        dhcp_queue_count(queue, DHCP_DROP_DUPLICATE);
        return;
    }
    /* Those who send what cannot be read have one share together. */
    if (!take_share(queue, &key, message->arrived)) {
        dhcp_queue_count(queue, DHCP_DROP_CLIENT);
        return;
    }
    struct slot *slot = slot_obtain(queue);
    slot_fill(slot, &key, message);
    list_remove(&slot->link);
    list_append(&queue->waiting, &slot->link);
    HASH_ADD_BYHASHVALUE(by_key, queue->by_key, key, sizeof slot->key, hash, slot);
}

bool dhcp_queue_take(struct dhcp_queued *ret, struct dhcp_queue *queue, instant now)
{
    struct slot *slot;
    while ((slot = oldest(queue))) {
        slot_release(queue, slot);
        if (now - slot->message.arrived <= DHCP_QUEUE_AGE_MAX) {
            *ret = slot->message;
            return true;
        }
        dhcp_queue_count(queue, DHCP_DROP_OLD);
    }
    return false;
}

bool dhcp_queue_is_empty(const struct dhcp_queue *queue)
{
    return list_is_empty(&queue->waiting);
}

size_t dhcp_queue_length(const struct dhcp_queue *queue)
{
    return HASH_CNT(by_key, queue->by_key);
}

static void show(struct text *ret, const uint64_t drops[DHCP_DROP_REASONS])
{
    static const char *const reasons[] = {
        [DHCP_DROP_DUPLICATE] = "that waited already",
        [DHCP_DROP_FULL] = "to make room for later ones",
        [DHCP_DROP_OLD] = "older than a second",
        [DHCP_DROP_CLIENT] = "of clients that ask too often",
        [DHCP_DROP_NO_ROOM] = "that the kernel had no room for",
        [DHCP_DROP_NOT_STORED] = "whose lease could not be stored",
    };
    const char *separator = "";
    for (size_t i = 0; i < LENGTH(reasons); i++) {
        if (drops[i] == 0)
            continue;
        text_print(ret, "%s%llu %s", separator, (unsigned long long)drops[i], reasons[i]);
        separator = ", ";
    }
}

static void show_worst(struct text *ret, const struct client_share *worst)
{
    char text[MAC_TEXT_MAX];
    struct mac mac = {.size = 6};
    memcpy(mac.octets, worst->asker.chaddr, mac.size);
    text_print(ret, " (most of %s)", worst->asker.id ? "one without a hardware address" : mac_to_text(text, &mac, ':'));
}

void dhcp_queue_show_drops(struct text *ret, struct dhcp_queue *queue)
{
    show(ret, queue->drops);
    if (queue->worst.refused > 0)
        show_worst(ret, &queue->worst);
    for (size_t i = 0; i < LENGTH(queue->drops); i++)
        queue->drops_ever[i] += queue->drops[i];
    memset(queue->drops, 0, sizeof queue->drops);
    queue->worst = (struct client_share){0};
    queue->period++;
}

void dhcp_queue_show_all_drops(struct text *ret, const struct dhcp_queue *queue)
{
    uint64_t drops[DHCP_DROP_REASONS];
    for (size_t i = 0; i < LENGTH(drops); i++)
        drops[i] = queue->drops_ever[i] + queue->drops[i];
    show(ret, drops);
}

bool dhcp_queue_has_dropped(const struct dhcp_queue *queue)
{
    for (size_t i = 0; i < LENGTH(queue->drops); i++)
        if (queue->drops_ever[i] + queue->drops[i] > 0)
            return true;
    return false;
}
