/* SPDX-License-Identifier: Apache-2.0 */
/* UDP through a packet socket: the IPv4 and UDP headers are ours, the link header is the kernel's. */
#include "io/raw-datagram.h"

#include <errno.h>
#include <linux/filter.h>
#include <netinet/in.h>
#include <netpacket/packet.h>
#include <net/ethernet.h>
#include <string.h>
#include <sys/socket.h>

#include "base/auto.h"
#include "base/array.h"
#include "base/reader.h"
#include "base/writer.h"

#define IPV4_HEADER_SIZE 20
#define UDP_HEADER_SIZE 8
#define TIME_TO_LIVE 64

int raw_datagram_open(int *ret_fd, struct diag *why)
{
    /* Protocol 0: nothing is received. */
    int fd = socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return fail(why, -errno, "open a packet socket: %s", strerror(errno));
    datagram_make_room(fd);
    *ret_fd = fd;
    return 0;
}

/* The Internet checksum's sum of big-endian words, not yet folded: eight octets at a time, as the order of octets
 * matters to it no more than that of words. RFC 1071 §2 */
static uint64_t checksum_add(uint64_t sum, struct bytes octets)
{
    size_t i = 0;
    for (uint64_t words; i + sizeof words <= octets.size; i += sizeof words) {
        memcpy(&words, octets.data + i, sizeof words);
        sum += (words & UINT32_MAX) + (words >> 32);
    }
    for (uint16_t word = 0; i < octets.size; i += sizeof word, word = 0) {
        memcpy(&word, octets.data + i, octets.size - i < sizeof word ? 1 : sizeof word);
        sum += word;
    }
    return sum;
}

static uint16_t checksum_fold(uint64_t sum)
{
    while (sum >> 16)
        sum = (sum & 0xffff) + (sum >> 16);
    return (uint16_t)~ntohs((uint16_t)sum);
}

static void write_ipv4_header(struct writer *w, uint16_t total, struct ipv4 from, struct ipv4 to, uint16_t checksum)
{
    write_u8(w, 0x45);
    write_u8(w, 0);
    write_u16be(w, total);
    write_u32be(w, 0);
    write_u8(w, TIME_TO_LIVE);
    write_u8(w, IPPROTO_UDP);
    write_u16be(w, checksum);
    write_u32be(w, from.number);
    write_u32be(w, to.number);
}

static void write_udp_header(struct writer *w, uint16_t from, uint16_t to, uint16_t size, uint16_t checksum)
{
    write_u16be(w, from);
    write_u16be(w, to);
    write_u16be(w, size);
    write_u16be(w, checksum);
}

/* RFC 768: over a pseudo header, the UDP header and the payload; a sum of zero is sent as all ones. */
static uint16_t udp_checksum(struct bytes payload, struct datagram_endpoint from, struct datagram_endpoint to)
{
    uint16_t size = (uint16_t)(UDP_HEADER_SIZE + payload.size);
    uint8_t memory[12 + UDP_HEADER_SIZE];
    struct writer w = writer_over(memory, sizeof memory);
    write_u32be(&w, from.address.number);
    write_u32be(&w, to.address.number);
    write_u16be(&w, IPPROTO_UDP);
    write_u16be(&w, size);
    write_udp_header(&w, from.port, to.port, size, 0);
    uint16_t checksum = checksum_fold(checksum_add(checksum_add(0, writer_bytes(&w)), payload));
    return checksum ? checksum : 0xffff;
}

static void write_headers(struct writer *w, struct bytes payload, struct datagram_endpoint from,
                          struct datagram_endpoint to)
{
    uint16_t udp_size = (uint16_t)(UDP_HEADER_SIZE + payload.size);
    uint16_t total = (uint16_t)(IPV4_HEADER_SIZE + udp_size);
    uint8_t memory[IPV4_HEADER_SIZE];
    struct writer unsummed = writer_over(memory, sizeof memory);
    write_ipv4_header(&unsummed, total, from.address, to.address, 0);
    uint16_t checksum = checksum_fold(checksum_add(0, writer_bytes(&unsummed)));
    write_ipv4_header(w, total, from.address, to.address, checksum);
    write_udp_header(w, from.port, to.port, udp_size, udp_checksum(payload, from, to));
}

/* A packet in the form the kernel takes. It points into itself and must stay where it is. */
struct outgoing {
    struct sockaddr_ll address;
    uint8_t headers[IPV4_HEADER_SIZE + UDP_HEADER_SIZE];
    struct iovec vectors[2];
};

static struct msghdr outgoing_fill(struct outgoing *outgoing, const struct raw_sending *sending)
{
    const struct mac *mac = &sending->hop.mac;
    outgoing->address = (struct sockaddr_ll){
        .sll_family = AF_PACKET,
        .sll_protocol = htons(ETHERTYPE_IP),
        .sll_ifindex = (int)sending->hop.interface,
        .sll_halen = mac->size,
    };
    memcpy(outgoing->address.sll_addr, mac->octets, mac->size);
    struct writer w = writer_over(outgoing->headers, sizeof outgoing->headers);
    write_headers(&w, sending->payload, sending->from, sending->to);
    outgoing->vectors[0] = (struct iovec){.iov_base = outgoing->headers, .iov_len = sizeof outgoing->headers};
    outgoing->vectors[1] = (struct iovec){.iov_base = (void *)sending->payload.data, .iov_len = sending->payload.size};
    return (struct msghdr){.msg_name = &outgoing->address,
                           .msg_namelen = sizeof outgoing->address,
                           .msg_iov = outgoing->vectors,
                           .msg_iovlen = 2};
}

int raw_datagram_send(int fd, struct bytes payload, struct datagram_endpoint from, struct datagram_endpoint to,
                      const struct mac *mac, unsigned interface)
{
    struct raw_sending sending = {payload, from, to, {*mac, interface}, 0};
    if (mac->size == 0 || mac->size > RAW_HOP_MAC_MAX || payload.size > DATAGRAM_SIZE_MAX)
        return -EINVAL;
    raw_datagram_send_many(fd, &sending, 1);
    return sending.result;
}

void raw_datagram_send_many(int fd, struct raw_sending *sendings, size_t count)
{
    struct outgoing outgoing[DATAGRAM_BATCH_MAX];
    struct mmsghdr messages[DATAGRAM_BATCH_MAX];
    for (size_t i = 0; i < count; i++) {
        messages[i] = (struct mmsghdr){.msg_hdr = outgoing_fill(&outgoing[i], &sendings[i])};
        sendings[i].result = 0;
    }
    for (size_t i = 0; i < count;) {
        int sent = sendmmsg(fd, messages + i, (unsigned)(count - i), MSG_DONTWAIT | MSG_NOSIGNAL);
        if (sent <= 0)
            sendings[i].result = -errno;
        i += sent > 0 ? (size_t)sent : 1;
    }
}

/* The kernel is to pass on nothing but UDP to the port: offsets are those of the IPv4 header. */
static int filter_by_port(int fd, uint16_t port)
{
    struct sock_filter filter[] = {
        BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 9),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, IPPROTO_UDP, 0, 4),
        BPF_STMT(BPF_LDX | BPF_B | BPF_MSH, 0),
        BPF_STMT(BPF_LD | BPF_H | BPF_IND, 2),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, port, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, UINT32_MAX),
        BPF_STMT(BPF_RET | BPF_K, 0),
    };
    struct sock_fprog program = {.len = LENGTH(filter), .filter = filter};
    return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program) < 0 ? -errno : 0;
}

int raw_datagram_open_receiver(int *ret_fd, unsigned interface, uint16_t port, struct diag *why)
{
    AUTO(fd_close) int fd = socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    struct sockaddr_ll address = {
        .sll_family = AF_PACKET,
        .sll_protocol = htons(ETHERTYPE_IP),
        .sll_ifindex = (int)interface,
    };
    int result = fd < 0 ? -errno : filter_by_port(fd, port);
    if (result == 0 && bind(fd, (struct sockaddr *)&address, sizeof address) < 0)
        result = -errno;
    if (result < 0)
        return fail(why, result, "open a packet socket: %s", strerror(-result));
    *ret_fd = take_fd(&fd);
    return 0;
}

/* What an IPv4 packet with UDP holds; empty when it is a part of a datagram or none. */
static struct datagram datagram_of(struct bytes packet)
{
    struct reader r = reader_over(packet);
    size_t words = read_u8(&r) & 15;
    read_bytes(&r, 5);
    uint16_t fragment = read_u16be(&r);
    read_bytes(&r, 4);
    struct datagram datagram = {.source.address = {read_u32be(&r)}, .destination = {read_u32be(&r)}};
    read_bytes(&r, words * 4 - (words * 4 < IPV4_HEADER_SIZE ? words * 4 : IPV4_HEADER_SIZE));
    datagram.source.port = read_u16be(&r);
    read_u16be(&r);
    uint16_t size = read_u16be(&r);
    read_u16be(&r);
    struct bytes payload = read_rest(&r);
    bool is_part = (fragment & 0x3fff) != 0;
    /* Short frames are filled up behind the packet. */
    if (!r.failed && !is_part && size >= UDP_HEADER_SIZE && (size_t)size - UDP_HEADER_SIZE <= payload.size)
        datagram.payload = bytes_slice(payload, 0, size - UDP_HEADER_SIZE);
    return datagram;
}

bool raw_datagram_receive(struct datagram *ret, int fd, void *memory, size_t size)
{
    struct sockaddr_ll address;
    socklen_t address_size = sizeof address;
    ssize_t count = recvfrom(fd, memory, size, MSG_DONTWAIT, (struct sockaddr *)&address, &address_size);
    if (count <= 0)
        return false;
    *ret = datagram_of(bytes_of(memory, (size_t)count));
    ret->interface = (unsigned)address.sll_ifindex;
    if (address.sll_pkttype == PACKET_OTHERHOST)
        ret->payload = (struct bytes){0};
    return true;
}
