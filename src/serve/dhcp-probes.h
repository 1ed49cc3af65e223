/* SPDX-License-Identifier: Apache-2.0 */
/* Offers that wait until it was asked whether somebody uses their address: by ARP on our own link, by ICMP's echo
 * behind a relay (RFC 2131 §2.2). Each waits by itself: nobody else is held up by it. */
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
/* Those among them, of all interfaces, that wait for an echo. The router that takes a request to its network looks for
 * the address there, for three seconds if nobody has it, and Linux's looks for 1,024 at a time: with more than these,
 * machines that start together would fill its table. */
#define DHCP_ECHOES_MAX 64

/* What is called with the offer, which is the callee's then. */
struct dhcp_probes_calls {
    void (*unused)(void *context, void *take_offer);
    /* user is who has the address, and no client of this offer; NULL behind a relay, where it is not seen */
    void (*in_use)(void *context, void *take_offer, struct ipv4 address, const struct mac *user);
    /* nobody waits for the answer any more */
    void (*forgotten)(void *take_offer);
};

/* The echo requests of all interfaces: a reply may come in on another one than that its client is asked from. */
struct dhcp_echoes;
struct dhcp_probes;

/* Starts hearing echo replies. 0 or a negative errno with the reason. */
int dhcp_echoes_create(struct dhcp_echoes **ret, struct loop *loop, struct diag *why);
/* When no probes use them any more. */
void dhcp_echoes_destroy(struct dhcp_echoes *echoes);
AUTO_DEFINE(dhcp_echoes_destroy, struct dhcp_echoes *);
/* Starts hearing ARP on the interface. echoes may be NULL: then nobody behind a relay is asked. 0 or a negative errno
 * with the reason. */
int dhcp_probes_create(struct dhcp_probes **ret, struct loop *loop, const struct interface *interface,
                       struct dhcp_echoes *echoes, const struct dhcp_probes_calls *calls, void *context,
                       struct diag *why);
/* Forgets the offers that wait. */
void dhcp_probes_destroy(struct dhcp_probes *probes);
AUTO_DEFINE(dhcp_probes_destroy, struct dhcp_probes *);
/* Asks for the address and keeps the offer (on the heap) until it is known; false, and the offer stays the caller's,
 * when nobody can be asked. client is who the offer is for: when it has the address itself, nobody is disturbed. */
bool dhcp_probes_ask(struct dhcp_probes *probes, struct ipv4 address, const struct mac *client, void *take_offer);
/* The same for a client behind a relay. An echo does not tell it from others, but who asks for an address uses none. */
bool dhcp_probes_ask_far(struct dhcp_probes *probes, struct ipv4 address, const struct mac *client, void *take_offer);
/* The offer of this address that waits, and stays where it is; NULL when none does. */
void *dhcp_probes_find(const struct dhcp_probes *probes, struct ipv4 address);
