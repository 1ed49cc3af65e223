/* SPDX-License-Identifier: Apache-2.0 */
/* The DHCP service: its listeners, which come and go with the interfaces, and what they receive. */
#include "serve/dhcp.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/text.h"
#include "io/log.h"
#include "io/raw-datagram.h"
#include "proto/dhcp/packet.h"
#include "serve/dhcp-reply.h"

#define DROPS_REPORTED_EVERY (10 * SECOND)

struct listener *listener_find(struct serve_dhcp *dhcp, unsigned interface)
{
    LIST_FOR_EACH (link, &dhcp->listeners) {
        struct listener *listener = list_owner(link, struct listener, link);
        if (listener->interface.index == interface)
            return listener;
    }
    return NULL;
}

static bool is_our_address(const struct serve_dhcp *dhcp, struct ipv4 address)
{
    for (size_t i = 0; i < dhcp->own_count; i++)
        if (ipv4_equal(dhcp->own[i], address))
            return true;
    return false;
}

/* A relay on our own segment, or our other interface on it, brings us the question that looks for other servers. */
static bool is_our_question(const struct serve_dhcp *dhcp, struct bytes datagram)
{
    LIST_FOR_EACH (link, &dhcp->listeners) {
        const struct listener *listener = list_owner(link, struct listener, link);
        if (listener->rivals && dhcp_rivals_asked(listener->rivals, datagram))
            return true;
    }
    return false;
}

static void enqueue(struct port *port, const struct datagram *datagram, instant now)
{
    if (is_our_question(port->listener->dhcp, datagram->payload))
        return;
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
    instant now = clock_now().steady;
    for (int i = 0; i < count; i++)
        enqueue(port, &datagrams[i], now);
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
    dhcp_reply_some(port->listener->dhcp);
}

static void count_drops_of(struct listener *listener)
{
    for (size_t i = 0; i < LENGTH(listener->ports); i++) {
        struct port *port = &listener->ports[i];
        uint32_t dropped = port->fd >= 0 ? datagram_dropped(port->fd) : port->dropped;
        dhcp_queue_count_many(listener->dhcp->queue, DHCP_DROP_NO_ROOM, dropped - port->dropped);
        port->dropped = dropped;
    }
}

static void count_kernel_drops(struct serve_dhcp *dhcp)
{
    LIST_FOR_EACH (link, &dhcp->listeners) {
        count_drops_of(list_owner(link, struct listener, link));
    }
}

/* An operator sees how much was dropped, and why, while it goes on. */
static void report_drops(void *context)
{
    struct serve_dhcp *dhcp = context;
    AUTO(text_finish) struct text drops = {0};
    dhcp_reply_follow_clock(dhcp);
    dhcp_storing_remind(&dhcp->storing, clock_now().steady);
    count_kernel_drops(dhcp);
    dhcp_queue_show_drops(&drops, dhcp->queue);
    if (drops.length > 0)
        log_line(LOG_LEVEL_WARNING, "dhcp", NULL, "messages not answered in the last %d s: %s",
                 (int)(DROPS_REPORTED_EVERY / SECOND), text_characters(&drops));
    loop_timer_set(dhcp->report, clock_now().steady + DROPS_REPORTED_EVERY);
}

static void listener_destroy(struct listener *listener)
{
    dhcp_outbox_settle(listener->dhcp->outbox);
    count_drops_of(listener);
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

/* A reload may take a subnet away, as well as the start find none. */
static void warn_without_subnet(const struct listener *listener)
{
    if (listener->mode == ANSWER_DHCP_SERVER && !has_subnet(listener))
        log_line(LOG_LEVEL_WARNING, "dhcp", NULL,
                 "%s is in no subnet of 'dhcp.subnets': machines there get no address, but relays are answered",
                 listener->interface.name);
}

static void log_listener(const struct listener *listener)
{
    char address[IPV4_TEXT_MAX];
    log_line(LOG_LEVEL_INFO, "dhcp", NULL, "%s on %s (%s), ports %u and %u",
             listener->mode == ANSWER_DHCP_SERVER ? "server" : "proxy beside the DHCP server", listener->interface.name,
             ipv4_to_text(address, listener->interface.addresses[0].address), DHCP_PORT_SERVER, DHCP_PORT_PXE);
    warn_without_subnet(listener);
}

/* Without the right to hear ARP, offers leave unasked. */
static void start_probes(struct listener *listener)
{
    static const struct dhcp_probes_calls calls = {
        .unused = dhcp_reply_unused,
        .in_use = dhcp_reply_in_use,
        .forgotten = dhcp_reply_forgotten,
    };
    struct diag why;
    if (!listener->dhcp->settings.probe || listener->mode != ANSWER_DHCP_SERVER)
        return;
    if (dhcp_probes_create(&listener->probes, listener->dhcp->loop, &listener->interface, listener->dhcp->echoes,
                           &calls, listener, &why) < 0)
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
        log_line(LOG_LEVEL_ERROR, "dhcp", NULL,
                 "another DHCP server, %s, answers on %s: until it is gone, only machines that renew their address and "
                 "those behind relays are answered there. Stop that one, or use 'mode: proxy' beside it, or set "
                 "'force: true' to serve in spite of it",
                 server, name);
}

/* Two servers that give addresses of one network give one address twice. */
static bool rival_found(void *context, struct ipv4 server)
{
    struct listener *listener = context;
    char text[IPV4_TEXT_MAX];
    if (is_our_address(listener->dhcp, server))
        return false;
    if (!ipv4_equal(server, listener->rival))
        log_rival(listener, ipv4_to_text(text, server));
    listener->rival = server;
    listener->yields = listener->mode == ANSWER_DHCP_SERVER && !serves_in_spite(listener->dhcp);
    return true;
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
        if (!is_wanted(dhcp, interface) || listener_find(dhcp, interface->index))
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

/* A mode for an interface that is not there may wait for it, or be a slip of the pen. */
static void check_modes(const struct serve_dhcp *dhcp, const struct interfaces *interfaces)
{
    for (size_t i = 0; i < dhcp->settings.mode_count; i++)
        if (!interfaces_find(interfaces, dhcp->settings.modes[i].interface))
            log_line(LOG_LEVEL_WARNING, "dhcp", NULL, "'dhcp.modes' names %s, which is not there",
                     dhcp->settings.modes[i].interface);
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
        if (!is_wanted(dhcp, interface) && !mode_on(dhcp, name).is_off)
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

/* Without the right to them, offers to clients behind relays leave unasked. */
static void start_echoes(struct serve_dhcp *dhcp)
{
    struct diag why;
    bool gives_addresses = dhcp->settings.answer.leases != NULL;
    if (dhcp->settings.probe && gives_addresses && dhcp_echoes_create(&dhcp->echoes, dhcp->loop, &why) < 0)
        log_line(LOG_LEVEL_INFO, "dhcp", NULL, "%s: addresses are offered by relay without asking who uses them",
                 why.text);
}

static int start(struct serve_dhcp *dhcp, struct diag *why)
{
    open_raw(dhcp);
    dhcp->outbox = dhcp_outbox_create(&(struct dhcp_senders){.raw_fd = dhcp->raw_fd, .failed = dhcp_reply_not_sent});
    start_echoes(dhcp);
    AUTO(interfaces_finish) struct interfaces interfaces = {0};
    int result = interfaces_watch(&dhcp->changes_fd, why);
    if (result == 0)
        result = interfaces_read(&interfaces, why);
    if (result == 0)
        result = check_interfaces(dhcp, &interfaces, why);
    if (result == 0)
        check_modes(dhcp, &interfaces);
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
        .go_on = loop_timer_create(loop, dhcp_reply_some, dhcp),
        .report = loop_timer_create(loop, report_drops, dhcp),
        .changes_fd = -1,
        .raw_fd = -1,
        .epoch = settings->state ? state_epoch(settings->state) : 0,
    };
    list_init(&dhcp->listeners);
    dhcp_storing_init(&dhcp->storing, settings->state);
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
        warn_without_subnet(listener);
    }
    serve_dhcp_follow_catalog(dhcp);
}

void serve_dhcp_follow_catalog(struct serve_dhcp *dhcp)
{
    catalog_unref(dhcp_groups_follow(dhcp->groups, dhcp->settings.answer.leases));
}

void serve_dhcp_tell_drops(struct serve_dhcp *dhcp)
{
    AUTO(text_finish) struct text drops = {0};
    count_kernel_drops(dhcp);
    dhcp_queue_show_all_drops(&drops, dhcp->queue);
    log_line(LOG_LEVEL_INFO, "dhcp", NULL, "messages not answered since the start: %s",
             drops.length > 0 ? text_characters(&drops) : "none was dropped");
}

void serve_dhcp_stop(struct serve_dhcp *dhcp)
{
    if (!dhcp)
        return;
    LIST_FOR_EACH (link, &dhcp->listeners) {
        listener_destroy(list_owner(link, struct listener, link));
    }
    /* For who looks later. */
    if (dhcp_queue_has_dropped(dhcp->queue))
        serve_dhcp_tell_drops(dhcp);
    dhcp_outbox_destroy(dhcp->outbox);
    dhcp_echoes_destroy(dhcp->echoes);
    loop_watch_destroy(dhcp->changes_watch);
    fd_close(dhcp->changes_fd);
    fd_close(dhcp->raw_fd);
    free(dhcp->own);
    loop_timer_destroy(dhcp->go_on);
    loop_timer_destroy(dhcp->report);
    dhcp_reply_finish(dhcp);
    dhcp_groups_destroy(dhcp->groups);
    dhcp_queue_destroy(dhcp->queue);
    datagram_batch_destroy(dhcp->batch);
    free(dhcp);
}
