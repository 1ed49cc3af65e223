/* SPDX-License-Identifier: Apache-2.0 */
/* Offers that wait until ARP has asked whether somebody uses their address. Each waits by itself: nobody else is held
 * up by it. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/auto.h"
#include "base/diag.h"
#include "base/ipv4.h"
#include "base/mac.h"
#include "io/interfaces.h"
#include "io/loop.h"

/* How long an answer is waited for. Hosts on one link answer within a few milliseconds; one that sleeps may not. */
#define DHCP_PROBE_WAIT (300 * MILLISECOND)
/* Offers that may wait at once; what comes beyond leaves unasked. */
#define DHCP_PROBES_MAX 4096

/* What is called with the offer, which is the callee's then. */
struct dhcp_probes_calls {
    void (*unused)(void *context, void *take_offer);
    /* user is who has the address, and no client of this offer */
    void (*in_use)(void *context, void *take_offer, struct ipv4 address, const struct mac *user);
};

struct dhcp_probes;

/* Starts hearing ARP on the interface. 0 or a negative errno with the reason. */
int dhcp_probes_create(struct dhcp_probes **ret, struct loop *loop, const struct interface *interface,
                       const struct dhcp_probes_calls *calls, void *context, struct diag *why);
/* Frees the offers that wait, with free(). */
void dhcp_probes_destroy(struct dhcp_probes *probes);
AUTO_DEFINE(dhcp_probes_destroy, struct dhcp_probes *);
/* Asks for the address and keeps the offer (on the heap) until it is known; false, and the offer stays the caller's,
 * when nobody can be asked. client is who the offer is for: when it has the address itself, nobody is disturbed. */
bool dhcp_probes_ask(struct dhcp_probes *probes, struct ipv4 address, const struct mac *client, void *take_offer);
/* Whether an offer of this address waits. */
bool dhcp_probes_have(const struct dhcp_probes *probes, struct ipv4 address);
