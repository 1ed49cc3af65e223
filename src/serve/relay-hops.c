/* SPDX-License-Identifier: Apache-2.0 */
/* The kernel's routes and neighbours, remembered for a moment: to ask it costs more than to send a packet. */
#include "serve/relay-hops.h"

#include "base/array.h"
#include "base/hash.h"
#include "io/neighbour.h"
#include "io/route.h"
#include "proto/dhcp/packet.h"

static struct mac look_up(const struct relay_reply *reply)
{
    const struct interface *interface = reply->interface;
    const struct datagram_endpoint from = {reply->from, DHCP_PORT_SERVER}, to = {reply->relay, DHCP_PORT_SERVER};
    struct mac mac = {0};
    struct ipv4 next;
    if (!interface->loopback && route_find(&next, interface->index, from, to))
        neighbour_find(&mac, interface->name, next);
    return mac;
}

static bool is_of(const struct relay_hop *at, const struct relay_reply *reply)
{
    return ipv4_equal(at->relay, reply->relay) && ipv4_equal(at->from, reply->from) &&
           at->hop.interface == reply->interface->index;
}

/* What is remembered of the relay, from now on if it was not; NULL: its place is another's. */
static struct relay_hop *place_of(struct relay_hops *hops, const struct relay_reply *reply, instant now)
{
    struct relay_hop *at =
        &hops->at[hash_of(bytes_of(&reply->relay.number, sizeof reply->relay.number)) % LENGTH(hops->at)];
    if (is_of(at, reply))
        return at;
    if (now < at->ends)
        return NULL;
    *at = (struct relay_hop){
        .relay = reply->relay, .from = reply->from, .hop.interface = reply->interface->index, .ends = now};
    return at;
}

/* What was proved of one way says nothing of another. */
static void renew(struct relay_hop *at, const struct relay_reply *reply, instant now)
{
    struct mac mac = look_up(reply);
    if (!mac_equal(&mac, &at->hop.mac))
        at->shortcut = (struct relay_shortcut){0};
    at->hop.mac = mac;
    at->ends = now + RELAY_HOPS_SPAN;
}

struct raw_hop relay_hops_find(bool *ret_is_trial, struct relay_hops *hops, const struct relay_reply *reply,
                               instant now)
{
    const struct raw_hop none = {0};
    struct relay_hop *at = place_of(hops, reply, now);
    *ret_is_trial = false;
    if (!at)
        return none;
    relay_shortcut_note(&at->shortcut, reply->client, reply->is_offer, now);
    if (now >= at->ends) {
        renew(at, reply, now);
        return none;
    }
    if (!reply->is_first || at->hop.mac.size == 0)
        return none;
    bool may_try = reply->is_offer && reply->is_one_of_many;
    enum relay_shortcut_use use = relay_shortcut_choose(&at->shortcut, reply->client, may_try, now);
    *ret_is_trial = use == RELAY_SHORTCUT_TRIAL;
    return use == RELAY_SHORTCUT_CLOSED ? none : at->hop;
}
