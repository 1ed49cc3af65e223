/* SPDX-License-Identifier: Apache-2.0 */
/* What a machine is told beside its address: options of DHCP by their numbers, the octets as they are sent. What they
 * mean is known in proto/dhcp. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"

struct lease_option {
    uint8_t code;
    bool is_forced; /* for clients too that do not ask for it */
    size_t size;    /* 0: it is not told, whatever is said of it elsewhere */
    uint8_t *value;
};

/* In the order of their numbers, each once. Zero is none. */
struct lease_options {
    struct lease_option *at;
    size_t count;
};

void lease_options_finish(struct lease_options *options);
/* Puts an option in place of one with the same number. */
void lease_options_put(struct lease_options *options, uint8_t code, struct bytes value, bool is_forced);
/* The same with all of others. */
void lease_options_put_all(struct lease_options *options, const struct lease_options *others);
/* The option; NULL when there is none. Borrowed until the next put. */
const struct lease_option *lease_options_find(const struct lease_options *options, uint8_t code);
