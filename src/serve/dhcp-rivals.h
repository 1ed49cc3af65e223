/* SPDX-License-Identifier: Apache-2.0 */
/* Looking for other DHCP servers on a link: a question that any of them answers, as a machine would ask it. */
#pragma once

#include <stdbool.h>

#include "base/auto.h"
#include "base/bytes.h"
#include "base/diag.h"
#include "base/ipv4.h"
#include "io/interfaces.h"
#include "io/loop.h"

/* When the question is put once more, since a link that just came up loses what is sent first, and how long answers are
 * waited for: before it offers, dnsmasq looks with ICMP for three seconds, and the second question is one too. */
#define DHCP_RIVALS_REPEAT (3 * SECOND)
#define DHCP_RIVALS_WAIT (7 * SECOND)

/* How long after one look the next begins, where somebody asks for it. */
#define DHCP_RIVALS_AGAIN (10 * SECOND)

struct dhcp_rivals;

struct dhcp_rivals_calls {
    bool (*found)(void *context, struct ipv4 server); /* for each answer: whether it counts */
    void (*done)(void *context, unsigned count);      /* when the wait is over, with those that counted */
};

/* Asks on the interface, by raw_fd (a packet socket that sends). 0 or a negative errno with the reason. */
int dhcp_rivals_start(struct dhcp_rivals **ret, struct loop *loop, const struct interface *interface, int raw_fd,
                      const struct dhcp_rivals_calls *calls, void *context, struct diag *why);
/* Asks again after DHCP_RIVALS_AGAIN, as the same machine: a server keeps no more than one offer for it. Within done.
 */
void dhcp_rivals_look_again(struct dhcp_rivals *rivals);
/* Whether a message is the question itself, which a relay or a bridge may bring back to who asks. */
bool dhcp_rivals_asked(const struct dhcp_rivals *rivals, struct bytes datagram);
/* Not within the calls. */
void dhcp_rivals_stop(struct dhcp_rivals *rivals);
AUTO_DEFINE(dhcp_rivals_stop, struct dhcp_rivals *);
