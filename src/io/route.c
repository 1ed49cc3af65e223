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

static void add_u32(struct question *question, unsigned short type, uint32_t value)
{
    struct rtattr *attribute = (void *)((uint8_t *)question + NLMSG_ALIGN(question->header.nlmsg_len));
    *attribute = (struct rtattr){.rta_type = type, .rta_len = RTA_LENGTH(sizeof value)};
    memcpy(RTA_DATA(attribute), &value, sizeof value);
    question->header.nlmsg_len = NLMSG_ALIGN(question->header.nlmsg_len) + RTA_SPACE(sizeof value);
}

static struct question question_of(unsigned interface, struct ipv4 from, struct ipv4 to)
{
    struct question question = {
        .header = {.nlmsg_len = NLMSG_LENGTH(sizeof question.route),
                   .nlmsg_type = RTM_GETROUTE,
                   .nlmsg_flags = NLM_F_REQUEST},
        .route = {.rtm_family = AF_INET, .rtm_dst_len = 32, .rtm_src_len = 32},
    };
    add_u32(&question, RTA_DST, htonl(to.number));
    add_u32(&question, RTA_SRC, htonl(from.number));
    add_u32(&question, RTA_OIF, interface);
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
        if (at->rta_type == RTA_VIA)
            return false;
        if (at->rta_type == RTA_GATEWAY && RTA_PAYLOAD(at) == sizeof number) {
            memcpy(&number, RTA_DATA(at), sizeof number);
            ret->number = ntohl(number);
        }
    }
    return true;
}

bool route_find(struct ipv4 *ret, unsigned interface, struct ipv4 from, struct ipv4 to)
{
    _Alignas(struct nlmsghdr) uint8_t answer[1024];
    struct question question = question_of(interface, from, to);
    AUTO(fd_close) int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
    if (fd < 0 || send(fd, &question, question.header.nlmsg_len, 0) < 0)
        return false;
    /* It is there by now: the kernel answers while it is asked. */
    ssize_t size = recv(fd, answer, sizeof answer, MSG_DONTWAIT);
    return size > 0 && read_answer(ret, (struct nlmsghdr *)answer, (size_t)size, to);
}
