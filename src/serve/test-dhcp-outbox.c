/* SPDX-License-Identifier: Apache-2.0 */
/* Replies by way of the loopback: all arrive, whoever sends them. Packets of our own are tried in
 * test/net/test_leases.py. */
#include "serve/dhcp-outbox.h"

#include <poll.h>
#include <stdatomic.h>

#include "test.h"

#define OUR ((struct ipv4){0x7f000001})
#define NOBODY ((struct mac){6, {2, 0, 0, 0, 0, 9}})

static atomic_int failures;

static void note_failure(const struct mac *client, struct ipv4 to, int error)
{
    (void)to;
    CHECK(client->octets[5] == 9 && error > 0);
    atomic_fetch_add(&failures, 1);
}

static struct dhcp_outbox *outbox_create(int raw_fd)
{
    failures = 0;
    return dhcp_outbox_create(&(struct dhcp_senders){.raw_fd = raw_fd, .failed = note_failure});
}

static int socket_open(void)
{
    int fd = -1;
    CHECK_NUMBER(datagram_open(&fd, (struct datagram_endpoint){.address = OUR}, NULL, NULL), 0);
    return fd;
}

static struct dhcp_way way_to(int fd, int receiver)
{
    return (struct dhcp_way){.fd = fd, .to = {OUR, datagram_port(receiver)}};
}

static void put_numbers(struct dhcp_outbox *outbox, const struct dhcp_way *way, unsigned from, unsigned count)
{
    for (unsigned i = from; i < from + count; i++)
        dhcp_outbox_put(outbox, bytes_of(&i, sizeof i), way, &NOBODY);
}

/* How many of the numbers up to count arrive, each once. */
static unsigned receive_numbers(int fd, unsigned count)
{
    struct datagram_batch *batch = datagram_batch_create();
    uint8_t got[1024] = {0};
    unsigned received = 0;
    struct pollfd wait = {.fd = fd, .events = POLLIN};
    while (received < count && poll(&wait, 1, 2000) > 0) {
        const struct datagram *datagrams;
        int some = datagram_receive(&datagrams, batch, fd);
        for (int i = 0; i < some; i++) {
            unsigned number = 0;
            CHECK_NUMBER(datagrams[i].payload.size, sizeof number);
            memcpy(&number, datagrams[i].payload.data, sizeof number);
            CHECK(number < count && !got[number]);
            got[number] = true;
            received++;
        }
    }
    datagram_batch_destroy(batch);
    return received;
}

static void replies_of_every_number_arrive_whoever_sends_them(void)
{
    AUTO(fd_close) int sender = socket_open(), receiver = socket_open();
    struct dhcp_way way = way_to(sender, receiver);
    for (int is_busy = 0; is_busy < 2; is_busy++) {
        AUTO(dhcp_outbox_destroy) struct dhcp_outbox *outbox = outbox_create(-1);
        unsigned put = 0;
        for (unsigned count = 0; count < 40; put += count++) {
            put_numbers(outbox, &way, put, count);
            dhcp_outbox_flush(outbox, is_busy);
        }
        dhcp_outbox_settle(outbox);
        CHECK_NUMBER(receive_numbers(receiver, put), put);
        CHECK_NUMBER(failures, 0);
    }
}

static void more_than_fit_are_sent_meanwhile(void)
{
    AUTO(fd_close) int sender = socket_open(), receiver = socket_open();
    struct dhcp_way way = way_to(sender, receiver);
    AUTO(dhcp_outbox_destroy) struct dhcp_outbox *outbox = outbox_create(-1);
    put_numbers(outbox, &way, 0, 1000);
    dhcp_outbox_flush(outbox, false);
    dhcp_outbox_settle(outbox);
    CHECK_NUMBER(receive_numbers(receiver, 1000), 1000);
}

static void what_is_handed_over_is_sent_before_the_end(void)
{
    AUTO(fd_close) int sender = socket_open(), receiver = socket_open();
    struct dhcp_way way = way_to(sender, receiver);
    struct dhcp_outbox *outbox = outbox_create(-1);
    put_numbers(outbox, &way, 0, DHCP_TRAY_CROWD);
    dhcp_outbox_flush(outbox, true);
    dhcp_outbox_destroy(outbox);
    CHECK_NUMBER(receive_numbers(receiver, DHCP_TRAY_CROWD), DHCP_TRAY_CROWD);
}

static void replies_from_several_sockets_leave_from_their_own(void)
{
    AUTO(fd_close) int one = socket_open(), other = socket_open(), receiver = socket_open();
    struct dhcp_way ways[] = {way_to(one, receiver), way_to(other, receiver)};
    AUTO(dhcp_outbox_destroy) struct dhcp_outbox *outbox = outbox_create(-1);
    for (unsigned i = 0; i < 6; i++)
        put_numbers(outbox, &ways[i / 2 % 2], i, 1);
    dhcp_outbox_flush(outbox, false);
    const struct datagram *datagrams;
    struct datagram_batch *batch = datagram_batch_create();
    CHECK_NUMBER(datagram_receive(&datagrams, batch, receiver), 6);
    for (unsigned i = 0; i < 6; i++)
        CHECK_NUMBER(datagrams[i].source.port, datagram_port(i / 2 % 2 ? other : one));
    datagram_batch_destroy(batch);
}

static void what_is_refused_as_a_packet_goes_by_the_kernel(void)
{
    /* A socket that is none for packets refuses them. */
    AUTO(fd_close) int sender = socket_open(), receiver = socket_open(), raw = socket_open();
    struct dhcp_way way = way_to(sender, receiver);
    way.hop = (struct raw_hop){.mac = NOBODY, .interface = 1};
    way.at_hop = (struct ipv4){0x0a000007};
    AUTO(dhcp_outbox_destroy) struct dhcp_outbox *outbox = outbox_create(raw);
    put_numbers(outbox, &way, 0, 3);
    dhcp_outbox_flush(outbox, false);
    CHECK_NUMBER(receive_numbers(receiver, 3), 3);
    CHECK_NUMBER(failures, 0);
}

static void what_nobody_sends_is_told_of(void)
{
    AUTO(fd_close) int sender = socket_open();
    struct dhcp_way way = {.fd = sender, .to = {{0xf0000001}, 9}};
    AUTO(dhcp_outbox_destroy) struct dhcp_outbox *outbox = outbox_create(-1);
    put_numbers(outbox, &way, 0, 10);
    dhcp_outbox_flush(outbox, true);
    dhcp_outbox_settle(outbox);
    CHECK_NUMBER(failures, 10);
}

int main(void)
{
    RUN(replies_of_every_number_arrive_whoever_sends_them);
    RUN(more_than_fit_are_sent_meanwhile);
    RUN(what_is_handed_over_is_sent_before_the_end);
    RUN(replies_from_several_sockets_leave_from_their_own);
    RUN(what_is_refused_as_a_packet_goes_by_the_kernel);
    RUN(what_nobody_sends_is_told_of);
    return test_result();
}
