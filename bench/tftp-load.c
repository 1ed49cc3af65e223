/* SPDX-License-Identifier: Apache-2.0 */
/* Many TFTP clients in one process, for measurements: tftp-load INTERFACE OWN-MAC SERVER-MAC SERVER FIRST NAME OCTETS
 * CLIENTS BLKSIZE WINDOWSIZE. What the wire is opened with (wire.h), the server's address, the first client's (those
 * that follow it are the others'), the file and its size. All ask at once. A client behaves as firmware does: an
 * acknowledgement a window or a gap, what it said last again after a second, and given up after ten of them. Prints one
 * line of NAME=VALUE. */
#include <stdio.h>
#include <stdlib.h>

#include "base/memory.h"
#include "proto/tftp/packet.h"
#include "wire.h"

#define PATIENCE SECOND
#define TRIES 10
#define CLIENT_PORT 2070
/* Headers, options and the words of an ERROR: nobody looks at the content. */
#define LOOK 256

struct client {
    bool over;
    bool failed;
    uint16_t peer; /* the server's port; 69 before it answered */
    uint64_t octets;
    uint64_t received; /* blocks */
    uint64_t acked;
    size_t blksize;
    unsigned windowsize; /* as agreed */
    unsigned tries;
    bool gap_is_told;
    instant deadline;
    instant first_data;
};

struct load {
    struct ipv4 server;
    struct ipv4 first; /* client's address */
    const char *name;
    uint64_t size;
    unsigned blksize;
    unsigned windowsize;
    struct client *clients;
    size_t count;
    size_t running;
    struct wire *wire;
    instant began;
    uint64_t retries;
};

static void client_end(struct load *load, struct client *client, bool failed)
{
    client->over = true;
    client->failed = failed;
    load->running--;
}

static void client_send(struct load *load, struct client *client, const struct tftp_packet *packet, instant now)
{
    uint8_t memory[WIRE_PAYLOAD_MAX];
    struct writer w = writer_over(memory, sizeof memory);
    tftp_packet_build(&w, packet);
    client->deadline = now + PATIENCE;
    struct ipv4 own = {load->first.number + (uint32_t)(client - load->clients)};
    wire_send(load->wire, writer_bytes(&w), (struct datagram_endpoint){own, CLIENT_PORT},
              (struct datagram_endpoint){load->server, client->peer});
}

static void client_ask(struct load *load, struct client *client, instant now)
{
    char blksize[8], windowsize[8];
    snprintf(blksize, sizeof blksize, "%u", load->blksize);
    snprintf(windowsize, sizeof windowsize, "%u", load->windowsize);
    struct tftp_packet packet = {
        .opcode = TFTP_READ,
        .request =
            {
                .file = bytes_of_text(load->name),
                .mode_name = bytes_of_text("octet"),
                .options = {.at = {{TFTP_OPTION_BLKSIZE, bytes_of_text("blksize"), bytes_of_text(blksize)},
                                   {TFTP_OPTION_WINDOWSIZE, bytes_of_text("windowsize"), bytes_of_text(windowsize)}},
                            .count = load->windowsize > 1 ? 2 : 1},
            },
    };
    client_send(load, client, &packet, now);
}

static void client_acknowledge(struct load *load, struct client *client, instant now)
{
    struct tftp_packet packet = {.opcode = TFTP_ACK, .ack.block = (uint16_t)client->received};
    client->acked = client->received;
    client_send(load, client, &packet, now);
}

static unsigned agreed(const struct tftp_options *options, enum tftp_option_code code, unsigned otherwise)
{
    const struct tftp_option *option = tftp_options_find(options, code);
    return option ? (unsigned)strtoul((const char *)option->value.data, NULL, 10) : otherwise;
}

static void client_take_data(struct load *load, struct client *client, const struct tftp_packet *packet, instant now)
{
    if (client->first_data == 0)
        client->first_data = now;
    if (packet->data.block != (uint16_t)(client->received + 1)) {
        bool is_newer = (uint16_t)(packet->data.block - client->received - 1) < 1 << 15;
        if (is_newer && !client->gap_is_told)
            client_acknowledge(load, client, now);
        client->gap_is_told |= is_newer;
        return;
    }
    client->gap_is_told = false;
    client->tries = 0;
    client->received++;
    client->octets += packet->data.data.size;
    bool is_last = packet->data.data.size < client->blksize;
    if (is_last || client->received - client->acked >= client->windowsize)
        client_acknowledge(load, client, now);
    if (is_last)
        client_end(load, client, client->octets != load->size);
}

static void client_take(struct load *load, struct client *client, struct bytes datagram, instant now)
{
    struct tftp_packet packet;
    if (tftp_packet_parse(&packet, datagram) != 0)
        return;
    if (packet.opcode == TFTP_OACK && client->received == 0) {
        client->blksize = agreed(&packet.oack, TFTP_OPTION_BLKSIZE, TFTP_BLKSIZE_DEFAULT);
        client->windowsize = agreed(&packet.oack, TFTP_OPTION_WINDOWSIZE, 1);
        client_acknowledge(load, client, now);
    } else if (packet.opcode == TFTP_DATA)
        client_take_data(load, client, &packet, now);
    else if (packet.opcode == TFTP_ERROR)
        client_end(load, client, true);
}

static void receive(struct load *load)
{
    struct datagram datagram;
    instant now = wire_clock();
    while (wire_receive(&datagram, load->wire)) {
        size_t number = datagram.destination.number - load->first.number;
        struct client *client = number < load->count ? &load->clients[number] : NULL;
        if (!client || client->over || datagram.source.address.number != load->server.number)
            continue;
        client->peer = datagram.source.port;
        client_take(load, client, datagram.payload, now);
    }
    wire_flush(load->wire);
}

static void client_tick(struct load *load, struct client *client, instant now)
{
    if (client->over || now < client->deadline)
        return;
    load->retries++;
    if (++client->tries > TRIES)
        client_end(load, client, true);
    else if (client->peer != 69)
        client_acknowledge(load, client, now);
    else
        client_ask(load, client, now);
}

static void run(struct load *load)
{
    instant ticked = wire_clock();
    for (receive(load); load->running > 0; receive(load)) {
        instant now = wire_clock();
        if (now - ticked >= SECOND / 10) {
            ticked = now;
            for (size_t i = 0; i < load->count; i++)
                client_tick(load, &load->clients[i], now);
            wire_flush(load->wire);
        }
        wire_wait(load->wire, SECOND / 10);
    }
}

static void start(struct load *load)
{
    load->clients = memory_new(load->count, sizeof *load->clients);
    load->running = load->count;
    load->began = wire_clock();
    for (size_t i = 0; i < load->count; i++) {
        load->clients[i] = (struct client){.peer = 69, .windowsize = 1, .blksize = TFTP_BLKSIZE_DEFAULT};
        client_ask(load, &load->clients[i], load->began);
    }
    wire_flush(load->wire);
}

static void print_result(const struct load *load)
{
    double seconds = (double)(wire_clock() - load->began) / (double)SECOND;
    double octets = 0;
    instant longest = 0;
    unsigned failed = 0;
    for (size_t i = 0; i < load->count; i++) {
        const struct client *client = &load->clients[i];
        instant wait = (client->first_data > 0 ? client->first_data : wire_clock()) - load->began;
        longest = wait > longest ? wait : longest;
        octets += (double)client->octets;
        failed += client->failed;
    }
    printf("seconds=%.3f rate=%.1f failed=%u retries=%llu first=%.3f windowsize=%u\n", seconds, octets / seconds / 1e6,
           failed, (unsigned long long)load->retries, (double)longest / (double)SECOND, load->clients[0].windowsize);
}

int main(int argc, char **argv)
{
    static struct load load;
    struct mac own, server;
    if (argc != 11 || !mac_from_text(&own, argv[2]) || !mac_from_text(&server, argv[3]) ||
        !ipv4_from_text(&load.server, argv[4]) || !ipv4_from_text(&load.first, argv[5])) {
        fprintf(stderr,
                "usage: tftp-load INTERFACE OWN-MAC SERVER-MAC SERVER FIRST NAME OCTETS CLIENTS BLKSIZE WINDOWSIZE\n");
        return 2;
    }
    load.name = argv[6];
    load.size = strtoull(argv[7], NULL, 10);
    load.count = (size_t)atoi(argv[8]);
    load.blksize = (unsigned)atoi(argv[9]);
    load.windowsize = (unsigned)atoi(argv[10]);
    load.wire = wire_open(argv[1], &own, &server, LOOK);
    start(&load);
    run(&load);
    print_result(&load);
    return EXIT_SUCCESS;
}
