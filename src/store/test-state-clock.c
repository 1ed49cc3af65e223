/* SPDX-License-Identifier: Apache-2.0 */
/* Clocks that people set, and what that means for leases. */
#include "store/state-clock.h"

#include "base/array.h"
#include "test.h"

enum {
    HOUR = 3600,
    NOW = 1800000000,
};

static void leases_move_with_the_wall_clock(void)
{
    static const struct {
        const char *name;
        struct state_clock kept, now;
        int64_t expected;
    } cases[] = {
        {"a restart", {"a", NOW - 50, NOW}, {"a", NOW - 50, NOW + 5}, 0},
        {"a restart after a day", {"a", NOW - 50, NOW}, {"a", NOW - 50, NOW + 24 * HOUR}, 0},
        {"reading within a second", {"a", NOW - 50, NOW}, {"a", NOW - 51, NOW + 5}, 0},
        {"set forward", {"a", NOW - 50, NOW}, {"a", NOW - 50 + 5 * HOUR, NOW + 5 * HOUR + 9}, 5 * HOUR},
        {"set back", {"a", NOW - 50, NOW}, {"a", NOW - 50 - 5 * HOUR, NOW - 5 * HOUR + 9}, -5 * HOUR},
        {"set back, noted late", {"a", NOW - 50, NOW}, {"a", NOW - 50 - 10, NOW + 30}, -10},
        {"another boot", {"a", NOW - 50, NOW}, {"b", NOW + 60, NOW + 90}, 0},
        {"another boot, the clock back", {"a", NOW - 50, NOW}, {"b", -30, 30}, 30 - NOW},
        {"boots unknown", {"", NOW - 50, NOW}, {"", 60, NOW + 90}, 0},
        {"boots unknown, the clock back", {"", NOW - 50, NOW}, {"", 0, NOW - HOUR}, -HOUR},
    };
    for (size_t i = 0; i < LENGTH(cases); i++)
        CHECK_ROW(cases[i].name, state_clock_step(&cases[i].kept, &cases[i].now) == cases[i].expected);
}

static void the_steady_clock_tells_a_step_from_time_that_passes(void)
{
    const int64_t epoch = NOW - 1000;
    for (int64_t seconds = 0; seconds < 1000 * HOUR; seconds += 997) {
        struct moment now = {.steady = (1000 + seconds) * SECOND + 999 * MILLISECOND, .wall_seconds = NOW + seconds};
        CHECK_NUMBER(epoch_step(epoch, now), 0);
        now.wall_seconds++;
        CHECK_NUMBER(epoch_step(epoch, now), 0);
        now.wall_seconds += 3 * HOUR - 1;
        CHECK_NUMBER(epoch_step(epoch, now), 3 * HOUR);
        now.wall_seconds -= 6 * HOUR;
        CHECK_NUMBER(epoch_step(epoch, now), -3 * HOUR);
    }
}

static void the_clock_is_read_with_its_boot(void)
{
    struct state_clock first = state_clock_read(), second = state_clock_read();
    CHECK_TEXT(first.boot, second.boot);
    CHECK(strlen(first.boot) == STATE_BOOT_MAX - 1);
    CHECK_NUMBER(state_clock_step(&first, &second), 0);
}

int main(void)
{
    RUN(leases_move_with_the_wall_clock);
    RUN(the_steady_clock_tells_a_step_from_time_that_passes);
    RUN(the_clock_is_read_with_its_boot);
    return test_result();
}
