/* SPDX-License-Identifier: Apache-2.0 */
/* UDP past the kernel's own: to a machine that has no address yet, whose MAC is known but which would not answer ARP
 * (RFC 2131 §4.1), and from a port that another program holds. */
#pragma once

#include <stdbool.h>

#include "base/bytes.h"
#include "base/diag.h"
#include "base/mac.h"
#include "io/datagram.h"

/* Opens the packet socket; it sends on every interface and receives nothing. Needs CAP_NET_RAW. */
int raw_datagram_open(int *ret_fd, struct diag *why);
/* Sends payload in one IPv4 packet to the hardware address. 0 or a negative errno. */
int raw_datagram_send(int fd, struct bytes payload, struct datagram_endpoint from, struct datagram_endpoint to,
                      const struct mac *mac, unsigned interface);

/* Opens a packet socket that hears every datagram sent to the port on the interface, whoever is bound to it. */
int raw_datagram_open_receiver(int *ret_fd, unsigned interface, uint16_t port, struct diag *why);
/* Reads one into memory, from where its payload is borrowed; false when there is none. What is no whole datagram, or is
 * for another host, is read and left out: *ret then has an empty payload. The addresses are those of the packet. */
bool raw_datagram_receive(struct datagram *ret, int fd, void *memory, size_t size);
