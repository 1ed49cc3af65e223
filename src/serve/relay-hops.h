/* SPDX-License-Identifier: Apache-2.0 */
/* Where what goes to a relay agent is handed to on our own link, as the kernel knows it, so that a crowd's replies need
 * not be found a way for one by one (dhcp-tray.h). */
#pragma once

#include "base/instant.h"
#include "base/ipv4.h"
#include "io/interfaces.h"
#include "io/raw-datagram.h"

/* What the kernel said is believed this long. A relay or router that moved is found again by then. */
#define RELAY_HOPS_SPAN SECOND

struct relay_hops {
    struct relay_hop {
        struct ipv4 relay;
        struct ipv4 from;
        struct raw_hop hop; /* without a MAC: by the kernel */
        instant ends;
    } at[256]; /* by the address's hash; of two that meet in one place the later one is known */
};

/* Where what leaves the interface from our address to the relay goes: the relay, or the router before it. None when the
 * kernel is to send this reply, since it does not know that, or is to see now and then that the way is in use. */
struct raw_hop relay_hops_find(struct relay_hops *hops, const struct interface *interface, struct ipv4 from,
                               struct ipv4 relay, instant now);
