/* SPDX-License-Identifier: Apache-2.0 */
/* Reads one DHCP datagram, learns what it tells of the machine, and hands it to whoever answers it. */
#include "answer/dhcp.h"

#include <stdio.h>

#include "answer/dhcp-exchange.h"
#include "answer/dhcp-proxy.h"
#include "answer/dhcp-server.h"

/* Relays may pass a message on this often; a higher count is a loop. RFC 1542 §4.1.1 */
#define HOPS_MAX 16

static void ignore(struct answer_dhcp *answer, enum answer_weight weight, const struct answer_dhcp_request *request,
                   const char *reason)
{
    char source[IPV4_TEXT_MAX];
    answer->way = ANSWER_DHCP_SILENT;
    answer->weight = weight;
    snprintf(answer->text, sizeof answer->text, "datagram of %zu octets from %s:%u on %s ignored: %.400s",
             request->datagram.size, ipv4_to_text(source, request->source), request->source_port, request->interface,
             reason);
}

static enum program program_of(const struct dhcp_client *client)
{
    return client->kind == DHCP_CLIENT_PLAIN  ? PROGRAM_SYSTEM
           : client->kind == DHCP_CLIENT_IPXE ? PROGRAM_IPXE
                                              : PROGRAM_FIRMWARE;
}

/* What this packet tells of the machine: its firmware, once it is firmware that speaks. */
static struct machine machine_of(const struct dhcp_exchange *exchange)
{
    const struct dhcp_client *client = &exchange->client;
    struct machine machine = {.mac = exchange->packet.chaddr, .program = program_of(client)};
    machine.has_uuid = client->has_uuid;
    machine.uuid = client->uuid;
    if (client->arch && client->kind != DHCP_CLIENT_RASPBERRY) {
        machine.platform = client->arch->platform == ARCH_BIOS  ? PLATFORM_BIOS
                           : client->arch->platform == ARCH_EFI ? PLATFORM_EFI
                                                                : PLATFORM_UNKNOWN;
        snprintf(machine.arch, sizeof machine.arch, "%s", client->arch->buildarch);
    }
    /* Who looks for an address has none, whatever is left in the field. */
    if (exchange->packet.message_type != DHCP_DISCOVER && ipv4_is_set(exchange->packet.ciaddr))
        machine.address = exchange->packet.ciaddr;
    return machine;
}

/* Of an operating system only that it runs, on a machine that was seen before: others are none of those that boot
 * here. */
static void learn(struct dhcp_exchange *exchange)
{
    struct fleet *fleet = exchange->settings->fleet;
    const struct mac *mac = &exchange->packet.chaddr;
    bool is_plain = exchange->client.kind == DHCP_CLIENT_PLAIN && !exchange->client.arch;
    struct machine known;
    exchange->machine = machine_of(exchange);
    if (mac->size == 0 || (is_plain && !fleet_find(&known, fleet, mac)))
        return;
    fleet_learn(fleet, &exchange->machine, exchange->request->now);
    fleet_find(&exchange->machine, fleet, mac);
}

static void decide(struct dhcp_exchange *exchange)
{
    const struct catalog *catalog = exchange->request->catalog;
    if (!catalog || catalog_group_count(catalog) == 0)
        return;
    AUTO(labels_finish) struct labels labels = {0};
    machine_add_labels(&labels, &exchange->machine);
    decide_group(&exchange->decision, catalog, &labels, &exchange->undecided);
}

static void learn_address(const struct dhcp_exchange *exchange)
{
    const struct answer_dhcp *answer = exchange->answer;
    if (!answer->has_lease || answer->lease.state != LEASE_BOUND || answer->mac.size == 0)
        return;
    struct machine machine = {.mac = answer->mac, .address = answer->lease.address};
    snprintf(machine.hostname, sizeof machine.hostname, "%s", answer->lease.hostname);
    fleet_learn(exchange->settings->fleet, &machine, exchange->request->now);
}

/* What the relay says. A switch may tell the port without being named in giaddr (RFC 3046 §2.1); but link and server
 * are told by relays alone, and without one the client might have written them itself. */
static struct dhcp_relay relay_of(const struct dhcp_packet *packet)
{
    struct dhcp_relay relay = dhcp_relay_from_option(dhcp_option(packet, DHCP_OPTION_RELAY));
    if (!ipv4_is_set(packet->giaddr))
        relay.link_selection = relay.server_id_override = (struct ipv4){0};
    return relay;
}

/* No interface has a broadcast or multicast address; all others would take the replies to it for theirs. On links other
 * than Ethernet the bit means something else. */
static bool is_of_many(const struct mac *mac)
{
    return mac->size == 6 && mac_is_multicast(mac);
}

void answer_dhcp(struct answer_dhcp *ret, const struct answer_dhcp_settings *settings,
                 const struct answer_dhcp_request *request)
{
    /* Not zeroed: packet and builder are large, and initialised as far as they are read. */
    struct dhcp_exchange exchange;
    struct diag why;
    exchange.settings = settings;
    exchange.request = request;
    exchange.answer = ret;
    exchange.decision = (struct decision){0};
    exchange.undecided.text[0] = '\0';
    ret->way = ANSWER_DHCP_SILENT;
    ret->has_lease = false;
    ret->is_first = false;
    ret->is_fresh = false;
    ret->boots_without_group = false;
    ret->offered = (struct ipv4){0};
    ret->relay = (struct ipv4){0};
    ret->about = (struct ipv4){0};
    ret->mac = (struct mac){0};
    ret->client_id[0] = '\0';
    if (request->cut) {
        ignore(ret, ANSWER_TROUBLE, request, "it is longer than any DHCP message");
        return;
    }
    if (dhcp_packet_parse(&exchange.packet, request->datagram, &why) != DHCP_OK) {
        ignore(ret, ANSWER_TROUBLE, request, why.text);
        return;
    }
    ret->mac = exchange.packet.chaddr;
    struct bytes client_id = dhcp_option(&exchange.packet, DHCP_OPTION_CLIENT_ID);
    if (client_id.size > 0 && mac_is_zero(&ret->mac))
        lease_client_id_to_text(ret->client_id, client_id);
    ret->relay = exchange.packet.giaddr;
    ret->is_first = exchange.packet.secs == 0;
    if (exchange.packet.operation != DHCP_BOOTREQUEST) {
        ignore(ret, ANSWER_DETAIL, request, "it is a reply, not a request");
        return;
    }
    if (is_of_many(&ret->mac)) {
        ignore(ret, ANSWER_TROUBLE, request, "the hardware address that it comes from is one of many machines");
        return;
    }
    dhcp_client_classify(&exchange.client, &exchange.packet);
    for (size_t i = 0; i < settings->class_count; i++)
        dhcp_client_classify_as(&exchange.client, &exchange.packet, settings->classes[i]);
    exchange.relay = relay_of(&exchange.packet);
    struct ipv4 near = ipv4_is_set(exchange.packet.ciaddr) ? exchange.packet.ciaddr : exchange.packet.giaddr;
    exchange.server = ipv4_interface_near(request->addresses, request->address_count, near);
    if (!ipv4_is_set(exchange.server)) {
        ignore(ret, ANSWER_TROUBLE, request, "the interface has no IPv4 address to answer from");
        return;
    }
    if (ipv4_is_set(exchange.packet.giaddr) &&
        (exchange.packet.hops > HOPS_MAX || dhcp_exchange_is_own(&exchange, exchange.packet.giaddr))) {
        ignore(ret, ANSWER_TROUBLE, request, "relays pass it around in a loop");
        return;
    }
    learn(&exchange);
    decide(&exchange);
    ret->boots_without_group = !exchange.decision.group && exchange.client.kind != DHCP_CLIENT_PLAIN;
    if (request->port == DHCP_PORT_PXE)
        dhcp_boot_server_answer(&exchange);
    else if (settings->mode == ANSWER_DHCP_SERVER)
        dhcp_server_answer(&exchange);
    else
        dhcp_proxy_answer(&exchange);
    learn_address(&exchange);
}
