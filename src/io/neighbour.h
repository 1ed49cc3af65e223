/* SPDX-License-Identifier: Apache-2.0 */
/* What the kernel knows of the hosts on a link: whose address is whose. */
#pragma once

#include <stdbool.h>

#include "base/ipv4.h"
#include "base/mac.h"

/* The hardware address of the Ethernet host with that address on the interface, as ARP told it; false when the kernel
 * does not know it, as of hosts behind a router. A host that has just sent something to us is known. */
bool neighbour_find(struct mac *ret, const char *interface, struct ipv4 address);
