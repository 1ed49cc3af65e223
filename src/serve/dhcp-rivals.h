/* SPDX-License-Identifier: Apache-2.0 */
/* Looking for other DHCP servers on a link: a question that any of them answers, as a machine would ask it. */
#pragma once

#include "base/auto.h"
#include "base/diag.h"
#include "base/ipv4.h"
#include "io/interfaces.h"
#include "io/loop.h"

/* How long answers are waited for: some servers look with ICMP for a second before they offer. */
#define DHCP_RIVALS_WAIT (2 * SECOND)

struct dhcp_rivals;

/* Asks on the interface, by raw_fd (a packet socket that sends), and calls found for each answer and done when the wait
 * is over; both may stop it. 0 or a negative errno with the reason. */
int dhcp_rivals_start(struct dhcp_rivals **ret, struct loop *loop, const struct interface *interface, int raw_fd,
                      void (*found)(void *context, struct ipv4 server), void (*done)(void *context), void *context,
                      struct diag *why);
void dhcp_rivals_stop(struct dhcp_rivals *rivals);
AUTO_DEFINE(dhcp_rivals_stop, struct dhcp_rivals *);
