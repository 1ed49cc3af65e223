/* SPDX-License-Identifier: Apache-2.0 */
/* One datagram to each of the server, the proxy and the boot server: nothing crashes, and every reply can be read. */
#include <stdlib.h>

#include "answer/dhcp.h"
#include "base/array.h"
#include "proto/dhcp/packet.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool loader_is_there(void *context, const struct loader *loader)
{
    (void)context;
    return loader->package != NULL;
}

static const struct ipv4_interface our_addresses[] = {
    {.address = {0x0a4d0001}, .subnet = {.network = {0x0a4d0000}, .prefix = 24}},
};

static struct lease_table *leases_create(void)
{
    struct subnet *subnet = MEMORY_NEW(struct subnet);
    *subnet = (struct subnet){
        .subnet = our_addresses[0].subnet,
        .lease_seconds = 3600,
    };
    subnet_add_pool(subnet, (struct address_range){.first = {0x0a4d0032}, .last = {0x0a4d00c8}});
    return lease_table_create(subnet, 1);
}

static void answer_once(struct answer_dhcp_settings *settings, struct bytes datagram, uint16_t port)
{
    static int64_t seconds = 1000000;
    struct answer_dhcp answer;
    struct answer_dhcp_request request = {
        .datagram = datagram,
        .port = port,
        .interface = "eth1",
        .addresses = our_addresses,
        .address_count = LENGTH(our_addresses),
        .now = {.steady = seconds * SECOND, .wall_seconds = seconds},
    };
    seconds++;
    answer_dhcp(&answer, settings, &request);
    struct dhcp_packet reply;
    if (answer.way != ANSWER_DHCP_SILENT &&
        dhcp_packet_parse(&reply, bytes_of(answer.reply, answer.reply_size), NULL) != DHCP_OK)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct answer_dhcp_settings server, proxy;
    if (!server.fleet) {
        server = (struct answer_dhcp_settings){.mode = ANSWER_DHCP_SERVER, .loader_is_there = loader_is_there};
        server.fleet = fleet_create();
        server.leases = leases_create();
        proxy = server;
        proxy.mode = ANSWER_DHCP_PROXY;
    }
    struct bytes datagram = bytes_of(data, size);
    answer_once(&server, datagram, DHCP_PORT_SERVER);
    answer_once(&proxy, datagram, DHCP_PORT_SERVER);
    answer_once(&proxy, datagram, DHCP_PORT_PXE);
    return 0;
}
