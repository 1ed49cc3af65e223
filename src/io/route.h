/* SPDX-License-Identifier: Apache-2.0 */
/* What the kernel knows of the ways to other hosts. */
#pragma once

#include <stdbool.h>

#include "base/ipv4.h"

/* Who on the interface's link is handed what leaves there from one of our addresses to that one: the host itself, or a
 * router. False where nothing leaves there for it, and where the router is known by its IPv6 address. */
bool route_find(struct ipv4 *ret, unsigned interface, struct ipv4 from, struct ipv4 to);
