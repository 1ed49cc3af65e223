/* SPDX-License-Identifier: Apache-2.0 */
/* Many TFTP clients in one process, for measurements: tftp-load ADDRESS PORT NAME OCTETS CLIENTS BLKSIZE WINDOWSIZE.
 * All ask at once. A client behaves as firmware does: one socket, an acknowledgement a window or a gap, what it said
 * last again after a second, and given up after ten of them. Prints one line of NAME=VALUE. */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/instant.h"
#include "base/memory.h"
#include "proto/tftp/packet.h"

#define PATIENCE SECOND
#define TRIES 10
#define DATAGRAM_MAX 9216
#define BATCH 64

struct client {
    int fd;
    bool over;
    bool failed;
    bool connected;
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
    struct sockaddr_in server;
    const char *name;
    uint64_t size;
    unsigned blksize;
    unsigned windowsize;
    struct client *clients;
    size_t count;
    size_t running;
    int epoll_fd;
    instant began;
    uint64_t retries;
};

static instant clock_read(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * SECOND + t.tv_nsec;
}

static void client_end(struct load *load, struct client *client, bool failed)
{
    client->over = true;
    client->failed = failed;
    close(client->fd);
    load->running--;
}

static void client_send(struct load *load, struct client *client, const struct tftp_packet *packet, instant now)
{
    uint8_t memory[512];
    struct writer w = writer_over(memory, sizeof memory);
    tftp_packet_build(&w, packet);
    client->deadline = now + PATIENCE;
    if (client->connected)
        send(client->fd, memory, writer_size(&w), 0);
    else
        sendto(client->fd, memory, writer_size(&w), 0, (struct sockaddr *)&load->server, sizeof load->server);
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

static void client_connect(struct client *client, const struct sockaddr_in *peer)
{
    client->connected = connect(client->fd, (const struct sockaddr *)peer, sizeof *peer) == 0;
}

static void client_ready(struct load *load, struct client *client)
{
    static uint8_t payloads[BATCH][DATAGRAM_MAX];
    static struct mmsghdr messages[BATCH];
    static struct iovec vectors[BATCH];
    static struct sockaddr_in peers[BATCH];
    unsigned batch = client->windowsize < BATCH ? client->windowsize : BATCH;
    for (unsigned i = 0; i < batch; i++) {
        vectors[i] = (struct iovec){payloads[i], DATAGRAM_MAX};
        messages[i].msg_hdr = (struct msghdr){
            .msg_name = &peers[i], .msg_namelen = sizeof peers[i], .msg_iov = &vectors[i], .msg_iovlen = 1};
    }
    int count = recvmmsg(client->fd, messages, batch, MSG_DONTWAIT, NULL);
    instant now = clock_read();
    for (int i = 0; i < count && !client->over; i++) {
        if (!client->connected)
            client_connect(client, &peers[i]);
        client_take(load, client, bytes_of(payloads[i], messages[i].msg_len), now);
    }
}

static void client_tick(struct load *load, struct client *client, instant now)
{
    if (client->over || now < client->deadline)
        return;
    load->retries++;
    if (++client->tries > TRIES)
        client_end(load, client, true);
    else if (client->connected)
        client_acknowledge(load, client, now);
    else
        client_ask(load, client, now);
}

static void client_start(struct load *load, struct client *client)
{
    *client = (struct client){.fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0), .windowsize = 1};
    client->blksize = TFTP_BLKSIZE_DEFAULT;
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = client};
    if (client->fd < 0 || epoll_ctl(load->epoll_fd, EPOLL_CTL_ADD, client->fd, &event) < 0) {
        perror("tftp-load");
        exit(EXIT_FAILURE);
    }
    client_ask(load, client, clock_read());
}

static void run(struct load *load)
{
    struct epoll_event events[256];
    instant ticked = clock_read();
    while (load->running > 0) {
        int count = epoll_wait(load->epoll_fd, events, 256, 100);
        for (int i = 0; i < count; i++)
            if (!((struct client *)events[i].data.ptr)->over)
                client_ready(load, events[i].data.ptr);
        instant now = clock_read();
        for (size_t i = 0; now - ticked >= SECOND / 10 && i < load->count; i++)
            client_tick(load, &load->clients[i], now);
        if (now - ticked >= SECOND / 10)
            ticked = now;
    }
}

static void print_result(const struct load *load)
{
    double seconds = (double)(clock_read() - load->began) / (double)SECOND;
    double octets = 0;
    instant longest = 0;
    unsigned failed = 0;
    for (size_t i = 0; i < load->count; i++) {
        const struct client *client = &load->clients[i];
        instant wait = (client->first_data > 0 ? client->first_data : clock_read()) - load->began;
        longest = wait > longest ? wait : longest;
        octets += (double)client->octets;
        failed += client->failed;
    }
    printf("seconds=%.3f rate=%.1f failed=%u retries=%llu first=%.3f windowsize=%u\n", seconds, octets / seconds / 1e6,
           failed, (unsigned long long)load->retries, (double)longest / (double)SECOND, load->clients[0].windowsize);
}

int main(int argc, char **argv)
{
    if (argc != 8) {
        fprintf(stderr, "usage: tftp-load ADDRESS PORT NAME OCTETS CLIENTS BLKSIZE WINDOWSIZE\n");
        return 2;
    }
    struct load load = {
        .server = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(argv[2]))},
        .name = argv[3],
        .size = strtoull(argv[4], NULL, 10),
        .count = (size_t)atoi(argv[5]),
        .blksize = (unsigned)atoi(argv[6]),
        .windowsize = (unsigned)atoi(argv[7]),
        .epoll_fd = epoll_create1(0),
    };
    inet_pton(AF_INET, argv[1], &load.server.sin_addr);
    struct rlimit limit = {.rlim_cur = load.count + 100, .rlim_max = load.count + 100};
    setrlimit(RLIMIT_NOFILE, &limit);
    load.clients = memory_new(load.count, sizeof *load.clients);
    load.running = load.count;
    load.began = clock_read();
    for (size_t i = 0; i < load.count; i++)
        client_start(&load, &load.clients[i]);
    run(&load);
    print_result(&load);
    return EXIT_SUCCESS;
}
