/* SPDX-License-Identifier: Apache-2.0 */
/* The kernel's routes and neighbours, remembered for a moment: to ask it costs more than to send a packet. */
#include "serve/relay-hops.h"

#include "base/array.h"
#include "base/hash.h"
#include "io/neighbour.h"
#include "io/route.h"

static struct mac look_up(const struct interface *interface, struct ipv4 from, struct ipv4 relay)
{
    struct mac mac = {0};
    struct ipv4 next;
    if (!interface->loopback && route_find(&next, interface->index, from, relay))
        neighbour_find(&mac, interface->name, next);
    return mac;
}

struct raw_hop relay_hops_find(struct relay_hops *hops, const struct interface *interface, struct ipv4 from,
                               struct ipv4 relay, instant now)
{
    struct relay_hop *at = &hops->at[hash_of(bytes_of(&relay.number, sizeof relay.number)) % LENGTH(hops->at)];
    if (ipv4_equal(at->relay, relay) && ipv4_equal(at->from, from) && at->hop.interface == interface->index &&
        now < at->ends)
        return at->hop;
    *at = (struct relay_hop){
        .relay = relay,
        .from = from,
        .hop = {look_up(interface, from, relay), interface->index},
        .ends = now + RELAY_HOPS_SPAN,
    };
    return (struct raw_hop){0};
}
