/* SPDX-License-Identifier: Apache-2.0 */
/* Which machine asks: its labels and what is known of it. Within answer/ only. */
#pragma once

#include "answer/http.h"
#include "base/bytes.h"
#include "boot/labels.h"

struct http_asker {
    struct labels sent;              /* what it says of itself, as templates see it */
    struct labels labels;            /* that, and what we know of it besides: what groups select on */
    struct elsewhere_boot elsewhere; /* what a boot service says of it; zero without */
    struct text unread_mac; /* the mac it sent that is no MAC address, and was left out; "" when there is none */
};

void http_asker_finish(struct http_asker *asker);
AUTO_DEFINE_STRUCT(http_asker_finish, struct http_asker);

/* Reads a query as Matchbox does: of a repeated name the first, the MAC in one spelling, one that is no MAC left out.
 * Labels that are in asker->sent already (from the path) count as the first. Then adds to asker->labels what the fleet
 * knows of the machine with that MAC, or without one of the machine last seen with the client's address: mac, uuid,
 * arch, platform, ip. Nothing that was sent is changed. *ret_machine is that machine with the facts that it told;
 * mac.size 0: unknown. client is unset where somebody asks for the machine. */
void http_asker_find(struct http_asker *asker, struct machine *ret_machine, struct bytes query, struct ipv4 client,
                     struct fleet *fleet);
/* Whether a MAC was sent, under any spelling of its name. */
bool http_asker_says_mac(const struct http_asker *asker);
/* The machine that has the client's address, for requests without labels. */
void http_machine_find(struct machine *ret, struct ipv4 client, struct fleet *fleet);
