/* SPDX-License-Identifier: Apache-2.0 */
/* muster.yaml: the table of its keys, and how each is read. */
#include "config/config-reader.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/array.h"
#include "base/memory.h"
#include "base/text.h"

/* Longest name of an interface that Linux knows, without its NUL (IFNAMSIZ). */
#define INTERFACE_NAME_MAX 15

static config_read read_data, read_state, read_assets, read_interfaces, read_log, read_log_level, read_http,
    read_http_address, read_http_port, read_stop_timeout, read_https, read_https_port, read_https_cert, read_https_key,
    read_sign, read_sign_key_ring, read_sign_passphrase_file, read_dhcp, read_dhcp_mode, read_dhcp_ipv6_wait, read_tftp,
    read_tftp_enabled, read_tftp_root, read_loaders, read_loaders_path, read_loaders_files, read_loaders_default;

static const struct key_rule {
    struct config_key key;
    config_read *read;
} rules[] = {
    {{"data", "path", "./data if it is a folder, else /var/lib/muster",
      "The folder with groups/, profiles/, ignition/, cloud/, generic/ and assets/."},
     read_data},
    {{"assets", "path", "assets/ in data", "The folder served as /assets/; \"\" serves none."}, read_assets},
    {{"state", "path", "state.db in data", "The database of leases and machines."}, read_state},
    {{"interfaces", "list of texts", "every interface that is up, not loopback", "The interfaces to serve on."},
     read_interfaces},
    {{"log", "text or json", "text", "How log lines are written."}, read_log},
    {{"log_level", "error, warning, info or debug", "info", "The least that is logged."}, read_log_level},
    {{"stop_timeout", "duration", "30s", "How long transfers under way may take to end when muster is to stop."},
     read_stop_timeout},
    {{"http", "map", "", "The web server that scripts, configs, kernels and images come from."}, read_http},
    {{"http.address", "address", "every address", "The address it listens on."}, read_http_address},
    {{"http.port", "port", "8080", "The port it listens on."}, read_http_port},
    {{"https", "map", "", "The same over TLS beside it; runs where cert and key are given."}, read_https},
    {{"https.port", "port", "8443", "The port it listens on."}, read_https_port},
    {{"https.cert", "path", "must be given", "The certificate in PEM form, those that lead to its root behind it."},
     read_https_cert},
    {{"https.key", "path", "must be given", "The certificate's key in PEM form."}, read_https_key},
    {{"api", "URL", "none", "A service of Pixiecore's API that says what machines without a group boot."},
     config_read_api},
    {{"api-timeout", "duration", "5s", "How long it may take to answer."}, config_read_api_timeout},
    {{"api-cache", "duration", "10s", "How long its answer for a machine holds."}, config_read_api_cache},
    {{"cache", "map", "", "Kernels and initrds from other servers, downloaded once for all machines."},
     config_read_cache},
    {{"cache.path", "path", "cache/ in data", "The folder they are kept in."}, config_read_cache_path},
    {{"cache.size", "size", "20G", "How much is kept; what was unused for longest makes room."},
     config_read_cache_size},
    {{"cache.profiles", "true or false", "false", "Whether it is for what profiles name on other servers, too."},
     config_read_cache_profiles},
    {{"sign", "map", "", "OpenPGP signatures beside every script and config."}, read_sign},
    {{"sign.key_ring", "path", "none: nothing is signed", "The key ring whose first secret key signs."},
     read_sign_key_ring},
    {{"sign.passphrase_file", "path", "none: MATCHBOX_PASSPHRASE", "A file whose first line unlocks that key."},
     read_sign_passphrase_file},
    {{"dhcp", "map", "", "How machines learn where to boot from."}, read_dhcp},
    {{"dhcp.mode", "proxy, server or off", "proxy",
      "proxy answers beside an existing DHCP server; server gives the addresses too; off does neither."},
     read_dhcp_mode},
    {{"dhcp.modes", "map of modes", "none", "Other modes on single interfaces, as {eth1: server}."},
     config_read_dhcp_modes},
    {{"dhcp.ask", "list of labels", "none", "What iPXE is asked for beyond Matchbox's labels."}, config_read_dhcp_ask},
    {{"dhcp.classes", "list of texts", "none", "What option 60 of PXE firmware may begin with beside PXEClient."},
     config_read_dhcp_classes},
    {{"dhcp.ipv6-wait", "true or false", "false", "In server mode, whether iPXE is left to wait for an IPv6 router."},
     read_dhcp_ipv6_wait},
    {{"dhcp.authoritative", "true or false", "false",
      "Whether machines with an address that muster knows nothing of are told to ask for another."},
     config_read_dhcp_authoritative},
    {{"dhcp.force", "true or false", "false",
      "Whether addresses are given although another DHCP server gives some on the same link."},
     config_read_dhcp_force},
    {{"dhcp.client-id", "true or false", "false",
      "Whether an address belongs to the client identifier of who asks, instead of to the MAC address."},
     config_read_dhcp_client_id},
    {{"dhcp.bootp", "true or false", "false", "Whether clients of BOOTP are given their reservations."},
     config_read_dhcp_bootp},
    {{"dhcp.probe", "true or false", "true", "Whether an address is asked for before it is offered to a new machine."},
     config_read_dhcp_probe},
    {{"dhcp.unknown", "serve, address or ignore", "serve", "What machines without a reservation get."},
     config_read_dhcp_unknown},
    {{"dhcp.options", "map of options", "none", "What machines are told in every subnet."}, config_read_dhcp_options},
    {{"dhcp.subnets", "list of maps", "none", "The networks that addresses are given in; needed in server mode."},
     config_read_subnets},
    {{"dhcp.subnets[].subnet", "network", "must be given", "The network, as 10.77.0.0/24."},
     config_read_subnet_network},
    {{"dhcp.subnets[].link", "text", "none", "A name that subnets on the same link have in common."},
     config_read_subnet_link},
    {{"dhcp.subnets[].router", "address", "none", "The router that machines are told."}, config_read_subnet_router},
    {{"dhcp.subnets[].pool", "list of ranges", "none: reservations only",
      "The addresses for machines without a reservation, as 10.77.0.50-10.77.0.200."},
     config_read_subnet_pool},
    {{"dhcp.subnets[].exclude", "list of addresses and ranges", "none", "Addresses of the pool that are not given."},
     config_read_subnet_exclude},
    {{"dhcp.subnets[].dns", "list of addresses", "none", "The name servers that machines are told."},
     config_read_subnet_dns},
    {{"dhcp.subnets[].domain", "text", "none", "The domain name that machines are told."}, config_read_subnet_domain},
    {{"dhcp.subnets[].lease", "duration", "1h", "How long an address is given for, at least 2m."},
     config_read_subnet_lease},
    {{"dhcp.subnets[].lease-min", "duration", "2m", "The shortest time that a machine may ask for."},
     config_read_subnet_lease_min},
    {{"dhcp.subnets[].lease-max", "duration", "as lease", "The longest time that a machine may ask for."},
     config_read_subnet_lease_max},
    {{"dhcp.subnets[].boot-lease", "duration", "as lease", "How long firmware and boot programs have an address."},
     config_read_subnet_boot_lease},
    {{"dhcp.subnets[].options", "map of options", "those of dhcp.options", "What machines of this subnet are told."},
     config_read_subnet_options},
    {{"dhcp.subnets[].reservations", "list of maps", "none", "Fixed addresses, one for a machine."},
     config_read_reservations},
    {{"dhcp.subnets[].reservations[].mac", "MAC address", "none", "The machine's hardware address."},
     config_read_reservation_mac},
    {{"dhcp.subnets[].reservations[].client-id", "octets or text", "none", "The client identifier it sends."},
     config_read_reservation_client_id},
    {{"dhcp.subnets[].reservations[].uuid", "UUID", "none", "The UUID its firmware sends."},
     config_read_reservation_uuid},
    {{"dhcp.subnets[].reservations[].circuit-id", "octets or text", "none", "The circuit that its relay names."},
     config_read_reservation_circuit_id},
    {{"dhcp.subnets[].reservations[].address", "address", "must be given", "The address it gets."},
     config_read_reservation_address},
    {{"dhcp.subnets[].reservations[].hostname", "text", "none", "The host name it is told."},
     config_read_reservation_hostname},
    {{"dhcp.subnets[].reservations[].options", "map of options", "those of the subnet", "What this machine is told."},
     config_read_reservation_options},
    {{"tftp", "map", "", "The TFTP server that firmware loads boot programs from."}, read_tftp},
    {{"tftp.enabled", "true or false", "true", "Whether it runs."}, read_tftp_enabled},
    {{"tftp.root", "path", "none", "A folder of files served beside the generated ones."}, read_tftp_root},
    {{"tftp.single-port", "true or false", "false", "Whether transfers leave from the port that requests come to."},
     config_read_tftp_single_port},
    {{"tftp.shortcut", "true or false", "true",
      "Whether blocks to machines on the same Ethernet leave past the kernel's IP."},
     config_read_tftp_shortcut},
    {{"tftp.ports", "range of ports", "the kernel's choice", "The ports that transfers leave from, as 40000-40001."},
     config_read_tftp_ports},
    {{"tftp.blksize", "number", "what the way to the machine carries", "The most octets that a block may have."},
     config_read_tftp_blksize},
    {{"tftp.windowsize", "number", "64", "The most blocks that are sent before an acknowledgement; 1: no windows."},
     config_read_tftp_windowsize},
    {{"loaders", "map", "", "Where boot programs such as ipxe.efi are found on this host."}, read_loaders},
    {{"loaders.path", "list of paths", "none", "Folders to look through before the distribution's own."},
     read_loaders_path},
    {{"loaders.files", "map of paths", "none", "Single boot programs by name, as ipxe.efi: /srv/boot/ipxe.efi."},
     read_loaders_files},
    {{"loaders.default", "name of a loader", "auto", "What machines boot by whose group and profile name no loader."},
     read_loaders_default},
};

const struct config_key *config_key_at(size_t index)
{
    return index < LENGTH(rules) ? &rules[index].key : NULL;
}

void config_wrong(struct config_reading *reading, const struct node *value, const char *format, ...)
{
    AUTO(text_finish) struct text text = {0};
    va_list arguments;
    va_start(arguments, format);
    text_append_list(&text, format, arguments);
    va_end(arguments);
    document_fault(reading->document, value, reading->faults, FAULT_ERROR, "%s", text_characters(&text));
}

/* The name of a key that stands right below the prefix: "port" of "http.port" for "http."; NULL for all others. */
static const char *name_below(const struct config_key *key, const char *prefix)
{
    if (!text_starts_with(key->path, prefix))
        return NULL;
    const char *name = key->path + strlen(prefix);
    return strpbrk(name, ".[") ? NULL : name;
}

static const struct node *map_get(const struct node *map, const char *name)
{
    for (size_t i = 0; i < map->count; i++)
        if (text_is(map->members[i].key->text, name))
            return map->members[i].value;
    return NULL;
}

static void read_known_members(struct config_reading *reading, const char *prefix, const struct node *map)
{
    for (size_t i = 0; i < LENGTH(rules); i++) {
        const char *name = name_below(&rules[i].key, prefix);
        const struct node *value = name ? map_get(map, name) : NULL;
        /* "interfaces:" with all below it commented out means what leaving it out means. */
        if (value && value->kind != NODE_NULL)
            rules[i].read(reading, rules[i].key.path, value);
    }
}

static void refuse_unknown_member(struct config_reading *reading, const char *prefix, const struct node *key)
{
    const char *names[LENGTH(rules)];
    size_t count = 0;
    AUTO(text_finish) struct text known = {0};
    for (size_t i = 0; i < LENGTH(rules); i++) {
        const char *name = name_below(&rules[i].key, prefix);
        if (!name)
            continue;
        if (text_is(name, key->text))
            return;
        text_print(&known, "%s%s", count > 0 ? ", " : "", name);
        names[count++] = name;
    }
    const char *nearest = text_nearest(key->text, names, count);
    if (nearest)
        config_wrong(reading, key, "unknown key '%s%s'; is '%s%s' meant?", prefix, key->text, prefix, nearest);
    else
        config_wrong(reading, key, "unknown key '%s%s'; known here: %s", prefix, key->text, text_characters(&known));
}

void config_read_members(struct config_reading *reading, const char *prefix, const struct node *map)
{
    if (map->kind != NODE_MAP) {
        config_wrong(reading, map, "'%.*s' must be a map of keys, this is %s", (int)strlen(prefix) - 1, prefix,
                     node_kind_to_text(map->kind));
        return;
    }
    for (size_t i = 0; i < map->count; i++)
        refuse_unknown_member(reading, prefix, map->members[i].key);
    read_known_members(reading, prefix, map);
}

const char *config_read_text(struct config_reading *reading, const char *path, const struct node *value,
                             const char *wanted)
{
    /* A number is what is written, in JSON as in YAML. */
    const char *text = value->kind == NODE_NUMBER ? value->text : node_text(value);
    if (!text)
        config_wrong(reading, value, "'%s' must be %s, this is %s", path, wanted, node_kind_to_text(value->kind));
    return text;
}

bool config_read_address(struct ipv4 *ret, struct config_reading *reading, const char *path, const struct node *value)
{
    const char *text = config_read_text(reading, path, value, "an address");
    if (!text)
        return false;
    if (ipv4_from_text(ret, text))
        return true;
    config_wrong(reading, value, "'%s' must be an IPv4 address such as 10.77.0.1, not '%s'", path, text);
    return false;
}

void config_read_list(struct config_reading *reading, const char *path, const struct node *value, config_read *read)
{
    if (value->kind != NODE_LIST) {
        read(reading, path, value);
        return;
    }
    for (size_t i = 0; i < value->count; i++)
        read(reading, path, value->items[i]);
}

/* A path as it holds from anywhere: what is relative in a file starts at the file's folder. */
static char *path_resolve(const struct config_reading *reading, const char *path)
{
    const char *file = document_file(reading->document);
    const char *slash = strrchr(file, '/');
    while (text_starts_with(path, "./"))
        path += strspn(path + 1, "/") + 1;
    if (path[0] == '/' || !slash)
        return memory_text(path[0] ? path : ".");
    return memory_print("%.*s%s", (int)(slash - file) + 1, file, path);
}

char *config_read_path(struct config_reading *reading, const char *path, const struct node *value)
{
    const char *text = config_read_text(reading, path, value, "a path");
    if (text && text[0] == '\0')
        config_wrong(reading, value, "'%s' is empty: name a path, or leave the key out", path);
    return text && text[0] ? path_resolve(reading, text) : NULL;
}

static void read_data(struct config_reading *reading, const char *path, const struct node *value)
{
    AUTO(free) char *resolved = config_read_path(reading, path, value);
    if (resolved)
        config_set_data(reading->config, resolved);
}

static void read_state(struct config_reading *reading, const char *path, const struct node *value)
{
    AUTO(free) char *resolved = config_read_path(reading, path, value);
    if (resolved)
        config_set_state(reading->config, resolved);
}

static void read_assets(struct config_reading *reading, const char *path, const struct node *value)
{
    if (text_is(node_text(value), "")) {
        config_set_assets(reading->config, "");
        return;
    }
    AUTO(free) char *resolved = config_read_path(reading, path, value);
    if (resolved)
        config_set_assets(reading->config, resolved);
}

static bool interface_is_known(const struct config *config, const char *name)
{
    for (size_t i = 0; i < config->interface_count; i++)
        if (text_is(config->interfaces[i], name))
            return true;
    return false;
}

static void read_interface(struct config_reading *reading, const char *path, const struct node *value)
{
    struct config *config = reading->config;
    const char *name = config_read_text(reading, path, value, "a list of names");
    if (!name)
        return;
    if (name[0] == '\0' || strlen(name) > INTERFACE_NAME_MAX || strpbrk(name, "/ \t\n:")) {
        config_wrong(reading, value, "'%s' cannot be the name of an interface; `ip link` shows those there are", name);
        return;
    }
    if (interface_is_known(config, name)) {
        config_wrong(reading, value, "interface '%s' is there twice", name);
        return;
    }
    config->interfaces = memory_resize(config->interfaces, config->interface_count + 1, sizeof *config->interfaces);
    config->interfaces[config->interface_count++] = memory_text(name);
}

static void read_interfaces(struct config_reading *reading, const char *path, const struct node *value)
{
    config_read_list(reading, path, value, read_interface);
}

static void read_log(struct config_reading *reading, const char *path, const struct node *value)
{
    const char *text = config_read_text(reading, path, value, "text or json");
    if (text && !text_is(text, "text") && !text_is(text, "json"))
        config_wrong(reading, value, "'%s' must be text or json, not '%s'", path, text);
    reading->config->log_json = text_is(text, "json");
}

static void read_log_level(struct config_reading *reading, const char *path, const struct node *value)
{
    static const char *const levels[] = {"error", "warning", "info", "debug"};
    const char *text = config_read_text(reading, path, value, "error, warning, info or debug");
    for (size_t i = 0; text && i < LENGTH(levels); i++)
        if (text_is(text, levels[i])) {
            reading->config->log_level = levels[i];
            return;
        }
    if (text)
        config_wrong(reading, value, "'%s' must be error, warning, info or debug, not '%s'", path, text);
}

static void read_http(struct config_reading *reading, const char *path, const struct node *value)
{
    (void)path;
    config_read_members(reading, "http.", value);
}

static void read_http_address(struct config_reading *reading, const char *path, const struct node *value)
{
    config_read_address(&reading->config->http.address, reading, path, value);
}

static void read_port(uint16_t *ret, struct config_reading *reading, const char *path, const struct node *value)
{
    uint64_t port = 0;
    const char *text = config_read_text(reading, path, value, "a port");
    if (!text)
        return;
    if (text_to_number(&port, text, UINT16_MAX) && port > 0)
        *ret = (uint16_t)port;
    else
        config_wrong(reading, value, "'%s' must be a port from 1 to 65535, not '%s'", path, text);
}

static void read_http_port(struct config_reading *reading, const char *path, const struct node *value)
{
    read_port(&reading->config->http.port, reading, path, value);
}

static void read_https(struct config_reading *reading, const char *path, const struct node *value)
{
    (void)path;
    struct config *config = reading->config;
    size_t errors = reading->faults->errors;
    config_read_members(reading, "https.", value);
    if (reading->faults->errors > errors)
        return;
    if (!config->https.certificate || !config->https.key)
        config_wrong(reading, value, "HTTPS needs '%s': say which PEM files hold certificate and key",
                     config->https.certificate ? "https.key" : "https.cert");
    else if (config->https.port == config->http.port)
        config_wrong(reading, value, "HTTP and HTTPS cannot share port %u: give 'https.port' another",
                     config->https.port);
}

static void read_https_port(struct config_reading *reading, const char *path, const struct node *value)
{
    read_port(&reading->config->https.port, reading, path, value);
}

static void read_https_cert(struct config_reading *reading, const char *path, const struct node *value)
{
    reading->config->https.certificate = config_read_path(reading, path, value);
}

static void read_https_key(struct config_reading *reading, const char *path, const struct node *value)
{
    reading->config->https.key = config_read_path(reading, path, value);
}

static void read_stop_timeout(struct config_reading *reading, const char *path, const struct node *value)
{
    const char *text = config_read_text(reading, path, value, "a duration");
    if (text && !config_duration_from_text(&reading->config->stop_timeout, text))
        config_wrong(reading, value, "'%s' must be a duration such as 30s or 5m, not '%s'", path, text);
}

static void read_sign(struct config_reading *reading, const char *path, const struct node *value)
{
    (void)path;
    config_read_members(reading, "sign.", value);
}

static void read_sign_key_ring(struct config_reading *reading, const char *path, const struct node *value)
{
    reading->config->sign.key_ring = config_read_path(reading, path, value);
}

static void read_sign_passphrase_file(struct config_reading *reading, const char *path, const struct node *value)
{
    reading->config->sign.passphrase_file = config_read_path(reading, path, value);
}

static void read_dhcp(struct config_reading *reading, const char *path, const struct node *value)
{
    (void)path;
    config_read_members(reading, "dhcp.", value);
    if (value->kind != NODE_MAP)
        return;
    const struct node *mode = map_get(value, "mode");
    const struct node *subnets = map_get(value, "subnets");
    bool has_subnets = subnets && subnets->kind == NODE_LIST && subnets->count > 0;
    bool gives_addresses = config_gives_addresses(reading->config);
    if (gives_addresses && !has_subnets)
        config_wrong(reading, reading->config->dhcp.mode == CONFIG_DHCP_SERVER ? mode : value,
                     "server mode needs 'dhcp.subnets': say which addresses to give, as "
                     "subnets: [{subnet: 10.77.0.0/24, pool: 10.77.0.50-10.77.0.200}]");
    if (!gives_addresses && has_subnets)
        document_fault(reading->document, subnets, reading->faults, FAULT_WARNING,
                       "'dhcp.subnets' is used in server mode only, and 'dhcp.mode' is %s",
                       config_dhcp_mode_to_text(reading->config->dhcp.mode));
}

static void read_dhcp_mode(struct config_reading *reading, const char *path, const struct node *value)
{
    const char *text = config_read_text(reading, path, value, "proxy, server or off");
    if (text && !config_dhcp_mode_from_text(&reading->config->dhcp.mode, text))
        config_wrong(reading, value, "'%s' must be proxy, server or off, not '%s'", path, text);
}

static void read_tftp(struct config_reading *reading, const char *path, const struct node *value)
{
    (void)path;
    config_read_members(reading, "tftp.", value);
}

static void read_dhcp_ipv6_wait(struct config_reading *reading, const char *path, const struct node *value)
{
    config_read_bool(&reading->config->dhcp.ipv6_wait, reading, path, value);
}

static void read_tftp_enabled(struct config_reading *reading, const char *path, const struct node *value)
{
    config_read_bool(&reading->config->tftp.enabled, reading, path, value);
}

static void read_tftp_root(struct config_reading *reading, const char *path, const struct node *value)
{
    reading->config->tftp.root = config_read_path(reading, path, value);
}

static void read_loaders(struct config_reading *reading, const char *path, const struct node *value)
{
    (void)path;
    config_read_members(reading, "loaders.", value);
}

static void read_loader_folder(struct config_reading *reading, const char *path, const struct node *value)
{
    struct config *config = reading->config;
    char *resolved = config_read_path(reading, path, value);
    if (!resolved)
        return;
    config->loaders.path =
        memory_resize(config->loaders.path, config->loaders.path_count + 1, sizeof *config->loaders.path);
    config->loaders.path[config->loaders.path_count++] = resolved;
}

static void read_loaders_path(struct config_reading *reading, const char *path, const struct node *value)
{
    config_read_list(reading, path, value, read_loader_folder);
}

static int compare_loaders(const void *a, const void *b)
{
    return strcmp(((const struct config_loader *)a)->name, ((const struct config_loader *)b)->name);
}

static void read_loaders_files(struct config_reading *reading, const char *path, const struct node *value)
{
    struct config *config = reading->config;
    if (value->kind != NODE_MAP) {
        config_wrong(reading, value, "'%s' must be a map from names to paths, this is %s", path,
                     node_kind_to_text(value->kind));
        return;
    }
    config->loaders.files = memory_new(value->count, sizeof *config->loaders.files);
    for (size_t i = 0; i < value->count; i++) {
        char *resolved = config_read_path(reading, path, value->members[i].value);
        if (resolved)
            config->loaders.files[config->loaders.file_count++] =
                (struct config_loader){.name = memory_text(value->members[i].key->text), .path = resolved};
    }
    qsort(config->loaders.files, config->loaders.file_count, sizeof *config->loaders.files, compare_loaders);
}

static void read_loaders_default(struct config_reading *reading, const char *path, const struct node *value)
{
    const char *text = config_read_text(reading, path, value, "the name of a loader");
    if (!text || loader_choice_from_text(&reading->config->loaders.fallback, text))
        return;
    AUTO(text_finish) struct text known = {0};
    loader_choice_append_known(&known);
    config_wrong(reading, value, "'%s' must be %s, not '%s'", path, text_characters(&known), text);
}

static void config_read_document(struct config *config, const struct document *document, struct faults *faults)
{
    struct config_reading reading = {.config = config, .document = document, .faults = faults};
    const struct node *root = document_root(document);
    if (root->kind == NODE_MAP)
        config_read_members(&reading, "", root);
    else if (root->kind != NODE_NULL)
        config_wrong(&reading, root, "the configuration must be a map of keys, this is %s",
                     node_kind_to_text(root->kind));
}

int config_from_text(struct config *ret, const char *path, struct bytes source, struct faults *faults)
{
    AUTO(document_destroy) struct document *document = NULL;
    size_t errors = faults->errors;
    config_defaults(ret);
    if (document_parse(&document, path, source, DOCUMENT_YAML, faults) != DOCUMENT_OK)
        return CONFIG_E_INVALID;
    config_read_document(ret, document, faults);
    return faults->errors > errors ? CONFIG_E_INVALID : CONFIG_OK;
}

int config_load(struct config *ret, const char *path, struct faults *faults)
{
    AUTO(document_destroy) struct document *document = NULL;
    size_t errors = faults->errors;
    config_defaults(ret);
    int code = document_load(&document, AT_FDCWD, path, path, faults);
    if (code != DOCUMENT_OK)
        return code == DOCUMENT_E_UNREADABLE ? CONFIG_E_UNREADABLE : CONFIG_E_INVALID;
    config_read_document(ret, document, faults);
    return faults->errors > errors ? CONFIG_E_INVALID : CONFIG_OK;
}

int config_load_default(struct config *ret, struct faults *faults)
{
    if (access(CONFIG_PATH_DEFAULT, F_OK) == 0)
        return config_load(ret, CONFIG_PATH_DEFAULT, faults);
    config_defaults(ret);
    return CONFIG_OK;
}
