/* SPDX-License-Identifier: Apache-2.0 */
/* Where what goes to a relay agent is handed to on our own link, as the kernel knows it, so that a crowd's replies need
 * not be found a way for one by one (dhcp-tray.h). */
#pragma once

#include "base/instant.h"
#include "base/ipv4.h"
#include "io/interfaces.h"
#include "io/raw-datagram.h"
#include "serve/relay-shortcut.h"

/* What the kernel said is believed this long. A relay or router that moved is found again by then. */
#define RELAY_HOPS_SPAN SECOND

struct relay_hops {
    struct relay_hop {
        struct ipv4 relay;
        struct ipv4 from;
        struct raw_hop hop; /* without a MAC: by the kernel */
        instant ends;
        struct relay_shortcut shortcut; /* by that hop */
    } at[256]; /* by the address's hash; of two that meet in one place the earlier one is known until its time is over
                */
};

/* A reply to a relay. */
struct relay_reply {
    const struct interface *interface; /* it leaves from here, */
    struct ipv4 from;                  /* our address, */
    struct ipv4 relay;                 /* to there */
    const struct mac *client;
    bool is_offer;
    bool is_first; /* to a client that has just begun to ask */
    bool is_one_of_many;
};

/* Where the reply goes as a packet of our own: to the relay, or the router before it; and whether it does so by itself,
 * not just in a crowd. None when the kernel is to send it, since it does not know that, or is to see now and then that
 * the way is in use, or since such packets have not proved to arrive. */
struct raw_hop relay_hops_find(bool *ret_is_trial, struct relay_hops *hops, const struct relay_reply *reply,
                               instant now);
