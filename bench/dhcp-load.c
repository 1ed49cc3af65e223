/* SPDX-License-Identifier: Apache-2.0 */
/* Many DHCP machines in one process, for measurements: dhcp-load INTERFACE OWN-MAC SERVER-MAC SERVER RELAY RATE
 * MACHINES. What the wire is opened with (wire.h), the server's address, the relay agent that the machines are behind,
 * or "direct" for machines on the server's own link, how many of them begin in a second, and how many there are. Each
 * is new to the server, asks once with the messages that perfdhcp sends, takes the first offer and asks for nothing
 * again: what is lost stays lost. They begin evenly, however the server fares. Times end when the kernel has an answer,
 * so that nobody need be awake for it. Prints one line of NAME=VALUE. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#include "base/memory.h"
#include "base/text.h"
#include "proto/dhcp/builder.h"
#include "proto/dhcp/packet.h"
#include "wire.h"

/* Whole messages. */
#define LOOK 1600
#define TICK (SECOND / 2000)
/* What the load slept through beyond this is not made up, since then all of that came at once. */
#define LATE_MAX (20 * TICK)
/* How long answers are waited for after the last machine began. */
#define PATIENCE (SECOND / 2)

struct machine {
    instant asked; /* when its last message left */
    bool has_offer;
    bool has_ack;
};

/* Times in microseconds, each of one machine. */
struct times {
    uint32_t *at;
    size_t count;
};

struct load {
    struct wire *wire;
    struct datagram_endpoint own;
    struct datagram_endpoint server;
    struct ipv4 relay;        /* unset: none */
    double interval;          /* from one machine's beginning to the next one's, nanoseconds */
    double next;              /* when one begins */
    struct machine *machines; /* by xid */
    size_t count;
    size_t begun;
    uint64_t seed;
    struct times offers;
    struct times acks;
    size_t refused;
    instant began;
    instant sent_last; /* DISCOVER */
    instant ended;     /* the last ACK */
};

/* Another one for each number and seed, in an order that looks like none. */
static struct mac mac_of(const struct load *load, size_t number)
{
    uint64_t octets = number * 0x9e3779b97f4a7c15 + load->seed;
    struct mac mac = {.size = 6, .octets = {0x02}};
    for (size_t i = 1; i < mac.size; i++, octets >>= 8)
        mac.octets[i] = (uint8_t)octets;
    return mac;
}

/* --- questions --------------------------------------------------------------------------------------------------- */

static void start_message(struct dhcp_builder *ret, const struct load *load, size_t number, uint8_t message_type)
{
    static const uint8_t parameters[] = {1, 28, 2, 3, 15, 6, 12};
    dhcp_builder_init(ret, DHCP_BOOTREQUEST);
    ret->htype = 1;
    ret->hops = ipv4_is_set(load->relay);
    ret->xid = (uint32_t)number;
    ret->giaddr = load->relay;
    ret->chaddr = mac_of(load, number);
    dhcp_builder_put_u8(ret, DHCP_OPTION_MESSAGE_TYPE, message_type);
    dhcp_builder_put(ret, DHCP_OPTION_PARAMETERS, bytes_of(parameters, sizeof parameters));
}

static void send_message(struct load *load, struct dhcp_builder *builder)
{
    uint8_t memory[DHCP_REPLY_MAX];
    wire_send(load->wire, dhcp_builder_finish(builder, memory), load->own, load->server);
}

static void send_discover(struct load *load, size_t number, instant now)
{
    struct dhcp_builder builder;
    start_message(&builder, load, number, DHCP_DISCOVER);
    send_message(load, &builder);
    load->machines[number].asked = load->sent_last = now;
}

static void send_request(struct load *load, const struct dhcp_packet *offer, instant now)
{
    struct dhcp_builder builder;
    start_message(&builder, load, offer->xid, DHCP_REQUEST);
    dhcp_builder_put_ipv4(&builder, DHCP_OPTION_REQUESTED_ADDRESS, offer->yiaddr);
    dhcp_builder_put_ipv4(&builder, DHCP_OPTION_SERVER_ID, dhcp_option_ipv4(offer, DHCP_OPTION_SERVER_ID));
    send_message(load, &builder);
    load->machines[offer->xid].asked = now;
}

/* --- answers ----------------------------------------------------------------------------------------------------- */

static void note_time(struct times *times, instant span)
{
    times->at[times->count++] = span > 0 ? (uint32_t)(span / MICROSECOND) : 0;
}

static void take_answer(struct load *load, const struct dhcp_packet *packet, instant arrived, instant now)
{
    struct machine *machine = packet->xid < load->begun ? &load->machines[packet->xid] : NULL;
    if (!machine || machine->has_ack)
        return;
    if (packet->message_type == DHCP_OFFER && !machine->has_offer) {
        machine->has_offer = true;
        note_time(&load->offers, arrived - machine->asked);
        send_request(load, packet, now);
    } else if (packet->message_type == DHCP_ACK && machine->has_offer) {
        machine->has_ack = true;
        note_time(&load->acks, arrived - machine->asked);
        load->ended = arrived;
    } else if (packet->message_type == DHCP_NAK)
        load->refused++;
}

static void receive(struct load *load)
{
    struct datagram datagram;
    struct dhcp_packet packet;
    struct diag why;
    while (wire_receive(&datagram, load->wire)) {
        instant now = wire_clock();
        if (dhcp_packet_parse(&packet, datagram.payload, &why) == DHCP_OK && packet.operation == DHCP_BOOTREPLY)
            take_answer(load, &packet, now - datagram.waited, now);
    }
}

/* --- all of it --------------------------------------------------------------------------------------------------- */

static void begin_due(struct load *load)
{
    instant now = wire_clock();
    if (load->next < (double)(now - LATE_MAX))
        load->next = (double)(now - LATE_MAX);
    for (; load->next <= (double)now && load->begun < load->count; load->next += load->interval)
        send_discover(load, load->begun++, now);
}

static bool is_over(const struct load *load, instant now)
{
    return load->begun == load->count && (load->acks.count == load->count || now - load->sent_last > PATIENCE);
}

static void run(struct load *load)
{
    const struct timespec tick = {.tv_nsec = TICK};
    load->began = load->ended = load->sent_last = wire_clock();
    load->next = (double)load->began;
    while (!is_over(load, wire_clock())) {
        receive(load);
        begin_due(load);
        wire_flush(load->wire);
        nanosleep(&tick, NULL);
    }
}

static int compare_times(const void *a, const void *b)
{
    uint32_t left = *(const uint32_t *)a, right = *(const uint32_t *)b;
    return left < right ? -1 : left > right;
}

/* In milliseconds. Nothing that came is later than all that did. */
static double time_of_share(const struct times *times, double share)
{
    return times->count > 0 ? times->at[(size_t)((double)(times->count - 1) * share)] / 1e3 : 0;
}

static void print_times(const char *name, struct times *times)
{
    qsort(times->at, times->count, sizeof times->at[0], compare_times);
    printf(" %s_50=%.3f %s_99=%.3f", name, time_of_share(times, 0.5), name, time_of_share(times, 0.99));
}

static void print_result(struct load *load)
{
    double sending = (double)(load->sent_last - load->began) / (double)SECOND;
    double seconds = (double)(load->ended - load->began) / (double)SECOND;
    printf("seconds=%.3f discovers=%zu offers=%zu acks=%zu refused=%zu lost=%.6f asked=%.0f done=%.0f", seconds,
           load->begun, load->offers.count, load->acks.count, load->refused,
           1 - (double)load->acks.count / (double)load->begun, sending > 0 ? (double)load->begun / sending : 0,
           (double)load->acks.count / (seconds > sending ? seconds : sending));
    print_times("offer", &load->offers);
    print_times("ack", &load->acks);
    printf("\n");
}

static bool load_prepare(struct load *load, char **argv)
{
    struct mac own, server;
    bool is_direct = text_is(argv[5], "direct");
    if (!mac_from_text(&own, argv[2]) || !mac_from_text(&server, argv[3]) ||
        !ipv4_from_text(&load->server.address, argv[4]) || (!is_direct && !ipv4_from_text(&load->relay, argv[5])))
        return false;
    load->server.port = DHCP_PORT_SERVER;
    load->own = (struct datagram_endpoint){load->relay, DHCP_PORT_SERVER};
    if (is_direct) {
        load->own.port = DHCP_PORT_CLIENT;
        load->server.address = IPV4_BROADCAST;
    }
    double rate = atof(argv[6]);
    load->count = strtoull(argv[7], NULL, 10);
    load->interval = SECOND / rate;
    if (rate <= 0 || load->count == 0 || getrandom(&load->seed, sizeof load->seed, 0) != sizeof load->seed)
        return false;
    load->machines = memory_new(load->count, sizeof load->machines[0]);
    load->offers.at = memory_new(load->count, sizeof load->offers.at[0]);
    load->acks.at = memory_new(load->count, sizeof load->acks.at[0]);
    load->wire = wire_open(argv[1], &own, &server, LOOK);
    return true;
}

int main(int argc, char **argv)
{
    static struct load load;
    if (argc != 8 || !load_prepare(&load, argv)) {
        fprintf(stderr, "usage: dhcp-load INTERFACE OWN-MAC SERVER-MAC SERVER RELAY|direct RATE MACHINES\n");
        return 2;
    }
    run(&load);
    print_result(&load);
    return EXIT_SUCCESS;
}
