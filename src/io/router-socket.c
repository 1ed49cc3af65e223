/* SPDX-License-Identifier: Apache-2.0 */
/* Raw ICMPv6 sockets for router discovery. RFC 3542 */
#include "io/router-socket.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/icmp6.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "base/auto.h"

/* RFC 4861 §6.1: what passed a router is not believed. */
#define HOP_LIMIT 255

static int set_option(int fd, int name, const void *value, socklen_t size)
{
    return setsockopt(fd, IPPROTO_IPV6, name, value, size);
}

static int prepare(int fd, const char *interface, unsigned index)
{
    const int on = 1, off = 0, hops = HOP_LIMIT;
    struct icmp6_filter filter;
    ICMP6_FILTER_SETBLOCKALL(&filter);
    ICMP6_FILTER_SETPASS(ND_ROUTER_SOLICIT, &filter);
    struct ipv6_mreq all_routers = {
        .ipv6mr_multiaddr.s6_addr = {0xff, 2, [15] = 2},
        .ipv6mr_interface = index,
    };
    if (setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, interface, (socklen_t)strlen(interface) + 1) < 0 ||
        setsockopt(fd, IPPROTO_ICMPV6, ICMP6_FILTER, &filter, sizeof filter) < 0 ||
        set_option(fd, IPV6_RECVHOPLIMIT, &on, sizeof on) < 0 ||
        set_option(fd, IPV6_UNICAST_HOPS, &hops, sizeof hops) < 0 ||
        set_option(fd, IPV6_MULTICAST_LOOP, &off, sizeof off) < 0 ||
        set_option(fd, IPV6_JOIN_GROUP, &all_routers, sizeof all_routers) < 0)
        return -errno;
    return 0;
}

int router_socket_open(int *ret_fd, const char *interface, unsigned index, struct diag *why)
{
    AUTO(fd_close) int fd = socket(AF_INET6, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, IPPROTO_ICMPV6);
    int result = fd < 0 ? -errno : prepare(fd, interface, index);
    if (result < 0)
        return fail(why, result, "open an ICMPv6 socket on '%s': %s", interface, strerror(-result));
    *ret_fd = take_fd(&fd);
    return 0;
}

int router_socket_receive(struct router_message *ret, int fd)
{
    _Alignas(struct cmsghdr) uint8_t control[CMSG_SPACE(sizeof(int))];
    struct iovec vector = {.iov_base = ret->octets, .iov_len = sizeof ret->octets};
    struct msghdr header = {
        .msg_name = &ret->source,
        .msg_namelen = sizeof ret->source,
        .msg_iov = &vector,
        .msg_iovlen = 1,
        .msg_control = control,
        .msg_controllen = sizeof control,
    };
    ssize_t size = recvmsg(fd, &header, MSG_DONTWAIT);
    if (size < 0)
        return errno == EAGAIN || errno == EINTR ? 0 : -errno;
    ret->size = (size_t)size;
    ret->hop_limit = 0;
    for (struct cmsghdr *c = CMSG_FIRSTHDR(&header); c; c = CMSG_NXTHDR(&header, c))
        if (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_HOPLIMIT) {
            int hop_limit;
            memcpy(&hop_limit, CMSG_DATA(c), sizeof hop_limit);
            ret->hop_limit = (unsigned)hop_limit;
        }
    return 1;
}

int router_socket_send(int fd, struct bytes message, const struct sockaddr_in6 *to)
{
    struct sockaddr_in6 address = *to;
    address.sin6_port = 0;
    ssize_t sent = sendto(fd, message.data, message.size, MSG_DONTWAIT | MSG_NOSIGNAL, (struct sockaddr *)&address,
                          sizeof address);
    return sent < 0 ? -errno : 0;
}

bool router_socket_is_router(const char *interface)
{
    char path[128], value = '0';
    snprintf(path, sizeof path, "/proc/sys/net/ipv6/conf/%s/forwarding", interface);
    AUTO(fd_close) int fd = open(path, O_RDONLY | O_CLOEXEC);
    return fd >= 0 && read(fd, &value, 1) == 1 && value != '0';
}
