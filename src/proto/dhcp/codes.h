/* SPDX-License-Identifier: Apache-2.0 */
/* A set of option codes. Zero is the empty set. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct dhcp_codes {
    uint64_t words[4];
};

static inline bool dhcp_codes_have(const struct dhcp_codes *codes, uint8_t code)
{
    return codes->words[code / 64] >> code % 64 & 1;
}

static inline void dhcp_codes_add(struct dhcp_codes *codes, uint8_t code)
{
    codes->words[code / 64] |= (uint64_t)1 << code % 64;
}

static inline void dhcp_codes_remove(struct dhcp_codes *codes, uint8_t code)
{
    codes->words[code / 64] &= ~((uint64_t)1 << code % 64);
}

static inline bool dhcp_codes_are_empty(const struct dhcp_codes *codes)
{
    return (codes->words[0] | codes->words[1] | codes->words[2] | codes->words[3]) == 0;
}

/* The least code of the set that is greater than the given one, or -1; start with -1. */
static inline int dhcp_codes_next(const struct dhcp_codes *codes, int code)
{
    for (int next = code + 1; next < 256; next = (next / 64 + 1) * 64) {
        uint64_t rest = codes->words[next / 64] >> next % 64;
        if (rest != 0)
            return next + __builtin_ctzll(rest);
    }
    return -1;
}
