/* SPDX-License-Identifier: Apache-2.0 */
/* Time as a value: whoever decides is told the time, nobody below serve/ asks a clock. */
#pragma once

#include <stdint.h>

/* A point on the monotonic clock, or a span of it, in nanoseconds. */
typedef int64_t instant;

#define MICROSECOND ((instant)1000)
#define MILLISECOND ((instant)1000000)
#define SECOND ((instant)1000000000)
/* Later than every instant: no deadline. */
#define INSTANT_NEVER INT64_MAX

/* Both clocks read at once: steady for spans, wall for what must outlive a restart. */
struct moment {
    instant steady;
    int64_t wall_seconds; /* since 1970-01-01 UTC */
};
