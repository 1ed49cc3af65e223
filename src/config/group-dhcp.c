/* SPDX-License-Identifier: Apache-2.0 */
/* dhcp of groups and profiles. Unlike the members that Matchbox has, what is unknown in it is an error. */
#include "config/group-dhcp.h"

#include "base/array.h"
#include "base/text.h"
#include "base/writer.h"
#include "config/config-reader.h"
#include "proto/dhcp/option-text.h"

/* Where a key is read into. */
struct dhcp_target {
    struct lease_terms *terms;
    struct group *group;          /* NULL: a profile */
    struct lease_options options; /* what stands in options, as opposed to keys of its own */
};

typedef void read_key(struct dhcp_target *target, struct config_reading *reading, const char *path,
                      const struct node *value);

static void read_address(struct dhcp_target *target, struct config_reading *reading, const char *path,
                         const struct node *value)
{
    if (!config_read_address(&target->group->dhcp.address, reading, path, value))
        return;
    target->group->dhcp.line = value->line;
    target->group->dhcp.column = value->column;
}

static void put_name(struct lease_terms *terms, uint8_t code, struct config_reading *reading, const char *path,
                     const struct node *value)
{
    AUTO(free) char *name = config_read_domain_name(reading, path, value);
    if (name)
        lease_options_put(&terms->options, code, bytes_of_text(name), false);
}

static void read_hostname(struct dhcp_target *target, struct config_reading *reading, const char *path,
                          const struct node *value)
{
    put_name(target->terms, DHCP_OPTION_HOSTNAME, reading, path, value);
}

static void read_domain(struct dhcp_target *target, struct config_reading *reading, const char *path,
                        const struct node *value)
{
    put_name(target->terms, DHCP_OPTION_DOMAIN, reading, path, value);
}

static void read_lease(struct dhcp_target *target, struct config_reading *reading, const char *path,
                       const struct node *value)
{
    target->terms->lease_seconds = config_read_lease_time(reading, path, value);
}

/* One address, or a list of them where is_list allows it. */
static void put_addresses(struct lease_terms *terms, uint8_t code, struct config_reading *reading, const char *path,
                          const struct node *value, bool is_list)
{
    uint8_t octets[DHCP_OPTION_VALUE_MAX];
    struct writer w = writer_over(octets, sizeof octets);
    bool is_many = is_list && value->kind == NODE_LIST;
    for (size_t i = 0; i < (is_many ? value->count : 1); i++) {
        struct ipv4 address;
        if (!config_read_address(&address, reading, path, is_many ? value->items[i] : value))
            return;
        write_u32be(&w, address.number);
    }
    if (w.failed || writer_size(&w) == 0)
        config_wrong(reading, value, "'%s' must be 1 to %d addresses", path, DHCP_OPTION_VALUE_MAX / 4);
    else
        lease_options_put(&terms->options, code, writer_bytes(&w), false);
}

static void read_router(struct dhcp_target *target, struct config_reading *reading, const char *path,
                        const struct node *value)
{
    put_addresses(target->terms, DHCP_OPTION_ROUTER, reading, path, value, false);
}

static void read_dns(struct dhcp_target *target, struct config_reading *reading, const char *path,
                     const struct node *value)
{
    put_addresses(target->terms, DHCP_OPTION_DNS, reading, path, value, true);
}

static void read_options(struct dhcp_target *target, struct config_reading *reading, const char *path,
                         const struct node *value)
{
    config_read_options_into(&target->options, reading, path, value);
}

/* In this order, whatever that of the document is. */
static const struct {
    const char *name;
    bool is_of_one_machine;
    read_key *read;
} keys[] = {
    {"address", true, read_address},  {"hostname", true, read_hostname}, {"lease", false, read_lease},
    {"router", false, read_router},   {"dns", false, read_dns},          {"domain", false, read_domain},
    {"options", false, read_options},
};

static bool is_known(const char *name)
{
    for (size_t i = 0; i < LENGTH(keys); i++)
        if (text_is(name, keys[i].name))
            return true;
    return false;
}

static void refuse_unknown(struct config_reading *reading, const struct node *key)
{
    const char *names[LENGTH(keys)];
    for (size_t i = 0; i < LENGTH(keys); i++)
        names[i] = keys[i].name;
    const char *nearest = text_nearest(key->text, names, LENGTH(names));
    config_wrong(reading, key, "unknown key 'dhcp.%s'%s%s%s", key->text, nearest ? "; is 'dhcp." : "",
                 nearest ? nearest : ": there are address, hostname, lease, router, dns, domain and options",
                 nearest ? "' meant?" : "");
}

static void read_member(struct dhcp_target *target, struct config_reading *reading, size_t key,
                        const struct node_member *member)
{
    AUTO(free) char *path = memory_print("dhcp.%s", keys[key].name);
    if (member->value->kind == NODE_NULL)
        return;
    if (keys[key].is_of_one_machine && !target->group)
        config_wrong(reading, member->key, "'%s' is for one machine: give it in a group, not in a profile", path);
    else
        keys[key].read(target, reading, path, member->value);
}

/* An option by its number stands over the key for it. */
static void take_options(struct dhcp_target *target, struct config_reading *reading, const struct node *map)
{
    config_warn_of_option(reading, map, "hostname", &target->options, DHCP_OPTION_HOSTNAME);
    config_warn_of_option(reading, map, "router", &target->options, DHCP_OPTION_ROUTER);
    config_warn_of_option(reading, map, "dns", &target->options, DHCP_OPTION_DNS);
    config_warn_of_option(reading, map, "domain", &target->options, DHCP_OPTION_DOMAIN);
    lease_options_put_all(&target->terms->options, &target->options);
    lease_options_finish(&target->options);
}

static bool read_map(struct dhcp_target *target, const struct member_context *context, const struct node *map)
{
    struct config_reading reading = {.document = context->document, .faults = context->faults};
    size_t errors = context->faults->errors;
    if (map->kind == NODE_NULL)
        return true;
    if (map->kind != NODE_MAP)
        return member_is_wrong(context, "dhcp", map, "a map of address, options and others");
    for (size_t i = 0; i < map->count; i++)
        if (!is_known(map->members[i].key->text))
            refuse_unknown(&reading, map->members[i].key);
    for (size_t key = 0; key < LENGTH(keys); key++)
        for (size_t i = 0; i < map->count; i++)
            if (text_is(map->members[i].key->text, keys[key].name))
                read_member(target, &reading, key, &map->members[i]);
    take_options(target, &reading, map);
    return context->faults->errors == errors;
}

bool group_dhcp_read(struct group *group, const struct member_context *context, const struct node *value)
{
    struct dhcp_target target = {.terms = &group->dhcp.terms, .group = group};
    return read_map(&target, context, value);
}

bool profile_dhcp_read(struct profile *profile, const struct member_context *context, const struct node *value)
{
    struct dhcp_target target = {.terms = &profile->dhcp};
    return read_map(&target, context, value);
}

/* Whether a packet of DHCP can meet what the group wants of the label; one that no packet tells is missing in each. */
static bool dhcp_can_meet(struct group_want want)
{
    static const char *const told[] = {"mac", "uuid", "arch", "platform", "ip"};
    static const struct labels none = {0};
    for (size_t i = 0; i < LENGTH(told); i++)
        if (text_is(want.name, told[i]))
            return true;
    return group_want_is_met(want, &none);
}

/* What is said to a group that is never chosen when DHCP asks is said to nobody. */
static void warn_if_never_chosen(const struct group *group, const struct member_context *context)
{
    const struct lease_terms *terms = &group->dhcp.terms;
    bool says_something = ipv4_is_set(group->dhcp.address) || terms->options.count > 0 || terms->lease_seconds > 0;
    for (size_t i = 0; says_something && i < group_want_count(group); i++) {
        struct group_want want = group_want_at(group, i);
        if (!dhcp_can_meet(want))
            faults_add(context->faults, FAULT_WARNING, document_file(context->document), group->dhcp.line,
                       group->dhcp.column,
                       "'dhcp' has no effect: the group selects on '%s', which machines do not say when they ask for "
                       "an address",
                       want.name);
    }
}

bool group_dhcp_check(const struct group *group, const struct member_context *context)
{
    struct reservation machine;
    warn_if_never_chosen(group, context);
    if (!ipv4_is_set(group->dhcp.address) || group_machine(&machine, group))
        return true;
    faults_add(context->faults, FAULT_ERROR, document_file(context->document), group->dhcp.line, group->dhcp.column,
               "'dhcp.address' is for one machine, and this group is for any that fits: select on one 'mac' or 'uuid'");
    return false;
}
