/* SPDX-License-Identifier: Apache-2.0 */
/* UDP to a machine that has no address yet: its MAC is known, but it would not answer ARP. RFC 2131 §4.1 */
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
/* Reads one into memory and gives its payload, borrowed from there; false when there is none. */
bool raw_datagram_receive(struct bytes *ret, int fd, void *memory, size_t size);
