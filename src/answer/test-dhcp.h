/* SPDX-License-Identifier: Apache-2.0 */
/* A DHCP server or proxy under test, and a hand that asks it. Only for answer/test-dhcp*. */
#pragma once

#include "answer/dhcp.h"
#include "base/array.h"
#include "base/text.h"
#include "proto/dhcp/client.h"
#include "proto/dhcp/packet.h"
#include "proto/dhcp/pxe.h"
#include "test.h"

#define OUR_ADDRESS 0x0a4d0001
#define CLIENT_MAC ((struct mac){6, {0x52, 0x54, 0x00, 0x12, 0x34, 0x56}})

static const struct ipv4_interface our_addresses[] = {
    {.address = {OUR_ADDRESS}, .subnet = {.network = {0x0a4d0000}, .prefix = 24}},
};

static const char *missing_loader;

static inline bool loader_is_there(void *context, const struct loader *loader)
{
    (void)context;
    return loader->package && !text_is(loader->name, missing_loader);
}

/* The server under test, the last request sent to it and what it answered. */
static struct answer_dhcp_settings settings;
static struct dhcp_builder asked;
static struct answer_dhcp_request request;
static struct answer_dhcp answer;
static struct dhcp_packet reply;

/* 10.77.0.0/24 with a pool and a router, room for one more behind it. */
static inline struct subnet *new_subnets(void)
{
    struct subnet *subnets = memory_new(2, sizeof *subnets);
    subnets[0].subnet = our_addresses[0].subnet;
    subnets[0].router.number = OUR_ADDRESS;
    subnets[0].lease_seconds = 3600;
    subnet_add_pool(&subnets[0], (struct address_range){.first = {0x0a4d0032}, .last = {0x0a4d00c8}});
    return subnets;
}

static inline void start_with(enum answer_dhcp_mode mode, struct subnet *take_subnets, size_t count)
{
    missing_loader = NULL;
    settings = (struct answer_dhcp_settings){
        .mode = mode,
        .http_port = 8080,
        .leases = lease_table_create(take_subnets, count),
        .fleet = fleet_create(),
        .loader_is_there = loader_is_there,
    };
}

static inline void start(enum answer_dhcp_mode mode)
{
    start_with(mode, new_subnets(), 1);
}

static inline void stop(void)
{
    lease_table_destroy(settings.leases);
    fleet_destroy(settings.fleet);
}

/* Begins a request that comes broadcast to port 67 from a machine without an address. */
static inline void ask(enum dhcp_message_type type)
{
    dhcp_builder_init(&asked, DHCP_BOOTREQUEST);
    asked.htype = 1;
    asked.xid = 0x11223344;
    asked.chaddr = CLIENT_MAC;
    asked.flags = DHCP_FLAG_BROADCAST;
    dhcp_builder_put_u8(&asked, DHCP_OPTION_MESSAGE_TYPE, (uint8_t)type);
    static const uint8_t wanted[] = {1, 3, 6, 12, 15, 28, 43, 60, 66, 67};
    dhcp_builder_put(&asked, DHCP_OPTION_PARAMETERS, bytes_of(wanted, sizeof wanted));
    request = (struct answer_dhcp_request){
        .source_port = 68,
        .port = DHCP_PORT_SERVER,
        .interface = "eth1",
        .addresses = our_addresses,
        .address_count = LENGTH(our_addresses),
        .now = {.steady = SECOND, .wall_seconds = 1000000},
    };
}

static inline void as_firmware(const char *class, uint16_t arch)
{
    dhcp_builder_put_text(&asked, DHCP_OPTION_VENDOR_CLASS, class);
    dhcp_builder_put_u16(&asked, DHCP_OPTION_ARCHITECTURE, arch);
}

static inline void as_bios(void)
{
    as_firmware("PXEClient:Arch:00000:UNDI:002001", 0);
}

static inline void as_uefi(void)
{
    as_firmware("PXEClient:Arch:00007:UNDI:003016", 7);
}

static inline void as_ipxe(const char *features, size_t size)
{
    as_bios();
    dhcp_builder_put(&asked, DHCP_OPTION_USER_CLASS, bytes_of_text("iPXE"));
    dhcp_builder_put(&asked, DHCP_OPTION_IPXE, bytes_of(features, size));
}

#define IPXE_WITH_HTTP "\x13\x01\x01\x18\x01\x01", 6
#define IPXE_WITHOUT_HTTP "\x15\x01\x01", 3

static inline void send(void)
{
    static uint8_t memory[DHCP_REPLY_MAX];
    request.datagram = dhcp_builder_finish(&asked, memory);
    answer_dhcp(&answer, &settings, &request);
    CHECK(answer.text[0] != '\0');
    reply = (struct dhcp_packet){0};
    if (answer.way == ANSWER_DHCP_SILENT)
        return;
    struct diag why;
    CHECK_NUMBER(dhcp_packet_parse(&reply, bytes_of(answer.reply, answer.reply_size), &why), DHCP_OK);
    CHECK_NUMBER(reply.operation, DHCP_BOOTREPLY);
    CHECK_NUMBER(reply.xid, 0x11223344);
    CHECK_NUMBER(dhcp_option_ipv4(&reply, DHCP_OPTION_SERVER_ID).number, OUR_ADDRESS);
    CHECK(answer.reply_size >= 300);
}

static inline const char *shown(struct bytes bytes)
{
    static struct text text;
    text_clear(&text);
    text_append_shown(&text, bytes, 512);
    return text_characters(&text);
}
