/* SPDX-License-Identifier: Apache-2.0 */
/* Whether packets of our own reach the machines behind a relay agent. A network may take none (a packet filter or NAT
 * that has to see a flow, a tunnel, IPsec), and clients that tell no time since they began to ask (secs is always 0)
 * would then never be answered in a crowd. So one machine of a crowd is tried: its OFFER alone leaves as such a packet.
 * When its next message is another one, it heard the offer, and all may take the shortcut for a while, during which
 * further ones are tried; when it asks once more, or is not heard of again, nobody is tried for as long. */
#pragma once

#include <stdbool.h>

#include "base/instant.h"
#include "base/mac.h"

/* A machine that was tried is heard of in this time: firmware waits for some seconds for further offers. */
#define RELAY_SHORTCUT_PATIENCE (10 * SECOND)
/* How long the outcome holds. */
#define RELAY_SHORTCUT_SPAN (60 * SECOND)

/* Zero is one that was not tried yet. */
struct relay_shortcut {
    struct mac tried; /* whose OFFER went out last to see whether it arrives; none: nobody waits for one */
    instant tried_until;
    instant open_until;
    instant closed_until; /* nobody is tried */
};

enum relay_shortcut_use {
    RELAY_SHORTCUT_CLOSED, /* by the kernel */
    RELAY_SHORTCUT_TRIAL,  /* as a packet of our own, crowd or not */
    RELAY_SHORTCUT_OPEN,   /* as one, in a crowd */
};

/* Notes what the client's message tells that the reply is to. To be called for each message that is answered. */
void relay_shortcut_note(struct relay_shortcut *shortcut, const struct mac *client, bool is_offer, instant now);
/* How a reply leaves; may_try: it is an OFFER, and one of many. */
enum relay_shortcut_use relay_shortcut_choose(struct relay_shortcut *shortcut, const struct mac *client, bool may_try,
                                              instant now);
