/* SPDX-License-Identifier: Apache-2.0 */
#include "config/config.h"

#include <stdio.h>
#include <unistd.h>

#include "base/array.h"
#include "base/text.h"
#include "test.h"

/* All faults, a line each. */
static char *faults_take(struct faults *faults)
{
    struct text text = {0};
    for (size_t i = 0; i < faults->count; i++) {
        AUTO(free) char *line = fault_to_text(&faults->at[i]);
        text_print(&text, "%s%s", i > 0 ? "\n" : "", line);
    }
    faults_finish(faults);
    return text_take(&text);
}

static void the_defaults_run_everything_without_a_file(void)
{
    AUTO(config_finish) struct config config;
    config_defaults(&config);
    CHECK_NUMBER(config.dhcp.mode, CONFIG_DHCP_PROXY);
    CHECK_NUMBER(config.http.port, 8080);
    CHECK(!ipv4_is_set(config.http.address) && config.interface_count == 0);
    CHECK(config.tftp.enabled && config.tftp.root == NULL && !config.log_json);
    CHECK_TEXT(config.log_level, "info");
}

static const char full_file[] = "data: /srv/muster\n"
                                "interfaces: [eth1, br-lab.7]\n"
                                "log: json\n"
                                "log_level: debug\n"
                                "http: {address: 10.77.0.2, port: 80}\n"
                                "dhcp:\n"
                                "  mode: server\n"
                                "  subnets:\n"
                                "    - subnet: 10.78.0.0/16\n"
                                "      reservations:\n"
                                "        - {mac: 525400000009, address: 10.78.9.9}\n"
                                "    - pool: 10.77.0.50 - 10.77.0.200\n"
                                "      subnet: 10.77.0.0/24\n"
                                "      router: 10.77.0.1\n"
                                "      dns: [10.77.0.1, 9.9.9.9]\n"
                                "      domain: lab.example\n"
                                "      lease: 2h30m\n"
                                "      reservations:\n"
                                "        - {mac: \"52:54:00:00:00:01\", address: 10.77.0.10, hostname: node1}\n"
                                "https: {port: 443, cert: tls/a.crt, key: /k}\n"
                                "sign: {key_ring: ring, passphrase_file: /p}\n"
                                "stop_timeout: 2m\n"
                                "tftp:\n"
                                "  enabled: false\n"
                                "  root: ./tftp\n"
                                "  single-port: true\n"
                                "  shortcut: false\n"
                                "  ports: 40000 - 40100\n"
                                "  blksize: 1428\n"
                                "  windowsize: 16\n"
                                "api: https://boot.example/prefix/\n"
                                "api-timeout: 3\n"
                                "api-cache: 1m\n"
                                "cache: {path: images, size: 4GiB, profiles: true}\n"
                                "loaders:\n"
                                "  path: [boot, /usr/lib/boot]\n"
                                "  files: {snponly.efi: /b, ipxe.efi: a.efi}\n"
                                "  default: local\n";

static void a_full_file_becomes_a_config(void)
{
    struct faults faults = {0};
    AUTO(config_finish) struct config config;
    CHECK_NUMBER(config_from_text(&config, "/etc/m/muster.yaml", bytes_of_text(full_file), &faults), CONFIG_OK);
    AUTO(free) char *said = faults_take(&faults);
    CHECK_TEXT(said, "");
    CHECK_TEXT(config.data, "/srv/muster");
    CHECK_TEXT(config.state, "/srv/muster/state.db");
    CHECK_TEXT(config.assets, "/srv/muster/assets");
    CHECK_NUMBER(config.interface_count, 2);
    CHECK_TEXT(config.interfaces[1], "br-lab.7");
    CHECK(config.log_json);
    CHECK_TEXT(config.log_level, "debug");
    CHECK_NUMBER(config.http.address.number, 0x0a4d0002);
    CHECK_NUMBER(config.http.port, 80);
    CHECK_NUMBER(config.https.port, 443);
    CHECK_TEXT(config.https.certificate, "/etc/m/tls/a.crt");
    CHECK_TEXT(config.https.key, "/k");
    CHECK_TEXT(config.sign.key_ring, "/etc/m/ring");
    CHECK_TEXT(config.sign.passphrase_file, "/p");
    CHECK_NUMBER(config.stop_timeout, 120);
    CHECK(!config.tftp.enabled);
    CHECK_TEXT(config.tftp.root, "/etc/m/tftp");
    CHECK(config.tftp.no_shortcut);
    CHECK(config.tftp.single_port && config.tftp.first_port == 40000 && config.tftp.last_port == 40100);
    CHECK(config.tftp.blksize == 1428 && config.tftp.windowsize == 16);
    CHECK_TEXT(config.api.url, "https://boot.example/prefix");
    CHECK(config.api.timeout == 3 && config.api.cache == 60);
    CHECK_TEXT(config.cache.path, "/etc/m/images");
    CHECK(config.cache.size == 4ull << 30 && config.cache.profiles);
    CHECK_NUMBER(config.loaders.path_count, 2);
    CHECK_TEXT(config.loaders.path[0], "/etc/m/boot");
    CHECK_TEXT(config.loaders.path[1], "/usr/lib/boot");
    CHECK_NUMBER(config.loaders.file_count, 2);
    CHECK_TEXT(config.loaders.files[0].name, "ipxe.efi");
    CHECK_TEXT(config.loaders.files[0].path, "/etc/m/a.efi");
    CHECK_NUMBER(config.loaders.fallback, LOADER_CHOICE_NONE);
}

static void subnets_stand_in_the_order_of_their_networks(void)
{
    struct faults faults = {0};
    AUTO(config_finish) struct config config;
    CHECK_NUMBER(config_from_text(&config, "f", bytes_of_text(full_file), &faults), CONFIG_OK);
    CHECK_NUMBER(config.dhcp.mode, CONFIG_DHCP_SERVER);
    CHECK_NUMBER(config.dhcp.subnet_count, 2);
    if (config.dhcp.subnet_count != 2)
        return;
    const struct subnet *subnet = &config.dhcp.subnets[0];
    CHECK_NUMBER(subnet->subnet.network.number, 0x0a4d0000);
    CHECK_NUMBER(subnet->subnet.prefix, 24);
    CHECK_NUMBER(subnet->pool_count, 1);
    CHECK_NUMBER(subnet->pools[0].first.number, 0x0a4d0032);
    CHECK_NUMBER(subnet->pools[0].last.number, 0x0a4d00c8);
    CHECK_NUMBER(subnet->router.number, 0x0a4d0001);
    CHECK_NUMBER(subnet->dns_count, 2);
    CHECK_TEXT(subnet->domain, "lab.example");
    CHECK_NUMBER(subnet->lease_seconds, 9000);
    CHECK_NUMBER(subnet->reservation_count, 1);
    CHECK_TEXT(subnet->reservations[0].hostname, "node1");
    CHECK(config.dhcp.subnets[1].pool_count == 0 && config.dhcp.subnets[1].lease_seconds == LEASE_SECONDS_DEFAULT);
}

static const char dhcp_file[] = "dhcp:\n"
                                "  mode: server\n"
                                "  authoritative: true\n"
                                "  force: true\n"
                                "  classes: [HW-Client, 'AAPL']\n"
                                "  client-id: true\n"
                                "  bootp: true\n"
                                "  probe: false\n"
                                "  unknown: address\n"
                                "  options: {42: 10.77.0.2, search: lab.example}\n"
                                "  subnets:\n"
                                "    - subnet: 10.77.0.0/24\n"
                                "      link: hall\n"
                                "      pool: [10.77.0.100-10.77.0.109, 10.77.0.50-10.77.0.59]\n"
                                "      exclude: [10.77.0.52, 10.77.0.58-10.77.0.103]\n"
                                "      lease-min: 5m\n"
                                "      lease-max: infinite\n"
                                "      boot-lease: 4m\n"
                                "      options:\n"
                                "        search: [a.b]\n"
                                "        mtu: {value: 9000, force: true}\n"
                                "        224: {type: text, value: hello}\n"
                                "      reservations:\n"
                                "        - {client-id: '01:02', address: 10.77.0.5, options: {mtu: 1400, ntp: null}}\n"
                                "        - {client-id: node, address: 10.77.0.6}\n"
                                "        - {uuid: 4c4c4544-0051-4710-8058-b4c04f4e3533, address: 10.77.0.7}\n"
                                "        - {circuit-id: ge-0/0/1, address: 10.77.0.8}\n";

static void ranges_become_what_is_left_of_them(void)
{
    struct faults faults = {0};
    AUTO(config_finish) struct config config;
    CHECK_NUMBER(config_from_text(&config, "f", bytes_of_text(dhcp_file), &faults), CONFIG_OK);
    AUTO(free) char *said = faults_take(&faults);
    CHECK_TEXT(said, "");
    static const struct address_range expected[] = {
        {{0x0a4d0032}, {0x0a4d0033}}, {{0x0a4d0035}, {0x0a4d0039}}, {{0x0a4d0068}, {0x0a4d006d}}};
    const struct subnet *subnet = &config.dhcp.subnets[0];
    CHECK_NUMBER(subnet->pool_count, LENGTH(expected));
    CHECK(memcmp(subnet->pools, expected, sizeof expected) == 0);
    CHECK_TEXT(subnet->link, "hall");
    CHECK(subnet->lease_min == 300 && subnet->lease_max == LEASE_SECONDS_INFINITE && subnet->boot_seconds == 240);
    CHECK(config.dhcp.class_count == 2 && text_is(config.dhcp.classes[1], "AAPL"));
    CHECK(config.dhcp.authoritative && config.dhcp.force && config.dhcp.client_id && config.dhcp.bootp &&
          !config.dhcp.probe);
    CHECK_NUMBER(config.dhcp.unknown, CONFIG_UNKNOWN_ADDRESS);
}

static bool option_is(const struct lease_options *options, uint8_t code, const char *octets, size_t size)
{
    const struct lease_option *option = lease_options_find(options, code);
    return option && bytes_equal(bytes_of(option->value, option->size), bytes_of(octets, size));
}

static void options_are_of_all_subnets_unless_one_says_otherwise(void)
{
    struct faults faults = {0};
    AUTO(config_finish) struct config config;
    CHECK_NUMBER(config_from_text(&config, "f", bytes_of_text(dhcp_file), &faults), CONFIG_OK);
    const struct subnet *subnet = &config.dhcp.subnets[0];
    CHECK_NUMBER(subnet->options.count, 4);
    CHECK(option_is(&subnet->options, 26, "\x23\x28", 2) && lease_options_find(&subnet->options, 26)->is_forced);
    CHECK(option_is(&subnet->options, 42, "\x0a\x4d\x00\x02", 4));
    CHECK(!lease_options_find(&subnet->options, 42)->is_forced);
    CHECK(option_is(&subnet->options, 119, "\1a\1b", 5));
    CHECK(option_is(&subnet->options, 224, "hello", 5));
}

static void a_machine_is_reserved_for_by_any_of_its_names(void)
{
    struct faults faults = {0};
    AUTO(config_finish) struct config config;
    CHECK_NUMBER(config_from_text(&config, "f", bytes_of_text(dhcp_file), &faults), CONFIG_OK);
    const struct reservation *rows = config.dhcp.subnets[0].reservations;
    CHECK_NUMBER(config.dhcp.subnets[0].reservation_count, 4);
    CHECK(rows[0].kind == RESERVATION_CLIENT_ID &&
          bytes_equal(bytes_of(rows[0].id, rows[0].id_size), bytes_of("\1\2", 2)));
    CHECK(option_is(&rows[0].options, 26, "\x05\x78", 2) && option_is(&rows[0].options, 42, "", 0));
    CHECK(rows[1].kind == RESERVATION_CLIENT_ID && bytes_equal_text(bytes_of(rows[1].id, rows[1].id_size), "node"));
    CHECK(rows[2].kind == RESERVATION_UUID && rows[2].id_size == 16 && rows[2].id[0] == 0x44);
    CHECK(rows[3].kind == RESERVATION_CIRCUIT_ID && rows[3].id_size == 8);
}

static void what_a_subnet_says_by_a_key_holds_over_options_of_all(void)
{
    static const char source[] = "dhcp:\n  mode: server\n  options: {dns: 1.1.1.1, router: 1.1.1.1, domain: a}\n"
                                 "  subnets:\n  - {subnet: 10.77.0.0/24, pool: 10.77.0.5-10.77.0.6, dns: 2.2.2.2, "
                                 "router: 10.77.0.1, domain: b}\n"
                                 "  - {subnet: 10.78.0.0/24, pool: 10.78.0.5-10.78.0.6}\n";
    struct faults faults = {0};
    AUTO(config_finish) struct config config;
    CHECK_NUMBER(config_from_text(&config, "f", bytes_of_text(source), &faults), CONFIG_OK);
    AUTO(free) char *said = faults_take(&faults);
    CHECK_TEXT(said, "");
    CHECK_NUMBER(config.dhcp.subnets[0].options.count, 0);
    CHECK_NUMBER(config.dhcp.subnets[1].options.count, 3);
}

static void keys_left_empty_are_keys_left_out(void)
{
    struct faults faults = {0};
    AUTO(config_finish) struct config config;
    const char source[] = "data:\nhttp:\ninterfaces:\n  # - eth1\ndhcp: {mode: , subnets: }\ntftp: {root: ~}\n";
    CHECK_NUMBER(config_from_text(&config, "f", bytes_of_text(source), &faults), CONFIG_OK);
    CHECK(faults.count == 0 && config.http.port == 8080 && config.interface_count == 0);
}

/* What stands before the reported part of a document about one subnet. */
#define SUBNET "dhcp:\n  mode: server\n  subnets:\n  - subnet: 10.77.0.0/24\n"
#define POOL SUBNET "    pool: 10.77.0.50-10.77.0.60\n"
#define RESERVED POOL "    reservations:\n    - {mac: '52:54:00:00:00:01', address: 10.77.0.10}\n"

static void what_is_wrong_is_said_where_it_stands(void)
{
    const struct {
        const char *source, *said;
    } rows[] = {
        {"[]", "f:1:1: error: the configuration must be a map of keys, this is a list"},
        {"a: [", "f:2:1: error: not YAML: flow sequence without a closing bracket"},
        {"dta: /x\n", "f:1:1: error: unknown key 'dta'; is 'data' meant?"},
        {"colour: red\n", "f:1:1: error: unknown key 'colour'; known here: data, assets, state, interfaces, log, "
                          "log_level, stop_timeout, http, https, api, api-timeout, api-cache, cache, sign, dhcp, tftp, "
                          "loaders"},
        {"http:\n  prot: 80\n", "f:2:3: error: unknown key 'http.prot'; is 'http.port' meant?"},
        {"stop_timeout: soon\n", "f:1:15: error: 'stop_timeout' must be a duration such as 30s or 5m, not 'soon'"},
        {"https: {port: 443}\n",
         "f:1:8: error: HTTPS needs 'https.cert': say which PEM files hold certificate and key"},
        {"https: {cert: a}\n", "f:1:8: error: HTTPS needs 'https.key': say which PEM files hold certificate and key"},
        {"https: {cert: a, key: b, port: 8080}\n",
         "f:1:8: error: HTTP and HTTPS cannot share port 8080: give 'https.port' another"},
        {"http: 80\n", "f:1:7: error: 'http' must be a map of keys, this is a number"},
        {"http: {port: 0}\n", "f:1:14: error: 'http.port' must be a port from 1 to 65535, not '0'"},
        {"http: {port: 65536}\n", "f:1:14: error: 'http.port' must be a port from 1 to 65535, not '65536'"},
        {"http: {port: [80]}\n", "f:1:14: error: 'http.port' must be a port, this is a list"},
        {"http: {address: localhost}\n",
         "f:1:17: error: 'http.address' must be an IPv4 address such as 10.77.0.1, not 'localhost'"},
        {"data: ''\n", "f:1:7: error: 'data' is empty: name a path, or leave the key out"},
        {"data: [x]\n", "f:1:7: error: 'data' must be a path, this is a list"},
        {"api: localhost\n",
         "f:1:6: error: 'localhost' is no URL: write http://HOST or https://HOST, with what is before "
         "/v1/boot"},
        {"api: http://a/?b\n",
         "f:1:6: error: 'http://a/?b' has a query: /v1/boot/MAC is appended to the URL, so it must "
         "end with its path"},
        {"api-timeout: soon\n", "f:1:14: error: 'api-timeout' must be a duration such as 5s or 1m, not 'soon'"},
        {"api-timeout: 2m\n",
         "f:1:14: error: 'api-timeout' must be from 1s to 60s: iPXE waits no longer for its script"},
        {"api-timeout: 0\n",
         "f:1:14: error: 'api-timeout' must be from 1s to 60s: iPXE waits no longer for its script"},
        {"cache: {size: big}\n", "f:1:15: error: 'cache.size' must be a size such as 500M or 20G, not 'big'"},
        {"cache: {size: 0}\n", "f:1:15: error: 'cache.size' must be a size such as 500M or 20G, not '0'"},
        {"log: xml\n", "f:1:6: error: 'log' must be text or json, not 'xml'"},
        {"log_level: loud\n", "f:1:12: error: 'log_level' must be error, warning, info or debug, not 'loud'"},
        {"interfaces: [eth0, eth0]\n", "f:1:20: error: interface 'eth0' is there twice"},
        {"interfaces: a-name-of-16-char\n", "f:1:13: error: 'a-name-of-16-char' cannot be the name of an interface; "
                                            "`ip link` shows those there are"},
        {"interfaces: [{}]\n", "f:1:14: error: 'interfaces' must be a list of names, this is a map of keys"},
        {"dhcp: {ask: [colour]}\n",
         "f:1:14: error: 'colour' in 'dhcp.ask' is nothing that iPXE can be asked for: it knows "
         "platform, manufacturer, product, asset, ip"},
        {"dhcp: {ipv6-wait: 1}\n", "f:1:19: error: 'dhcp.ipv6-wait' must be true or false, this is a number"},
        {"tftp: {ports: 40100-40000}\n",
         "f:1:15: error: 'tftp.ports' must be a port or a range as 40000-40001, not '40100-40000'"},
        {"tftp: {ports: 0-5}\n", "f:1:15: error: 'tftp.ports' must be a port or a range as 40000-40001, not '0-5'"},
        {"tftp: {ports: 4-66000}\n",
         "f:1:15: error: 'tftp.ports' must be a port or a range as 40000-40001, not '4-66000'"},
        {"tftp: {ports: 69, single-port: true}\n",
         "f:1:15: error: 'tftp.ports' cannot hold port 69, which requests come to; for transfers from that one say "
         "'tftp.single-port: true'"},
        {"tftp: {blksize: 511}\n", "f:1:17: error: 'tftp.blksize' must be a number from 512 to 65464, not '511'"},
        {"tftp: {blksize: 1k}\n", "f:1:17: error: 'tftp.blksize' must be a number from 512 to 65464, not '1k'"},
        {"tftp: {windowsize: 65}\n", "f:1:20: error: 'tftp.windowsize' must be a number from 1 to 64, not '65'"},
        {"tftp: {windowsize: 0}\n", "f:1:20: error: 'tftp.windowsize' must be a number from 1 to 64, not '0'"},
        {"tftp: {enabled: yes}\n", "f:1:17: error: 'tftp.enabled' must be true or false, this is a text"},
        {"loaders: {files: [a]}\n", "f:1:18: error: 'loaders.files' must be a map from names to paths, this is a list"},
        {"loaders: {default: ipxelinux}\n", "f:1:20: error: 'loaders.default' must be auto, ipxe, snponly, undionly, "
                                            "pxelinux, lpxelinux, grub, shim, uki, "
                                            "none or local, not 'ipxelinux'"},
        {"dhcp: {mode: sever}\n", "f:1:14: error: 'dhcp.mode' must be proxy, server or off, not 'sever'"},
        {"dhcp:\n  mode: server\n",
         "f:2:9: error: server mode needs 'dhcp.subnets': say which addresses to give, as subnets: [{subnet: "
         "10.77.0.0/24, pool: 10.77.0.50-10.77.0.200}]"},
        {"dhcp: {subnets: [{subnet: 10.0.0.0/24, pool: 10.0.0.5-10.0.0.9}]}\n",
         "f:1:17: warning: 'dhcp.subnets' is used in server mode only, and 'dhcp.mode' is proxy"},
        {"dhcp: {mode: server, subnets: {subnet: 10.0.0.0/24}}\n",
         "f:1:31: error: 'dhcp.subnets' must be a list of maps, each with a '-' before it; this is a map of keys\n"
         "f:1:14: error: server mode needs 'dhcp.subnets': say which addresses to give, as subnets: [{subnet: "
         "10.77.0.0/24, pool: 10.77.0.50-10.77.0.200}]"},
        {"dhcp: {mode: server, subnets: [{pool: 10.0.0.5-10.0.0.9}]}\n",
         "f:1:32: error: 'dhcp.subnets[].subnet' must be given"},
        {"dhcp: {mode: server, subnets: [{subnet: 10.77.0.1/24}]}\n",
         "f:1:41: error: 'dhcp.subnets[].subnet' must be a network such as 10.77.0.0/24, of 8 to 30 bits with zeros "
         "behind them, not '10.77.0.1/24'"},
        {SUBNET, "f:4:5: error: this subnet has no address to give: it needs a pool or reservations"},
        {SUBNET "    poll: 10.77.0.1-10.77.0.9\n",
         "f:5:5: error: unknown key 'dhcp.subnets[].poll'; is 'dhcp.subnets[].pool' meant?"},
        {SUBNET "    pool: 10.78.0.1-10.77.0.9\n",
         "f:5:11: error: 'dhcp.subnets[].pool' must be two addresses in order such as 10.77.0.50-10.77.0.200, not "
         "'10.78.0.1-10.77.0.9'"},
        {SUBNET "    pool: 10.77.0.9\n",
         "f:5:11: error: 'dhcp.subnets[].pool' must be two addresses in order such as 10.77.0.50-10.77.0.200, not "
         "'10.77.0.9'"},
        {SUBNET "    pool: 10.77.0.9-10.77.1.9\n",
         "f:5:11: error: pool's last address 10.77.1.9 is outside of its subnet 10.77.0.0/24"},
        {SUBNET "    pool: 10.77.0.0-10.77.0.9\n",
         "f:5:11: error: pool's first address 10.77.0.0 is the network address of 10.77.0.0/24, which no machine can "
         "have"},
        {SUBNET "    pool: 10.77.0.9-10.77.0.255\n",
         "f:5:11: error: pool's last address 10.77.0.255 is the broadcast address of 10.77.0.0/24, which no machine "
         "can have"},
        {POOL "    router: 10.77.1.1\n", "f:6:13: error: router 10.77.1.1 is outside of its subnet 10.77.0.0/24"},
        {POOL "    router: 10.77.0.55\n",
         "f:5:11: error: router 10.77.0.55 is inside the pool: a machine would be given its address"},
        {POOL "    dns: [10.77.0.1, dns]\n",
         "f:6:22: error: 'dhcp.subnets[].dns' must be an IPv4 address such as 10.77.0.1, not 'dns'"},
        {POOL "    domain: -x\n", "f:6:13: error: 'dhcp.subnets[].domain' must be a name of letters, digits, hyphens "
                                  "and dots, not '-x'"},
        {POOL "    lease: 119\n", "f:6:12: error: 'dhcp.subnets[].lease' must be at least 120 seconds, since some "
                                  "clients cannot renew sooner"},
        {POOL "    lease: soon\n", "f:6:12: error: 'dhcp.subnets[].lease' must be a duration such as 90m, 1h, 2h30m "
                                   "or 1d, not 'soon'"},
        {POOL "  - subnet: 10.77.0.128/25\n    pool: 10.77.0.129-10.77.0.130\n",
         "f:6:13: error: subnet 10.77.0.128/25 overlaps with 10.77.0.0/24 above"},
        {RESERVED "    - {mac: 52-54-00-00-00-01, address: 10.77.0.11}\n",
         "f:8:13: error: 52-54-00-00-00-01 has a reservation above already"},
        {RESERVED "    - {mac: 52:54:00:00:00:02, address: 10.77.0.10}\n",
         "f:8:41: error: 10.77.0.10 is reserved for another machine above already"},
        {RESERVED "    - {mac: 52:54:00:00:00:02, address: 10.78.0.10}\n",
         "f:8:41: error: reserved address 10.78.0.10 is outside of its subnet 10.77.0.0/24"},
        {RESERVED "    - {mac: 52:54:00:00:00, address: 10.77.0.11}\n",
         "f:8:13: error: 'dhcp.subnets[].reservations[].mac' must be a MAC address such as 52:54:00:00:00:01, not "
         "'52:54:00:00:00'"},
        {RESERVED "    - {mac: 52:54:00:00:00:02}\n",
         "f:8:7: error: 'dhcp.subnets[].reservations[].address' must be given"},
        {RESERVED "    - {mac: 52:54:00:00:00:02, address: 10.77.0.1}\n    router: 10.77.0.1\n",
         "f:8:41: error: reserved address 10.77.0.1 is the router's"},
        {POOL "    lease-min: 2h\n",
         "f:6:16: error: 'dhcp.subnets[].lease-min' is longer than 'lease', which is 3600 s"},
        {POOL "    lease-max: 5m\n",
         "f:6:16: error: 'dhcp.subnets[].lease-max' is shorter than 'lease', which is 3600 s"},
        {POOL "    exclude: 10.77.0.2-\n",
         "f:6:14: error: 'dhcp.subnets[].exclude' must be an address or two in order such as 10.77.0.90-10.77.0.99, "
         "not '10.77.0.2-'"},
        {POOL "    exclude: [10.77.0.55, 10.78.0.5]\n",
         "f:6:27: error: 'dhcp.subnets[].exclude' 10.78.0.5 is outside of the subnet 10.77.0.0/24"},
        {POOL "    exclude: 10.77.0.55-10.78.0.5\n",
         "f:6:14: error: 'dhcp.subnets[].exclude' 10.77.0.55-10.78.0.5 is outside of the subnet 10.77.0.0/24"},
        {"dhcp: {mode: server, subnets: [{subnet: 127.0.0.0/8, pool: 127.0.0.5-127.0.0.6}]}\n",
         "f:1:41: error: subnet 127.0.0.0/8 has no addresses that machines can have"},
        {"dhcp: {mode: server, subnets: [{subnet: 224.0.1.0/24, pool: 224.0.1.5-224.0.1.6}]}\n",
         "f:1:41: error: subnet 224.0.1.0/24 has no addresses that machines can have"},
        {RESERVED "    - {client-id: '01:52:54:00:00:0g', address: 10.77.0.11}\n",
         "f:8:19: error: 'dhcp.subnets[].reservations[].client-id' must be octets such as 01:52:54:00:00:00:01, or a "
         "text that does not look like some, not '01:52:54:00:00:0g'"},
        {RESERVED "    - {circuit-id: '0x1', address: 10.77.0.11}\n",
         "f:8:20: error: 'dhcp.subnets[].reservations[].circuit-id' must be octets such as 01:52:54:00:00:00:01, or a "
         "text that does not look like some, not '0x1'"},
        {RESERVED "    - {circuit-id: 'ge-0/0:12', address: 10.77.0.11}\n", ""},
        {RESERVED "    link: hall\n"
                  "  - subnet: 10.78.0.0/24\n    link: hall\n"
                  "    reservations: [{mac: '52:54:00:00:00:01', address: 10.78.0.10}]\n",
         "f:11:26: error: 52:54:00:00:00:01 has a reservation in 10.77.0.0/24 already, which is on the same link"},
        {RESERVED "    link: hall\n"
                  "  - subnet: 10.78.0.0/24\n"
                  "    reservations: [{mac: '52:54:00:00:00:01', address: 10.78.0.10}]\n",
         ""},
        {POOL "    exclude: 10.77.0.50-10.77.0.60\n",
         "f:6:14: error: 'dhcp.subnets[].exclude' leaves no address of the pool"},
        {SUBNET "    pool: [10.77.0.50-10.77.0.60, 10.77.0.40-10.77.0.50]\n",
         "f:5:35: error: pool 10.77.0.40-10.77.0.50 overlaps with 10.77.0.50-10.77.0.60"},
        {POOL "    options: {ntq: 10.77.0.1}\n", "f:6:15: error: no option is called 'ntq'; is 'ntp' meant?"},
        {POOL "    options: {mtu: big}\n",
         "f:6:20: error: option 'mtu': it must be a number from 0 to 65535, not 'big'"},
        {POOL "    options: {dns-server: 10.77.0.1}\n",
         "f:6:15: error: no option is called 'dns-server'; is 'dns' meant?"},
        {POOL "    options: {domain-name-server: 10.77.0.1}\n",
         "f:6:15: error: no option is called 'domain-name-server'; is 'domain-name-servers' meant?"},
        {POOL "    options: {ntp: [10.77.0.1, 10.77.0, x]}\n",
         "f:6:32: error: option 'ntp': it must be addresses such as 10.77.0.1, not '10.77.0'"},
        {POOL "    options: {mtu: [1500, 1400]}\n",
         "f:6:20: error: option 'mtu': it must be a number from 0 to 65535, one of them"},
        {POOL "    options: {mtu: 67}\n", "f:6:20: error: option 'mtu': it must be at least 68, not '67'"},
        {POOL "    options: {25: [68, 10]}\n", "f:6:24: error: option '25': it must be at least 68, not '10'"},
        {POOL "    options: {6: 10.77.0.1, dns: 10.77.0.2, domain-name-servers: null}\n",
         "f:6:29: error: option 'dns' is there already, as '6': both are domain-name-servers (6)\n"
         "f:6:45: error: option 'domain-name-servers' is there already, as '6': both are domain-name-servers (6)"},
        {POOL "    options: {dns: 10.77.0.2}\n    dns: 10.77.0.1\n",
         "f:7:5: warning: 'dns' has no effect: 'options' beside it says domain-name-servers (6)"},
        {RESERVED
         "    - {uuid: 4c4c4544-0051-4710-8058-b4c04f4e3533, address: 10.77.0.7, hostname: a, options: {12: b}}\n",
         "f:8:72: warning: 'hostname' has no effect: 'options' beside it says host-name (12)"},
        {POOL "    options: {mtu: [1, {}]}\n",
         "f:6:24: error: 'value' must be a text or a number, this is a map of keys"},
        {POOL "    options: {54: 10.77.0.1}\n",
         "f:6:15: error: option 54 (dhcp-server-identifier) is set by the server itself"},
        {POOL "    options: {224: {type: txt, value: x}}\n",
         "f:6:27: error: 'type' must be text, address, addresses, number8, number16, number32, octets, bool, names or "
         "routes, not 'txt'\nf:6:39: error: option '224': it must be octets such as 01:a0:ff, not 'x'"},
        {POOL "    options: {ntp: {type: text, value: abc}}\n",
         "f:6:40: error: option 'ntp': a value of 3 octets is of the wrong size, so that clients would drop the reply"},
        {POOL "    options: {ntp: {}}\n", "f:6:20: error: 'value' must be given"},
        {POOL "    options: [ntp]\n", "f:6:14: error: 'dhcp.subnets[].options' must be a map from options to their "
                                      "values, this is a list"},
        {"dhcp: {unknown: boot}\n", "f:1:17: error: 'dhcp.unknown' must be serve, address or ignore, not 'boot'"},
        {"dhcp: {modes: {eth1: serv}}\n", "f:1:22: error: the mode on 'eth1' must be proxy, server or off, not 'serv'"},
        {"dhcp: {modes: {eth1: server}}\n",
         "f:1:7: error: server mode needs 'dhcp.subnets': say which addresses to give, as subnets: [{subnet: "
         "10.77.0.0/24, pool: 10.77.0.50-10.77.0.200}]"},
        {"dhcp: {modes: server}\n",
         "f:1:15: error: 'dhcp.modes' must be a map from interfaces to modes, this is a text"},
        {"dhcp: {probe: 1}\n", "f:1:15: error: 'dhcp.probe' must be true or false, this is a number"},
        {RESERVED "    - {mac: 52:54:00:00:00:02, client-id: x, address: 10.77.0.11}\n",
         "f:8:43: error: one of 'mac', 'client-id', 'uuid' and 'circuit-id' is enough"},
        {RESERVED "    - {uuid: x, address: 10.77.0.11}\n",
         "f:8:14: error: 'dhcp.subnets[].reservations[].uuid' must be a UUID such as "
         "4c4c4544-0051-4710-8058-b4c04f4e3533, not 'x'"},
        {RESERVED "    - {uuid: 00000000-0000-0000-0000-000000000000, address: 10.77.0.11}\n",
         "f:8:14: error: '00000000-0000-0000-0000-000000000000' is what machines without a UUID of their own send, so "
         "that it tells none"},
        {RESERVED "    - {mac: 'ff:ff:ff:ff:ff:ff', address: 10.77.0.11}\n",
         "f:8:13: error: 'ff:ff:ff:ff:ff:ff' is a group address, which no machine has"},
        {RESERVED "    - {mac: '00:00:00:00:00:00', address: 10.77.0.11}\n",
         "f:8:13: error: '00:00:00:00:00:00' tells no machine from another"},
        {RESERVED "    - {address: 10.77.0.11}\n",
         "f:8:7: error: 'dhcp.subnets[].reservations[].mac', or 'client-id', 'uuid' or 'circuit-id', must be given"},
        {RESERVED "    - 5\n", "f:8:7: error: 'dhcp.subnets[].reservations[]' must be a map of keys, this is a number"},
    };
    for (size_t i = 0; i < LENGTH(rows); i++) {
        struct faults faults = {0};
        AUTO(config_finish) struct config config;
        int code = config_from_text(&config, "f", bytes_of_text(rows[i].source), &faults);
        CHECK_ROW(rows[i].source, (code == CONFIG_OK) == (faults.errors == 0));
        AUTO(free) char *said = faults_take(&faults);
        CHECK_TEXT(said, rows[i].said);
    }
}

static void a_duration_is_numbers_with_units(void)
{
    const struct {
        const char *text;
        uint32_t seconds; /* 0: refused */
    } rows[] = {
        {"90", 90},      {"90s", 90}, {"1h", 3600}, {"2h30m", 9000}, {"1d", 86400},     {"1w", 604800},
        {"1d1s", 86401}, {"", 0},     {"h", 0},     {"1x", 0},       {"30m2h", 0},      {"1h30", 0},
        {"-1h", 0},      {"1 h", 0},  {"1.5h", 0},  {"1h1h", 0},     {"4294967296", 0}, {"99999999999h", 0},
        {"8000w", 0},
    };
    for (size_t i = 0; i < LENGTH(rows); i++) {
        uint32_t seconds = 0;
        bool accepted = config_duration_from_text(&seconds, rows[i].text);
        CHECK_ROW(rows[i].text, accepted == (rows[i].seconds != 0) && seconds == rows[i].seconds);
    }
}

static void a_size_is_a_number_with_a_unit(void)
{
    const struct {
        const char *text;
        uint64_t octets;
        bool right;
    } rows[] = {
        {"0", 0, true},
        {"1500", 1500, true},
        {"20G", 20000000000, true},
        {"20 g", 20000000000, true},
        {"4MiB", 4u << 20, true},
        {"", 0, false},
        {"G", 0, false},
        {"1.5G", 0, false},
        {"-1", 0, false},
        {"5X", 0, false},
        {"99999999999T", 0, false},
    };
    for (size_t i = 0; i < LENGTH(rows); i++) {
        uint64_t octets = 0;
        CHECK_ROW(rows[i].text, config_size_from_text(&octets, rows[i].text) == rows[i].right);
        CHECK_ROW(rows[i].text, !rows[i].right || octets == rows[i].octets);
    }
}

static void flags_move_what_belongs_to_data_unless_it_was_set(void)
{
    AUTO(config_finish) struct config config;
    config_defaults(&config);
    config_set_state(&config, "/state.db");
    config_set_data(&config, "/data");
    CHECK_TEXT(config.state, "/state.db");
    CHECK_TEXT(config.assets, "/data/assets");
    config_set_assets(&config, "");
    config_set_data(&config, config.data);
    CHECK_TEXT(config.assets, "");
}

static void each_key_says_what_it_is(void)
{
    size_t count = 0;
    for (const struct config_key *key; (key = config_key_at(count)); count++)
        CHECK_ROW(key->path, key->path[0] && key->type[0] && key->purpose[0] && text_ends_with(key->purpose, "."));
    CHECK(count > 20);
}

static void a_file_that_is_not_there_is_unreadable(void)
{
    struct faults faults = {0};
    AUTO(config_finish) struct config config;
    CHECK_NUMBER(config_load(&config, "/nowhere/muster.yaml", &faults), CONFIG_E_UNREADABLE);
    CHECK_NUMBER(config.http.port, 8080);
    AUTO(free) char *said = faults_take(&faults);
    CHECK_TEXT(said, "/nowhere/muster.yaml: error: cannot read it: No such file or directory");
}

int main(void)
{
    RUN(the_defaults_run_everything_without_a_file);
    RUN(a_full_file_becomes_a_config);
    RUN(subnets_stand_in_the_order_of_their_networks);
    RUN(ranges_become_what_is_left_of_them);
    RUN(options_are_of_all_subnets_unless_one_says_otherwise);
    RUN(a_machine_is_reserved_for_by_any_of_its_names);
    RUN(what_a_subnet_says_by_a_key_holds_over_options_of_all);
    RUN(keys_left_empty_are_keys_left_out);
    RUN(what_is_wrong_is_said_where_it_stands);
    RUN(a_duration_is_numbers_with_units);
    RUN(a_size_is_a_number_with_a_unit);
    RUN(flags_move_what_belongs_to_data_unless_it_was_set);
    RUN(each_key_says_what_it_is);
    RUN(a_file_that_is_not_there_is_unreadable);
    return test_result();
}
