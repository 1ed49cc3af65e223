/* SPDX-License-Identifier: Apache-2.0 */
/* UDP past the kernel's own: to a machine that has no address yet, whose MAC is known but which would not answer ARP
 * (RFC 2131 §4.1), and from a port that another program holds. */
#pragma once

#include <stdbool.h>

#include "base/bytes.h"
#include "base/diag.h"
#include "base/mac.h"
#include "io/datagram.h"

/* Longest hardware address that can be sent to, in octets: what sockaddr_ll holds. */
#define RAW_HOP_MAC_MAX 8
/* Where a packet goes on its link. */
struct raw_hop {
    struct mac mac; /* none: nowhere */
    unsigned interface;
};

/* Opens the packet socket; it sends on every interface and receives nothing. Needs CAP_NET_RAW. */
int raw_datagram_open(int *ret_fd, struct diag *why);
/* Sends payload in one IPv4 packet to the hardware address. 0 or a negative errno. */
int raw_datagram_send(int fd, struct bytes payload, struct datagram_endpoint from, struct datagram_endpoint to,
                      const struct mac *mac, unsigned interface);
/* What one of many sends is. */
struct raw_sending {
    struct bytes payload;
    struct datagram_endpoint from;
    struct datagram_endpoint to;
    struct raw_hop hop;
    int result; /* 0 or a negative errno, filled in */
};
/* Sends all of them, at most DATAGRAM_BATCH_MAX and none of more than DATAGRAM_SIZE_MAX octets, with as few system
 * calls as the kernel lets. It takes about half of the time of datagram_send_many(): no way is looked for, and no
 * packet put together a second time. */
void raw_datagram_send_many(int fd, struct raw_sending *sendings, size_t count);

/* Opens a packet socket that hears every datagram sent to the port on the interface, whoever is bound to it. */
int raw_datagram_open_receiver(int *ret_fd, unsigned interface, uint16_t port, struct diag *why);
/* Reads one into memory, from where its payload is borrowed; false when there is none. What is no whole datagram, or is
 * for another host, is read and left out: *ret then has an empty payload. The addresses are those of the packet. */
bool raw_datagram_receive(struct datagram *ret, int fd, void *memory, size_t size);
