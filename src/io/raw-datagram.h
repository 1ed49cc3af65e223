/* SPDX-License-Identifier: Apache-2.0 */
/* UDP to a machine that has no address yet: its MAC is known, but it would not answer ARP. RFC 2131 §4.1 */
#pragma once

#include "base/bytes.h"
#include "base/diag.h"
#include "base/mac.h"
#include "io/datagram.h"

/* Opens the packet socket; it sends on every interface and receives nothing. Needs CAP_NET_RAW. */
int raw_datagram_open(int *ret_fd, struct diag *why);
/* Sends payload in one IPv4 packet to the hardware address. 0 or a negative errno. */
int raw_datagram_send(int fd, struct bytes payload, struct datagram_endpoint from, struct datagram_endpoint to,
                      const struct mac *mac, unsigned interface);
