/* SPDX-License-Identifier: Apache-2.0 */
/* Reads option 82. */
#include "proto/dhcp/relay.h"

/* RFC 5010 §3: the client's message came to the relay by unicast. */
#define FLAG_UNICAST 0x80

bool dhcp_relay_next(struct dhcp_suboption *ret, struct reader *walk)
{
    if (reader_left(walk) == 0)
        return false;
    *ret = (struct dhcp_suboption){.code = read_u8(walk)};
    ret->value = read_bytes(walk, read_u8(walk));
    return !walk->failed;
}

static void relay_set(struct dhcp_relay *relay, const struct dhcp_suboption *suboption)
{
    switch (suboption->code) {
    case DHCP_RELAY_CIRCUIT_ID:
        relay->circuit_id = suboption->value;
        break;
    case DHCP_RELAY_REMOTE_ID:
        relay->remote_id = suboption->value;
        break;
    case DHCP_RELAY_SUBSCRIBER_ID:
        relay->subscriber_id = suboption->value;
        break;
    case DHCP_RELAY_LINK_SELECTION:
        relay->link_selection = ipv4_from_bytes(suboption->value);
        break;
    case DHCP_RELAY_SERVER_ID_OVERRIDE:
        relay->server_id_override = ipv4_from_bytes(suboption->value);
        break;
    case DHCP_RELAY_FLAGS:
        relay->has_flags = suboption->value.size == 1;
        relay->client_sent_unicast = relay->has_flags && suboption->value.data[0] & FLAG_UNICAST;
        break;
    }
}

struct dhcp_relay dhcp_relay_from_option(struct bytes option82)
{
    struct dhcp_relay relay = {0};
    struct dhcp_suboption suboption;
    struct reader walk = reader_over(option82);
    while (dhcp_relay_next(&suboption, &walk))
        relay_set(&relay, &suboption);
    relay.is_malformed = walk.failed;
    return relay;
}
