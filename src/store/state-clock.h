/* SPDX-License-Identifier: Apache-2.0 */
/* How far the wall clock was set since leases were written: they are kept as wall-clock time, which people set, and
 * which begins anew on a host whose battery is empty. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/instant.h"

/* The text of a boot's UUID. */
#define STATE_BOOT_MAX 37

/* What is kept beside the leases. */
struct state_clock {
    char boot[STATE_BOOT_MAX]; /* the boot of the host; "": unknown */
    int64_t epoch;             /* the wall clock when that boot's steady clock was at zero */
    int64_t seen;              /* the wall clock when something was written last, to a minute */
};

/* The boot, and both clocks, read now. */
struct state_clock state_clock_read(void);
bool state_clock_equal(const struct state_clock *a, const struct state_clock *b);
/* By how many seconds leases move that were written by the clock kept, now that it is the clock now. Within one boot
 * the steady clock tells it exactly. After another boot a clock that goes on may have gone on by itself, and is
 * believed; one that went back was set back, and no time is known to have passed: then no lease ends early, and none
 * is kept for longer than it was given for. */
int64_t state_clock_step(const struct state_clock *kept, const struct state_clock *now);
/* The same within one boot; 0 for less than two seconds, since both clocks are read as whole seconds. */
int64_t epoch_step(int64_t kept, struct moment now);
