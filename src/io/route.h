/* SPDX-License-Identifier: Apache-2.0 */
/* What the kernel knows of the ways to other hosts. */
#pragma once

#include <stdbool.h>

#include "base/ipv4.h"
#include "io/datagram.h"

/* Who on the interface's link is handed a datagram that leaves there from one of our addresses to that one: the host
 * itself, or a router. False where nothing leaves there for it, where it would be wrapped into another packet (MPLS, a
 * tunnel), and where the router is known by its IPv6 address. */
bool route_find(struct ipv4 *ret, unsigned interface, struct datagram_endpoint from, struct datagram_endpoint to);
