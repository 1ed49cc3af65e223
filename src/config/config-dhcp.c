/* SPDX-License-Identifier: Apache-2.0 */
/* What dhcp of muster.yaml says beside its subnets, and the options that machines are told, wherever they stand. */
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/text.h"
#include "config/config-reader.h"
#include "lang/ipxe.h"
#include "proto/dhcp/option-text.h"

/* Most items of one option: what fits its longest value in addresses. */
#define ITEMS_MAX (DHCP_OPTION_VALUE_MAX / 4)

/* Longest vendor class: beside it all that firmware needs fits a reply. */
#define DHCP_CLASS_MAX 64

static const char *const unknown_policies[] = {
    [CONFIG_UNKNOWN_SERVE] = "serve",
    [CONFIG_UNKNOWN_ADDRESS] = "address",
    [CONFIG_UNKNOWN_IGNORE] = "ignore",
};

void config_read_bool(bool *ret, struct config_reading *reading, const char *path, const struct node *value)
{
    if (value->kind == NODE_BOOL)
        *ret = value->boolean;
    else
        config_wrong(reading, value, "'%s' must be true or false, this is %s", path, node_kind_to_text(value->kind));
}

static void read_interface_mode(struct config_reading *reading, const struct node_member *member)
{
    struct config *config = reading->config;
    enum config_dhcp_mode mode;
    const char *text = config_read_text(reading, member->key->text, member->value, "proxy, server or off");
    if (!text)
        return;
    if (!config_dhcp_mode_from_text(&mode, text)) {
        config_wrong(reading, member->value, "the mode on '%s' must be proxy, server or off, not '%s'",
                     member->key->text, text);
        return;
    }
    size_t at = config->dhcp.mode_count++;
    config->dhcp.modes = memory_resize(config->dhcp.modes, config->dhcp.mode_count, sizeof *config->dhcp.modes);
    config->dhcp.modes[at] = (struct config_interface_mode){memory_text(member->key->text), mode};
}

void config_read_dhcp_modes(struct config_reading *reading, const char *path, const struct node *value)
{
    if (value->kind != NODE_MAP)
        config_wrong(reading, value, "'%s' must be a map from interfaces to modes, this is %s", path,
                     node_kind_to_text(value->kind));
    for (size_t i = 0; value->kind == NODE_MAP && i < value->count; i++)
        read_interface_mode(reading, &value->members[i]);
}

void config_read_dhcp_authoritative(struct config_reading *reading, const char *path, const struct node *value)
{
    config_read_bool(&reading->config->dhcp.authoritative, reading, path, value);
}

void config_read_dhcp_force(struct config_reading *reading, const char *path, const struct node *value)
{
    config_read_bool(&reading->config->dhcp.force, reading, path, value);
}

void config_read_dhcp_client_id(struct config_reading *reading, const char *path, const struct node *value)
{
    config_read_bool(&reading->config->dhcp.client_id, reading, path, value);
}

void config_read_dhcp_bootp(struct config_reading *reading, const char *path, const struct node *value)
{
    config_read_bool(&reading->config->dhcp.bootp, reading, path, value);
}

void config_read_dhcp_probe(struct config_reading *reading, const char *path, const struct node *value)
{
    config_read_bool(&reading->config->dhcp.probe, reading, path, value);
}

void config_read_dhcp_unknown(struct config_reading *reading, const char *path, const struct node *value)
{
    const char *text = config_read_text(reading, path, value, "serve, address or ignore");
    for (size_t i = 0; text && i < LENGTH(unknown_policies); i++)
        if (text_is(text, unknown_policies[i])) {
            reading->config->dhcp.unknown = (enum config_unknown)i;
            return;
        }
    if (text)
        config_wrong(reading, value, "'%s' must be serve, address or ignore, not '%s'", path, text);
}

/* Those that the server itself answers for, and what only clients and relays send. */
static bool code_is_the_servers(uint8_t code)
{
    static const uint8_t codes[] = {
        DHCP_OPTION_SUBNET_MASK,  DHCP_OPTION_REQUESTED_ADDRESS,
        DHCP_OPTION_LEASE_TIME,   DHCP_OPTION_OVERLOAD,
        DHCP_OPTION_MESSAGE_TYPE, DHCP_OPTION_SERVER_ID,
        DHCP_OPTION_PARAMETERS,   DHCP_OPTION_MAX_SIZE,
        DHCP_OPTION_RENEWAL_TIME, DHCP_OPTION_REBINDING_TIME,
        DHCP_OPTION_CLIENT_ID,    DHCP_OPTION_RAPID_COMMIT,
        DHCP_OPTION_FQDN,         DHCP_OPTION_RELAY,
        DHCP_OPTION_ARCHITECTURE, DHCP_OPTION_UNDI,
        DHCP_OPTION_MACHINE_ID,   DHCP_OPTION_SUBNET_SELECTION,
    };
    for (size_t i = 0; i < LENGTH(codes); i++)
        if (codes[i] == code)
            return true;
    return false;
}

/* Whether the name is the short one with what people like to put behind it: "dns-server". */
static bool is_longer_name(const char *name, const char *short_name)
{
    static const char *const ends[] = {"-server", "-servers", "-address", "-addresses", "-ip"};
    if (text_starts_with(name, short_name))
        for (size_t i = 0; i < LENGTH(ends); i++)
            if (text_is(name + strlen(short_name), ends[i]))
                return true;
    return false;
}

/* What is spelled most like the name, of those that may be given. */
static const char *nearest_option(const char *name)
{
    const char *names[2 * UINT8_MAX];
    size_t count = 0;
    for (; (names[count] = dhcp_option_short_name_at(count)); count++)
        if (is_longer_name(name, names[count]))
            return names[count];
    for (unsigned code = 1; code < UINT8_MAX; code++)
        if (dhcp_option_info((uint8_t)code) && !code_is_the_servers((uint8_t)code))
            names[count++] = dhcp_option_name((uint8_t)code);
    return text_nearest(name, names, count);
}

static bool read_code(uint8_t *ret, struct config_reading *reading, const struct node *key)
{
    if (dhcp_option_code_from_text(ret, key->text)) {
        if (code_is_the_servers(*ret))
            config_wrong(reading, key, "option %u (%s) is set by the server itself", *ret, dhcp_option_name(*ret));
        return !code_is_the_servers(*ret);
    }
    const char *nearest = nearest_option(key->text);
    config_wrong(reading, key, "no option is called '%s'%s%s%s", key->text, nearest ? "; is '" : "",
                 nearest ? nearest : ": give its number, or a name that muster.yaml(5) lists",
                 nearest ? "' meant?" : "");
    return false;
}

/* One option as it is written: a value alone, or a map that says more of it. */
struct option_reading {
    uint8_t code;
    enum dhcp_option_type type;
    bool is_forced;
    const struct node *value;
};

static void read_option_type(struct option_reading *option, struct config_reading *reading, const struct node *value)
{
    const char *text = config_read_text(reading, "type", value, "the name of a type");
    if (text && !dhcp_option_type_from_text(&option->type, text))
        config_wrong(reading, value,
                     "'type' must be text, address, addresses, number8, number16, number32, octets, "
                     "bool, names or routes, not '%s'",
                     text);
}

static void read_option_map(struct option_reading *option, struct config_reading *reading, const struct node *map)
{
    option->value = NULL;
    for (size_t i = 0; i < map->count; i++) {
        const struct node_member *member = &map->members[i];
        if (text_is(member->key->text, "value"))
            option->value = member->value;
        else if (text_is(member->key->text, "type"))
            read_option_type(option, reading, member->value);
        else if (text_is(member->key->text, "force"))
            config_read_bool(&option->is_forced, reading, "force", member->value);
        else
            config_wrong(reading, member->key, "unknown key '%s'; known here: value, type, force", member->key->text);
    }
    if (!option->value)
        config_wrong(reading, map, "'value' must be given");
}

static const struct node *item_at(const struct node *value, size_t i)
{
    return value->kind == NODE_LIST ? value->items[i] : value;
}

/* The texts of a value; false, with an error, when it has another form. */
static bool collect_texts(const char **ret, size_t *ret_count, struct config_reading *reading, const struct node *value)
{
    size_t count = value->kind == NODE_LIST ? value->count : 1;
    if (count > ITEMS_MAX) {
        config_wrong(reading, value, "these are more than %d items", ITEMS_MAX);
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        const struct node *item = item_at(value, i);
        ret[i] = item->kind == NODE_BOOL ? item->text : config_read_text(reading, "value", item, "a text or a number");
        if (!ret[i])
            return false;
    }
    *ret_count = count;
    return true;
}

/* The first item that is wrong by itself, or the value where that is the whole. */
static const struct node *wrong_item(const struct option_reading *option, const char *const *texts, size_t count)
{
    uint8_t octets[DHCP_OPTION_VALUE_MAX];
    size_t size;
    for (size_t i = 0; i < count; i++)
        if (dhcp_option_value_from_texts(octets, &size, option->type, texts + i, 1, NULL) != DHCP_OPTION_TEXT_OK)
            return item_at(option->value, i);
    return option->value;
}

/* Whether each number is one that the option may have; says which is not. */
static bool check_numbers(struct config_reading *reading, const char *name, const struct option_reading *option,
                          const char *const *texts, size_t count)
{
    uint32_t least = dhcp_option_least(option->code);
    uint64_t number;
    for (size_t i = 0; i < count; i++)
        if (text_to_number(&number, texts[i], UINT32_MAX) && number < least) {
            config_wrong(reading, item_at(option->value, i), "option '%s': it must be at least %u, not '%s'", name,
                         least, texts[i]);
            return false;
        }
    return true;
}

static void read_option_value(struct lease_options *ret, struct config_reading *reading, const char *name,
                              const struct option_reading *option)
{
    const char *texts[ITEMS_MAX];
    uint8_t octets[DHCP_OPTION_VALUE_MAX];
    size_t count, size;
    struct diag why;
    if (!collect_texts(texts, &count, reading, option->value))
        return;
    if (dhcp_option_value_from_texts(octets, &size, option->type, texts, count, &why) != DHCP_OPTION_TEXT_OK)
        config_wrong(reading, wrong_item(option, texts, count), "option '%s': %s", name, why.text);
    else if (!dhcp_option_size_is_valid(option->code, size))
        config_wrong(reading, option->value,
                     "option '%s': a value of %zu octets is of the wrong size, so that clients "
                     "would drop the reply",
                     name, size);
    else if (check_numbers(reading, name, option, texts, count))
        lease_options_put(ret, option->code, bytes_of(octets, size), option->is_forced);
}

/* names has what the map calls each option that it has so far. */
static void read_option(struct lease_options *ret, struct config_reading *reading, const struct node_member *member,
                        const char *names[256])
{
    struct option_reading option = {.value = member->value};
    const char *name = member->key->text;
    if (!read_code(&option.code, reading, member->key))
        return;
    if (names[option.code]) {
        config_wrong(reading, member->key, "option '%s' is there already, as '%s': both are %s (%u)", name,
                     names[option.code], dhcp_option_name(option.code), option.code);
        return;
    }
    names[option.code] = name;
    if (member->value->kind == NODE_NULL) {
        lease_options_put(ret, option.code, bytes_of(NULL, 0), false);
        return;
    }
    option.type = dhcp_option_type(option.code);
    if (member->value->kind == NODE_MAP)
        read_option_map(&option, reading, member->value);
    if (option.value)
        read_option_value(ret, reading, name, &option);
}

void config_read_options_into(struct lease_options *ret, struct config_reading *reading, const char *path,
                              const struct node *value)
{
    if (value->kind != NODE_MAP) {
        config_wrong(reading, value, "'%s' must be a map from options to their values, this is %s", path,
                     node_kind_to_text(value->kind));
        return;
    }
    const char *names[256] = {0};
    for (size_t i = 0; i < value->count; i++)
        read_option(ret, reading, &value->members[i], names);
}

void config_warn_of_option(struct config_reading *reading, const struct node *map, const char *key,
                           const struct lease_options *options, uint8_t code)
{
    if (!lease_options_find(options, code))
        return;
    for (size_t i = 0; map->kind == NODE_MAP && i < map->count; i++)
        if (text_is(map->members[i].key->text, key) && map->members[i].value->kind != NODE_NULL)
            document_fault(reading->document, map->members[i].key, reading->faults, FAULT_WARNING,
                           "'%s' has no effect: 'options' beside it says %s (%u)", key, dhcp_option_name(code), code);
}

void config_read_dhcp_options(struct config_reading *reading, const char *path, const struct node *value)
{
    config_read_options_into(&reading->config->dhcp.options, reading, path, value);
}

static void read_label(struct config_reading *reading, const char *path, const struct node *item)
{
    const char *label = config_read_text(reading, path, item, "a label");
    if (!label)
        return;
    if (!ipxe_label_is_known(label)) {
        AUTO(text_finish) struct text known = {0};
        for (size_t i = 0; ipxe_label_at(i); i++)
            text_print(&known, "%s%s", i > 0 ? ", " : "", ipxe_label_at(i));
        config_wrong(reading, item, "'%s' in '%s' is nothing that iPXE can be asked for: it knows %s", label, path,
                     text_characters(&known));
        return;
    }
    char **ask = &reading->config->dhcp.ask;
    char *longer = *ask ? memory_print("%s,%s", *ask, label) : memory_text(label);
    free(*ask);
    *ask = longer;
}

void config_read_dhcp_ask(struct config_reading *reading, const char *path, const struct node *value)
{
    config_read_list(reading, path, value, read_label);
}

static void read_class(struct config_reading *reading, const char *path, const struct node *item)
{
    struct config *config = reading->config;
    const char *class = config_read_text(reading, path, item, "a vendor class");
    if (!class)
        return;
    if (!*class || strlen(class) > DHCP_CLASS_MAX) {
        config_wrong(reading, item, "'%s': a vendor class has 1 to %d characters", path, DHCP_CLASS_MAX);
        return;
    }
    config->dhcp.classes =
        memory_resize(config->dhcp.classes, config->dhcp.class_count + 1, sizeof config->dhcp.classes[0]);
    config->dhcp.classes[config->dhcp.class_count++] = memory_text(class);
}

void config_read_dhcp_classes(struct config_reading *reading, const char *path, const struct node *value)
{
    config_read_list(reading, path, value, read_class);
}
