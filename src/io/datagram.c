/* SPDX-License-Identifier: Apache-2.0 */
/* UDP sockets with packet information. */
#include "io/datagram.h"

#include <errno.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "base/auto.h"
#include "base/memory.h"
#include "io/port-holder.h"

/* Bursts of a thousand machines must wait in the socket, not be lost: the kernel caps what it grants. */
#define SOCKET_BUFFER_BYTES (8 << 20)
/* The most datagrams, and octets, one UDP_SEGMENT send may carry (UDP_MAX_SEGMENTS of older kernels; RFC 768 length).
 */
#define SEGMENTS_MAX 64
#define SEGMENTED_BYTES_MAX DATAGRAM_SENDING_MAX

#define CONTROL_SIZE (CMSG_SPACE(sizeof(struct in_pktinfo)) + CMSG_SPACE(sizeof(uint16_t)))

#define RECEIVED_CONTROL_SIZE (CMSG_SPACE(sizeof(struct in_pktinfo)) + CMSG_SPACE(sizeof(struct timespec)))

struct datagram_batch {
    struct mmsghdr messages[DATAGRAM_BATCH_MAX];
    struct iovec vectors[DATAGRAM_BATCH_MAX];
    struct sockaddr_in sources[DATAGRAM_BATCH_MAX];
    _Alignas(struct cmsghdr) uint8_t controls[DATAGRAM_BATCH_MAX][RECEIVED_CONTROL_SIZE];
    uint8_t payloads[DATAGRAM_BATCH_MAX][DATAGRAM_SIZE_MAX];
    struct datagram datagrams[DATAGRAM_BATCH_MAX];
};

struct datagram_batch *datagram_batch_create(void)
{
    return MEMORY_NEW(struct datagram_batch);
}

void datagram_batch_destroy(struct datagram_batch *batch)
{
    free(batch);
}

static struct sockaddr_in socket_address(struct datagram_endpoint endpoint)
{
    return (struct sockaddr_in){
        .sin_family = AF_INET,
        .sin_port = htons(endpoint.port),
        .sin_addr.s_addr = htonl(endpoint.address.number),
    };
}

static int set_option(int fd, int level, int name, int value)
{
    return setsockopt(fd, level, name, &value, sizeof value);
}

void datagram_make_room(int fd)
{
    if (set_option(fd, SOL_SOCKET, SO_RCVBUFFORCE, SOCKET_BUFFER_BYTES) < 0)
        set_option(fd, SOL_SOCKET, SO_RCVBUF, SOCKET_BUFFER_BYTES);
    if (set_option(fd, SOL_SOCKET, SO_SNDBUFFORCE, SOCKET_BUFFER_BYTES) < 0)
        set_option(fd, SOL_SOCKET, SO_SNDBUF, SOCKET_BUFFER_BYTES);
}

static int fail_to_bind(struct datagram_endpoint local, int error, struct diag *why)
{
    char address[IPV4_TEXT_MAX];
    ipv4_to_text(address, local.address);
    if (error == EADDRINUSE) {
        char holder[PORT_HOLDER_TEXT_MAX];
        if (port_holder_find(holder, PORT_UDP, local.port))
            return fail(why, -error, "UDP port %u is taken by %s: stop it, or take the port from it", local.port,
                        holder);
        return fail(why, -error, "UDP port %u is taken by another program: find it with 'ss -lunp'", local.port);
    }
    if (error == EACCES)
        return fail(why, -error,
                    "may not open UDP port %u: run as root, or give the program the capability "
                    "CAP_NET_BIND_SERVICE (setcap 'cap_net_bind_service,cap_net_raw,cap_net_admin=+ep' muster)",
                    local.port);
    return fail(why, -error, "open UDP port %u on %s: %s", local.port, address, strerror(error));
}

int datagram_open(int *ret_fd, struct datagram_endpoint local, const char *interface, struct diag *why)
{
    AUTO(fd_close) int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return fail(why, -errno, "open a UDP socket: %s", strerror(errno));
    if (interface && setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, interface, (socklen_t)strlen(interface) + 1) < 0)
        return fail(why, -errno, "keep a UDP socket to interface '%s': %s", interface, strerror(errno));
    if (set_option(fd, IPPROTO_IP, IP_PKTINFO, 1) < 0 || set_option(fd, SOL_SOCKET, SO_BROADCAST, 1) < 0 ||
        set_option(fd, IPPROTO_IP, IP_MTU_DISCOVER, IP_PMTUDISC_DONT) < 0)
        return fail(why, -errno, "prepare a UDP socket: %s", strerror(errno));
    datagram_make_room(fd);
    struct sockaddr_in address = socket_address(local);
    if (bind(fd, (struct sockaddr *)&address, sizeof address) < 0)
        return fail_to_bind(local, errno, why);
    *ret_fd = take_fd(&fd);
    return 0;
}

void datagram_note_arrival(int fd)
{
    set_option(fd, SOL_SOCKET, SO_TIMESTAMPNS, 1);
}

static void batch_prepare(struct datagram_batch *batch)
{
    for (size_t i = 0; i < DATAGRAM_BATCH_MAX; i++) {
        batch->vectors[i] = (struct iovec){.iov_base = batch->payloads[i], .iov_len = DATAGRAM_SIZE_MAX};
        batch->messages[i].msg_hdr = (struct msghdr){
            .msg_name = &batch->sources[i],
            .msg_namelen = sizeof batch->sources[i],
            .msg_iov = &batch->vectors[i],
            .msg_iovlen = 1,
            .msg_control = batch->controls[i],
            .msg_controllen = sizeof batch->controls[i],
        };
    }
}

/* The kernel stamps by the wall clock: nothing waits for an hour, that clock was set. */
static instant time_since(const struct timespec *arrived)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    instant span = (now.tv_sec - arrived->tv_sec) * SECOND + (now.tv_nsec - arrived->tv_nsec);
    return span > 0 && span < 3600 * SECOND ? span : 0;
}

static void read_control(struct datagram *ret, struct cmsghdr *c)
{
    struct in_pktinfo information;
    struct timespec arrived;
    if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_TIMESTAMPNS) {
        memcpy(&arrived, CMSG_DATA(c), sizeof arrived);
        ret->waited = time_since(&arrived);
    } else if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_PKTINFO) {
        memcpy(&information, CMSG_DATA(c), sizeof information);
        ret->destination.number = ntohl(information.ipi_addr.s_addr);
        ret->local.number = ntohl(information.ipi_spec_dst.s_addr);
        ret->interface = (unsigned)information.ipi_ifindex;
    }
}

static struct datagram datagram_from_message(const struct mmsghdr *message)
{
    const struct msghdr *header = &message->msg_hdr;
    const struct sockaddr_in *source = header->msg_name;
    struct datagram datagram = {
        .payload = bytes_of(header->msg_iov->iov_base, message->msg_len),
        .cut = header->msg_flags & MSG_TRUNC,
        .source = {.address = {ntohl(source->sin_addr.s_addr)}, .port = ntohs(source->sin_port)},
    };
    for (struct cmsghdr *c = CMSG_FIRSTHDR(header); c; c = CMSG_NXTHDR((struct msghdr *)header, c))
        read_control(&datagram, c);
    return datagram;
}

int datagram_receive(const struct datagram **ret, struct datagram_batch *batch, int fd)
{
    batch_prepare(batch);
    int count = recvmmsg(fd, batch->messages, DATAGRAM_BATCH_MAX, MSG_DONTWAIT, NULL);
    if (count < 0)
        return errno == EAGAIN || errno == EINTR || errno == ECONNREFUSED ? 0 : -errno;
    for (int i = 0; i < count; i++)
        batch->datagrams[i] = datagram_from_message(&batch->messages[i]);
    *ret = batch->datagrams;
    return count;
}

/* Adds the packet information that makes a datagram leave from an address and interface. */
static void add_packet_information(struct msghdr *header, struct ipv4 from, unsigned interface)
{
    struct in_pktinfo information = {
        .ipi_ifindex = (int)interface,
        .ipi_spec_dst.s_addr = htonl(from.number),
    };
    struct cmsghdr *c = (struct cmsghdr *)((uint8_t *)header->msg_control + header->msg_controllen);
    *c = (struct cmsghdr){.cmsg_len = CMSG_LEN(sizeof information), .cmsg_level = IPPROTO_IP, .cmsg_type = IP_PKTINFO};
    memcpy(CMSG_DATA(c), &information, sizeof information);
    header->msg_controllen += CMSG_SPACE(sizeof information);
}

static void add_segment_size(struct msghdr *header, uint16_t segment)
{
    struct cmsghdr *c = (struct cmsghdr *)((uint8_t *)header->msg_control + header->msg_controllen);
    *c = (struct cmsghdr){.cmsg_len = CMSG_LEN(sizeof segment), .cmsg_level = IPPROTO_UDP, .cmsg_type = UDP_SEGMENT};
    memcpy(CMSG_DATA(c), &segment, sizeof segment);
    header->msg_controllen += CMSG_SPACE(sizeof segment);
}

/* One datagram to be sent, or a run of them, in the form the kernel takes. It points into itself and must stay where
 * it is. */
struct outgoing {
    _Alignas(struct cmsghdr) uint8_t control[CONTROL_SIZE];
    struct sockaddr_in address;
    struct iovec vector;
};

/* segment 0: one datagram; else the kernel cuts the payload into datagrams of that many octets. */
static struct msghdr outgoing_fill(struct outgoing *outgoing, struct bytes payload, uint16_t segment,
                                   struct datagram_endpoint to, struct ipv4 from, unsigned interface)
{
    memset(outgoing->control, 0, sizeof outgoing->control);
    outgoing->address = socket_address(to);
    outgoing->vector = (struct iovec){.iov_base = (void *)payload.data, .iov_len = payload.size};
    struct msghdr header = {
        .msg_name = &outgoing->address,
        .msg_namelen = sizeof outgoing->address,
        .msg_iov = &outgoing->vector,
        .msg_iovlen = 1,
        .msg_control = outgoing->control,
    };
    if (ipv4_is_set(from) || interface)
        add_packet_information(&header, from, interface);
    if (segment > 0)
        add_segment_size(&header, segment);
    if (header.msg_controllen == 0)
        header.msg_control = NULL;
    return header;
}

static int send_message(int fd, struct bytes payload, uint16_t segment, struct datagram_endpoint to, struct ipv4 from,
                        unsigned interface)
{
    struct outgoing outgoing;
    struct msghdr header = outgoing_fill(&outgoing, payload, segment, to, from, interface);
    return sendmsg(fd, &header, MSG_DONTWAIT | MSG_NOSIGNAL) < 0 ? -errno : 0;
}

int datagram_send(int fd, struct bytes payload, struct datagram_endpoint to, struct ipv4 from, unsigned interface)
{
    return send_message(fd, payload, 0, to, from, interface);
}

static int send_one_by_one(int fd, struct bytes payload, size_t segment, struct datagram_endpoint to, struct ipv4 from)
{
    int result = 0;
    for (size_t at = 0; at < payload.size && result == 0; at += segment)
        result = send_message(fd, bytes_slice(payload, at, segment), 0, to, from, 0);
    return result;
}

int datagram_send_segments(int fd, struct bytes payload, size_t segment, struct datagram_endpoint to, struct ipv4 from)
{
    if (payload.size <= segment)
        return send_message(fd, payload, 0, to, from, 0);
    size_t count = SEGMENTED_BYTES_MAX / segment;
    size_t burst = segment * (count > SEGMENTS_MAX ? SEGMENTS_MAX : count > 0 ? count : 1);
    for (size_t at = 0; at < payload.size; at += burst) {
        struct bytes part = bytes_slice(payload, at, burst);
        int result = send_message(fd, part, part.size > segment ? (uint16_t)segment : 0, to, from, 0);
        /* An older kernel, a device that cannot checksum or a segment over the MTU: the slow way does it. */
        if (result == -EINVAL || result == -EIO || result == -ENOPROTOOPT || result == -EMSGSIZE)
            result = send_one_by_one(fd, part, segment, to, from);
        if (result < 0)
            return result;
    }
    return 0;
}

static bool are_all_heard(const struct datagram_sending *sendings, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (!sendings[i].is_heard)
            return false;
    return true;
}

/* Fills in the results of as many as one system call takes; yields how many those are. */
static size_t send_some(int fd, struct datagram_sending *sendings, struct mmsghdr *messages, size_t count)
{
    int confirm = are_all_heard(sendings, count) ? MSG_CONFIRM : 0;
    int sent = sendmmsg(fd, messages, (unsigned)count, MSG_DONTWAIT | MSG_NOSIGNAL | confirm);
    if (sent > 0)
        return (size_t)sent;
    /* The first one failed: by itself it is given its other chances, and its reason. */
    sendings->result = datagram_send_segments(fd, sendings->payload, sendings->segment, sendings->to, sendings->from);
    return 1;
}

void datagram_send_many(int fd, struct datagram_sending *sendings, size_t count)
{
    struct outgoing outgoing[DATAGRAM_BATCH_MAX];
    struct mmsghdr messages[DATAGRAM_BATCH_MAX];
    for (size_t i = 0; i < count; i++) {
        const struct datagram_sending *one = &sendings[i];
        bool is_one = one->payload.size <= one->segment;
        messages[i] = (struct mmsghdr){0};
        messages[i].msg_hdr =
            outgoing_fill(&outgoing[i], one->payload, is_one ? 0 : (uint16_t)one->segment, one->to, one->from, 0);
        sendings[i].result = 0;
    }
    for (size_t done = 0; done < count;)
        done += send_some(fd, sendings + done, messages + done, count - done);
}

size_t datagram_path_mtu(int fd, struct ipv4 to)
{
    struct sockaddr_in address = socket_address((struct datagram_endpoint){.address = to, .port = 9});
    int mtu = 0;
    socklen_t size = sizeof mtu;
    if (connect(fd, (struct sockaddr *)&address, sizeof address) < 0 ||
        getsockopt(fd, IPPROTO_IP, IP_MTU, &mtu, &size) < 0)
        return 0;
    return (size_t)mtu;
}

uint32_t datagram_dropped(int fd)
{
    uint32_t memory[SK_MEMINFO_VARS] = {0};
    socklen_t size = sizeof memory;
    return getsockopt(fd, SOL_SOCKET, SO_MEMINFO, memory, &size) == 0 ? memory[SK_MEMINFO_DROPS] : 0;
}

uint16_t datagram_port(int fd)
{
    struct sockaddr_in address = {0};
    socklen_t size = sizeof address;
    return getsockname(fd, (struct sockaddr *)&address, &size) == 0 ? ntohs(address.sin_port) : 0;
}
