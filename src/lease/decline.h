/* SPDX-License-Identifier: Apache-2.0 */
/* Addresses that clients decline: whom to believe, and how long such an address rests. */
#pragma once

#include "base/bytes.h"
#include "base/diag.h"

/* As many clients as can be believed while one is remembered. */
#define LEASE_DECLINERS_MAX 300

/* Zero has counted nothing. */
struct lease_declines {
    int64_t since; /* the minute that all are counted in */
    unsigned count;
    struct lease_decliner {
        unsigned client; /* its hash */
        unsigned count;
        int64_t since; /* its first of those counted */
    } of[LEASE_DECLINERS_MAX];
};

/* Counts a DECLINE of the client with this key. Returns LEASE_OK, or LEASE_E_TOO_MANY: it is not to be believed. */
int declines_count(struct lease_declines *declines, struct bytes client, int64_t now, struct diag *why);
/* The clock was set forward by so many seconds. */
void declines_move(struct lease_declines *declines, int64_t seconds);

/* How long an address rests that was declined so often in a row: each time twice as long, up to a day. Seconds. */
uint32_t decline_seconds(unsigned times);
