/* SPDX-License-Identifier: Apache-2.0 */
/* DECLINEs, counted over all clients and for each. */
#include "lease/decline.h"

#include "base/array.h"
#include "base/hash.h"
#include "lease/lease.h"

/* The client's count; in place of the oldest one when it has none. */
static struct lease_decliner *decliner_of(struct lease_declines *declines, unsigned client)
{
    struct lease_decliner *oldest = &declines->of[0];
    for (size_t i = 0; i < LENGTH(declines->of); i++) {
        struct lease_decliner *decliner = &declines->of[i];
        if (decliner->count > 0 && decliner->client == client)
            return decliner;
        if (oldest->count > 0 && (decliner->count == 0 || decliner->since < oldest->since))
            oldest = decliner;
    }
    *oldest = (struct lease_decliner){.client = client};
    return oldest;
}

/* Begins anew when the time is over that is counted in. */
static void turn(int64_t *since, unsigned *count, int64_t now, int64_t seconds)
{
    if (*count > 0 && now - *since < seconds && now >= *since)
        return;
    *since = now;
    *count = 0;
}

int declines_count(struct lease_declines *declines, struct bytes client, int64_t now, struct diag *why)
{
    struct lease_decliner *decliner = decliner_of(declines, hash_of(client));
    turn(&decliner->since, &decliner->count, now, LEASE_DECLINE_SECONDS);
    turn(&declines->since, &declines->count, now, 60);
    if (decliner->count >= LEASE_CLIENT_DECLINES_MAX)
        return fail(why, LEASE_E_TOO_MANY, "it declined %d addresses within %d s, so that the fault is likely its own",
                    LEASE_CLIENT_DECLINES_MAX, LEASE_DECLINE_SECONDS);
    if (declines->count >= LEASE_DECLINES_MAX)
        return fail(why, LEASE_E_TOO_MANY, "more than %d addresses were declined within a minute", LEASE_DECLINES_MAX);
    decliner->count++;
    declines->count++;
    return LEASE_OK;
}

void declines_move(struct lease_declines *declines, int64_t seconds)
{
    declines->since += seconds;
    for (size_t i = 0; i < LENGTH(declines->of); i++)
        declines->of[i].since += seconds;
}

uint32_t decline_seconds(unsigned times)
{
    uint32_t seconds = LEASE_DECLINE_SECONDS;
    for (unsigned i = 1; i < times && seconds < LEASE_DECLINE_SECONDS_MAX; i++)
        seconds *= 2;
    return seconds < LEASE_DECLINE_SECONDS_MAX ? seconds : LEASE_DECLINE_SECONDS_MAX;
}
