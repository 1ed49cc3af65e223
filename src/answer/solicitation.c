/* SPDX-License-Identifier: Apache-2.0 */
/* Router solicitations of machines that boot. */
#include "answer/solicitation.h"

#include "proto/icmpv6/router.h"

_Static_assert(ANSWER_SOLICITATION_SIZE == ICMPV6_ROUTER_ADVERTISEMENT_SIZE, "the reply is one advertisement");

static bool decide(struct mac *ret_mac, const struct answer_solicitation_request *request, struct fleet *fleet,
                   struct diag *why)
{
    struct icmpv6_router_solicitation solicitation;
    struct machine machine;
    if (request->hop_limit != ICMPV6_HOP_LIMIT ||
        icmpv6_router_solicitation_parse(&solicitation, request->message) != ICMPV6_OK)
        return fail(why, false, "router solicitation ignored: it is malformed");
    *ret_mac = solicitation.source;
    if (!request->has_source || solicitation.source.size == 0)
        return fail(why, false, "router solicitation ignored: it does not say who asks");
    if (!fleet_find(&machine, fleet, &solicitation.source) || machine.program != PROGRAM_IPXE)
        return fail(why, false, "router solicitation left to IPv6 routers: it is not iPXE that asks");
    return fail(why, true, "router solicitation from iPXE: answered that there is no IPv6 router, not to wait for");
}

void answer_solicitation(struct answer_solicitation *ret, const struct answer_solicitation_request *request,
                         struct fleet *fleet)
{
    *ret = (struct answer_solicitation){0};
    ret->answers = decide(&ret->mac, request, fleet, &ret->reason);
    struct writer w = writer_over(ret->reply, sizeof ret->reply);
    icmpv6_router_advertisement_write(&w);
}
