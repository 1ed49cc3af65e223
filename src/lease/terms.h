/* SPDX-License-Identifier: Apache-2.0 */
/* What a group or a profile says of the leases of its machines: the options they are told, and for how long they have
 * an address. */
#pragma once

#include <stdint.h>

#include "lease/options.h"

/* Zero says nothing. */
struct lease_terms {
    struct lease_options options; /* router, DNS servers, domain and host name among them */
    uint32_t lease_seconds;       /* 0: as the subnet says */
};
