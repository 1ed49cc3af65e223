/* SPDX-License-Identifier: Apache-2.0 */
/* The DHCP service: receive -> answer -> commit -> send. */
#include "serve/dhcp.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "answer/dhcp-queue.h"
#include "base/array.h"
#include "base/list.h"
#include "base/text.h"
#include "io/datagram.h"
#include "io/interfaces.h"
#include "io/log.h"
#include "io/raw-datagram.h"
#include "proto/dhcp/packet.h"
#include "serve/dhcp-groups.h"
#include "serve/dhcp-probes.h"
#include "serve/dhcp-rivals.h"
#include "serve/solicitation.h"
#include "store/state-clock.h"

#define DROPS_REPORTED_EVERY (10 * SECOND)
/* A relay of a network that is none of ours is named in the log this often. */
#define RELAY_NAMED_EVERY (60 * SECOND)

/* Both ports on one interface. */
struct listener {
    struct list link; /* serve_dhcp::listeners */
    struct serve_dhcp *dhcp;
    struct interface interface;
    enum answer_dhcp_mode mode;
    struct port {
        struct listener *listener;
        uint16_t number;
        int fd;
        bool is_shared; /* another program of this host is bound to it: fd is a packet socket that hears it too */
        struct loop_watch *watch;
    } ports[2];
    struct serve_solicitation *solicitation; /* NULL: not answered */
    struct dhcp_probes *probes;              /* NULL: offers leave at once */
    struct dhcp_rivals *rivals;              /* NULL: other servers are not looked for */
    struct ipv4 rival;                       /* the last that was named in the log */
    bool yields;                             /* another server gives the addresses here, and we do not */
};

/* An offer that waits for ARP, and what it answers, for the case that its address is taken. */
struct waiting_offer {
    struct port *port;
    struct answer_dhcp answer;
    struct dhcp_queued message;
    uint8_t octets[];
};

struct serve_dhcp {
    struct loop *loop;
    struct serve_dhcp_settings settings;
    struct dhcp_groups *groups;
    struct datagram_batch *batch;
    struct dhcp_queue *queue;
    struct loop_timer *go_on;  /* set while messages wait in the queue */
    struct loop_timer *report; /* of what was dropped */
    struct list listeners;
    struct ipv4 *own; /* all addresses of this host */
    size_t own_count, own_capacity;
    int changes_fd; /* can be read when interfaces change */
    struct loop_watch *changes_watch;
    int64_t epoch; /* the wall clock that leases end by */
    bool storing_fails;
    int raw_fd; /* -1: not permitted, replies are broadcast instead */
    struct named_relay {
        struct ipv4 relay;
        instant when;
    } named_relays[64]; /* by the address's remainder */
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

static struct listener *find_listener(struct serve_dhcp *dhcp, unsigned interface)
{
    LIST_FOR_EACH (link, &dhcp->listeners) {
        struct listener *listener = list_owner(link, struct listener, link);
        if (listener->interface.index == interface)
            return listener;
    }
    return NULL;
}

/* Whether a relay of an unknown network was named in the log lately; notes that it is now. */
static bool relay_was_named(struct serve_dhcp *dhcp, struct ipv4 relay)
{
    instant now = clock_now().steady;
    struct named_relay *named = &dhcp->named_relays[relay.number % LENGTH(dhcp->named_relays)];
    if (ipv4_equal(named->relay, relay) && now - named->when < RELAY_NAMED_EVERY)
        return true;
    *named = (struct named_relay){.relay = relay, .when = now};
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
    bool is_known = ipv4_is_set(answer->unknown_relay) && relay_was_named(dhcp, answer->unknown_relay);
    log_line(is_known ? LOG_LEVEL_DEBUG : levels[answer->weight], "dhcp", mac_to_text(mac, &answer->mac, ':'), "%s",
             answer->text);
}

static int send_raw(const struct serve_dhcp *dhcp, const struct port *port, const struct answer_dhcp *answer,
                    const struct mac *mac)
{
    struct datagram_endpoint from = {.address = answer->from, .port = port->number};
    struct datagram_endpoint to = {.address = answer->to, .port = answer->to_port};
    return dhcp->raw_fd < 0 ? -EPERM
                            : raw_datagram_send(dhcp->raw_fd, bytes_of(answer->reply, answer->reply_size), from, to,
                                                mac, port->listener->interface.index);
}

static int send_by_way(const struct serve_dhcp *dhcp, const struct port *port, const struct answer_dhcp *answer)
{
    static const struct mac everybody = {6, {0xff, 0xff, 0xff, 0xff, 0xff, 0xff}};
    struct datagram_endpoint to = {.address = answer->to, .port = answer->to_port};
    if (answer->way == ANSWER_DHCP_HARDWARE && send_raw(dhcp, port, answer, &answer->mac) == 0)
        return 0;
    if (answer->way == ANSWER_DHCP_HARDWARE)
        to.address = IPV4_BROADCAST;
    else if (answer->way == ANSWER_DHCP_BROADCAST && port->is_shared)
        return send_raw(dhcp, port, answer, &everybody);
    /* By route a packet socket cannot send, so that from a shared port replies to relays leave from the other one. */
    const struct port *by = port->is_shared ? &port->listener->ports[1] : port;
    return datagram_send(by->fd, bytes_of(answer->reply, answer->reply_size), to, answer->from, 0);
}

static void send_answer(const struct serve_dhcp *dhcp, const struct port *port, const struct answer_dhcp *answer)
{
    int result = answer->way == ANSWER_DHCP_SILENT ? 0 : send_by_way(dhcp, port, answer);
    if (result < 0) {
        char mac[MAC_TEXT_MAX], to[IPV4_TEXT_MAX];
        log_line(LOG_LEVEL_WARNING, "dhcp", mac_to_text(mac, &answer->mac, ':'), "reply to %s on %s not sent: %s",
                 ipv4_to_text(to, answer->to), port->listener->interface.name, strerror(-result));
    }
}

/* Sends a reply whose lease is durable, unless nobody waits for it any more. */
static void send_waiting(const struct waiting *waiting, const struct waiting_reply *reply)
{
    struct listener *listener = find_listener(waiting->dhcp, reply->interface);
    log_answer(waiting->dhcp, &reply->answer);
    if (clock_now().steady - reply->arrived > DHCP_QUEUE_AGE_MAX)
        dhcp_queue_count(waiting->dhcp->queue, DHCP_DROP_OLD);
    else if (listener)
        send_answer(waiting->dhcp, &listener->ports[reply->port == DHCP_PORT_PXE], &reply->answer);
}

static void send_stored(struct waiting *waiting)
{
    int64_t now = clock_now().wall_seconds;
    struct lease_table *leases = waiting->dhcp->settings.answer.leases;
    for (size_t i = 0; i < waiting->count; i++) {
        lease_stored(leases, &waiting->replies[i].answer.lease, now);
        send_waiting(waiting, &waiting->replies[i]);
    }
}

/* A client that renews is told what is left of the lease that it has for sure. */
static void send_not_stored(struct waiting *waiting)
{
    int64_t now = clock_now().wall_seconds;
    struct lease_table *leases = waiting->dhcp->settings.answer.leases;
    for (size_t i = 0; i < waiting->count; i++) {
        struct answer_dhcp *answer = &waiting->replies[i].answer;
        int64_t stored = lease_not_stored(leases, &answer->lease, now);
        if (stored <= now) {
            dhcp_queue_count(waiting->dhcp->queue, DHCP_DROP_NOT_STORED);
            continue;
        }
        answer_dhcp_shorten(answer, (uint32_t)(stored - now));
        send_waiting(waiting, &waiting->replies[i]);
    }
}

/* An operator is told when the state cannot be written, and when it can be again; how many leases were not given is
 * said with the other drops. */
static void note_storing(struct serve_dhcp *dhcp, bool fails)
{
    struct diag why = {0};
    state_failure(dhcp->settings.state, &why);
    if (fails && !dhcp->storing_fails)
        log_line(LOG_LEVEL_ERROR, "dhcp", NULL,
                 "leases could not be stored, so that no new ones are given, and old ones last no longer: %s",
                 why.text);
    else if (!fails && dhcp->storing_fails)
        log_line(LOG_LEVEL_INFO, "dhcp", NULL, "leases can be stored again");
    dhcp->storing_fails = fails;
}

/* On the loop's thread again: the leases are durable, or they could not be made so. */
static void leases_written(void *context)
{
    AUTO(free) struct waiting *waiting = context;
    log_gather();
    note_storing(waiting->dhcp, waiting->result < 0);
    if (waiting->result == 0)
        send_stored(waiting);
    else
        send_not_stored(waiting);
    log_release();
}

/* On the writer's thread. */
static void leases_stored(void *context, int result)
{
    struct waiting *waiting = context;
    waiting->result = result;
    loop_post(waiting->dhcp->loop, leases_written, waiting);
}

static bool is_our_address(const struct serve_dhcp *dhcp, struct ipv4 address)
{
    for (size_t i = 0; i < dhcp->own_count; i++)
        if (ipv4_equal(dhcp->own[i], address))
            return true;
    return false;
}

/* Whether the offer waits for ARP now, or need not leave since an earlier one of the same address waits. */
static bool ask_for_address(struct port *port, const struct dhcp_queued *message, const struct answer_dhcp *answer)
{
    struct dhcp_probes *probes = port->listener->probes;
    if (!probes || answer->way == ANSWER_DHCP_SILENT || !ipv4_is_set(answer->offered))
        return false;
    if (dhcp_probes_have(probes, answer->offered))
        return true;
    if (!answer->is_fresh)
        return false;
    struct waiting_offer *offer = memory_new(1, sizeof *offer + message->datagram.size);
    *offer = (struct waiting_offer){.port = port, .answer = *answer, .message = *message};
    memcpy(offer->octets, message->datagram.data, message->datagram.size);
    offer->message.datagram.data = offer->octets;
    if (dhcp_probes_ask(probes, answer->offered, &answer->mac, offer))
        return true;
    free(offer);
    return false;
}

static struct waiting *waiting_create(struct serve_dhcp *dhcp)
{
    /* Not zeroed: it is large, and only what count tells of it is read. */
    struct waiting *waiting = memory_resize(NULL, 1, sizeof *waiting);
    waiting->dhcp = dhcp;
    waiting->result = 0;
    waiting->count = 0;
    return waiting;
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
    return dhcp->storing_fails && answer->way != ANSWER_DHCP_SILENT && ipv4_is_set(answer->offered) &&
           answer->lease.stored == 0;
}

static void answer_one(struct port *port, const struct dhcp_queued *message, struct waiting **waiting)
{
    struct listener *listener = port->listener;
    struct serve_dhcp *dhcp = listener->dhcp;
    AUTO(catalog_unref) struct catalog *catalog = dhcp_groups_follow(dhcp->groups, dhcp->settings.answer.leases);
    struct answer_dhcp_request request = {
        .datagram = message->datagram,
        .cut = message->cut,
        .source = message->source,
        .source_port = message->source_port,
        .port = port->number,
        .was_unicast = message->was_unicast,
        .is_shared = port->is_shared,
        .interface = listener->interface.name,
        .addresses = listener->interface.addresses,
        .address_count = listener->interface.address_count,
        .own = dhcp->own,
        .own_count = dhcp->own_count,
        .catalog = catalog,
        .now = clock_now(),
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
        if (!*waiting)
            *waiting = waiting_create(dhcp);
    } else if (!ask_for_address(port, message, &answer)) {
        log_answer(dhcp, &answer);
        send_answer(dhcp, port, &answer);
    }
}

static void commit(struct waiting *waiting)
{
    if (waiting)
        state_commit(waiting->dhcp->settings.state, waiting->leases, waiting->count, leases_stored, waiting);
}

static void address_is_unused(void *context, void *take_offer)
{
    AUTO(free) struct waiting_offer *offer = take_offer;
    struct listener *listener = context;
    log_answer(listener->dhcp, &offer->answer);
    send_answer(listener->dhcp, offer->port, &offer->answer);
}

/* Somebody set the wall clock, or a time server did: the leases, which end by it, move with it. */
static void follow_clock(struct serve_dhcp *dhcp)
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

/* The address rests, and the client is offered another. */
static void address_is_in_use(void *context, void *take_offer, struct ipv4 address, const struct mac *user)
{
    AUTO(free) struct waiting_offer *offer = take_offer;
    struct listener *listener = context;
    struct lease_table *leases = listener->dhcp->settings.answer.leases;
    struct answer_dhcp rested = {.way = ANSWER_DHCP_SILENT, .weight = ANSWER_TROUBLE, .mac = offer->answer.mac};
    char text[IPV4_TEXT_MAX], mac[MAC_TEXT_MAX];
    struct waiting *waiting = NULL;
    follow_clock(listener->dhcp);
    if (lease_conflict(&rested.lease, leases, address, clock_now().wall_seconds, NULL) == LEASE_OK) {
        snprintf(rested.text, sizeof rested.text, "%s is in use by %s without a lease; not given out for %d s",
                 ipv4_to_text(text, address), mac_to_text(mac, user, ':'), LEASE_DECLINE_SECONDS);
        waiting = waiting_create(listener->dhcp);
        waiting_add(waiting, offer->port, clock_now().steady, &rested);
    }
    answer_one(offer->port, &offer->message, &waiting);
    commit(waiting);
}

/* Answers as many as go into one commit, and comes back for the rest when all else had its turn. */
static void answer_some(void *context)
{
    struct serve_dhcp *dhcp = context;
    struct waiting *waiting = NULL;
    struct dhcp_queued message;
    log_gather();
    follow_clock(dhcp);
    for (int i = 0; i < DATAGRAM_BATCH_MAX && dhcp_queue_take(&message, dhcp->queue, clock_now().steady); i++) {
        struct listener *listener = find_listener(dhcp, message.interface);
        if (listener && !listener->yields)
            answer_one(&listener->ports[message.port == DHCP_PORT_PXE], &message, &waiting);
    }
    commit(waiting);
    log_release();
    loop_timer_set(dhcp->go_on, dhcp_queue_is_empty(dhcp->queue) ? INSTANT_NEVER : clock_now().steady);
}

static void enqueue(struct port *port, const struct datagram *datagram, instant now)
{
    struct dhcp_queued message = {
        .datagram = datagram->payload,
        .cut = datagram->cut,
        .source = datagram->source.address,
        .source_port = datagram->source.port,
        .was_unicast = is_our_address(port->listener->dhcp, datagram->destination),
        .port = port->number,
        .interface = port->listener->interface.index,
        .arrived = now - datagram->waited,
    };
    dhcp_queue_put(port->listener->dhcp->queue, &message);
}

static int take_datagrams(struct port *port)
{
    const struct datagram *datagrams;
    int count = datagram_receive(&datagrams, port->listener->dhcp->batch, port->fd);
    for (int i = 0; i < count; i++)
        enqueue(port, &datagrams[i], clock_now().steady);
    return count;
}

static int take_raw_datagrams(struct port *port)
{
    uint8_t memory[DATAGRAM_SIZE_MAX];
    struct datagram datagram;
    int count = 0;
    for (; count < DATAGRAM_BATCH_MAX && raw_datagram_receive(&datagram, port->fd, memory, sizeof memory); count++)
        if (datagram.payload.size > 0)
            enqueue(port, &datagram, clock_now().steady);
    return count;
}

/* Takes in all that the socket holds, within bounds, so that what is dropped is the oldest and not the latest. */
static void port_ready(void *context)
{
    struct port *port = context;
    int count = DATAGRAM_BATCH_MAX;
    for (int taken = 0; count == DATAGRAM_BATCH_MAX && taken < DHCP_QUEUE_MAX; taken += count)
        count = port->is_shared ? take_raw_datagrams(port) : take_datagrams(port);
    answer_some(port->listener->dhcp);
}

/* An operator sees how much was dropped, and why, while it goes on. */
static void report_drops(void *context)
{
    struct serve_dhcp *dhcp = context;
    AUTO(text_finish) struct text drops = {0};
    follow_clock(dhcp);
    dhcp_queue_show_drops(&drops, dhcp->queue);
    if (drops.length > 0)
        log_line(LOG_LEVEL_WARNING, "dhcp", NULL, "messages not answered in the last %d s: %s",
                 (int)(DROPS_REPORTED_EVERY / SECOND), text_characters(&drops));
    loop_timer_set(dhcp->report, clock_now().steady + DROPS_REPORTED_EVERY);
}

static void listener_destroy(struct listener *listener)
{
    for (size_t i = 0; i < LENGTH(listener->ports); i++) {
        loop_watch_destroy(listener->ports[i].watch);
        fd_close(listener->ports[i].fd);
    }
    serve_solicitation_stop(listener->solicitation);
    dhcp_probes_destroy(listener->probes);
    dhcp_rivals_stop(listener->rivals);
    list_remove(&listener->link);
    free(listener);
}

static bool has_subnet(const struct listener *listener)
{
    for (size_t i = 0; i < listener->interface.address_count; i++)
        if (lease_subnet(listener->dhcp->settings.answer.leases, listener->interface.addresses[i].address))
            return true;
    return false;
}

static void log_listener(const struct listener *listener)
{
    char address[IPV4_TEXT_MAX];
    bool gives_addresses = listener->mode == ANSWER_DHCP_SERVER;
    log_line(LOG_LEVEL_INFO, "dhcp", NULL, "%s on %s (%s), ports %u and %u",
             gives_addresses ? "server" : "proxy beside the DHCP server", listener->interface.name,
             ipv4_to_text(address, listener->interface.addresses[0].address), DHCP_PORT_SERVER, DHCP_PORT_PXE);
    if (gives_addresses && !has_subnet(listener))
        log_line(LOG_LEVEL_WARNING, "dhcp", NULL,
                 "%s is in no subnet of 'dhcp.subnets': machines there get no address, but relays are answered",
                 listener->interface.name);
}

/* Without the right to hear ARP, offers leave unasked. */
static void start_probes(struct listener *listener)
{
    static const struct dhcp_probes_calls calls = {.unused = address_is_unused, .in_use = address_is_in_use};
    struct diag why;
    if (!listener->dhcp->settings.probe || listener->mode != ANSWER_DHCP_SERVER)
        return;
    if (dhcp_probes_create(&listener->probes, listener->dhcp->loop, &listener->interface, &calls, listener, &why) < 0)
        log_line(LOG_LEVEL_WARNING, "dhcp", NULL, "%s: addresses are offered on %s without asking who uses them",
                 why.text, listener->interface.name);
}

/* Whether addresses are given although another server gives some. */
static bool serves_in_spite(const struct serve_dhcp *dhcp)
{
    return dhcp->settings.answer.authoritative || dhcp->settings.force;
}

static void log_rival(const struct listener *listener, const char *server)
{
    const char *name = listener->interface.name;
    if (listener->mode == ANSWER_DHCP_PROXY)
        log_line(LOG_LEVEL_DEBUG, "dhcp", NULL, "the DHCP server %s answers on %s", server, name);
    else if (serves_in_spite(listener->dhcp))
        log_line(LOG_LEVEL_WARNING, "dhcp", NULL,
                 "another DHCP server, %s, answers on %s: machines may get their address from either", server, name);
    else
        log_line(
            LOG_LEVEL_ERROR, "dhcp", NULL,
            "another DHCP server, %s, answers on %s: nothing is answered there until it is gone. Stop that one, or "
            "use 'mode: proxy' beside it, or set 'force: true' to serve in spite of it",
            server, name);
}

/* Two servers that give addresses of one network give one address twice. */
static void rival_found(void *context, struct ipv4 server)
{
    struct listener *listener = context;
    char text[IPV4_TEXT_MAX];
    if (!ipv4_equal(server, listener->rival))
        log_rival(listener, ipv4_to_text(text, server));
    listener->rival = server;
    listener->yields = listener->mode == ANSWER_DHCP_SERVER && !serves_in_spite(listener->dhcp);
}

/* One who yields asks until the other is gone. */
static void rivals_done(void *context, unsigned count)
{
    struct listener *listener = context;
    const char *name = listener->interface.name;
    if (listener->mode == ANSWER_DHCP_PROXY && count == 0)
        log_line(
            LOG_LEVEL_WARNING, "dhcp", NULL,
            "no DHCP server answers on %s: in proxy mode machines get their address from one, or use 'mode: server'",
            name);
    if (listener->yields && count == 0) {
        log_line(LOG_LEVEL_INFO, "dhcp", NULL, "no other DHCP server answers on %s any more: addresses are given there",
                 name);
        listener->yields = false;
        listener->rival = (struct ipv4){0};
    }
    if (listener->yields)
        dhcp_rivals_look_again(listener->rivals);
}

static void start_rivals(struct listener *listener)
{
    static const struct dhcp_rivals_calls calls = {.found = rival_found, .done = rivals_done};
    struct diag why;
    struct serve_dhcp *dhcp = listener->dhcp;
    if (dhcp_rivals_start(&listener->rivals, dhcp->loop, &listener->interface, dhcp->raw_fd, &calls, listener, &why) <
        0)
        log_line(LOG_LEVEL_DEBUG, "dhcp", NULL, "%s: other DHCP servers on %s are not looked for", why.text,
                 listener->interface.name);
}

static struct serve_dhcp_mode mode_on(const struct serve_dhcp *dhcp, const char *interface)
{
    for (size_t i = 0; i < dhcp->settings.mode_count; i++)
        if (text_is(dhcp->settings.modes[i].interface, interface))
            return dhcp->settings.modes[i];
    return (struct serve_dhcp_mode){.is_off = dhcp->settings.is_off, .mode = dhcp->settings.answer.mode};
}

/* A proxy can stand beside a DHCP server of this very host, which holds the port and need not know of it. */
static int share_port(struct port *port, const struct diag *taken, struct diag *why)
{
    struct listener *listener = port->listener;
    int result = raw_datagram_open_receiver(&port->fd, listener->interface.index, port->number, why);
    if (result < 0)
        return result;
    port->is_shared = true;
    log_line(LOG_LEVEL_INFO, "dhcp", NULL, "%s. The proxy on %s hears the port beside it", taken->text,
             listener->interface.name);
    return 0;
}

static int open_port(struct port *port, struct diag *why)
{
    struct listener *listener = port->listener;
    struct serve_dhcp *dhcp = listener->dhcp;
    struct diag taken;
    struct datagram_endpoint local = {.port = port->number};
    int result = datagram_open(&port->fd, local, listener->interface.name, &taken);
    if (result == 0)
        datagram_note_arrival(port->fd);
    bool may_share = port->number == DHCP_PORT_SERVER && listener->mode == ANSWER_DHCP_PROXY && dhcp->raw_fd >= 0;
    if (result == -EADDRINUSE && may_share)
        result = share_port(port, &taken, why);
    else if (result < 0)
        fail(why, result, "%s", taken.text);
    if (result == 0)
        port->watch = loop_watch_create(dhcp->loop, port->fd, port_ready, port);
    return result;
}

static int listener_create(struct serve_dhcp *dhcp, const struct interface *interface, struct diag *why)
{
    static const uint16_t numbers[] = {DHCP_PORT_SERVER, DHCP_PORT_PXE};
    struct listener *listener = MEMORY_NEW(struct listener);
    *listener = (struct listener){.dhcp = dhcp, .interface = *interface, .mode = mode_on(dhcp, interface->name).mode};
    list_append(&dhcp->listeners, &listener->link);
    for (size_t i = 0; i < LENGTH(listener->ports); i++)
        listener->ports[i] = (struct port){.listener = listener, .number = numbers[i], .fd = -1};
    for (size_t i = 0; i < LENGTH(listener->ports); i++) {
        int result = open_port(&listener->ports[i], why);
        if (result < 0) {
            listener_destroy(listener);
            return result;
        }
    }
    /* A network whose addresses we give is ours to speak for; beside another server it is not. */
    if (listener->mode == ANSWER_DHCP_SERVER && !dhcp->settings.ipv6_wait)
        listener->solicitation = serve_solicitation_start(dhcp->loop, interface, dhcp->settings.answer.fleet);
    start_probes(listener);
    /* A server of this host would not hear what this host sends. */
    if (!listener->ports[0].is_shared)
        start_rivals(listener);
    log_listener(listener);
    return 0;
}

static bool is_wanted(const struct serve_dhcp *dhcp, const struct interface *interface)
{
    if (!interface->up || interface->address_count == 0 || mode_on(dhcp, interface->name).is_off)
        return false;
    if (dhcp->settings.interface_count == 0)
        return !interface->loopback;
    for (size_t i = 0; i < dhcp->settings.interface_count; i++)
        if (text_is(dhcp->settings.interfaces[i], interface->name))
            return true;
    return false;
}

static void close_unwanted(struct serve_dhcp *dhcp, const struct interfaces *interfaces)
{
    LIST_FOR_EACH (link, &dhcp->listeners) {
        struct listener *listener = list_owner(link, struct listener, link);
        const struct interface *now = interfaces_find_index(interfaces, listener->interface.index);
        if (now && is_wanted(dhcp, now) && text_is(now->name, listener->interface.name)) {
            listener->interface = *now;
            continue;
        }
        log_line(LOG_LEVEL_WARNING, "dhcp", NULL, "%s is down, has no address any more or is gone: not served",
                 listener->interface.name);
        listener_destroy(listener);
    }
}

static void note_own(struct serve_dhcp *dhcp, const struct interfaces *interfaces)
{
    dhcp->own_count = 0;
    for (size_t i = 0; i < interfaces->count; i++)
        for (size_t k = 0; k < interfaces->at[i].address_count; k++)
            *ARRAY_ADD(dhcp->own, dhcp->own_count, dhcp->own_capacity) = interfaces->at[i].addresses[k].address;
    if (dhcp->settings.answer.leases)
        lease_table_set_own(dhcp->settings.answer.leases, dhcp->own, dhcp->own_count);
}

/* Makes the listeners fit the interfaces as they are now. The first failure is returned; the rest is still tried. */
static int follow_interfaces(struct serve_dhcp *dhcp, const struct interfaces *interfaces, struct diag *why)
{
    int result = 0;
    note_own(dhcp, interfaces);
    close_unwanted(dhcp, interfaces);
    for (size_t i = 0; i < interfaces->count; i++) {
        const struct interface *interface = &interfaces->at[i];
        if (!is_wanted(dhcp, interface) || find_listener(dhcp, interface->index))
            continue;
        int created = listener_create(dhcp, interface, result == 0 ? why : NULL);
        result = result == 0 ? created : result;
    }
    return result;
}

static void interfaces_changed(void *context)
{
    struct serve_dhcp *dhcp = context;
    interfaces_watch_drain(dhcp->changes_fd);
    AUTO(interfaces_finish) struct interfaces interfaces = {0};
    struct diag why;
    int result = interfaces_read(&interfaces, &why);
    if (result == 0)
        result = follow_interfaces(dhcp, &interfaces, &why);
    if (result < 0)
        log_line(LOG_LEVEL_ERROR, "dhcp", NULL, "%s", why.text);
}

/* An interface that was named must be there; that it has no address yet is only said. */
static int check_interfaces(const struct serve_dhcp *dhcp, const struct interfaces *interfaces, struct diag *why)
{
    for (size_t i = 0; i < dhcp->settings.interface_count; i++) {
        const char *name = dhcp->settings.interfaces[i];
        const struct interface *interface = interfaces_find(interfaces, name);
        if (!interface) {
            AUTO(text_finish) struct text there = {0};
            for (size_t k = 0; k < interfaces->count; k++)
                text_print(&there, "%s%s", k > 0 ? ", " : "", interfaces->at[k].name);
            return fail(why, -ENODEV, "interface '%s' is not there: this host has %s", name, text_characters(&there));
        }
        if (!is_wanted(dhcp, interface))
            log_line(LOG_LEVEL_WARNING, "dhcp", NULL, "%s %s: waiting for it", name,
                     interface->up ? "has no IPv4 address yet" : "is down");
    }
    return 0;
}

static void open_raw(struct serve_dhcp *dhcp)
{
    struct diag raw;
    if (raw_datagram_open(&dhcp->raw_fd, &raw) < 0)
        log_line(LOG_LEVEL_WARNING, "dhcp", NULL,
                 "%s: replies are broadcast to machines that have no address yet (capability CAP_NET_RAW is missing)",
                 raw.text);
}

static int start(struct serve_dhcp *dhcp, struct diag *why)
{
    open_raw(dhcp);
    AUTO(interfaces_finish) struct interfaces interfaces = {0};
    int result = interfaces_watch(&dhcp->changes_fd, why);
    if (result == 0)
        result = interfaces_read(&interfaces, why);
    if (result == 0)
        result = check_interfaces(dhcp, &interfaces, why);
    if (result == 0)
        result = follow_interfaces(dhcp, &interfaces, why);
    if (result < 0)
        return result;
    dhcp->changes_watch = loop_watch_create(dhcp->loop, dhcp->changes_fd, interfaces_changed, dhcp);
    if (list_is_empty(&dhcp->listeners) && dhcp->settings.interface_count == 0)
        log_line(LOG_LEVEL_WARNING, "dhcp", NULL, "no interface is up with an IPv4 address: waiting for one");
    return 0;
}

int serve_dhcp_start(struct serve_dhcp **ret, struct loop *loop, const struct serve_dhcp_settings *settings,
                     struct diag *why)
{
    AUTO(serve_dhcp_stop) struct serve_dhcp *dhcp = MEMORY_NEW(struct serve_dhcp);
    *dhcp = (struct serve_dhcp){
        .loop = loop,
        .settings = *settings,
        .groups = dhcp_groups_create(settings->catalog),
        .batch = datagram_batch_create(),
        .queue = dhcp_queue_create(),
        .go_on = loop_timer_create(loop, answer_some, dhcp),
        .report = loop_timer_create(loop, report_drops, dhcp),
        .changes_fd = -1,
        .raw_fd = -1,
        .epoch = settings->state ? state_epoch(settings->state) : 0,
        .storing_fails = settings->state && state_failure(settings->state, NULL) < 0,
    };
    list_init(&dhcp->listeners);
    serve_dhcp_follow_catalog(dhcp);
    int result = start(dhcp, why);
    if (result < 0)
        return result;
    loop_timer_set(dhcp->report, clock_now().steady + DROPS_REPORTED_EVERY);
    *ret = take_pointer(dhcp);
    return 0;
}

void serve_dhcp_set_policy(struct serve_dhcp *dhcp, const struct answer_dhcp_settings *policy, bool force)
{
    struct answer_dhcp_settings *answer = &dhcp->settings.answer;
    answer->leases = policy->leases;
    answer->authoritative = policy->authoritative;
    answer->bootp = policy->bootp;
    answer->unknown = policy->unknown;
    dhcp->settings.force = force;
    LIST_FOR_EACH (link, &dhcp->listeners) {
        struct listener *listener = list_owner(link, struct listener, link);
        listener->yields = listener->yields && !serves_in_spite(dhcp);
    }
    serve_dhcp_follow_catalog(dhcp);
}

void serve_dhcp_follow_catalog(struct serve_dhcp *dhcp)
{
    catalog_unref(dhcp_groups_follow(dhcp->groups, dhcp->settings.answer.leases));
}

/* The whole of it is in the log once more, for who looks later. */
static void report_all_drops(const struct serve_dhcp *dhcp)
{
    AUTO(text_finish) struct text drops = {0};
    dhcp_queue_show_all_drops(&drops, dhcp->queue);
    if (drops.length > 0)
        log_line(LOG_LEVEL_INFO, "dhcp", NULL, "messages not answered since the start: %s", text_characters(&drops));
}

void serve_dhcp_stop(struct serve_dhcp *dhcp)
{
    if (!dhcp)
        return;
    report_all_drops(dhcp);
    LIST_FOR_EACH (link, &dhcp->listeners) {
        listener_destroy(list_owner(link, struct listener, link));
    }
    loop_watch_destroy(dhcp->changes_watch);
    fd_close(dhcp->changes_fd);
    fd_close(dhcp->raw_fd);
    free(dhcp->own);
    loop_timer_destroy(dhcp->go_on);
    loop_timer_destroy(dhcp->report);
    dhcp_groups_destroy(dhcp->groups);
    dhcp_queue_destroy(dhcp->queue);
    datagram_batch_destroy(dhcp->batch);
    free(dhcp);
}
