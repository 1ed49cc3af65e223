/* SPDX-License-Identifier: Apache-2.0 */
/* The network interfaces of this host. */
#include "io/interfaces.h"

#include <errno.h>
#include <ifaddrs.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <netinet/in.h>
#include <netpacket/packet.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "base/array.h"
#include "base/text.h"

void interfaces_finish(struct interfaces *interfaces)
{
    free(interfaces->at);
    *interfaces = (struct interfaces){0};
}

static unsigned mtu_of(const char *name)
{
    AUTO(fd_close) int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    struct ifreq request = {0};
    snprintf(request.ifr_name, sizeof request.ifr_name, "%s", name);
    return fd >= 0 && ioctl(fd, SIOCGIFMTU, &request) == 0 && request.ifr_mtu > 0 ? (unsigned)request.ifr_mtu : 1500;
}

static struct interface *interface_named(struct interfaces *interfaces, const struct ifaddrs *entry)
{
    /* An address with a label (eth0:1) is of the interface before the colon. */
    char name[IF_NAMESIZE];
    snprintf(name, sizeof name, "%.*s", (int)strcspn(entry->ifa_name, ":"), entry->ifa_name);
    for (size_t i = 0; i < interfaces->count; i++)
        if (text_is(interfaces->at[i].name, name))
            return &interfaces->at[i];
    struct interface *added = ARRAY_ADD(interfaces->at, interfaces->count, interfaces->capacity);
    *added = (struct interface){
        .index = if_nametoindex(name),
        .up = entry->ifa_flags & IFF_UP,
        .loopback = entry->ifa_flags & IFF_LOOPBACK,
        .mtu = mtu_of(name),
    };
    memcpy(added->name, name, sizeof name);
    return added;
}

static void add_address(struct interface *interface, const struct ifaddrs *entry)
{
    if (interface->address_count == INTERFACE_ADDRESSES_MAX || !entry->ifa_netmask)
        return;
    uint32_t address = ntohl(((const struct sockaddr_in *)entry->ifa_addr)->sin_addr.s_addr);
    uint32_t mask = ntohl(((const struct sockaddr_in *)entry->ifa_netmask)->sin_addr.s_addr);
    interface->addresses[interface->address_count++] = (struct ipv4_interface){
        .address = {address},
        .subnet = {.network = {address & mask}, .prefix = (uint8_t)__builtin_popcount(mask)},
    };
}

int interfaces_read(struct interfaces *ret, struct diag *why)
{
    struct ifaddrs *entries;
    if (getifaddrs(&entries) < 0)
        return fail(why, -errno, "list the network interfaces: %s", strerror(errno));
    struct interfaces interfaces = {0};
    for (const struct ifaddrs *entry = entries; entry; entry = entry->ifa_next) {
        struct interface *interface = interface_named(&interfaces, entry);
        if (!entry->ifa_addr)
            continue;
        if (entry->ifa_addr->sa_family == AF_INET)
            add_address(interface, entry);
        if (entry->ifa_addr->sa_family == AF_PACKET) {
            const struct sockaddr_ll *link = (const struct sockaddr_ll *)entry->ifa_addr;
            interface->mac = mac_from_bytes(bytes_of(link->sll_addr, link->sll_halen));
        }
    }
    freeifaddrs(entries);
    *ret = interfaces;
    return 0;
}

const struct interface *interfaces_find(const struct interfaces *interfaces, const char *name)
{
    for (size_t i = 0; i < interfaces->count; i++)
        if (text_is(interfaces->at[i].name, name))
            return &interfaces->at[i];
    return NULL;
}

const struct interface *interfaces_find_index(const struct interfaces *interfaces, unsigned index)
{
    for (size_t i = 0; i < interfaces->count; i++)
        if (interfaces->at[i].index == index)
            return &interfaces->at[i];
    return NULL;
}

bool interfaces_have(struct ipv4 address)
{
    AUTO(interfaces_finish) struct interfaces interfaces = {0};
    if (interfaces_read(&interfaces, NULL) < 0)
        return false;
    for (size_t i = 0; i < interfaces.count; i++)
        for (size_t k = 0; k < interfaces.at[i].address_count; k++)
            if (ipv4_equal(interfaces.at[i].addresses[k].address, address))
                return true;
    return false;
}

int interfaces_watch(int *ret_fd, struct diag *why)
{
    AUTO(fd_close) int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE);
    struct sockaddr_nl address = {.nl_family = AF_NETLINK, .nl_groups = RTMGRP_LINK | RTMGRP_IPV4_IFADDR};
    if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof address) < 0)
        return fail(why, -errno, "watch the network interfaces: %s", strerror(errno));
    *ret_fd = take_fd(&fd);
    return 0;
}

void interfaces_watch_drain(int fd)
{
    char messages[8192];
    /* ENOBUFS says that messages were lost; what follows is a reading of everything, so nothing is. */
    while (recv(fd, messages, sizeof messages, MSG_DONTWAIT) > 0 || errno == ENOBUFS || errno == EINTR)
        errno = 0;
}
