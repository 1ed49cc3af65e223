/* SPDX-License-Identifier: Apache-2.0 */
/* How far the wall clock was set. */
#include "store/state-clock.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "io/loop.h"

static int64_t epoch_of(struct moment now)
{
    return now.wall_seconds - now.steady / SECOND;
}

static int64_t step_of(int64_t seconds)
{
    return seconds > -2 && seconds < 2 ? 0 : seconds;
}

static void read_boot(char ret[STATE_BOOT_MAX])
{
    FILE *file = fopen("/proc/sys/kernel/random/boot_id", "re");
    size_t size = file ? fread(ret, 1, STATE_BOOT_MAX - 1, file) : 0;
    ret[size] = '\0';
    if (file)
        fclose(file);
}

struct state_clock state_clock_read(void)
{
    struct moment now = clock_now();
    struct state_clock clock = {.epoch = epoch_of(now), .seen = now.wall_seconds};
    read_boot(clock.boot);
    return clock;
}

bool state_clock_equal(const struct state_clock *a, const struct state_clock *b)
{
    return text_is(a->boot, b->boot) && a->epoch == b->epoch && a->seen == b->seen;
}

int64_t state_clock_step(const struct state_clock *kept, const struct state_clock *now)
{
    if (*kept->boot && text_is(kept->boot, now->boot))
        return step_of(now->epoch - kept->epoch);
    return now->seen < kept->seen ? now->seen - kept->seen : 0;
}

int64_t epoch_step(int64_t kept, struct moment now)
{
    return step_of(epoch_of(now) - kept);
}
