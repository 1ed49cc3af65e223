/* SPDX-License-Identifier: Apache-2.0 */
/* A packet socket: a ring that the kernel fills (TPACKET_V2), and many frames sent with one system call. */
#include "wire.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/filter.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <time.h>

#include "base/memory.h"
#include "base/writer.h"

#define FRAME_SIZE 2048
#define BLOCK_SIZE (1 << 20)
#define BLOCKS 4
#define FRAMES (BLOCKS * (BLOCK_SIZE / FRAME_SIZE))
#define BATCH 64
#define ETHERNET_SIZE 14
#define IPV4_SIZE 20
#define UDP_SIZE 8
#define HEADERS_SIZE (ETHERNET_SIZE + IPV4_SIZE + UDP_SIZE)
#define TIME_TO_LIVE 64
#define SPIN (30 * MICROSECOND)

struct wire {
    int fd;
    uint8_t *ring;
    size_t next;              /* frame that the kernel fills next */
    struct tpacket2_hdr *own; /* the frame that is lent; NULL: none */
    uint8_t ethernet[ETHERNET_SIZE];
    struct mmsghdr messages[BATCH];
    struct iovec vectors[BATCH];
    uint8_t frames[BATCH][HEADERS_SIZE + WIRE_PAYLOAD_MAX];
    unsigned queued;
};

static void end(const char *what)
{
    fprintf(stderr, "%s: %s\n", what, strerror(errno));
    exit(EXIT_FAILURE);
}

static void set(int fd, int name, const void *value, socklen_t size)
{
    if (setsockopt(fd, SOL_PACKET, name, value, size) < 0)
        end("a packet socket refuses an option");
}

static void write_ethernet(struct wire *wire, const struct mac *own, const struct mac *server)
{
    memcpy(wire->ethernet, server->octets, 6);
    memcpy(wire->ethernet + 6, own->octets, 6);
    wire->ethernet[12] = ETHERTYPE_IP >> 8;
    wire->ethernet[13] = ETHERTYPE_IP & 0xff;
}

struct wire *wire_open(const char *interface, const struct mac *own, const struct mac *server, unsigned look)
{
    struct wire *wire = MEMORY_NEW(struct wire);
    write_ethernet(wire, own, server);
    wire->fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
    if (wire->fd < 0)
        end("open a packet socket");
    set(wire->fd, PACKET_VERSION, &(int){TPACKET_V2}, sizeof(int));
    set(wire->fd, PACKET_QDISC_BYPASS, &(int){1}, sizeof(int));
    struct sock_filter cut = BPF_STMT(BPF_RET | BPF_K, look);
    struct sock_fprog program = {.len = 1, .filter = &cut};
    if (setsockopt(wire->fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program) < 0)
        end("a packet socket refuses a filter");
    struct tpacket_req request = {
        .tp_block_size = BLOCK_SIZE, .tp_block_nr = BLOCKS, .tp_frame_size = FRAME_SIZE, .tp_frame_nr = FRAMES};
    set(wire->fd, PACKET_RX_RING, &request, sizeof request);
    wire->ring = mmap(NULL, (size_t)BLOCK_SIZE * BLOCKS, PROT_READ | PROT_WRITE, MAP_SHARED, wire->fd, 0);
    if (wire->ring == MAP_FAILED)
        end("map the ring of a packet socket");
    struct sockaddr_ll address = {
        .sll_family = AF_PACKET, .sll_protocol = htons(ETHERTYPE_IP), .sll_ifindex = (int)if_nametoindex(interface)};
    if (address.sll_ifindex == 0 || bind(wire->fd, (struct sockaddr *)&address, sizeof address) < 0)
        end(interface);
    for (unsigned i = 0; i < BATCH; i++) {
        wire->vectors[i].iov_base = wire->frames[i];
        wire->messages[i].msg_hdr = (struct msghdr){.msg_iov = &wire->vectors[i], .msg_iovlen = 1};
        memcpy(wire->frames[i], wire->ethernet, ETHERNET_SIZE);
    }
    return wire;
}

/* --- in --------------------------------------------------------------------------------------------------------- */

static struct tpacket2_hdr *next_frame(const struct wire *wire)
{
    return (struct tpacket2_hdr *)(wire->ring + wire->next * FRAME_SIZE);
}

static bool is_filled(const struct tpacket2_hdr *frame)
{
    return __atomic_load_n(&frame->tp_status, __ATOMIC_ACQUIRE) & TP_STATUS_USER;
}

static void give_back(struct wire *wire)
{
    if (wire->own)
        __atomic_store_n(&wire->own->tp_status, TP_STATUS_KERNEL, __ATOMIC_RELEASE);
    wire->own = NULL;
}

static uint16_t u16_at(const uint8_t *at)
{
    return (uint16_t)(at[0] << 8 | at[1]);
}

static struct ipv4 ipv4_at(const uint8_t *at)
{
    return (struct ipv4){(uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3]};
}

/* How long a frame has been in the ring, which counts by the wall clock. */
static instant time_since(const struct tpacket2_hdr *frame)
{
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    instant span = (t.tv_sec - (instant)frame->tp_sec) * SECOND + t.tv_nsec - frame->tp_nsec;
    return span > 0 ? span : 0;
}

/* False for what is no whole UDP datagram to somebody else's address than the sender's own. */
static bool datagram_of(struct datagram *ret, const struct tpacket2_hdr *frame)
{
    const struct sockaddr_ll *from = (const void *)((const uint8_t *)frame + TPACKET_ALIGN(sizeof *frame));
    const uint8_t *ip = (const uint8_t *)frame + frame->tp_net;
    size_t header = (size_t)(ip[0] & 15) * 4;
    if (from->sll_pkttype == PACKET_OUTGOING || frame->tp_snaplen < ETHERNET_SIZE + header + UDP_SIZE ||
        ip[9] != IPPROTO_UDP)
        return false;
    const uint8_t *udp = ip + header;
    size_t size = u16_at(udp + 4);
    if (size < UDP_SIZE || ETHERNET_SIZE + header + size > frame->tp_len ||
        frame->tp_len > FRAME_SIZE - TPACKET2_HDRLEN)
        return false;
    *ret = (struct datagram){
        .payload = bytes_of(udp + UDP_SIZE, size - UDP_SIZE),
        .source = {ipv4_at(ip + 12), u16_at(udp)},
        .destination = ipv4_at(ip + 16),
        .waited = time_since(frame),
    };
    return true;
}

bool wire_receive(struct datagram *ret, struct wire *wire)
{
    give_back(wire);
    for (struct tpacket2_hdr *frame; is_filled(frame = next_frame(wire)); give_back(wire)) {
        wire->own = frame;
        wire->next = (wire->next + 1) % FRAMES;
        if (datagram_of(ret, frame))
            return true;
    }
    return false;
}

/* --- out -------------------------------------------------------------------------------------------------------- */

static uint16_t ipv4_checksum(const uint8_t *header)
{
    uint32_t sum = 0;
    for (size_t i = 0; i < IPV4_SIZE; i += 2)
        sum += u16_at(header + i);
    while (sum >> 16)
        sum = (sum & 0xffff) + (sum >> 16);
    return (uint16_t)~sum;
}

/* Without a checksum of UDP's own, as RFC 768 allows. */
static void write_headers(uint8_t *memory, size_t payload, struct datagram_endpoint from, struct datagram_endpoint to)
{
    struct writer w = writer_over(memory, IPV4_SIZE + UDP_SIZE);
    write_u16be(&w, 0x4500);
    write_u16be(&w, (uint16_t)(IPV4_SIZE + UDP_SIZE + payload));
    write_u32be(&w, 0);
    write_u8(&w, TIME_TO_LIVE);
    write_u8(&w, IPPROTO_UDP);
    write_u16be(&w, 0);
    write_u32be(&w, from.address.number);
    write_u32be(&w, to.address.number);
    write_u16be(&w, from.port);
    write_u16be(&w, to.port);
    write_u16be(&w, (uint16_t)(UDP_SIZE + payload));
    write_u16be(&w, 0);
    uint16_t checksum = ipv4_checksum(memory);
    memory[10] = (uint8_t)(checksum >> 8);
    memory[11] = (uint8_t)checksum;
}

void wire_send(struct wire *wire, struct bytes payload, struct datagram_endpoint from, struct datagram_endpoint to)
{
    if (payload.size > WIRE_PAYLOAD_MAX)
        abort();
    uint8_t *frame = wire->frames[wire->queued];
    write_headers(frame + ETHERNET_SIZE, payload.size, from, to);
    memcpy(frame + HEADERS_SIZE, payload.data, payload.size);
    wire->vectors[wire->queued++].iov_len = HEADERS_SIZE + payload.size;
    if (wire->queued == BATCH)
        wire_flush(wire);
}

/* What cannot be sent is lost, as on a wire. */
void wire_flush(struct wire *wire)
{
    for (unsigned done = 0; done < wire->queued;) {
        int sent = sendmmsg(wire->fd, wire->messages + done, wire->queued - done, 0);
        done += sent > 0 ? (unsigned)sent : 1;
    }
    wire->queued = 0;
}

/* --- time ------------------------------------------------------------------------------------------------------- */

instant wire_clock(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * SECOND + t.tv_nsec;
}

void wire_wait(struct wire *wire, instant span)
{
    give_back(wire);
    const struct tpacket2_hdr *frame = next_frame(wire);
    for (instant until = wire_clock() + (span < SPIN ? span : SPIN); !is_filled(frame);)
        if (wire_clock() >= until)
            break;
    if (is_filled(frame) || span <= SPIN)
        return;
    struct pollfd wait = {.fd = wire->fd, .events = POLLIN};
    struct timespec time = {.tv_sec = span / SECOND, .tv_nsec = span % SECOND};
    ppoll(&wait, 1, &time, NULL);
}
