/* SPDX-License-Identifier: Apache-2.0 */
/* Answer -> commit -> send. */
#include "serve/dhcp-reply.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/hash.h"
#include "base/text.h"
#include "io/log.h"
#include "io/raw-datagram.h"
#include "proto/dhcp/packet.h"
#include "store/state-clock.h"

/* A relay of a network that is none of ours, a network without a free address: each is named in the log this often. */
#define NAMED_EVERY (60 * SECOND)

/* Relays by which an offer may go at once: those of a network are two as a rule. */
#define OFFER_RELAYS_MAX 8

/* An offer that waits for who may use its address, and what it answers, for the case that its address is taken. */
struct waiting_offer {
    struct waiting_offer *next; /* the same offer by another relay; NULL: none */
    struct port *port;
    struct answer_dhcp answer;
    struct dhcp_queued message;
    uint8_t octets[];
};

/* A reply that waits for its lease to be durable. */
struct waiting_reply {
    unsigned interface;
    uint16_t port;
    instant arrived; /* when the message came that it answers */
    struct answer_dhcp answer;
};

/* The replies of one batch of datagrams, and the lease of each. */
struct waiting {
    struct serve_dhcp *dhcp;
    int result;
    size_t count;
    struct waiting_reply replies[DATAGRAM_BATCH_MAX];
    struct lease leases[DATAGRAM_BATCH_MAX];
};

/* Not zeroed: it is large, and only what count tells of it is read. */
static struct waiting *waiting_create(struct serve_dhcp *dhcp)
{
    struct waiting *waiting = dhcp->spare_count > 0 ? dhcp->spare[--dhcp->spare_count] : NULL;
    waiting = waiting ?: memory_resize(NULL, 1, sizeof *waiting);
    waiting->dhcp = dhcp;
    waiting->result = 0;
    waiting->count = 0;
    return waiting;
}

/* Some are kept for the next: memory of that size is otherwise given back to the system and asked for again. */
static void waiting_release(struct waiting *take_waiting)
{
    struct serve_dhcp *dhcp = take_waiting->dhcp;
    if (dhcp->spare_count < LENGTH(dhcp->spare))
        dhcp->spare[dhcp->spare_count++] = take_waiting;
    else
        free(take_waiting);
}

void dhcp_reply_finish(struct serve_dhcp *dhcp)
{
    while (dhcp->spare_count > 0)
        free(dhcp->spare[--dhcp->spare_count]);
}

/* Whether what a line is about was named in the log lately; notes that it is now. */
static bool was_named(struct serve_dhcp *dhcp, struct ipv4 about)
{
    instant now = clock_now().steady;
    struct named *named = &dhcp->named[hash_of(bytes_of(&about, sizeof about)) % LENGTH(dhcp->named)];
    if (ipv4_equal(named->about, about) && now - named->when < NAMED_EVERY)
        return true;
    *named = (struct named){.about = about, .when = now};
    return false;
}

static void log_answer(struct serve_dhcp *dhcp, const struct answer_dhcp *answer)
{
    static const enum log_level levels[] = {
        [ANSWER_DETAIL] = LOG_LEVEL_DEBUG,
        [ANSWER_FACT] = LOG_LEVEL_INFO,
        [ANSWER_TROUBLE] = LOG_LEVEL_WARNING,
    };
    char mac[MAC_TEXT_MAX];
    bool is_known = ipv4_is_set(answer->about) && was_named(dhcp, answer->about);
    enum log_level level = is_known ? LOG_LEVEL_DEBUG : levels[answer->weight];
    if (log_is_shown(level))
        log_line(level, "dhcp", answer->client_id[0] ? answer->client_id : mac_to_text(mac, &answer->mac, ':'), "%s",
                 answer->text);
}

void dhcp_reply_not_sent(const struct mac *client, struct ipv4 to, int error)
{
    char mac[MAC_TEXT_MAX], address[IPV4_TEXT_MAX];
    log_line(LOG_LEVEL_WARNING, "dhcp", mac_to_text(mac, client, ':'), "reply to %s not sent: %s",
             ipv4_to_text(address, to), strerror(error));
}

/* By route a packet socket cannot send, so that from a shared port replies to relays leave from the other one. */
static int socket_by_route(const struct port *port)
{
    return port->is_shared ? port->listener->ports[1].fd : port->fd;
}

static bool is_to_relay(const struct answer_dhcp *answer)
{
    return ipv4_is_set(answer->relay) && ipv4_equal(answer->to, answer->relay);
}

/* To a relay a packet of our own goes when its client asks for the first time: should it get lost, the client asks
 * again, and then the kernel sends. */
static void take_shortcut(struct dhcp_way *way, struct serve_dhcp *dhcp, const struct port *port,
                          const struct answer_dhcp *answer)
{
    struct relay_reply reply = {
        .interface = &port->listener->interface,
        .from = answer->from,
        .relay = answer->relay,
        .client = &answer->mac,
        .is_offer = ipv4_is_set(answer->offered),
        .is_first = answer->is_first,
        .is_one_of_many = dhcp_queue_length(dhcp->queue) >= DHCP_TRAY_CROWD,
    };
    bool is_trial;
    way->hop = relay_hops_find(&is_trial, &dhcp->relay_hops, &reply, clock_now().steady);
    way->is_shortcut = !is_trial;
}

/* To a client without an address a packet of our own goes at its MAC, for it would not answer ARP. */
static struct dhcp_way way_of(struct serve_dhcp *dhcp, const struct port *port, const struct answer_dhcp *answer)
{
    const struct interface *interface = &port->listener->interface;
    struct dhcp_way way = {
        .fd = socket_by_route(port),
        .to = {answer->to, answer->to_port},
        .from = {answer->from, port->number},
        .at_hop = answer->to,
    };
    if (answer->way == ANSWER_DHCP_HARDWARE) {
        way.hop = (struct raw_hop){answer->mac, interface->index};
        way.to.address = IPV4_BROADCAST;
    } else if (is_to_relay(answer) && port->number == DHCP_PORT_SERVER && !port->is_shared) {
        take_shortcut(&way, dhcp, port, answer);
    }
    return way;
}

/* Through a packet socket the kernel does not broadcast for us. */
static void broadcast_from_shared_port(const struct serve_dhcp *dhcp, const struct port *port,
                                       const struct answer_dhcp *answer)
{
    static const struct mac everybody = {6, {0xff, 0xff, 0xff, 0xff, 0xff, 0xff}};
    struct datagram_endpoint from = {.address = answer->from, .port = port->number};
    struct datagram_endpoint to = {.address = answer->to, .port = answer->to_port};
    int result = dhcp->raw_fd < 0 ? -EPERM
                                  : raw_datagram_send(dhcp->raw_fd, bytes_of(answer->reply, answer->reply_size), from,
                                                      to, &everybody, port->listener->interface.index);
    if (result < 0)
        dhcp_reply_not_sent(&answer->mac, answer->to, -result);
}

/* The outbox is to be flushed behind the last one. */
static void send_answer(struct serve_dhcp *dhcp, const struct port *port, const struct answer_dhcp *answer)
{
    if (answer->way == ANSWER_DHCP_SILENT)
        return;
    if (answer->way == ANSWER_DHCP_BROADCAST && port->is_shared) {
        broadcast_from_shared_port(dhcp, port, answer);
        return;
    }
    struct dhcp_way way = way_of(dhcp, port, answer);
    dhcp_outbox_put(dhcp->outbox, bytes_of(answer->reply, answer->reply_size), &way, &answer->mac);
}

static void flush(struct serve_dhcp *dhcp)
{
    dhcp_outbox_flush(dhcp->outbox, !dhcp_queue_is_empty(dhcp->queue));
}

/* Sends a reply whose lease is durable, unless nobody waits for it any more. */
static void send_waiting(const struct waiting *waiting, const struct waiting_reply *reply, struct moment now)
{
    struct listener *listener = listener_find(waiting->dhcp, reply->interface);
    log_answer(waiting->dhcp, &reply->answer);
    if (now.steady - reply->arrived > DHCP_QUEUE_AGE_MAX)
        dhcp_queue_count(waiting->dhcp->queue, DHCP_DROP_OLD);
    else if (listener)
        send_answer(waiting->dhcp, &listener->ports[reply->port == DHCP_PORT_PXE], &reply->answer);
}

static void send_stored(struct waiting *waiting)
{
    struct moment now = clock_now();
    struct lease_table *leases = waiting->dhcp->settings.answer.leases;
    for (size_t i = 0; i < waiting->count; i++) {
        lease_stored(leases, &waiting->replies[i].answer.lease, now.wall_seconds);
        send_waiting(waiting, &waiting->replies[i], now);
    }
}

/* A client that renews is told what is left of the lease that it has for sure. */
static void send_not_stored(struct waiting *waiting)
{
    struct moment now = clock_now();
    struct lease_table *leases = waiting->dhcp->settings.answer.leases;
    for (size_t i = 0; i < waiting->count; i++) {
        struct answer_dhcp *answer = &waiting->replies[i].answer;
        int64_t stored = lease_not_stored(leases, &answer->lease, now.wall_seconds);
        if (stored <= now.wall_seconds) {
            dhcp_queue_count(waiting->dhcp->queue, DHCP_DROP_NOT_STORED);
            continue;
        }
        answer_dhcp_shorten(answer, (uint32_t)(stored - now.wall_seconds));
        send_waiting(waiting, &waiting->replies[i], now);
    }
}

/* On the loop's thread again: the leases are durable, or they could not be made so. */
static void leases_written(void *context)
{
    struct waiting *waiting = context;
    log_gather();
    dhcp_storing_end(&waiting->dhcp->storing, waiting->result, clock_now().steady);
    if (waiting->result == 0)
        send_stored(waiting);
    else
        send_not_stored(waiting);
    flush(waiting->dhcp);
    waiting_release(waiting);
    log_release();
}

/* On the writer's thread. */
static void leases_stored(void *context, int result)
{
    struct waiting *waiting = context;
    waiting->result = result;
    loop_post(waiting->dhcp->loop, leases_written, waiting);
}

void dhcp_reply_forgotten(void *take_offer)
{
    for (struct waiting_offer *offer = take_offer, *next; offer; offer = next) {
        next = offer->next;
        free(offer);
    }
}
AUTO_DEFINE(dhcp_reply_forgotten, struct waiting_offer *);

static struct waiting_offer *offer_create(struct port *port, const struct dhcp_queued *message,
                                          const struct answer_dhcp *answer)
{
    struct waiting_offer *offer = memory_new(1, sizeof *offer + message->datagram.size);
    *offer = (struct waiting_offer){.port = port, .answer = *answer, .message = *message};
    memcpy(offer->octets, message->datagram.data, message->datagram.size);
    offer->message.datagram.data = offer->octets;
    return offer;
}

/* Of two relays that pass a client's message on, either may be the one whose answer arrives. By the same one the offer
 * need not go twice. */
static void join_offer(struct waiting_offer *first, struct port *port, const struct dhcp_queued *message,
                       const struct answer_dhcp *answer)
{
    struct waiting_offer *last = first;
    for (size_t count = 1; !ipv4_equal(last->answer.relay, answer->relay); count++) {
        if (!last->next && count < OFFER_RELAYS_MAX)
            last->next = offer_create(port, message, answer);
        if (!last->next)
            return;
        last = last->next;
    }
}

/* Whether the offer waits for an answer now, or need not leave since an earlier one of the same address waits. */
static bool ask_for_address(struct port *port, const struct dhcp_queued *message, const struct answer_dhcp *answer)
{
    struct dhcp_probes *probes = port->listener->probes;
    if (!probes || answer->way == ANSWER_DHCP_SILENT || !ipv4_is_set(answer->offered))
        return false;
    struct waiting_offer *earlier = dhcp_probes_find(probes, answer->offered);
    if (earlier)
        join_offer(earlier, port, message, answer);
    if (earlier || !answer->is_fresh)
        return earlier != NULL;
    struct waiting_offer *offer = offer_create(port, message, answer);
    bool waits = ipv4_is_set(answer->relay) ? dhcp_probes_ask_far(probes, answer->offered, &answer->mac, offer)
                                            : dhcp_probes_ask(probes, answer->offered, &answer->mac, offer);
    if (!waits)
        free(offer);
    return waits;
}

static void waiting_add(struct waiting *waiting, const struct port *port, instant arrived,
                        const struct answer_dhcp *answer)
{
    size_t at = waiting->count++;
    waiting->leases[at] = answer->lease;
    waiting->replies[at] = (struct waiting_reply){
        .interface = port->listener->interface.index,
        .port = port->number,
        .arrived = arrived,
        .answer = *answer,
    };
}

/* So that what the machine boots is known when its boot program asks for it. */
static void ask_boot_service(const struct serve_dhcp *dhcp, const struct answer_dhcp *answer)
{
    struct machine machine;
    if (answer->boots_without_group && dhcp->settings.boot_service && answer->way != ANSWER_DHCP_SILENT &&
        fleet_find(&machine, dhcp->settings.answer.fleet, &answer->mac))
        boot_service_ask(dhcp->settings.boot_service, &machine);
}

/* What could not be kept is not offered. */
static bool is_withheld(const struct serve_dhcp *dhcp, const struct answer_dhcp *answer)
{
    bool is_futile = dhcp->storing.fails || dhcp->storing.hangs;
    return is_futile && answer->way != ANSWER_DHCP_SILENT && ipv4_is_set(answer->offered) && answer->lease.stored == 0;
}

static void answer_one(struct port *port, const struct dhcp_queued *message, const struct catalog *catalog,
                       struct moment now, struct waiting **waiting)
{
    struct listener *listener = port->listener;
    struct serve_dhcp *dhcp = listener->dhcp;
    struct answer_dhcp_request request = {
        .datagram = message->datagram,
        .cut = message->cut,
        .source = message->source,
        .source_port = message->source_port,
        .port = port->number,
        .was_unicast = message->was_unicast,
        .is_shared = port->is_shared,
        .yields = listener->yields,
        .interface = listener->interface.name,
        .addresses = listener->interface.addresses,
        .address_count = listener->interface.address_count,
        .own = dhcp->own,
        .own_count = dhcp->own_count,
        .catalog = catalog,
        .now = now,
    };
    struct answer_dhcp_settings settings = dhcp->settings.answer;
    struct answer_dhcp answer;
    settings.mode = listener->mode;
    answer_dhcp(&answer, &settings, &request);
    ask_boot_service(dhcp, &answer);
    if (answer.has_lease) {
        if (!*waiting)
            *waiting = waiting_create(dhcp);
        waiting_add(*waiting, port, message->arrived, &answer);
    } else if (is_withheld(dhcp, &answer)) {
        dhcp_queue_count(dhcp->queue, DHCP_DROP_NOT_STORED);
        /* An empty one is committed: whether it can be by now. */
        if (!*waiting && !dhcp->storing.hangs)
            *waiting = waiting_create(dhcp);
    } else if (!ask_for_address(port, message, &answer)) {
        log_answer(dhcp, &answer);
        send_answer(dhcp, port, &answer);
    }
}

static void commit(struct waiting *waiting)
{
    if (!waiting)
        return;
    dhcp_storing_begin(&waiting->dhcp->storing, clock_now().steady);
    state_commit(waiting->dhcp->settings.state, waiting->leases, waiting->count, leases_stored, waiting);
}

void dhcp_reply_unused(void *context, void *take_offer)
{
    AUTO(dhcp_reply_forgotten) struct waiting_offer *offers = take_offer;
    struct listener *listener = context;
    for (const struct waiting_offer *offer = offers; offer; offer = offer->next) {
        log_answer(listener->dhcp, &offer->answer);
        send_answer(listener->dhcp, offer->port, &offer->answer);
    }
    flush(listener->dhcp);
}

void dhcp_reply_follow_clock(struct serve_dhcp *dhcp)
{
    struct state *state = dhcp->settings.state;
    int64_t step = state ? epoch_step(dhcp->epoch, clock_now()) : 0;
    if (step == 0)
        return;
    dhcp->epoch += step;
    lease_table_move(dhcp->settings.answer.leases, step);
    state_move(state, step);
    log_line(LOG_LEVEL_WARNING, "dhcp", NULL, "the clock was set %s by %lld s: leases last as long as they would have",
             step < 0 ? "back" : "forward", (long long)llabs(step));
}

void dhcp_reply_in_use(void *context, void *take_offer, struct ipv4 address, const struct mac *user)
{
    AUTO(dhcp_reply_forgotten) struct waiting_offer *offers = take_offer;
    const struct waiting_offer *offer = offers;
    struct listener *listener = context;
    struct lease_table *leases = listener->dhcp->settings.answer.leases;
    struct answer_dhcp rested = {.way = ANSWER_DHCP_SILENT, .weight = ANSWER_TROUBLE, .mac = offer->answer.mac};
    char text[IPV4_TEXT_MAX], relay[IPV4_TEXT_MAX], mac[MAC_TEXT_MAX];
    struct waiting *waiting = NULL;
    AUTO(catalog_unref) struct catalog *catalog = dhcp_groups_follow(listener->dhcp->groups, leases);
    dhcp_reply_follow_clock(listener->dhcp);
    struct moment now = clock_now();
    memcpy(rested.client_id, offer->answer.client_id, sizeof rested.client_id);
    if (lease_conflict(&rested.lease, leases, address, now.wall_seconds, NULL) == LEASE_OK) {
        snprintf(rested.text, sizeof rested.text, "%s is in use by %s%s without a lease; not given out for %lld s",
                 ipv4_to_text(text, address), user ? mac_to_text(mac, user, ':') : "a host behind the relay ",
                 user ? "" : ipv4_to_text(relay, offer->answer.relay),
                 (long long)(rested.lease.expires - now.wall_seconds));
        waiting = waiting_create(listener->dhcp);
        waiting_add(waiting, offer->port, now.steady, &rested);
    }
    for (; offer; offer = offer->next)
        answer_one(offer->port, &offer->message, catalog, now, &waiting);
    flush(listener->dhcp);
    commit(waiting);
}

/* Whether the message may give, lengthen or end a lease. */
static bool is_of_leases(const struct listener *listener, const struct dhcp_queued *message)
{
    return listener->mode == ANSWER_DHCP_SERVER && message->port == DHCP_PORT_SERVER &&
           (message->type == DHCP_REQUEST || message->type == DHCP_DECLINE || message->type == DHCP_RELEASE);
}

/* Whoever asks for what could not be stored in time asks again; until then nothing is changed for it. */
static bool is_put_off(struct serve_dhcp *dhcp, const struct listener *listener, const struct dhcp_queued *message,
                       instant now)
{
    if (!dhcp_storing_hangs(&dhcp->storing, now) || !is_of_leases(listener, message))
        return false;
    dhcp_queue_count(dhcp->queue, DHCP_DROP_NOT_STORED);
    return true;
}

void dhcp_reply_some(void *context)
{
    struct serve_dhcp *dhcp = context;
    struct waiting *waiting = NULL;
    struct dhcp_queued message;
    log_gather();
    dhcp_reply_follow_clock(dhcp);
    AUTO(catalog_unref) struct catalog *catalog = dhcp_groups_follow(dhcp->groups, dhcp->settings.answer.leases);
    struct moment now = clock_now();
    for (int i = 0; i < DATAGRAM_BATCH_MAX && dhcp_queue_take(&message, dhcp->queue, now.steady); i++) {
        struct listener *listener = listener_find(dhcp, message.interface);
        if (listener && !is_put_off(dhcp, listener, &message, now.steady))
            answer_one(&listener->ports[message.port == DHCP_PORT_PXE], &message, catalog, now, &waiting);
    }
    flush(dhcp);
    commit(waiting);
    log_release();
    loop_timer_set(dhcp->go_on, dhcp_queue_is_empty(dhcp->queue) ? INSTANT_NEVER : clock_now().steady);
}
