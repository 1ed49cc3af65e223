/* SPDX-License-Identifier: Apache-2.0 */
/* ARP on one interface (RFC 826): asking whether somebody has an address, and hearing who has. */
#pragma once

#include <stdbool.h>

#include "base/diag.h"
#include "base/ipv4.h"
#include "base/mac.h"

/* What an ARP packet says: who sent it has this address. */
struct arp_claim {
    struct ipv4 address;
    struct mac mac;
};

/* Opens a packet socket that hears ARP on the interface. Needs CAP_NET_RAW. 0 or a negative errno with the reason. */
int arp_open(int *ret_fd, unsigned interface, struct diag *why);
/* Broadcasts a probe, which claims nothing for us: RFC 5227 §2.1.1. 0 or a negative errno. */
int arp_probe(int fd, unsigned interface, const struct mac *own, struct ipv4 address);
/* Reads one packet; false when there is none, or none that claims an address. */
bool arp_receive(struct arp_claim *ret, int fd);
