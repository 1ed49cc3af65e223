/* SPDX-License-Identifier: Apache-2.0 */
/* One question to the kernel's routing table, rtnetlink(7). */
#include "io/route.h"

#include <linux/rtnetlink.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#include "base/auto.h"

#define ATTRIBUTES_MAX 64

struct question {
    struct nlmsghdr header;
    struct rtmsg route;
    uint8_t attributes[ATTRIBUTES_MAX];
};

static void add(struct question *question, unsigned short type, struct bytes value)
{
    struct rtattr *attribute = (void *)((uint8_t *)question + NLMSG_ALIGN(question->header.nlmsg_len));
    *attribute = (struct rtattr){.rta_type = type, .rta_len = (unsigned short)RTA_LENGTH(value.size)};
    memcpy(RTA_DATA(attribute), value.data, value.size);
    question->header.nlmsg_len = NLMSG_ALIGN(question->header.nlmsg_len) + (uint32_t)RTA_SPACE(value.size);
}

static void add_address(struct question *question, unsigned short type, struct ipv4 address)
{
    uint32_t number = htonl(address.number);
    add(question, type, bytes_of(&number, sizeof number));
}

/* A rule may ask for ports, ip-rule(8). */
static void add_port(struct question *question, unsigned short type, uint16_t port)
{
    port = htons(port);
    add(question, type, bytes_of(&port, sizeof port));
}

static struct question question_of(unsigned interface, struct datagram_endpoint from, struct datagram_endpoint to)
{
    struct question question = {
        .header = {.nlmsg_len = NLMSG_LENGTH(sizeof question.route),
                   .nlmsg_type = RTM_GETROUTE,
                   .nlmsg_flags = NLM_F_REQUEST},
        .route = {.rtm_family = AF_INET, .rtm_dst_len = 32, .rtm_src_len = 32},
    };
    const uint8_t protocol = IPPROTO_UDP;
    add_address(&question, RTA_DST, to.address);
    add_address(&question, RTA_SRC, from.address);
    add(&question, RTA_OIF, bytes_of(&interface, sizeof interface));
    add(&question, RTA_IP_PROTO, bytes_of(&protocol, sizeof protocol));
    add_port(&question, RTA_SPORT, from.port);
    add_port(&question, RTA_DPORT, to.port);
    return question;
}

/* What an answer says of the router; the host itself where there is none. */
static bool read_answer(struct ipv4 *ret, struct nlmsghdr *header, size_t size, struct ipv4 to)
{
    const struct rtmsg *route = NLMSG_DATA(header);
    if (!NLMSG_OK(header, size) || header->nlmsg_type != RTM_NEWROUTE || route->rtm_type != RTN_UNICAST)
        return false;
    *ret = to;
    size_t left = RTM_PAYLOAD(header);
    for (struct rtattr *at = RTM_RTA(route); RTA_OK(at, left); at = RTA_NEXT(at, left)) {
        uint32_t number;
        if (at->rta_type == RTA_VIA || at->rta_type == RTA_ENCAP_TYPE)
            return false;
        if (at->rta_type == RTA_GATEWAY && RTA_PAYLOAD(at) == sizeof number) {
            memcpy(&number, RTA_DATA(at), sizeof number);
            ret->number = ntohl(number);
        }
    }
    return true;
}

bool route_find(struct ipv4 *ret, unsigned interface, struct datagram_endpoint from, struct datagram_endpoint to)
{
    _Alignas(struct nlmsghdr) uint8_t answer[1024];
    struct question question = question_of(interface, from, to);
    AUTO(fd_close) int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
    if (fd < 0 || send(fd, &question, question.header.nlmsg_len, 0) < 0)
        return false;
    /* It is there by now: the kernel answers while it is asked. */
    ssize_t size = recv(fd, answer, sizeof answer, MSG_DONTWAIT);
    return size > 0 && read_answer(ret, (struct nlmsghdr *)answer, (size_t)size, to.address);
}
