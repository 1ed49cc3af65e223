/* SPDX-License-Identifier: Apache-2.0 */
/* The kernel's table of neighbours, arp(7). */
#include "io/neighbour.h"

#include <arpa/inet.h>
#include <net/if_arp.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "base/auto.h"

#define ETHERNET_SIZE 6

bool neighbour_find(struct mac *ret, const char *interface, struct ipv4 address)
{
    struct arpreq request = {0};
    struct sockaddr_in asked = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(address.number)};
    AUTO(fd_close) int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return false;
    memcpy(&request.arp_pa, &asked, sizeof asked);
    snprintf(request.arp_dev, sizeof request.arp_dev, "%s", interface);
    if (ioctl(fd, SIOCGARP, &request) < 0 || !(request.arp_flags & ATF_COM) || request.arp_ha.sa_family != ARPHRD_ETHER)
        return false;
    *ret = mac_from_bytes(bytes_of(request.arp_ha.sa_data, ETHERNET_SIZE));
    return true;
}
