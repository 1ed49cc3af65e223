/* SPDX-License-Identifier: Apache-2.0 */
/* ARP through a packet socket. */
#include "io/arp.h"

#include <arpa/inet.h>
#include <errno.h>
#include <net/ethernet.h>
#include <net/if_arp.h>
#include <netpacket/packet.h>
#include <string.h>
#include <sys/socket.h>

#include "base/auto.h"
#include "base/reader.h"
#include "base/writer.h"

/* Of Ethernet and IPv4. */
#define ARP_SIZE 28

int arp_open(int *ret_fd, unsigned interface, struct diag *why)
{
    AUTO(fd_close) int fd = socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return fail(why, -errno, "open a packet socket for ARP: %s", strerror(errno));
    struct sockaddr_ll address = {
        .sll_family = AF_PACKET,
        .sll_protocol = htons(ETHERTYPE_ARP),
        .sll_ifindex = (int)interface,
    };
    if (bind(fd, (struct sockaddr *)&address, sizeof address) < 0)
        return fail(why, -errno, "hear ARP on an interface: %s", strerror(errno));
    *ret_fd = take_fd(&fd);
    return 0;
}

int arp_probe(int fd, unsigned interface, const struct mac *own, struct ipv4 address)
{
    uint8_t packet[ARP_SIZE];
    struct writer w = writer_over(packet, sizeof packet);
    struct sockaddr_ll to = {
        .sll_family = AF_PACKET,
        .sll_protocol = htons(ETHERTYPE_ARP),
        .sll_ifindex = (int)interface,
        .sll_halen = ETH_ALEN,
    };
    if (own->size != ETH_ALEN)
        return -EAFNOSUPPORT;
    memset(to.sll_addr, 0xff, ETH_ALEN);
    write_u16be(&w, ARPHRD_ETHER);
    write_u16be(&w, ETHERTYPE_IP);
    write_u8(&w, ETH_ALEN);
    write_u8(&w, 4);
    write_u16be(&w, ARPOP_REQUEST);
    write_bytes(&w, bytes_of(own->octets, own->size));
    write_u32be(&w, 0);
    write_zeros(&w, ETH_ALEN);
    write_u32be(&w, address.number);
    return sendto(fd, packet, sizeof packet, MSG_DONTWAIT | MSG_NOSIGNAL, (struct sockaddr *)&to, sizeof to) < 0
               ? -errno
               : 0;
}

bool arp_receive(struct arp_claim *ret, int fd)
{
    uint8_t packet[ARP_SIZE];
    ssize_t size = recv(fd, packet, sizeof packet, MSG_DONTWAIT);
    if (size < 0)
        return false;
    struct reader r = reader_over(bytes_of(packet, (size_t)size));
    uint16_t hardware = read_u16be(&r), protocol = read_u16be(&r);
    uint8_t hardware_size = read_u8(&r), protocol_size = read_u8(&r);
    uint16_t operation = read_u16be(&r);
    ret->mac = mac_from_bytes(read_bytes(&r, ETH_ALEN));
    ret->address.number = read_u32be(&r);
    return !r.failed && hardware == ARPHRD_ETHER && protocol == ETHERTYPE_IP && hardware_size == ETH_ALEN &&
           protocol_size == 4 && (operation == ARPOP_REPLY || operation == ARPOP_REQUEST) && ipv4_is_set(ret->address);
}
