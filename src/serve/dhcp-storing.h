/* SPDX-License-Identifier: Apache-2.0 */
/* Whether leases can be stored, and what an operator is told of it: once when they cannot be, and once when they can be
 * again, but not each time of a disk that fails and works by turns. How many leases were not given is said with the
 * other drops. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/instant.h"
#include "store/state.h"

/* A disk that does not answer for so long hangs. More commits than so many are as long in coming. */
#define DHCP_STORING_PATIENCE (2 * SECOND)
#define DHCP_STORING_PENDING_MAX 512

struct dhcp_storing {
    struct state *state; /* borrowed; NULL: nothing is stored */
    bool fails;          /* the last commit was not stored, and offers would not be either */
    bool hangs;          /* the disk does not answer */
    size_t pending;      /* commits under way */
    instant since;       /* the latest end of one, or the begin of the first of those under way */
    bool is_told;        /* the operator knows that it fails */
    instant told_at;
};

void dhcp_storing_init(struct dhcp_storing *ret, struct state *state);
/* To be called with each commit, and on the loop's thread when it was ended with that result. */
void dhcp_storing_begin(struct dhcp_storing *storing, instant now);
void dhcp_storing_end(struct dhcp_storing *storing, int result, instant now);
/* Whether what has to be stored need not be begun now. */
bool dhcp_storing_hangs(struct dhcp_storing *storing, instant now);
/* To be called now and then: tells of what goes on for long. */
void dhcp_storing_remind(struct dhcp_storing *storing, instant now);
