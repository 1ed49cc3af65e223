/* SPDX-License-Identifier: Apache-2.0 */
/* Any octets as a router solicitation. */
#include "proto/icmpv6/router.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct icmpv6_router_solicitation solicitation;
    icmpv6_router_solicitation_parse(&solicitation, bytes_of(data, size));
    return 0;
}
