/* SPDX-License-Identifier: Apache-2.0 */
/* Asks as the machine's operating system would, on each network. */
#include "cli/addresses.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "answer/dhcp.h"
#include "base/array.h"
#include "boot/reservations.h"
#include "proto/dhcp/builder.h"
#include "proto/dhcp/option-text.h"
#include "serve/lease-command.h"
#include "store/state.h"

/* Networks that are shown. */
#define NETWORKS_MAX 8
/* Octets of a value that are shown. */
#define VALUE_MAX 64

/* What the question goes with. */
struct asking {
    struct answer_dhcp_settings settings;
    const struct catalog *catalog;
    struct machine machine;
};

static void restore_lease(const struct lease *lease, void *context)
{
    lease_restore(context, lease);
}

static void restore_reservation(struct ipv4 address, const struct mac *mac, void *context)
{
    struct lease_command command = {.reserved = address, .mac = *mac};
    lease_command_apply(&command, context, 0, NULL);
}

/* The leases as they are in the file, if there is one, and what groups give. */
static void fill(struct lease_table *leases, const struct config *config, const struct catalog *catalog)
{
    struct faults ignored = {0};
    struct reservation *reservations;
    size_t count;
    catalog_reservations(&reservations, &count, catalog, leases, config->data, &ignored);
    lease_table_reserve(leases, RESERVATION_GROUP, reservations, count);
    state_list(config->state, restore_lease, restore_reservation, leases, &ignored, NULL);
    faults_finish(&ignored);
}

static bool machine_of(struct machine *ret, const struct labels *labels)
{
    const char *mac = labels_get(labels, "mac");
    const char *uuid = labels_get(labels, "uuid");
    const char *arch = labels_get(labels, "arch");
    *ret = (struct machine){.program = PROGRAM_SYSTEM};
    ret->has_uuid = uuid && uuid_from_text(&ret->uuid, uuid);
    snprintf(ret->arch, sizeof ret->arch, "%s", arch ?: "");
    return mac && mac_from_text(&ret->mac, mac);
}

static void print_addresses(struct reader r)
{
    char text[IPV4_TEXT_MAX];
    while (reader_left(&r) >= 4)
        printf(" %s", ipv4_to_text(text, (struct ipv4){read_u32be(&r)}));
}

static void print_number(struct reader r)
{
    uint32_t number = 0;
    while (reader_left(&r) > 0)
        number = number << 8 | read_u8(&r);
    printf(" %u", number);
}

static void print_octets(struct reader r)
{
    for (size_t i = 0; reader_left(&r) > 0 && i < VALUE_MAX; i++)
        printf("%s%02x", i > 0 ? ":" : " ", read_u8(&r));
}

static void print_text(struct bytes value)
{
    AUTO(text_finish) struct text shown = {0};
    text_append_shown(&shown, value, VALUE_MAX);
    printf(" %s", text_characters(&shown));
}

static void print_option(uint8_t code, struct bytes value)
{
    printf("  %s (%u):", dhcp_option_name(code), code);
    switch (dhcp_option_type(code)) {
    case DHCP_TYPE_IPV4:
    case DHCP_TYPE_IPV4_LIST:
    case DHCP_TYPE_IPV4_PAIRS:
        print_addresses(reader_over(value));
        break;
    case DHCP_TYPE_TEXT:
    case DHCP_TYPE_TEXT_NUL:
        print_text(value);
        break;
    case DHCP_TYPE_U8:
    case DHCP_TYPE_U16:
    case DHCP_TYPE_U32:
        print_number(reader_over(value));
        break;
    default:
        print_octets(reader_over(value));
    }
    printf("\n");
}

/* What belongs to the message and not to the machine. */
static bool is_of_message(int code)
{
    static const uint8_t codes[] = {DHCP_OPTION_MESSAGE_TYPE, DHCP_OPTION_SERVER_ID,      DHCP_OPTION_LEASE_TIME,
                                    DHCP_OPTION_RENEWAL_TIME, DHCP_OPTION_REBINDING_TIME, DHCP_OPTION_CLIENT_ID};
    for (size_t i = 0; i < LENGTH(codes); i++)
        if (codes[i] == code)
            return true;
    return false;
}

static void print_offer(const struct asking *asking, const struct answer_dhcp *answer)
{
    struct dhcp_packet offer;
    char address[IPV4_TEXT_MAX];
    uint32_t seconds = 0;
    if (dhcp_packet_parse(&offer, bytes_of(answer->reply, answer->reply_size), NULL) != DHCP_OK)
        return;
    const struct reservation *reserved =
        lease_reserved_before(asking->settings.leases, RESERVATION_ORIGINS, offer.yiaddr);
    dhcp_option_u32(&seconds, &offer, DHCP_OPTION_LEASE_TIME);
    printf("Address: %s for %u s, %s%s\n", ipv4_to_text(address, offer.yiaddr), seconds,
           reserved                             ? "reserved by "
           : answer->lease.state == LEASE_BOUND ? "which it has now"
                                                : "of the pool",
           reserved ? reserved->source ?: "the configuration" : "");
    for (int code = dhcp_option_next(&offer, -1); code >= 0; code = dhcp_option_next(&offer, code))
        if (!is_of_message(code))
            print_option((uint8_t)code, dhcp_option(&offer, (uint8_t)code));
}

/* We have the address of the network's broadcasts, which is never given. */
static void ask(struct answer_dhcp *ret, const struct asking *asking, struct ipv4_subnet network)
{
    struct dhcp_builder discover;
    uint8_t memory[DHCP_REPLY_MAX];
    const struct ipv4_interface own = {.address = ipv4_subnet_broadcast(network), .subnet = network};
    dhcp_builder_init(&discover, DHCP_BOOTREQUEST);
    discover.htype = 1;
    discover.chaddr = asking->machine.mac;
    dhcp_builder_put_u8(&discover, DHCP_OPTION_MESSAGE_TYPE, DHCP_DISCOVER);
    struct answer_dhcp_request request = {
        .datagram = dhcp_builder_finish(&discover, memory),
        .port = DHCP_PORT_SERVER,
        .addresses = &own,
        .address_count = 1,
        .catalog = asking->catalog,
        .now = {.wall_seconds = (int64_t)time(NULL)},
    };
    answer_dhcp(ret, &asking->settings, &request);
}

static bool is_reserved(const struct asking *asking, const struct answer_dhcp *answer)
{
    return answer->way != ANSWER_DHCP_SILENT &&
           lease_reserved_before(asking->settings.leases, RESERVATION_ORIGINS, answer->offered);
}

static void print_network(const struct asking *asking, struct ipv4_subnet network, bool only_reserved)
{
    struct answer_dhcp answer;
    char text[IPV4_TEXT_MAX];
    ask(&answer, asking, network);
    if (only_reserved && !is_reserved(asking, &answer))
        return;
    printf("\nDHCP on %s/%u\n", ipv4_to_text(text, network.network), network.prefix);
    if (answer.way == ANSWER_DHCP_SILENT)
        printf("  nothing: %s\n", answer.text);
    else
        print_offer(asking, &answer);
}

static bool has_reservation(const struct asking *asking, const struct ipv4_subnet *networks, size_t count)
{
    struct answer_dhcp answer;
    for (size_t i = 0; i < count; i++) {
        ask(&answer, asking, networks[i]);
        if (is_reserved(asking, &answer))
            return true;
    }
    return false;
}

static void print_networks(const struct asking *asking, const struct ipv4_subnet *networks, size_t count)
{
    bool only_reserved = has_reservation(asking, networks, count);
    for (size_t i = 0; i < count && (only_reserved || i < NETWORKS_MAX); i++)
        print_network(asking, networks[i], only_reserved);
    if (!only_reserved && count > NETWORKS_MAX)
        printf("\n... and %zu more networks\n", count - NETWORKS_MAX);
}

void addresses_print(struct config *config, const struct catalog *catalog, const struct labels *labels)
{
    static const enum answer_dhcp_unknown unknown[] = {
        [CONFIG_UNKNOWN_SERVE] = ANSWER_DHCP_UNKNOWN_SERVE,
        [CONFIG_UNKNOWN_ADDRESS] = ANSWER_DHCP_UNKNOWN_ADDRESS,
        [CONFIG_UNKNOWN_IGNORE] = ANSWER_DHCP_UNKNOWN_IGNORE,
    };
    struct asking asking = {.catalog = catalog};
    size_t count;
    if (!config_gives_addresses(config) || config->dhcp.subnet_count == 0 || !machine_of(&asking.machine, labels))
        return;
    asking.settings = (struct answer_dhcp_settings){
        .mode = ANSWER_DHCP_SERVER,
        .unknown = unknown[config->dhcp.unknown],
        .fleet = fleet_create(),
    };
    struct subnet *subnets = config_take_subnets(&count, config);
    AUTO(free) struct ipv4_subnet *networks = memory_new(count, sizeof *networks);
    for (size_t i = 0; i < count; i++)
        networks[i] = subnets[i].subnet;
    asking.settings.leases = lease_table_create(subnets, count);
    fill(asking.settings.leases, config, catalog);
    fleet_learn(asking.settings.fleet, &asking.machine, (struct moment){0});
    print_networks(&asking, networks, count);
    lease_table_destroy(asking.settings.leases);
    fleet_destroy(asking.settings.fleet);
}
