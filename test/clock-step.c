/* SPDX-License-Identifier: Apache-2.0 */
/* Loaded before a program, sets its wall clock by the seconds that the file CLOCK_STEP says, read at each question; the
 * steady clocks stay as they are. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static long seconds_set(void)
{
    long seconds = 0;
    const char *path = getenv("CLOCK_STEP");
    FILE *file = path ? fopen(path, "re") : NULL;
    if (!file)
        return 0;
    if (fscanf(file, "%ld", &seconds) != 1)
        seconds = 0;
    fclose(file);
    return seconds;
}

int clock_gettime(clockid_t clock, struct timespec *ret)
{
    int result = (int)syscall(SYS_clock_gettime, clock, ret);
    if (result == 0 && clock == CLOCK_REALTIME)
        ret->tv_sec += seconds_set();
    return result;
}

time_t time(time_t *ret)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (ret)
        *ret = now.tv_sec;
    return now.tv_sec;
}
