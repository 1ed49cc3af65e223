/* SPDX-License-Identifier: Apache-2.0 */
/* proxyDHCP and the PXE boot server. */
#include "answer/dhcp-proxy.h"

#include "answer/dhcp-boot.h"
#include "answer/dhcp-server.h"

/* What it boots; false when that is nothing, which is said in the weight that deserves: an operating system is the
 * other server's business. */
static bool choose(struct dhcp_boot *ret, struct dhcp_exchange *exchange)
{
    struct diag why;
    int result = dhcp_boot_choose(ret, exchange, &why);
    if (result == DHCP_BOOT_OK && dhcp_server_refuses_boot(exchange))
        return false;
    if (result != DHCP_BOOT_OK)
        dhcp_exchange_say(exchange, result == DHCP_BOOT_E_NOT_ASKED ? ANSWER_DETAIL : ANSWER_TROUBLE, "no answer: %s",
                          why.text);
    return result == DHCP_BOOT_OK;
}

static void offer(struct dhcp_exchange *exchange)
{
    struct dhcp_boot boot;
    if (!choose(&boot, exchange))
        return;
    dhcp_exchange_begin(exchange, DHCP_OFFER);
    /* yiaddr is 0, so there is nothing to unicast to. */
    exchange->builder.flags |= DHCP_FLAG_BROADCAST;
    dhcp_boot_put_as_proxy(exchange, &boot);
    dhcp_exchange_send_broadcast(exchange);
    AUTO(text_finish) struct text said = {0};
    dhcp_boot_append_words(&said, &boot);
    /* No other packet of this exchange is ours to answer. */
    dhcp_exchange_tell(exchange, boot.is_chain ? STAGE_LOADER : STAGE_DISCOVER, "offer %s beside the DHCP server",
                       text_characters(&said));
}

/* The client took our offer, or asks what to boot without asking for an address. */
static void acknowledge(struct dhcp_exchange *exchange)
{
    struct dhcp_boot boot;
    if (!choose(&boot, exchange))
        return;
    if (exchange->client.has_boot_item && (exchange->client.boot_item.layer & DHCP_PXE_LAYER_CREDENTIALS)) {
        dhcp_exchange_say(exchange, ANSWER_DETAIL, "no answer: it asks for signing credentials, and there are none");
        return;
    }
    dhcp_exchange_begin(exchange, DHCP_ACK);
    exchange->builder.ciaddr = exchange->packet.ciaddr;
    dhcp_boot_put_as_boot_server(exchange, &boot);
    AUTO(text_finish) struct text said = {0};
    dhcp_boot_append_words(&said, &boot);
    const struct answer_dhcp_request *request = exchange->request;
    if (ipv4_is_set(exchange->packet.giaddr))
        dhcp_exchange_send(exchange);
    else if (ipv4_is_set(request->source))
        dhcp_exchange_send_to(exchange, request->source, request->source_port);
    else if (ipv4_is_set(exchange->packet.ciaddr))
        dhcp_exchange_send_to(exchange, exchange->packet.ciaddr, DHCP_PORT_CLIENT);
    else
        dhcp_exchange_send_broadcast(exchange);
    dhcp_exchange_tell(exchange, STAGE_LOADER, "%s", text_characters(&said));
}

/* A server beside us on this host goes by the same address, and what names that is for the server. */
static bool is_for_proxy(const struct dhcp_exchange *exchange)
{
    return exchange->client.has_boot_item || (dhcp_exchange_is_for_us(exchange) && !exchange->request->is_shared);
}

void dhcp_proxy_answer(struct dhcp_exchange *exchange)
{
    switch (exchange->packet.message_type) {
    case DHCP_DISCOVER:
        offer(exchange);
        break;
    case DHCP_REQUEST:
    case DHCP_INFORM:
        if (is_for_proxy(exchange))
            acknowledge(exchange);
        else
            dhcp_exchange_say(exchange, ANSWER_DETAIL, "no answer: it is meant for the DHCP server");
        break;
    default:
        dhcp_exchange_say(exchange, ANSWER_DETAIL, "no answer: it is the DHCP server's business");
    }
}

void dhcp_boot_server_answer(struct dhcp_exchange *exchange)
{
    switch (exchange->packet.message_type) {
    case DHCP_DISCOVER:
    case DHCP_REQUEST:
    case DHCP_INFORM:
        acknowledge(exchange);
        break;
    default:
        dhcp_exchange_say(exchange, ANSWER_DETAIL, "no answer: not a message for a boot server");
    }
}
