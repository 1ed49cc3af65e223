/* SPDX-License-Identifier: Apache-2.0 */
/* What the DHCP server, the proxy and the boot server share: beginning, sending and describing a reply. */
#include "answer/dhcp-exchange.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/text.h"

struct ipv4 dhcp_exchange_server_id(const struct dhcp_exchange *exchange)
{
    struct ipv4 override = exchange->relay.server_id_override;
    return ipv4_is_set(override) ? override : exchange->server;
}

bool dhcp_exchange_is_own(const struct dhcp_exchange *exchange, struct ipv4 address)
{
    const struct answer_dhcp_request *request = exchange->request;
    for (size_t i = 0; i < request->address_count; i++)
        if (ipv4_equal(address, request->addresses[i].address))
            return true;
    for (size_t i = 0; i < request->own_count; i++)
        if (ipv4_equal(address, request->own[i]))
            return true;
    return false;
}

bool dhcp_exchange_is_for_us(const struct dhcp_exchange *exchange)
{
    struct ipv4 named = dhcp_option_ipv4(&exchange->packet, DHCP_OPTION_SERVER_ID);
    return ipv4_is_set(named) &&
           (dhcp_exchange_is_own(exchange, named) || ipv4_equal(named, exchange->relay.server_id_override));
}

void dhcp_exchange_begin(struct dhcp_exchange *exchange, enum dhcp_message_type type)
{
    struct dhcp_builder *builder = &exchange->builder;
    dhcp_builder_init_reply(builder, &exchange->packet, (uint8_t)type);
    dhcp_builder_put_ipv4(builder, DHCP_OPTION_SERVER_ID, dhcp_exchange_server_id(exchange));
    dhcp_builder_echo(builder, &exchange->packet, DHCP_OPTION_CLIENT_ID);
    dhcp_builder_echo(builder, &exchange->packet, DHCP_OPTION_RELAY);
    /* RFC 2131 §4.3.1, table 3: a NAK has no other options. */
    if (type == DHCP_NAK)
        return;
    builder->may_overload = exchange->client.kind == DHCP_CLIENT_PLAIN && type != DHCP_BOOTP;
    if (ipv4_is_set(exchange->packet.giaddr))
        dhcp_builder_echo(builder, &exchange->packet, DHCP_OPTION_SUBNET_SELECTION);
    if (exchange->client.kind != DHCP_CLIENT_PLAIN)
        dhcp_builder_echo(builder, &exchange->packet, DHCP_OPTION_MACHINE_ID);
}

static void finish(struct dhcp_exchange *exchange, enum answer_dhcp_way way, struct ipv4 to, uint16_t port)
{
    struct answer_dhcp *answer = exchange->answer;
    answer->reply_size = dhcp_builder_finish(&exchange->builder, answer->reply).size;
    answer->way = way;
    answer->from = exchange->server;
    answer->to = to;
    answer->to_port = port;
}

void dhcp_exchange_send_to(struct dhcp_exchange *exchange, struct ipv4 address, uint16_t port)
{
    finish(exchange, ANSWER_DHCP_UNICAST, address, port);
}

void dhcp_exchange_send_broadcast(struct dhcp_exchange *exchange)
{
    if (ipv4_is_set(exchange->packet.giaddr)) {
        /* RFC 2131 §4.1: the relay gets the reply; the flag tells it to broadcast it. */
        exchange->builder.flags |= DHCP_FLAG_BROADCAST;
        finish(exchange, ANSWER_DHCP_UNICAST, exchange->packet.giaddr, DHCP_PORT_SERVER);
        return;
    }
    finish(exchange, ANSWER_DHCP_BROADCAST, IPV4_BROADCAST, DHCP_PORT_CLIENT);
}

void dhcp_exchange_send(struct dhcp_exchange *exchange)
{
    const struct dhcp_packet *packet = &exchange->packet;
    if (ipv4_is_set(packet->giaddr))
        finish(exchange, ANSWER_DHCP_UNICAST, packet->giaddr, DHCP_PORT_SERVER);
    else if (ipv4_is_set(exchange->builder.ciaddr))
        finish(exchange, ANSWER_DHCP_UNICAST, exchange->builder.ciaddr, DHCP_PORT_CLIENT);
    else if ((packet->flags & DHCP_FLAG_BROADCAST) || packet->chaddr.size == 0 ||
             !ipv4_is_set(exchange->builder.yiaddr))
        dhcp_exchange_send_broadcast(exchange);
    else
        finish(exchange, ANSWER_DHCP_HARDWARE, exchange->builder.yiaddr, DHCP_PORT_CLIENT);
}

/* "DISCOVER from x86-64 UEFI on eth1" */
static void describe(struct text *text, const struct dhcp_exchange *exchange)
{
    const struct dhcp_client *client = &exchange->client;
    text_append(text, dhcp_message_type_to_text(exchange->packet.message_type));
    text_append(text, " from ");
    if (client->kind == DHCP_CLIENT_PLAIN)
        text_append(text, "an operating system");
    else
        text_append(text, dhcp_client_kind_to_text(client->kind));
    if (client->kind != DHCP_CLIENT_PLAIN && client->arch)
        text_print(text, " (%s)", client->arch->name);
    if (exchange->request->interface) {
        text_append(text, " on ");
        text_append(text, exchange->request->interface);
    }
    if (ipv4_is_set(exchange->packet.giaddr)) {
        char relay[IPV4_TEXT_MAX];
        text_append(text, " by relay ");
        text_append(text, ipv4_to_text(relay, exchange->packet.giaddr));
    }
}

/* Options that were to be told and did not fit into what this client takes. */
static void describe_dropped(struct text *text, const struct dhcp_exchange *exchange)
{
    if (exchange->answer->way == ANSWER_DHCP_SILENT || exchange->builder.dropped_count == 0)
        return;
    text_print(text, "; it takes %zu octets, so these options are left out: ", exchange->builder.size_max);
    dhcp_builder_show_dropped(text, &exchange->builder);
}

static void say(struct dhcp_exchange *exchange, enum answer_weight weight, const char *format, va_list arguments)
{
    AUTO(text_finish) struct text text = {0};
    describe(&text, exchange);
    text_append(&text, ": ");
    text_append_list(&text, format, arguments);
    describe_dropped(&text, exchange);
    exchange->answer->weight = weight;
    snprintf(exchange->answer->text, sizeof exchange->answer->text, "%s", text_characters(&text));
}

void dhcp_exchange_say(struct dhcp_exchange *exchange, enum answer_weight weight, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    say(exchange, weight, format, arguments);
    va_end(arguments);
}

void dhcp_exchange_tell(struct dhcp_exchange *exchange, enum stage stage, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    say(exchange, ANSWER_FACT, format, arguments);
    va_end(arguments);
    if (exchange->packet.chaddr.size > 0)
        fleet_record(exchange->settings->fleet, &exchange->packet.chaddr, stage, exchange->request->now,
                     exchange->answer->text);
}
