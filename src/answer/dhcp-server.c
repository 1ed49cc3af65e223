/* SPDX-License-Identifier: Apache-2.0 */
/* The DHCP server, one function a message. RFC 2131 §4.3 */
#include "answer/dhcp-server.h"

#include <string.h>

#include "answer/dhcp-boot.h"
#include "base/array.h"
#include "base/text.h"

/* Why an unknown machine gets less than others; behind it comes the policy. */
#define UNKNOWN_WORDS "it has no reservation and no group that selects on its MAC or UUID, and 'dhcp.unknown' is "

/* Who asks, where, and by which rules. */
struct asking {
    const struct subnet *subnet; /* one of its link */
    struct lease_client client;
    const struct reservation *reservation; /* NULL: none */
    char hostname[LEASE_HOSTNAME_MAX];
};

/* What a client asks for is bounded by its subnet; firmware is known by what it says of itself. */
static void asking_read(struct asking *ret, const struct dhcp_exchange *exchange)
{
    const struct dhcp_packet *packet = &exchange->packet;
    struct lease_client *client = &ret->client;
    *ret = (struct asking){.client = {.mac = packet->chaddr, .circuit_id = exchange->relay.circuit_id}};
    struct bytes id = dhcp_option(packet, DHCP_OPTION_CLIENT_ID);
    client->client_id_size = id.size < sizeof client->client_id ? id.size : sizeof client->client_id;
    if (client->client_id_size > 0)
        memcpy(client->client_id, id.data, client->client_id_size);
    /* What the machine's firmware said of itself holds for its operating system, which does not say it. */
    client->has_uuid = exchange->machine.has_uuid && !uuid_is_dummy(&exchange->machine.uuid);
    client->uuid = exchange->machine.uuid;
    client->is_booting = exchange->client.kind != DHCP_CLIENT_PLAIN;
    if (exchange->decision.group) {
        client->group_address = exchange->decision.group->dhcp.address;
        client->lease_seconds = exchange->decision.group->dhcp.terms.lease_seconds;
    }
    if (exchange->decision.profile && client->lease_seconds == 0)
        client->lease_seconds = exchange->decision.profile->dhcp.lease_seconds;
    dhcp_option_u32(&client->asked_seconds, packet, DHCP_OPTION_LEASE_TIME);
    struct bytes name = dhcp_option_text(packet, DHCP_OPTION_HOSTNAME);
    if (name.size > 0 && name.size < LEASE_HOSTNAME_MAX) {
        memcpy(ret->hostname, name.data, name.size);
        client->hostname = ret->hostname;
    }
}

/* The subnet that a relay says the client is in: RFC 3527 §3 before RFC 3011 before giaddr. Unset without a relay. */
static struct ipv4 named_link(const struct dhcp_exchange *exchange)
{
    struct ipv4 selected = dhcp_option_ipv4(&exchange->packet, DHCP_OPTION_SUBNET_SELECTION);
    if (!ipv4_is_set(exchange->packet.giaddr))
        return (struct ipv4){0};
    if (ipv4_is_set(exchange->relay.link_selection))
        return exchange->relay.link_selection;
    return ipv4_is_set(selected) ? selected : exchange->packet.giaddr;
}

/* What the client itself selects by option 118, NULL when that is another link than its own: it is as little to be
 * believed there as in its option 82. */
static const struct subnet *selected_on_link(const struct dhcp_exchange *exchange, const struct subnet *own)
{
    struct ipv4 selected = dhcp_option_ipv4(&exchange->packet, DHCP_OPTION_SUBNET_SELECTION);
    const struct subnet *subnet =
        own && ipv4_is_set(selected) ? lease_subnet(exchange->settings->leases, selected) : NULL;
    bool is_here = subnet && (subnet == own || (own->link && text_is(subnet->link, own->link)));
    return is_here ? subnet : NULL;
}

/* Whether a client from a far network speaks to us by itself, with an address it has already. */
static bool comes_by_itself(const struct dhcp_exchange *exchange)
{
    const struct dhcp_packet *packet = &exchange->packet;
    return exchange->request->was_unicast && ipv4_is_set(packet->ciaddr) &&
           (packet->message_type == DHCP_REQUEST || packet->message_type == DHCP_INFORM ||
            packet->message_type == DHCP_RELEASE);
}

/* Where the client is: where its relay says, else where its own address lies, else what the interface is in; of that
 * link the subnet that it selects. */
static const struct subnet *find_subnet(const struct dhcp_exchange *exchange)
{
    const struct lease_table *leases = exchange->settings->leases;
    struct ipv4 named = named_link(exchange);
    const struct subnet *subnet = NULL;
    if (ipv4_is_set(named))
        return lease_subnet(leases, named);
    if (comes_by_itself(exchange))
        subnet = lease_subnet(leases, exchange->packet.ciaddr);
    for (size_t i = 0; i < exchange->request->address_count && !subnet; i++)
        subnet = lease_subnet(leases, exchange->request->addresses[i].address);
    return selected_on_link(exchange, subnet) ?: subnet;
}

/* Whether another server gives the addresses where the client is; not where a relay tells of a link that we are not on
 * ourselves. */
static bool is_beside_another(const struct dhcp_exchange *exchange)
{
    struct ipv4 link = named_link(exchange);
    bool is_elsewhere = ipv4_is_set(exchange->packet.giaddr);
    for (size_t i = 0; i < exchange->request->address_count && is_elsewhere; i++)
        is_elsewhere = !ipv4_subnet_contains(exchange->request->addresses[i].subnet, link);
    return exchange->request->yields && !is_elsewhere;
}

/* PXELINUX reads its options (RFC 5071) out of what the firmware was told, and the firmware asks for none of them. */
static bool is_for_pxelinux(const struct dhcp_exchange *exchange, uint8_t code)
{
    return exchange->client.kind == DHCP_CLIENT_PXE && code >= DHCP_OPTION_PXELINUX_MAGIC &&
           code <= DHCP_OPTION_REBOOT_TIME;
}

/* To firmware 43 and 60 are PXE's, and what stands in them for others (an access point's controller) it would take for
 * a boot menu or a boot server. */
static bool is_misread(const struct dhcp_exchange *exchange, uint8_t code)
{
    return exchange->client.kind != DHCP_CLIENT_PLAIN &&
           (code == DHCP_OPTION_VENDOR || code == DHCP_OPTION_VENDOR_CLASS);
}

static bool wants(const struct dhcp_exchange *exchange, uint8_t code)
{
    return !dhcp_option_is_present(&exchange->packet, DHCP_OPTION_PARAMETERS) ||
           dhcp_packet_asks_for(&exchange->packet, code) || is_for_pxelinux(exchange, code);
}

/* What is being told a client, from the word that is meant for it alone to those for everybody: of each option the
 * first word holds, and it is forced where any of them is. */
struct telling {
    struct dhcp_exchange *exchange;
    struct dhcp_codes said, forced;
};

static void tell(struct telling *telling, uint8_t code, struct bytes value)
{
    bool is_said = dhcp_codes_have(&telling->said, code) || value.size == 0;
    bool is_wanted = wants(telling->exchange, code) && !is_misread(telling->exchange, code);
    if (!is_said && (dhcp_codes_have(&telling->forced, code) || is_wanted))
        dhcp_builder_put_configured(&telling->exchange->builder, code, value);
    if (!is_said)
        dhcp_codes_add(&telling->said, code);
}

static void tell_text(struct telling *telling, uint8_t code, const char *text)
{
    tell(telling, code, bytes_of_text(text ?: ""));
}

static void tell_addresses(struct telling *telling, uint8_t code, const struct ipv4 *addresses, size_t count)
{
    uint8_t octets[DHCP_REPLY_MAX];
    struct writer w = writer_over(octets, sizeof octets);
    for (size_t i = 0; i < count && writer_size(&w) + 4 <= sizeof octets; i++)
        write_u32be(&w, addresses[i].number);
    tell(telling, code, writer_bytes(&w));
}

static struct bytes value_of(const struct lease_option *option)
{
    return bytes_of(option->value, option->size);
}

/* A group may be met on more than one network, and its router may be on another. network NULL: on any. */
static bool is_of_network(const struct lease_option *option, const struct subnet *network)
{
    struct reader r = reader_over(value_of(option));
    struct ipv4 router = {read_u32be(&r)};
    bool is_anywhere = !network || option->code != DHCP_OPTION_ROUTER || option->size == 0;
    return is_anywhere || ipv4_subnet_contains(network->subnet, router);
}

/* An option without a value is one that is not to be told. */
static void tell_option(struct telling *telling, const struct lease_option *option)
{
    bool is_first = !dhcp_codes_have(&telling->said, option->code);
    if (is_first && option->size == 0)
        dhcp_builder_remove(&telling->exchange->builder, option->code);
    if (option->size == 0)
        dhcp_codes_add(&telling->said, option->code);
    else
        tell(telling, option->code, value_of(option));
}

static void tell_options(struct telling *telling, const struct lease_options *options, const struct subnet *network)
{
    for (size_t i = 0; i < options->count; i++)
        if (is_of_network(&options->at[i], network))
            tell_option(telling, &options->at[i]);
}

static void force_options(struct telling *telling, const struct lease_options *options, const struct subnet *network)
{
    for (size_t i = 0; i < options->count; i++)
        if (options->at[i].is_forced && is_of_network(&options->at[i], network))
            dhcp_codes_add(&telling->forced, options->at[i].code);
}

/* A reservation's name is told with its address alone: as long as another machine has that, the name may be its. */
static const char *name_with(const struct reservation *reservation, struct ipv4 address)
{
    return reservation && ipv4_equal(reservation->address, address) ? reservation->hostname : NULL;
}

/* The mask always, the rest if asked for or if nothing is. */
static void put_masks(struct dhcp_exchange *exchange, const struct subnet *subnet)
{
    struct dhcp_builder *builder = &exchange->builder;
    struct ipv4 broadcast = ipv4_subnet_broadcast(subnet->subnet);
    /* RFC 3011 §2: sent back where it was heeded. */
    if (selected_on_link(exchange, subnet))
        dhcp_builder_echo(builder, &exchange->packet, DHCP_OPTION_SUBNET_SELECTION);
    dhcp_builder_put_ipv4(builder, DHCP_OPTION_SUBNET_MASK, ipv4_subnet_mask(subnet->subnet));
    if (ipv4_is_set(broadcast) && wants(exchange, DHCP_OPTION_BROADCAST))
        dhcp_builder_put_ipv4(builder, DHCP_OPTION_BROADCAST, broadcast);
}

/* What a client with this address on this subnet needs to know, or NULL: on one that is none of ours. What is said of
 * fewer machines holds: the reservation before the group, its profile and the subnet. */
static void put_network(struct dhcp_exchange *exchange, const struct subnet *subnet, struct ipv4 address,
                        const struct reservation *reservation)
{
    static const struct subnet nowhere = {.subnet = {.prefix = 32}};
    static const struct lease_options none;
    struct telling telling = {.exchange = exchange};
    const struct group *group = exchange->decision.group;
    const struct profile *profile = exchange->decision.profile;
    const struct lease_options *of_group = group ? &group->dhcp.terms.options : &none;
    const struct lease_options *of_profile = profile ? &profile->dhcp.options : &none;
    const struct lease_options *of_machine = reservation ? &reservation->options : &none;
    if (subnet)
        put_masks(exchange, subnet);
    else
        subnet = &nowhere;
    force_options(&telling, of_machine, NULL);
    force_options(&telling, of_group, subnet);
    force_options(&telling, of_profile, subnet);
    force_options(&telling, &subnet->options, NULL);
    tell_options(&telling, of_machine, NULL);
    tell_text(&telling, DHCP_OPTION_HOSTNAME, name_with(reservation, address));
    tell_options(&telling, of_group, subnet);
    tell_options(&telling, of_profile, subnet);
    tell_options(&telling, &subnet->options, NULL);
    tell_addresses(&telling, DHCP_OPTION_ROUTER, &subnet->router, ipv4_is_set(subnet->router) ? 1 : 0);
    tell_addresses(&telling, DHCP_OPTION_DNS, subnet->dns, subnet->dns_count);
    tell_text(&telling, DHCP_OPTION_DOMAIN, subnet->domain);
}

/* Option 51 with T1 and T2 at a half and seven eighths of it, RFC 2131 §4.4.5; in offers too, since some printers
 * and cards take none without them. */
static void put_times(struct dhcp_exchange *exchange, uint32_t seconds)
{
    dhcp_builder_put_u32(&exchange->builder, DHCP_OPTION_LEASE_TIME, seconds);
    dhcp_builder_put_u32(&exchange->builder, DHCP_OPTION_RENEWAL_TIME, seconds / 2);
    dhcp_builder_put_u32(&exchange->builder, DHCP_OPTION_REBINDING_TIME, seconds - seconds / 8);
}

/* A machine that somebody wrote down: in a reservation, or by a group that selects on what tells it from others. */
static bool is_known(const struct dhcp_exchange *exchange, const struct asking *asking)
{
    return asking->reservation || (exchange->decision.group && group_names_machines(exchange->decision.group));
}

/* Boot fields, and how the log says them; a client that boots in no way of ours has neither. Whether an iPXE is given
 * another one. */
static bool put_boot(struct dhcp_exchange *exchange, const struct asking *asking, struct text *said)
{
    struct dhcp_boot boot = {0};
    struct diag why;
    bool is_denied = !is_known(exchange, asking) && exchange->settings->unknown == ANSWER_DHCP_UNKNOWN_ADDRESS;
    int result = is_denied ? fail(&why, DHCP_BOOT_E_NOT_ASKED, UNKNOWN_WORDS "address")
                           : dhcp_boot_choose(&boot, exchange, &why);
    if (result == DHCP_BOOT_OK) {
        dhcp_boot_put_with_address(exchange, &boot);
        text_append(said, ", ");
        dhcp_boot_append_words(said, &boot);
    } else if (exchange->client.kind != DHCP_CLIENT_PLAIN || exchange->packet.message_type == DHCP_BOOTP) {
        text_print(said, ", nothing to boot: %s", why.text);
    }
    return boot.is_chain;
}

static void append_time(struct text *said, uint32_t seconds)
{
    if (seconds == LEASE_SECONDS_INFINITE)
        text_append(said, " for ever");
    else
        text_print(said, " for %u s", seconds);
}

/* An OFFER or ACK that gives the address for the time of the lease. note is what there is to say of the choice, or "".
 */
static void give(struct dhcp_exchange *exchange, enum dhcp_message_type type, const struct asking *asking,
                 struct ipv4 address, const char *note)
{
    const struct subnet *subnet = lease_subnet(exchange->settings->leases, address) ?: asking->subnet;
    uint32_t seconds = subnet_seconds(subnet, &asking->client);
    exchange->server = ipv4_interface_near(exchange->request->addresses, exchange->request->address_count, address);
    dhcp_exchange_begin(exchange, type);
    exchange->builder.yiaddr = address;
    exchange->builder.ciaddr = type == DHCP_ACK ? exchange->packet.ciaddr : (struct ipv4){0};
    put_times(exchange, seconds);
    put_network(exchange, subnet, address, asking->reservation);
    AUTO(text_finish) struct text said = {0};
    append_time(&said, seconds);
    if (*note)
        text_print(&said, " (%s)", note);
    bool is_chain = put_boot(exchange, asking, &said);
    enum stage acknowledged = is_chain ? STAGE_LOADER : STAGE_ADDRESS;
    char text[IPV4_TEXT_MAX];
    dhcp_exchange_send(exchange);
    dhcp_exchange_tell(exchange, type == DHCP_ACK ? acknowledged : STAGE_DISCOVER, "%s %s%s",
                       type == DHCP_ACK ? "ack" : "offer", ipv4_to_text(text, address), text_characters(&said));
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

/* Whether the client itself may answer at the address: an operator gave the machine, by hand, what is reserved for it.
 * ARP tells it from others, but behind a relay nobody does. */
static bool may_have_it(const struct asking *asking, struct ipv4 address, struct ipv4 relay)
{
    return ipv4_is_set(relay) && asking->reservation && ipv4_equal(asking->reservation->address, address);
}

static void discover(struct dhcp_exchange *exchange, const struct asking *asking)
{
    struct answer_dhcp *answer = exchange->answer;
    struct diag why = {0};
    struct ipv4 requested = dhcp_option_ipv4(&exchange->packet, DHCP_OPTION_REQUESTED_ADDRESS);
    int result = lease_offer(&answer->lease, exchange->settings->leases, asking->subnet, &asking->client, requested,
                             exchange->server, exchange->request->now.wall_seconds, &why);
    if (result != LEASE_OK) {
        /* A crowd asks again and again, and each would fill a line with the same. */
        if (result == LEASE_E_EXHAUSTED)
            answer->about = asking->subnet->subnet.network;
        dhcp_exchange_say(exchange, ANSWER_TROUBLE, "no offer: %s", why.text);
        return;
    }
    answer->offered = answer->lease.address;
    answer->is_fresh = answer->lease.is_fresh && !may_have_it(asking, answer->lease.address, answer->relay);
    give(exchange, DHCP_OFFER, asking, answer->lease.address, why.text);
}

/* RFC 1534 §2: a client of BOOTP knows of no lease, so that it is given just what is reserved for it for good. It
 * cannot say what it is, and is told what a BIOS boots (RFC 951 §3). */
static void bootp(struct dhcp_exchange *exchange, const struct asking *asking)
{
    struct lease lease;
    struct diag why = {0};
    if (!exchange->settings->bootp || !asking->reservation) {
        dhcp_exchange_say(exchange, ANSWER_DETAIL, "no answer: %s",
                          exchange->settings->bootp ? "it speaks BOOTP and has no reservation"
                                                    : "it speaks BOOTP, and 'dhcp.bootp' is false");
        return;
    }
    struct ipv4 address = asking->reservation->address;
    int result = lease_offer(&lease, exchange->settings->leases, asking->subnet, &asking->client, address,
                             exchange->server, exchange->request->now.wall_seconds, &why);
    /* Who has it by a lease is not told that it moved. */
    if (result != LEASE_OK || why.text[0] != '\0') {
        dhcp_exchange_say(exchange, ANSWER_TROUBLE, "no answer: %s", why.text);
        return;
    }
    if (!exchange->client.arch)
        exchange->client.arch = arch_from_option(ARCH_X86_BIOS);
    exchange->server = ipv4_interface_near(exchange->request->addresses, exchange->request->address_count, address);
    dhcp_exchange_begin(exchange, DHCP_BOOTP);
    dhcp_builder_remove(&exchange->builder, DHCP_OPTION_SERVER_ID);
    exchange->builder.size_max = DHCP_REPLY_MIN;
    exchange->builder.yiaddr = address;
    put_network(exchange, lease_subnet(exchange->settings->leases, address), address, asking->reservation);
    AUTO(text_finish) struct text said = {0};
    put_boot(exchange, asking, &said);
    char text[IPV4_TEXT_MAX];
    dhcp_exchange_send(exchange);
    dhcp_exchange_tell(exchange, STAGE_ADDRESS, "reply %s for good%s", ipv4_to_text(text, address),
                       text_characters(&said));
}

/* The address that the client wants: what it selects or remembers, or what it has (RFC 2131 §4.3.2, table 4). A client
 * that names one has none yet, whatever it puts into ciaddr. */
static struct ipv4 wanted_address(struct dhcp_exchange *exchange)
{
    struct ipv4 address = dhcp_option_ipv4(&exchange->packet, DHCP_OPTION_REQUESTED_ADDRESS);
    if (!ipv4_is_set(address))
        return exchange->packet.ciaddr;
    exchange->packet.ciaddr = (struct ipv4){0};
    return address;
}

/* RFC 2131 §4.3.2, table 4: SELECTING names a server, INIT-REBOOT an address, RENEWING and REBINDING their own. */
static void request(struct dhcp_exchange *exchange, const struct asking *asking)
{
    struct lease_table *leases = exchange->settings->leases;
    int64_t now = exchange->request->now.wall_seconds;
    bool selecting = dhcp_option_is_present(&exchange->packet, DHCP_OPTION_SERVER_ID);
    if (selecting && !dhcp_exchange_is_for_us(exchange)) {
        lease_withdraw(leases, &asking->client, now);
        dhcp_exchange_say(exchange, ANSWER_DETAIL, "it takes another server's offer");
        return;
    }
    struct ipv4 address = wanted_address(exchange);
    if (!ipv4_is_set(address)) {
        dhcp_exchange_say(exchange, ANSWER_DETAIL, "no answer: it names no address");
        return;
    }
    struct diag why = {0};
    struct answer_dhcp *answer = exchange->answer;
    int result = lease_bind(&answer->lease, leases, asking->subnet, &asking->client, address, exchange->server,
                            !selecting, now, &why);
    if (result == LEASE_OK) {
        answer->has_lease = true;
        give(exchange, DHCP_ACK, asking, address, why.text);
        if (answer->lease.is_contested)
            answer->weight = ANSWER_TROUBLE;
    } else if (result == LEASE_E_UNKNOWN && !selecting && !exchange->settings->authoritative) {
        /* RFC 2131 §4.3.2: a server that has no record of the client must remain silent. */
        dhcp_exchange_say(exchange, ANSWER_FACT, "no answer: %s", why.text);
    } else if (is_beside_another(exchange)) {
        /* It may be the other's, and good. */
        dhcp_exchange_say(exchange, ANSWER_FACT, "no answer beside another DHCP server: %s", why.text);
    } else {
        refuse(exchange, address, &why);
    }
}

/* The client has an address of its own and wants the rest, RFC 2131 §4.3.5: no address and no times. What comes by a
 * relay and does not say that address goes back by the relay, and is of the relay's network. */
static void inform(struct dhcp_exchange *exchange, const struct asking *asking)
{
    struct ipv4 address = exchange->packet.ciaddr;
    bool is_by_relay = !ipv4_is_set(address) && ipv4_is_set(exchange->packet.giaddr);
    if (!ipv4_is_set(address))
        address = exchange->request->source;
    if (!ipv4_is_set(address) && !is_by_relay) {
        dhcp_exchange_say(exchange, ANSWER_DETAIL, "no answer: it names no address");
        return;
    }
    dhcp_exchange_begin(exchange, DHCP_ACK);
    exchange->builder.ciaddr = exchange->packet.ciaddr;
    put_network(exchange, is_by_relay ? asking->subnet : lease_subnet(exchange->settings->leases, address), address,
                asking->reservation);
    AUTO(text_finish) struct text said = {0};
    put_boot(exchange, asking, &said);
    /* There is no address that the relay could send it to. */
    if (is_by_relay)
        dhcp_exchange_send_broadcast(exchange);
    else
        dhcp_exchange_send_to(exchange, address, DHCP_PORT_CLIENT);
    dhcp_exchange_say(exchange, ANSWER_FACT, "ack its parameters%s", text_characters(&said));
}

/* Says what became of a DECLINE or RELEASE, which nobody answers. */
static void note(struct dhcp_exchange *exchange, int result, struct ipv4 address, enum answer_weight weight,
                 const char *done, const struct diag *why)
{
    char text[IPV4_TEXT_MAX];
    ipv4_to_text(text, address);
    exchange->answer->has_lease = result == LEASE_OK;
    if (result == LEASE_OK)
        dhcp_exchange_say(exchange, weight, "%s %s", text, done);
    else
        dhcp_exchange_say(exchange, result == LEASE_E_TOO_MANY ? ANSWER_TROUBLE : ANSWER_DETAIL, "%s ignored: %s", text,
                          why->text);
}

/* Meant for another server when it names one that is not us. */
static bool is_for_another(struct dhcp_exchange *exchange)
{
    if (!dhcp_option_is_present(&exchange->packet, DHCP_OPTION_SERVER_ID) || dhcp_exchange_is_for_us(exchange))
        return false;
    dhcp_exchange_say(exchange, ANSWER_DETAIL, "no business of ours: it names another server");
    return true;
}

static void decline(struct dhcp_exchange *exchange, const struct asking *asking)
{
    struct diag why;
    struct ipv4 address = dhcp_option_ipv4(&exchange->packet, DHCP_OPTION_REQUESTED_ADDRESS);
    if (is_for_another(exchange))
        return;
    int result = lease_decline(&exchange->answer->lease, exchange->settings->leases, &asking->client, address,
                               exchange->request->now.wall_seconds, &why);
    const struct lease *lease = &exchange->answer->lease;
    AUTO(text_finish) struct text done = {0};
    if (result == LEASE_OK)
        text_print(&done, "is in use by another machine; not given out for %lld s",
                   (long long)(lease->expires - exchange->request->now.wall_seconds));
    if (result == LEASE_E_TOO_MANY)
        exchange->answer->about = address;
    note(exchange, result, address, ANSWER_TROUBLE, text_characters(&done), &why);
}

static void release(struct dhcp_exchange *exchange, const struct asking *asking)
{
    struct diag why;
    if (is_for_another(exchange))
        return;
    int result = lease_release(&exchange->answer->lease, exchange->settings->leases, &asking->client,
                               exchange->packet.ciaddr, exchange->request->now.wall_seconds, &why);
    note(exchange, result, exchange->packet.ciaddr, ANSWER_FACT, "is free again", &why);
}

/* An operating system keeps the address it has: it does not say what its firmware said, by which the machine was known
 * until muster was started anew. */
static bool is_ignored(const struct dhcp_exchange *exchange, const struct asking *asking)
{
    if (is_known(exchange, asking) || exchange->settings->unknown != ANSWER_DHCP_UNKNOWN_IGNORE)
        return false;
    return asking->client.is_booting || !lease_is_held_by(exchange->settings->leases, asking->subnet, &asking->client,
                                                          exchange->request->now.wall_seconds);
}

/* Beside another server nobody is given an address anew; but who has one of ours goes on with it. */
static bool is_left_to_another(const struct dhcp_exchange *exchange, const struct asking *asking)
{
    if (!is_beside_another(exchange))
        return false;
    return exchange->packet.message_type == DHCP_DISCOVER ||
           !lease_is_held_by(exchange->settings->leases, asking->subnet, &asking->client,
                             exchange->request->now.wall_seconds);
}

/* Of an interface without a subnet the start has told already; of what relays name nobody knows until they do. */
static void say_no_subnet(struct dhcp_exchange *exchange)
{
    char link[IPV4_TEXT_MAX];
    struct ipv4 relay = exchange->packet.giaddr;
    struct ipv4 named = named_link(exchange);
    exchange->answer->about = named;
    if (!ipv4_is_set(relay))
        dhcp_exchange_say(exchange, ANSWER_DETAIL,
                          "no answer: 'dhcp.subnets' in muster.yaml has no subnet for this interface");
    else if (ipv4_equal(named, relay))
        dhcp_exchange_say(exchange, ANSWER_TROUBLE,
                          "no answer: 'dhcp.subnets' in muster.yaml has no subnet for this relay");
    else
        dhcp_exchange_say(exchange, ANSWER_TROUBLE,
                          "no answer: 'dhcp.subnets' in muster.yaml has no subnet for %s, which %s of this relay's "
                          "message asks for",
                          ipv4_to_text(link, named),
                          ipv4_is_set(exchange->relay.link_selection) ? "the link selection (82.5)" : "option 118");
}

/* Whether the one who asks is to be answered at all; says why not. */
static bool may_ask(struct dhcp_exchange *exchange, struct asking *asking)
{
    if (asking->client.mac.size == 0 && asking->client.client_id_size == 0) {
        dhcp_exchange_say(exchange, ANSWER_DETAIL,
                          "no answer: it has neither a hardware address nor a client identifier");
        return false;
    }
    asking->subnet = find_subnet(exchange);
    if (!asking->subnet) {
        say_no_subnet(exchange);
        return false;
    }
    if (is_left_to_another(exchange, asking)) {
        dhcp_exchange_say(exchange, ANSWER_DETAIL, "no answer: another DHCP server gives the addresses on this link");
        return false;
    }
    asking->reservation = lease_reservation(exchange->settings->leases, asking->subnet, &asking->client);
    if (is_ignored(exchange, asking)) {
        dhcp_exchange_say(exchange, ANSWER_DETAIL, "no answer: %s", UNKNOWN_WORDS "ignore");
        return false;
    }
    return true;
}

bool dhcp_server_refuses_boot(struct dhcp_exchange *exchange)
{
    struct asking asking;
    const struct lease_table *leases = exchange->settings->leases;
    if (exchange->settings->unknown == ANSWER_DHCP_UNKNOWN_SERVE)
        return false;
    asking_read(&asking, exchange);
    asking.subnet = leases ? find_subnet(exchange) : NULL;
    asking.reservation = asking.subnet ? lease_reservation(leases, asking.subnet, &asking.client) : NULL;
    if (is_known(exchange, &asking))
        return false;
    dhcp_exchange_say(exchange, ANSWER_DETAIL, "no answer: %s%s", UNKNOWN_WORDS,
                      exchange->settings->unknown == ANSWER_DHCP_UNKNOWN_IGNORE ? "ignore" : "address");
    return true;
}

void dhcp_server_answer(struct dhcp_exchange *exchange)
{
    static void (*const answers[])(struct dhcp_exchange *, const struct asking *) = {
        [DHCP_BOOTP] = bootp,     [DHCP_DISCOVER] = discover, [DHCP_REQUEST] = request,
        [DHCP_DECLINE] = decline, [DHCP_RELEASE] = release,   [DHCP_INFORM] = inform,
    };
    struct asking asking;
    asking_read(&asking, exchange);
    if (!may_ask(exchange, &asking))
        return;
    uint8_t type = exchange->packet.message_type;
    if (type < LENGTH(answers) && answers[type])
        answers[type](exchange, &asking);
    else
        dhcp_exchange_say(exchange, ANSWER_DETAIL, "no answer: not a message for a DHCP server");
}
