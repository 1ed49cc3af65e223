/* SPDX-License-Identifier: Apache-2.0 */
/* A DISCOVER from nobody's hardware address, twice a look, and whoever answers it. It leaves by a packet socket, which
 * our own service does not hear. */
#include "serve/dhcp-rivals.h"

#include <stdlib.h>
#include <sys/random.h>

#include "base/memory.h"
#include "base/reader.h"
#include "io/raw-datagram.h"
#include "proto/dhcp/builder.h"

struct dhcp_rivals {
    const struct interface *interface;
    int raw_fd; /* borrowed */
    struct loop *loop;
    int fd; /* -1 between two looks */
    struct loop_watch *watch;
    struct loop_timer *timer;
    instant end;
    struct mac mac; /* the one that asks */
    uint32_t xid;
    unsigned count; /* answers in this look that counted */
    struct dhcp_rivals_calls calls;
    void *context;
};

/* An address of our own making: locally administered, so that no machine's lease is touched. */
static void choose_identity(struct dhcp_rivals *rivals)
{
    uint8_t octets[6 + sizeof rivals->xid];
    if (getrandom(octets, sizeof octets, GRND_NONBLOCK) != sizeof octets)
        memset(octets, 0x5a, sizeof octets);
    rivals->mac = mac_from_bytes(bytes_of(octets, 6));
    rivals->mac.octets[0] = 0x02;
    memcpy(&rivals->xid, octets + 6, sizeof rivals->xid);
}

static int ask(const struct dhcp_rivals *rivals)
{
    static const struct datagram_endpoint from = {.port = DHCP_PORT_CLIENT};
    static const struct datagram_endpoint to = {.address = {0xffffffff}, .port = DHCP_PORT_SERVER};
    static const struct mac everybody = {6, {0xff, 0xff, 0xff, 0xff, 0xff, 0xff}};
    static const uint8_t wanted[] = {DHCP_OPTION_SUBNET_MASK, DHCP_OPTION_ROUTER};
    uint8_t memory[DHCP_REPLY_MAX];
    struct dhcp_builder builder;
    dhcp_builder_init(&builder, DHCP_BOOTREQUEST);
    builder.htype = 1;
    builder.xid = rivals->xid;
    builder.chaddr = rivals->mac;
    builder.flags = DHCP_FLAG_BROADCAST;
    dhcp_builder_put_u8(&builder, DHCP_OPTION_MESSAGE_TYPE, DHCP_DISCOVER);
    dhcp_builder_put(&builder, DHCP_OPTION_PARAMETERS, bytes_of(wanted, sizeof wanted));
    return raw_datagram_send(rivals->raw_fd, dhcp_builder_finish(&builder, memory), from, to, &everybody,
                             rivals->interface->index);
}

static void heard(void *context)
{
    struct dhcp_rivals *rivals = context;
    uint8_t memory[DATAGRAM_SIZE_MAX];
    struct datagram datagram;
    struct dhcp_packet packet;
    if (!raw_datagram_receive(&datagram, rivals->fd, memory, sizeof memory) ||
        dhcp_packet_parse(&packet, datagram.payload, NULL) != DHCP_OK)
        return;
    /* Who offers no address is a proxy, and may stand beside a server. */
    if (packet.operation != DHCP_BOOTREPLY || packet.xid != rivals->xid || packet.message_type != DHCP_OFFER ||
        !ipv4_is_set(packet.yiaddr))
        return;
    if (rivals->calls.found(rivals->context, dhcp_option_ipv4(&packet, DHCP_OPTION_SERVER_ID)))
        rivals->count++;
}

static void close_ears(struct dhcp_rivals *rivals)
{
    loop_watch_destroy(rivals->watch);
    rivals->watch = NULL;
    rivals->fd = fd_close(rivals->fd);
}

static int look(struct dhcp_rivals *rivals, struct diag *why)
{
    int result = raw_datagram_open_receiver(&rivals->fd, rivals->interface->index, DHCP_PORT_CLIENT, why);
    if (result < 0)
        return result;
    rivals->watch = loop_watch_create(rivals->loop, rivals->fd, heard, rivals);
    rivals->count = 0;
    instant now = clock_now().steady;
    rivals->end = now + DHCP_RIVALS_WAIT;
    loop_timer_set(rivals->timer, now + DHCP_RIVALS_REPEAT);
    result = ask(rivals);
    return result < 0 ? fail(why, result, "send a question to other DHCP servers") : 0;
}

static void time_is_come(void *context)
{
    struct dhcp_rivals *rivals = context;
    if (rivals->fd < 0) {
        if (look(rivals, NULL) < 0)
            dhcp_rivals_look_again(rivals);
    } else if (clock_now().steady < rivals->end) {
        ask(rivals);
        loop_timer_set(rivals->timer, rivals->end);
    } else {
        close_ears(rivals);
        rivals->calls.done(rivals->context, rivals->count);
    }
}

int dhcp_rivals_start(struct dhcp_rivals **ret, struct loop *loop, const struct interface *interface, int raw_fd,
                      const struct dhcp_rivals_calls *calls, void *context, struct diag *why)
{
    AUTO(dhcp_rivals_stop) struct dhcp_rivals *rivals = MEMORY_NEW(struct dhcp_rivals);
    *rivals = (struct dhcp_rivals){
        .interface = interface,
        .raw_fd = raw_fd,
        .loop = loop,
        .fd = -1,
        .timer = loop_timer_create(loop, time_is_come, rivals),
        .calls = *calls,
        .context = context,
    };
    choose_identity(rivals);
    int result = look(rivals, why);
    if (result == 0)
        *ret = take_pointer(rivals);
    return result;
}

void dhcp_rivals_look_again(struct dhcp_rivals *rivals)
{
    close_ears(rivals);
    loop_timer_set(rivals->timer, clock_now().steady + DHCP_RIVALS_AGAIN);
}

/* RFC 2131 §2: op, htype, hlen, hops, xid, secs, flags, four addresses, chaddr. */
bool dhcp_rivals_asked(const struct dhcp_rivals *rivals, struct bytes datagram)
{
    struct reader r = reader_over(datagram);
    read_bytes(&r, 4);
    uint32_t xid = read_u32be(&r);
    read_bytes(&r, 20);
    struct bytes chaddr = read_bytes(&r, rivals->mac.size);
    return !r.failed && xid == rivals->xid && bytes_equal(chaddr, bytes_of(rivals->mac.octets, rivals->mac.size));
}

void dhcp_rivals_stop(struct dhcp_rivals *rivals)
{
    if (!rivals)
        return;
    loop_timer_destroy(rivals->timer);
    close_ears(rivals);
    free(rivals);
}
