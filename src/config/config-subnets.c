/* SPDX-License-Identifier: Apache-2.0 */
/* dhcp.subnets of muster.yaml. A subnet's network is read before its other keys, which are compared with it. */
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/memory.h"
#include "base/text.h"
#include "config/config-reader.h"
#include "proto/dhcp/option-text.h"

/* Longest DNS name and label (RFC 1035 §2.3.4). */
#define DOMAIN_NAME_MAX 253
#define DOMAIN_LABEL_MAX 63

#define SUBNET_TEXT_MAX (IPV4_TEXT_MAX + 3)

static const char *subnet_to_text(char ret[SUBNET_TEXT_MAX], struct ipv4_subnet subnet)
{
    char address[IPV4_TEXT_MAX];
    snprintf(ret, SUBNET_TEXT_MAX, "%s/%u", ipv4_to_text(address, subnet.network), subnet.prefix);
    return ret;
}

/* A range as a person would write it. */
#define RANGE_TEXT_MAX (2 * IPV4_TEXT_MAX)

static const char *range_to_text(char ret[RANGE_TEXT_MAX], struct address_range range)
{
    char first[IPV4_TEXT_MAX], last[IPV4_TEXT_MAX];
    snprintf(ret, RANGE_TEXT_MAX, "%s-%s", ipv4_to_text(first, range.first), ipv4_to_text(last, range.last));
    return ret;
}

/* Whether a machine can have the address; otherwise says why not, calling it by what it is: "router". */
static bool check_host_address(struct config_reading *reading, const struct node *value, const char *what,
                               struct ipv4 address)
{
    char text[IPV4_TEXT_MAX];
    char network[SUBNET_TEXT_MAX];
    struct ipv4_subnet subnet = reading->subnet->subnet;
    ipv4_to_text(text, address);
    subnet_to_text(network, subnet);
    if (!ipv4_subnet_contains(subnet, address))
        config_wrong(reading, value, "%s %s is outside of its subnet %s", what, text, network);
    else if (subnet.prefix < 31 && ipv4_equal(address, subnet.network))
        config_wrong(reading, value, "%s %s is the network address of %s, which no machine can have", what, text,
                     network);
    else if (subnet.prefix < 31 && ipv4_equal(address, ipv4_subnet_broadcast(subnet)))
        config_wrong(reading, value, "%s %s is the broadcast address of %s, which no machine can have", what, text,
                     network);
    else
        return true;
    return false;
}

static bool subnets_overlap(struct ipv4_subnet a, struct ipv4_subnet b)
{
    return ipv4_subnet_contains(a, b.network) || ipv4_subnet_contains(b, a.network);
}

/* "This" network, loopback, group addresses and what is reserved (RFC 6890): no host is to be found there. */
static bool network_has_no_hosts(struct ipv4_subnet subnet)
{
    uint32_t first = subnet.network.number >> 24;
    return first == 0 || first == 127 || first >= 224;
}

void config_read_subnet_network(struct config_reading *reading, const char *path, const struct node *value)
{
    struct ipv4_subnet network;
    char text[SUBNET_TEXT_MAX];
    const char *given = config_read_text(reading, path, value, "a network");
    if (!given)
        return;
    if (!ipv4_subnet_from_text(&network, given) || network.prefix < 8 || network.prefix > 30) {
        config_wrong(reading, value,
                     "'%s' must be a network such as 10.77.0.0/24, of 8 to 30 bits with zeros behind them, not '%s'",
                     path, given);
        return;
    }
    if (network_has_no_hosts(network)) {
        config_wrong(reading, value, "subnet %s has no addresses that machines can have", given);
        return;
    }
    for (size_t i = 0; i < reading->config->dhcp.subnet_count; i++)
        if (subnets_overlap(network, reading->config->dhcp.subnets[i].subnet)) {
            config_wrong(reading, value, "subnet %s overlaps with %s above", given,
                         subnet_to_text(text, reading->config->dhcp.subnets[i].subnet));
            return;
        }
    reading->subnet->subnet = network;
}

void config_read_subnet_link(struct config_reading *reading, const char *path, const struct node *value)
{
    const char *text = config_read_text(reading, path, value, "a name");
    if (text && !*text)
        config_wrong(reading, value, "'%s' is empty: name the link, or leave the key out", path);
    else
        reading->subnet->link = memory_text(text);
}

void config_read_subnet_router(struct config_reading *reading, const char *path, const struct node *value)
{
    struct ipv4 address;
    if (config_read_address(&address, reading, path, value) && check_host_address(reading, value, "router", address))
        reading->subnet->router = address;
}

static bool range_from_text(struct address_range *ret, const char *text)
{
    const char *dash = strchr(text, '-');
    if (!dash)
        return false;
    size_t first_size = (size_t)(dash - text);
    while (first_size > 0 && text[first_size - 1] == ' ')
        first_size--;
    AUTO(free) char *first = memory_text_of(text, first_size);
    return ipv4_from_text(&ret->first, first) && ipv4_from_text(&ret->last, dash + 1 + strspn(dash + 1, " "));
}

static bool range_contains(struct address_range range, struct ipv4 address)
{
    return address.number >= range.first.number && address.number <= range.last.number;
}

static void read_pool(struct config_reading *reading, const char *path, const struct node *value)
{
    struct address_range pool;
    char router[IPV4_TEXT_MAX];
    const char *text = config_read_text(reading, path, value, "a range of addresses");
    if (!text)
        return;
    if (!range_from_text(&pool, text) || pool.first.number > pool.last.number) {
        config_wrong(reading, value, "'%s' must be two addresses in order such as 10.77.0.50-10.77.0.200, not '%s'",
                     path, text);
        return;
    }
    if (!check_host_address(reading, value, "pool's first address", pool.first) ||
        !check_host_address(reading, value, "pool's last address", pool.last))
        return;
    if (ipv4_is_set(reading->subnet->router) && range_contains(pool, reading->subnet->router)) {
        config_wrong(reading, value, "router %s is inside the pool: a machine would be given its address",
                     ipv4_to_text(router, reading->subnet->router));
        return;
    }
    char other[RANGE_TEXT_MAX];
    for (size_t i = 0; i < reading->subnet->pool_count; i++) {
        struct address_range above = reading->subnet->pools[i];
        if (range_contains(above, pool.first) || range_contains(pool, above.first)) {
            config_wrong(reading, value, "pool %s overlaps with %s", text, range_to_text(other, above));
            return;
        }
    }
    subnet_add_pool(reading->subnet, pool);
}

void config_read_subnet_pool(struct config_reading *reading, const char *path, const struct node *value)
{
    config_read_list(reading, path, value, read_pool);
}

static void read_exclusion(struct config_reading *reading, const char *path, const struct node *value)
{
    struct address_range range;
    char network[SUBNET_TEXT_MAX];
    const char *text = config_read_text(reading, path, value, "an address or a range");
    if (!text)
        return;
    if (ipv4_from_text(&range.first, text)) {
        range.last = range.first;
    } else if (!range_from_text(&range, text) || range.first.number > range.last.number) {
        config_wrong(reading, value, "'%s' must be an address or two in order such as 10.77.0.90-10.77.0.99, not '%s'",
                     path, text);
        return;
    }
    struct ipv4_subnet subnet = reading->subnet->subnet;
    if (!ipv4_subnet_contains(subnet, range.first) || !ipv4_subnet_contains(subnet, range.last))
        config_wrong(reading, value, "'%s' %s is outside of the subnet %s", path, text,
                     subnet_to_text(network, subnet));
    else
        subnet_exclude(reading->subnet, range);
}

void config_read_subnet_exclude(struct config_reading *reading, const char *path, const struct node *value)
{
    config_read_list(reading, path, value, read_exclusion);
    if (reading->subnet->pool_count == 0)
        config_wrong(reading, value, "'%s' leaves no address of the pool", path);
}

void config_read_subnet_options(struct config_reading *reading, const char *path, const struct node *value)
{
    config_read_options_into(&reading->subnet->options, reading, path, value);
}

static void read_dns_server(struct config_reading *reading, const char *path, const struct node *value)
{
    struct subnet *subnet = reading->subnet;
    struct ipv4 address;
    if (!config_read_address(&address, reading, path, value))
        return;
    subnet->dns = memory_resize(subnet->dns, subnet->dns_count + 1, sizeof *subnet->dns);
    subnet->dns[subnet->dns_count++] = address;
}

void config_read_subnet_dns(struct config_reading *reading, const char *path, const struct node *value)
{
    config_read_list(reading, path, value, read_dns_server);
}

/* Labels of letters, digits and hyphens with dots between them (RFC 1123 §2.1), underscores tolerated. */
static bool text_is_domain_name(const char *text)
{
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_";
    if (strlen(text) > DOMAIN_NAME_MAX)
        return false;
    for (;;) {
        size_t length = strspn(text, allowed);
        if (length == 0 || length > DOMAIN_LABEL_MAX || text[0] == '-' || text[length - 1] == '-')
            return false;
        if (text[length] != '.')
            return text[length] == '\0';
        text += length + 1;
    }
}

char *config_read_domain_name(struct config_reading *reading, const char *path, const struct node *value)
{
    const char *text = config_read_text(reading, path, value, "a name");
    if (text && !text_is_domain_name(text)) {
        config_wrong(reading, value, "'%s' must be a name of letters, digits, hyphens and dots, not '%s'", path, text);
        return NULL;
    }
    return memory_text(text);
}

void config_read_subnet_domain(struct config_reading *reading, const char *path, const struct node *value)
{
    reading->subnet->domain = config_read_domain_name(reading, path, value);
}

uint32_t config_read_lease_time(struct config_reading *reading, const char *path, const struct node *value)
{
    uint32_t seconds = 0;
    const char *text = config_read_text(reading, path, value, "a duration");
    if (text_is(text, "infinite"))
        return LEASE_SECONDS_INFINITE;
    if (!text)
        return 0;
    if (!config_duration_from_text(&seconds, text))
        config_wrong(reading, value, "'%s' must be a duration such as 90m, 1h, 2h30m or 1d, not '%s'", path, text);
    else if (seconds < LEASE_SECONDS_MIN)
        config_wrong(reading, value, "'%s' must be at least %u seconds, since some clients cannot renew sooner", path,
                     LEASE_SECONDS_MIN);
    return seconds;
}

void config_read_subnet_lease(struct config_reading *reading, const char *path, const struct node *value)
{
    reading->subnet->lease_seconds = config_read_lease_time(reading, path, value);
}

void config_read_subnet_lease_min(struct config_reading *reading, const char *path, const struct node *value)
{
    uint32_t seconds = config_read_lease_time(reading, path, value);
    if (seconds > reading->subnet->lease_seconds)
        config_wrong(reading, value, "'%s' is longer than 'lease', which is %u s", path,
                     reading->subnet->lease_seconds);
    reading->subnet->lease_min = seconds;
}

void config_read_subnet_lease_max(struct config_reading *reading, const char *path, const struct node *value)
{
    uint32_t seconds = config_read_lease_time(reading, path, value);
    if (seconds > 0 && seconds < reading->subnet->lease_seconds)
        config_wrong(reading, value, "'%s' is shorter than 'lease', which is %u s", path,
                     reading->subnet->lease_seconds);
    reading->subnet->lease_max = seconds;
}

void config_read_subnet_boot_lease(struct config_reading *reading, const char *path, const struct node *value)
{
    reading->subnet->boot_seconds = config_read_lease_time(reading, path, value);
}

static bool has_reservation(const struct subnet *subnet, enum reservation_kind kind, struct bytes id)
{
    for (size_t i = 0; i < subnet->reservation_count; i++) {
        const struct reservation *reservation = &subnet->reservations[i];
        if (reservation->kind == kind && bytes_equal(bytes_of(reservation->id, reservation->id_size), id))
            return true;
    }
    return false;
}

/* Another subnet on the link of this one that has a reservation for the machine: it can have one address there. */
static const struct subnet *link_subnet_that_reserves(const struct config_reading *reading, enum reservation_kind kind,
                                                      struct bytes id)
{
    for (size_t i = 0; reading->subnet->link && i < reading->config->dhcp.subnet_count; i++) {
        const struct subnet *other = &reading->config->dhcp.subnets[i];
        if (text_is(other->link, reading->subnet->link) && has_reservation(other, kind, id))
            return other;
    }
    return NULL;
}

/* Sets by what the machine is recognised; what another reservation or another key of this one has already is an error.
 */
static void set_identity(struct config_reading *reading, const struct node *value, const char *text,
                         enum reservation_kind kind, struct bytes id)
{
    struct reservation *reservation = reading->reservation;
    char network[SUBNET_TEXT_MAX];
    if (reservation->id_size > 0) {
        config_wrong(reading, value, "one of 'mac', 'client-id', 'uuid' and 'circuit-id' is enough");
        return;
    }
    if (has_reservation(reading->subnet, kind, id)) {
        config_wrong(reading, value, "%s has a reservation above already", text);
        return;
    }
    const struct subnet *other = link_subnet_that_reserves(reading, kind, id);
    if (other) {
        config_wrong(reading, value, "%s has a reservation in %s already, which is on the same link", text,
                     subnet_to_text(network, other->subnet));
        return;
    }
    reservation->kind = kind;
    reservation->id_size = (uint8_t)id.size;
    memcpy(reservation->id, id.data, id.size);
}

void config_read_reservation_mac(struct config_reading *reading, const char *path, const struct node *value)
{
    struct mac mac;
    const char *text = config_read_text(reading, path, value, "a MAC address");
    if (text && !mac_from_any_text(&mac, text))
        config_wrong(reading, value, "'%s' must be a MAC address such as 52:54:00:00:00:01, not '%s'", path, text);
    else if (text && mac_is_zero(&mac))
        config_wrong(reading, value, "'%s' tells no machine from another", text);
    else if (text && !mac_is_machines(&mac))
        config_wrong(reading, value, "'%s' is a group address, which no machine has", text);
    else if (text)
        set_identity(reading, value, text, RESERVATION_MAC, bytes_of(mac.octets, mac.size));
}

/* Pairs of characters with colons between them, as "01:52:0g" too. */
static bool looks_like_pairs(const char *text)
{
    size_t length = strlen(text);
    for (size_t i = 0; i < length; i++)
        if ((text[i] == ':') != (i % 3 == 2))
            return false;
    return length > 2 && length % 3 == 2;
}

/* Octets where it looks like octets, else the characters. */
static void read_identity(struct config_reading *reading, const char *path, const struct node *value,
                          enum reservation_kind kind)
{
    uint8_t octets[LEASE_CLIENT_ID_MAX];
    size_t size = 0;
    const char *text = config_read_text(reading, path, value, "octets or a text");
    if (!text)
        return;
    bool looks_like_octets = looks_like_pairs(text) || text_starts_with(text, "0x");
    if (looks_like_octets && dhcp_octets_from_text(octets, &size, sizeof octets, text))
        set_identity(reading, value, text, kind, bytes_of(octets, size));
    else if (looks_like_octets)
        config_wrong(
            reading, value,
            "'%s' must be octets such as 01:52:54:00:00:00:01, or a text that does not look like some, not '%s'", path,
            text);
    else if (*text && strlen(text) <= sizeof octets)
        set_identity(reading, value, text, kind, bytes_of_text(text));
    else
        config_wrong(reading, value, "'%s' must have 1 to %zu octets", path, sizeof octets);
}

void config_read_reservation_client_id(struct config_reading *reading, const char *path, const struct node *value)
{
    read_identity(reading, path, value, RESERVATION_CLIENT_ID);
}

void config_read_reservation_circuit_id(struct config_reading *reading, const char *path, const struct node *value)
{
    read_identity(reading, path, value, RESERVATION_CIRCUIT_ID);
}

void config_read_reservation_uuid(struct config_reading *reading, const char *path, const struct node *value)
{
    struct uuid uuid;
    const char *text = config_read_text(reading, path, value, "a UUID");
    if (text && !uuid_from_text(&uuid, text))
        config_wrong(reading, value, "'%s' must be a UUID such as 4c4c4544-0051-4710-8058-b4c04f4e3533, not '%s'", path,
                     text);
    else if (text && uuid_is_dummy(&uuid))
        config_wrong(reading, value, "'%s' is what machines without a UUID of their own send, so that it tells none",
                     text);
    else if (text)
        set_identity(reading, value, text, RESERVATION_UUID, bytes_of(uuid.octets, sizeof uuid.octets));
}

void config_read_reservation_options(struct config_reading *reading, const char *path, const struct node *value)
{
    config_read_options_into(&reading->reservation->options, reading, path, value);
}

void config_read_reservation_address(struct config_reading *reading, const char *path, const struct node *value)
{
    struct ipv4 address;
    char text[IPV4_TEXT_MAX];
    if (!config_read_address(&address, reading, path, value) ||
        !check_host_address(reading, value, "reserved address", address))
        return;
    ipv4_to_text(text, address);
    if (ipv4_equal(address, reading->subnet->router)) {
        config_wrong(reading, value, "reserved address %s is the router's", text);
        return;
    }
    for (size_t i = 0; i < reading->subnet->reservation_count; i++)
        if (ipv4_equal(reading->subnet->reservations[i].address, address)) {
            config_wrong(reading, value, "%s is reserved for another machine above already", text);
            return;
        }
    reading->reservation->address = address;
}

void config_read_reservation_hostname(struct config_reading *reading, const char *path, const struct node *value)
{
    reading->reservation->hostname = config_read_domain_name(reading, path, value);
}

static bool is_given(const struct node *map, const char *name)
{
    for (size_t i = 0; map->kind == NODE_MAP && i < map->count; i++)
        if (text_is(map->members[i].key->text, name) && map->members[i].value->kind != NODE_NULL)
            return true;
    return false;
}

static bool names_a_machine(const struct node *map)
{
    return is_given(map, "mac") || is_given(map, "client-id") || is_given(map, "uuid") || is_given(map, "circuit-id");
}

/* Reports a key that must be there and is not; one that is there and wrong has been reported. */
static void check_given(struct config_reading *reading, const struct node *map, const char *prefix, const char *name)
{
    if (map->kind == NODE_MAP && !is_given(map, name))
        config_wrong(reading, map, "'%s%s' must be given", prefix, name);
}

static void read_reservation(struct config_reading *reading, const char *path, const struct node *value)
{
    static const char prefix[] = "dhcp.subnets[].reservations[].";
    struct subnet *subnet = reading->subnet;
    struct reservation reservation = {0};
    (void)path;
    reading->reservation = &reservation;
    config_read_members(reading, prefix, value);
    if (value->kind == NODE_MAP && !names_a_machine(value))
        config_wrong(reading, value, "'%smac', or 'client-id', 'uuid' or 'circuit-id', must be given", prefix);
    check_given(reading, value, prefix, "address");
    config_warn_of_option(reading, value, "hostname", &reservation.options, DHCP_OPTION_HOSTNAME);
    if (reservation.id_size == 0 || !ipv4_is_set(reservation.address)) {
        reservation_finish(&reservation);
        return;
    }
    reservation.source = memory_print("%s:%u", document_file(reading->document), value->line);
    subnet->reservations =
        memory_resize(subnet->reservations, subnet->reservation_count + 1, sizeof *subnet->reservations);
    subnet->reservations[subnet->reservation_count++] = reservation;
}

void config_read_reservations(struct config_reading *reading, const char *path, const struct node *value)
{
    config_read_list(reading, path, value, read_reservation);
}

/* Options that have keys of their own. */
static bool key_says(const struct subnet *subnet, uint8_t code)
{
    return (code == DHCP_OPTION_ROUTER && ipv4_is_set(subnet->router)) ||
           (code == DHCP_OPTION_DNS && subnet->dns_count > 0) || (code == DHCP_OPTION_DOMAIN && subnet->domain);
}

/* What holds for every subnet, where this one does not say otherwise. */
static void take_common_options(struct subnet *subnet, const struct lease_options *common)
{
    for (size_t i = 0; i < common->count; i++) {
        const struct lease_option *option = &common->at[i];
        if (lease_options_find(&subnet->options, option->code) || key_says(subnet, option->code))
            continue;
        lease_options_put(&subnet->options, option->code, bytes_of(option->value, option->size), option->is_forced);
    }
}

static void read_subnet(struct config_reading *reading, const char *path, const struct node *value)
{
    static const char prefix[] = "dhcp.subnets[].";
    struct config *config = reading->config;
    struct subnet subnet = {.lease_seconds = LEASE_SECONDS_DEFAULT};
    size_t errors = reading->faults->errors;
    (void)path;
    reading->subnet = &subnet;
    config_read_members(reading, prefix, value);
    check_given(reading, value, prefix, "subnet");
    config_warn_of_option(reading, value, "router", &subnet.options, DHCP_OPTION_ROUTER);
    config_warn_of_option(reading, value, "dns", &subnet.options, DHCP_OPTION_DNS);
    config_warn_of_option(reading, value, "domain", &subnet.options, DHCP_OPTION_DOMAIN);
    if (reading->faults->errors == errors && subnet.pool_count == 0 && subnet.reservation_count == 0)
        config_wrong(reading, value, "this subnet has no address to give: it needs a pool or reservations");
    if (subnet.subnet.prefix == 0) {
        subnet_finish(&subnet);
        return;
    }
    take_common_options(&subnet, &config->dhcp.options);
    config->dhcp.subnets =
        memory_resize(config->dhcp.subnets, config->dhcp.subnet_count + 1, sizeof *config->dhcp.subnets);
    config->dhcp.subnets[config->dhcp.subnet_count++] = subnet;
}

static int compare_subnets(const void *a_pointer, const void *b_pointer)
{
    uint32_t a = ((const struct subnet *)a_pointer)->subnet.network.number;
    uint32_t b = ((const struct subnet *)b_pointer)->subnet.network.number;
    return a < b ? -1 : a > b;
}

void config_read_subnets(struct config_reading *reading, const char *path, const struct node *value)
{
    struct config *config = reading->config;
    if (value->kind != NODE_LIST) {
        config_wrong(reading, value, "'%s' must be a list of maps, each with a '-' before it; this is %s", path,
                     node_kind_to_text(value->kind));
        return;
    }
    config_read_list(reading, path, value, read_subnet);
    if (config->dhcp.subnet_count > 0)
        qsort(config->dhcp.subnets, config->dhcp.subnet_count, sizeof *config->dhcp.subnets, compare_subnets);
}
