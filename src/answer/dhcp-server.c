/* SPDX-License-Identifier: Apache-2.0 */
/* The DHCP server, one function a message. RFC 2131 §4.3 */
#include "answer/dhcp-server.h"

#include <string.h>

#include "answer/dhcp-boot.h"
#include "base/text.h"

static struct lease_client lease_client(const struct dhcp_packet *packet, char hostname[LEASE_HOSTNAME_MAX])
{
    struct lease_client client = {.mac = packet->chaddr};
    struct bytes id = dhcp_option(packet, DHCP_OPTION_CLIENT_ID);
    client.client_id_size = id.size < sizeof client.client_id ? id.size : sizeof client.client_id;
    if (client.client_id_size > 0)
        memcpy(client.client_id, id.data, client.client_id_size);
    struct bytes name = dhcp_option_text(packet, DHCP_OPTION_HOSTNAME);
    if (name.size > 0 && name.size < LEASE_HOSTNAME_MAX) {
        memcpy(hostname, name.data, name.size);
        hostname[name.size] = '\0';
        client.hostname = hostname;
    }
    return client;
}

/* Where the client is: the relay says so (RFC 3527 before giaddr), else its own address, else the interface. */
static const struct subnet *find_subnet(const struct dhcp_exchange *exchange)
{
    const struct lease_table *leases = exchange->settings->leases;
    if (ipv4_is_set(exchange->relay.link_selection))
        return lease_subnet(leases, exchange->relay.link_selection);
    if (ipv4_is_set(exchange->packet.giaddr))
        return lease_subnet(leases, exchange->packet.giaddr);
    for (size_t i = 0; i < exchange->request->address_count; i++) {
        const struct subnet *subnet = lease_subnet(leases, exchange->request->addresses[i].address);
        if (subnet)
            return subnet;
    }
    return ipv4_is_set(exchange->packet.ciaddr) ? lease_subnet(leases, exchange->packet.ciaddr) : NULL;
}

static bool wants(const struct dhcp_exchange *exchange, uint8_t code)
{
    return !dhcp_option_is_present(&exchange->packet, DHCP_OPTION_PARAMETERS) ||
           dhcp_packet_asks_for(&exchange->packet, code);
}

/* What a client on this subnet needs to know; the mask always, the rest if asked for or if it asks for nothing. */
static void put_network(struct dhcp_exchange *exchange, const struct subnet *subnet, const struct lease_client *client)
{
    struct dhcp_builder *builder = &exchange->builder;
    dhcp_builder_put_ipv4(builder, DHCP_OPTION_SUBNET_MASK, ipv4_subnet_mask(subnet->subnet));
    struct ipv4 broadcast = ipv4_subnet_broadcast(subnet->subnet);
    if (ipv4_is_set(broadcast) && wants(exchange, DHCP_OPTION_BROADCAST))
        dhcp_builder_put_ipv4(builder, DHCP_OPTION_BROADCAST, broadcast);
    if (ipv4_is_set(subnet->router) && wants(exchange, DHCP_OPTION_ROUTER))
        dhcp_builder_put_ipv4(builder, DHCP_OPTION_ROUTER, subnet->router);
    if (subnet->dns_count > 0 && wants(exchange, DHCP_OPTION_DNS))
        dhcp_builder_put_ipv4_list(builder, DHCP_OPTION_DNS, subnet->dns, subnet->dns_count);
    if (wants(exchange, DHCP_OPTION_DOMAIN))
        dhcp_builder_put_text(builder, DHCP_OPTION_DOMAIN, subnet->domain);
    if (wants(exchange, DHCP_OPTION_HOSTNAME))
        dhcp_builder_put_text(builder, DHCP_OPTION_HOSTNAME, lease_reserved_hostname(subnet, client));
}

/* Option 51 with T1 and T2 at a half and seven eighths of it, RFC 2131 §4.4.5; in offers too, since some printers
 * and cards take none without them. */
static void put_times(struct dhcp_exchange *exchange, uint32_t seconds)
{
    dhcp_builder_put_u32(&exchange->builder, DHCP_OPTION_LEASE_TIME, seconds);
    dhcp_builder_put_u32(&exchange->builder, DHCP_OPTION_RENEWAL_TIME, seconds / 2);
    dhcp_builder_put_u32(&exchange->builder, DHCP_OPTION_REBINDING_TIME, seconds - seconds / 8);
}

/* Boot fields, and how the log says them; a client that boots in no way of ours has neither. */
static void put_boot(struct dhcp_exchange *exchange, struct text *said)
{
    struct dhcp_boot boot;
    struct diag why;
    int result = dhcp_boot_choose(&boot, exchange, &why);
    if (result == DHCP_BOOT_OK)
        dhcp_boot_put_with_address(exchange, &boot);
    if (result == DHCP_BOOT_OK && boot.name[0])
        text_print(said, ", boot '%s'", boot.name);
    else if (result != DHCP_BOOT_OK && exchange->client.kind != DHCP_CLIENT_PLAIN)
        text_print(said, ", nothing to boot: %s", why.text);
}

/* An OFFER or ACK that gives the address for the time of the lease. */
static void give(struct dhcp_exchange *exchange, enum dhcp_message_type type, const struct subnet *subnet,
                 const struct lease_client *client, struct ipv4 address)
{
    exchange->server = ipv4_interface_near(exchange->request->addresses, exchange->request->address_count, address);
    dhcp_exchange_begin(exchange, type);
    exchange->builder.yiaddr = address;
    exchange->builder.ciaddr = type == DHCP_ACK ? exchange->packet.ciaddr : (struct ipv4){0};
    put_times(exchange, subnet->lease_seconds);
    put_network(exchange, subnet, client);
    AUTO(text_finish) struct text said = {0};
    put_boot(exchange, &said);
    char text[IPV4_TEXT_MAX];
    dhcp_exchange_tell(exchange, type == DHCP_ACK ? STAGE_ADDRESS : STAGE_DISCOVER, "%s %s for %u s%s",
                       type == DHCP_ACK ? "ack" : "offer", ipv4_to_text(text, address), subnet->lease_seconds,
                       text_characters(&said));
    dhcp_exchange_send(exchange);
}

static void refuse(struct dhcp_exchange *exchange, struct ipv4 address, const struct diag *why)
{
    char text[IPV4_TEXT_MAX];
    dhcp_exchange_begin(exchange, DHCP_NAK);
    dhcp_builder_put_text(&exchange->builder, DHCP_OPTION_MESSAGE, "address not available");
    /* RFC 2131 §4.3.2: the client has no address it may use, so this is broadcast, by the relay where there is one. */
    dhcp_exchange_send_broadcast(exchange);
    dhcp_exchange_say(exchange, ANSWER_FACT, "nak %s: %s", ipv4_to_text(text, address), why->text);
}

static void discover(struct dhcp_exchange *exchange, const struct subnet *subnet, const struct lease_client *client)
{
    struct lease lease;
    struct diag why = {0};
    struct ipv4 requested = dhcp_option_ipv4(&exchange->packet, DHCP_OPTION_REQUESTED_ADDRESS);
    int result = lease_offer(&lease, exchange->settings->leases, subnet, client, requested, exchange->server,
                             exchange->request->now.wall_seconds, &why);
    if (result != LEASE_OK) {
        dhcp_exchange_say(exchange, ANSWER_TROUBLE, "no offer: %s", why.text);
        return;
    }
    give(exchange, DHCP_OFFER, subnet, client, lease.address);
}

/* RFC 2131 §4.3.2, table 4: SELECTING names a server, INIT-REBOOT an address, RENEWING and REBINDING their own. */
static void request(struct dhcp_exchange *exchange, const struct subnet *subnet, const struct lease_client *client)
{
    const struct dhcp_packet *packet = &exchange->packet;
    struct lease_table *leases = exchange->settings->leases;
    int64_t now = exchange->request->now.wall_seconds;
    bool selecting = dhcp_option_is_present(packet, DHCP_OPTION_SERVER_ID);
    if (selecting && !dhcp_exchange_is_for_us(exchange)) {
        lease_withdraw(leases, client, now);
        dhcp_exchange_say(exchange, ANSWER_DETAIL, "it takes another server's offer");
        return;
    }
    struct ipv4 address = dhcp_option_ipv4(packet, DHCP_OPTION_REQUESTED_ADDRESS);
    if (!ipv4_is_set(address))
        address = packet->ciaddr;
    if (!ipv4_is_set(address)) {
        dhcp_exchange_say(exchange, ANSWER_DETAIL, "no answer: it names no address");
        return;
    }
    struct diag why;
    struct answer_dhcp *answer = exchange->answer;
    int result = lease_bind(&answer->lease, leases, subnet, client, address, exchange->server, !selecting, now, &why);
    if (result == LEASE_OK) {
        answer->has_lease = true;
        give(exchange, DHCP_ACK, subnet, client, address);
    } else if (result == LEASE_E_UNKNOWN && !selecting) {
        /* RFC 2131 §4.3.2: a server that has no record of the client must remain silent. */
        dhcp_exchange_say(exchange, ANSWER_FACT, "no answer: %s", why.text);
    } else {
        refuse(exchange, address, &why);
    }
}

/* The client has an address of its own and wants the rest, RFC 2131 §4.3.5: no address and no times. */
static void inform(struct dhcp_exchange *exchange, const struct subnet *subnet, const struct lease_client *client)
{
    struct ipv4 address = ipv4_is_set(exchange->packet.ciaddr) ? exchange->packet.ciaddr : exchange->request->source;
    if (!ipv4_is_set(address)) {
        dhcp_exchange_say(exchange, ANSWER_DETAIL, "no answer: it names no address");
        return;
    }
    dhcp_exchange_begin(exchange, DHCP_ACK);
    exchange->builder.ciaddr = exchange->packet.ciaddr;
    put_network(exchange, subnet, client);
    AUTO(text_finish) struct text said = {0};
    put_boot(exchange, &said);
    dhcp_exchange_say(exchange, ANSWER_FACT, "ack its parameters%s", text_characters(&said));
    dhcp_exchange_send_to(exchange, address, DHCP_PORT_CLIENT);
}

static void decline(struct dhcp_exchange *exchange, const struct lease_client *client)
{
    struct diag why;
    char text[IPV4_TEXT_MAX];
    struct ipv4 address = dhcp_option_ipv4(&exchange->packet, DHCP_OPTION_REQUESTED_ADDRESS);
    ipv4_to_text(text, address);
    struct answer_dhcp *answer = exchange->answer;
    int result = lease_decline(&answer->lease, exchange->settings->leases, client, address,
                               exchange->request->now.wall_seconds, &why);
    answer->has_lease = result == LEASE_OK;
    if (result == LEASE_OK)
        dhcp_exchange_say(exchange, ANSWER_TROUBLE, "%s is in use by another machine; not given out for %d s", text,
                          LEASE_DECLINE_SECONDS);
    else
        dhcp_exchange_say(exchange, ANSWER_DETAIL, "%s ignored: %s", text, why.text);
}

static void release(struct dhcp_exchange *exchange, const struct lease_client *client)
{
    struct diag why;
    char text[IPV4_TEXT_MAX];
    ipv4_to_text(text, exchange->packet.ciaddr);
    struct answer_dhcp *answer = exchange->answer;
    int result = lease_release(&answer->lease, exchange->settings->leases, client, exchange->packet.ciaddr,
                               exchange->request->now.wall_seconds, &why);
    answer->has_lease = result == LEASE_OK;
    if (result == LEASE_OK)
        dhcp_exchange_say(exchange, ANSWER_FACT, "%s is free again", text);
    else
        dhcp_exchange_say(exchange, ANSWER_DETAIL, "%s ignored: %s", text, why.text);
}

void dhcp_server_answer(struct dhcp_exchange *exchange)
{
    char hostname[LEASE_HOSTNAME_MAX];
    struct lease_client client = lease_client(&exchange->packet, hostname);
    const struct subnet *subnet = find_subnet(exchange);
    if (client.mac.size == 0 && client.client_id_size == 0) {
        dhcp_exchange_say(exchange, ANSWER_DETAIL,
                          "no answer: it has neither a hardware address nor a client identifier");
        return;
    }
    if (!subnet) {
        /* Of an interface without one the start has told already; of a relay nobody knows until it speaks. */
        bool relayed = ipv4_is_set(exchange->packet.giaddr);
        dhcp_exchange_say(exchange, relayed ? ANSWER_TROUBLE : ANSWER_DETAIL,
                          "no answer: 'dhcp.subnets' in muster.yaml has no subnet for this %s",
                          relayed ? "relay" : "interface");
        return;
    }
    switch (exchange->packet.message_type) {
    case DHCP_DISCOVER:
        discover(exchange, subnet, &client);
        break;
    case DHCP_REQUEST:
        request(exchange, subnet, &client);
        break;
    case DHCP_INFORM:
        inform(exchange, subnet, &client);
        break;
    case DHCP_DECLINE:
        decline(exchange, &client);
        break;
    case DHCP_RELEASE:
        release(exchange, &client);
        break;
    default:
        dhcp_exchange_say(exchange, ANSWER_DETAIL, "no answer: not a message for a DHCP server");
    }
}
