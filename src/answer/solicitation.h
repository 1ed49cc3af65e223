/* SPDX-License-Identifier: Apache-2.0 */
/* One router solicitation of IPv6 -> whether to answer that there is no router. iPXE asks for one while it asks DHCP
 * for an address, and does not go on before it has waited out all its six questions, for sixteen seconds; a network of
 * ours has no IPv6 router, so we say so at once. An operating system is left to find out by itself. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/bytes.h"
#include "base/diag.h"
#include "fleet/fleet.h"

struct answer_solicitation_request {
    struct bytes message; /* ICMPv6, its checksum proved by the kernel */
    unsigned hop_limit;   /* as it came */
    bool has_source;      /* false: it came from the unspecified address, where no answer can go */
};

/* Longest advertisement we send. */
#define ANSWER_SOLICITATION_SIZE 16

struct answer_solicitation {
    bool answers;
    struct mac mac; /* the machine's, where it says */
    uint8_t reply[ANSWER_SOLICITATION_SIZE];
    struct diag reason; /* what was decided and why */
};

void answer_solicitation(struct answer_solicitation *ret, const struct answer_solicitation_request *request,
                         struct fleet *fleet);
