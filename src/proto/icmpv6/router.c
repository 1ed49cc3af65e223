/* SPDX-License-Identifier: Apache-2.0 */
/* Router discovery of IPv6, as far as a boot server takes part in it. */
#include "proto/icmpv6/router.h"

#include "base/reader.h"

#define OPTION_SOURCE_LINK_LAYER 1
/* Lengths of options count units of eight octets, type and length included. RFC 4861 §4.6 */
#define OPTION_UNIT 8

int icmpv6_router_solicitation_parse(struct icmpv6_router_solicitation *ret, struct bytes message)
{
    struct icmpv6_router_solicitation solicitation = {0};
    struct reader r = reader_over(message);
    uint8_t type = read_u8(&r);
    uint8_t code = read_u8(&r);
    read_bytes(&r, 6); /* checksum and what is reserved */
    if (r.failed || type != ICMPV6_ROUTER_SOLICITATION || code != 0)
        return ICMPV6_E_MALFORMED;
    while (reader_left(&r) > 0) {
        uint8_t option = read_u8(&r);
        size_t units = read_u8(&r);
        struct bytes value = read_bytes(&r, units > 0 ? units * OPTION_UNIT - 2 : 0);
        if (r.failed || units == 0)
            return ICMPV6_E_MALFORMED;
        /* Ethernet's six octets fill the option; of longer addresses the end is padding that nobody can tell. */
        if (option == OPTION_SOURCE_LINK_LAYER && units == 1)
            solicitation.source = mac_from_bytes(value);
    }
    *ret = solicitation;
    return ICMPV6_OK;
}

void icmpv6_router_advertisement_write(struct writer *w)
{
    write_u8(w, ICMPV6_ROUTER_ADVERTISEMENT);
    write_zeros(w, ICMPV6_ROUTER_ADVERTISEMENT_SIZE - 1);
}
