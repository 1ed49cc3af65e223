/* SPDX-License-Identifier: Apache-2.0 */
/* muster serve: run the services. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/array.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/flags.h"
#include "cli/service-flags.h"
#include "config/config.h"
#include "io/log.h"
#include "io/loop.h"
#include "serve/server.h"

/* Where Matchbox looks for them. */
#define WEB_CERTIFICATE_DEFAULT "/etc/matchbox/ssl/server.crt"
#define WEB_KEY_DEFAULT "/etc/matchbox/ssl/server.key"

/* Matchbox's own defaults, for who starts muster as they started it. */
#define DATA_OF_MATCHBOX "/var/lib/matchbox"
#define ASSETS_OF_MATCHBOX "/var/lib/matchbox/assets"

/* What the command line says over the file; NULL and zero: nothing. */
struct overrides {
    struct service_flags service;
    const char *file;
    const char *data, *state, *assets, *tftp_root, *api;
    bool has_http_address;
    struct ipv4 http_address;
    const char *key_ring;
    bool web_ssl;
    const char *web_certificate, *web_key;
    const char *rpc_address; /* of Matchbox's gRPC API */
    bool as_matchbox;        /* flags or variables of Matchbox were given */
};

static int set_file(void *target, const char *value, struct diag *why)
{
    (void)why;
    ((struct overrides *)target)->file = value;
    return 0;
}

static int set_data(void *target, const char *value, struct diag *why)
{
    if (!*value)
        return fail(why, -1, "name a folder");
    ((struct overrides *)target)->data = value;
    return 0;
}

static int set_state(void *target, const char *value, struct diag *why)
{
    (void)why;
    ((struct overrides *)target)->state = value;
    return 0;
}

static int set_assets(void *target, const char *value, struct diag *why)
{
    (void)why;
    ((struct overrides *)target)->assets = value;
    return 0;
}

static int set_tftp_root(void *target, const char *value, struct diag *why)
{
    (void)why;
    ((struct overrides *)target)->tftp_root = value;
    return 0;
}

static int set_api(void *target, const char *value, struct diag *why)
{
    AUTO(free) char *url = NULL;
    if (!config_api_from_text(&url, value, why))
        return -1;
    ((struct overrides *)target)->api = value;
    return 0;
}

/* "ADDRESS:PORT"; no address, 0.0.0.0 or localhost as Go's net.Listen takes them. */
static int set_address(void *target, const char *value, struct diag *why)
{
    struct overrides *overrides = target;
    const char *colon = strrchr(value, ':');
    AUTO(free) char *host = colon ? memory_text_of(value, (size_t)(colon - value)) : NULL;
    overrides->as_matchbox = true;
    overrides->has_http_address = true;
    if (!host || service_flags_set_http_port(target, colon + 1, why) != 0)
        return fail(why, -1, "write it as ADDRESS:PORT, such as 0.0.0.0:8080");
    if (text_is(host, "localhost"))
        overrides->http_address = (struct ipv4){0x7f000001};
    else if (*host && !ipv4_from_text(&overrides->http_address, host))
        return fail(why, -1, "'%s' is no IPv4 address", host);
    return 0;
}

static int set_matchbox_data(void *target, const char *value, struct diag *why)
{
    ((struct overrides *)target)->as_matchbox = true;
    return set_data(target, value, why);
}

static int set_matchbox_assets(void *target, const char *value, struct diag *why)
{
    ((struct overrides *)target)->as_matchbox = true;
    return set_assets(target, value, why);
}

static int set_key_ring(void *target, const char *value, struct diag *why)
{
    struct overrides *overrides = target;
    (void)why;
    overrides->as_matchbox = true;
    overrides->key_ring = value;
    return 0;
}

/* As Go's strconv.ParseBool reads it. */
static int set_web_ssl(void *target, const char *value, struct diag *why)
{
    static const char *const words[] = {"0", "f", "F", "false", "FALSE", "False",
                                        "1", "t", "T", "true",  "TRUE",  "True"};
    struct overrides *overrides = target;
    overrides->as_matchbox = true;
    for (size_t i = 0; i < LENGTH(words); i++)
        if (text_is(words[i], value)) {
            overrides->web_ssl = i >= LENGTH(words) / 2;
            return 0;
        }
    return fail(why, -1, "say true or false");
}

static int set_web_certificate(void *target, const char *value, struct diag *why)
{
    struct overrides *overrides = target;
    (void)why;
    overrides->as_matchbox = true;
    overrides->web_certificate = value;
    return 0;
}

static int set_web_key(void *target, const char *value, struct diag *why)
{
    struct overrides *overrides = target;
    (void)why;
    overrides->as_matchbox = true;
    overrides->web_key = value;
    return 0;
}

/* The certificates of Matchbox's gRPC API, which muster does not have: machines never spoke to it. */
static int accept_unused(void *target, const char *value, struct diag *why)
{
    (void)value;
    (void)why;
    ((struct overrides *)target)->as_matchbox = true;
    return 0;
}

static int set_rpc_address(void *target, const char *value, struct diag *why)
{
    (void)why;
    ((struct overrides *)target)->as_matchbox = true;
    ((struct overrides *)target)->rpc_address = *value ? value : NULL;
    return 0;
}

static const struct flag flags[] = {
    {"config", 'c', "FILE", "read FILE instead of " CONFIG_PATH_DEFAULT, set_file, NULL},
    {"data", 0, "DIR", "groups/ profiles/ assets/ ... (Matchbox's layout)", set_data, NULL},
    {"state", 0, "FILE", "where leases are kept", set_state, NULL},
    {"assets", 0, "DIR", "files below /assets/; default DATA/assets", set_assets, NULL},
    SERVICE_FLAG_INTERFACE,
    SERVICE_FLAG_MODE,
    SERVICE_FLAG_HTTP_PORT,
    {"tftp-root", 0, "DIR", "plain files for TFTP beside the boot programs", set_tftp_root, NULL},
    {"api", 0, "URL", "ask this service of Pixiecore's API what machines boot", set_api, NULL},
    SERVICE_FLAG_LOG,
    SERVICE_FLAG_LOG_LEVEL("MATCHBOX_LOG_LEVEL"),
    {"address", 0, "HOST:PORT", "Matchbox: HTTP alone, on this address", set_address, "MATCHBOX_ADDRESS"},
    {"data-path", 0, "DIR", "Matchbox: HTTP alone, with this data folder", set_matchbox_data, "MATCHBOX_DATA_PATH"},
    {"assets-path", 0, "DIR", "Matchbox: HTTP alone, with these assets", set_matchbox_assets, "MATCHBOX_ASSETS_PATH"},
    {"key-ring-path", 0, "FILE", "Matchbox: sign configs; MATCHBOX_PASSPHRASE unlocks", set_key_ring,
     "MATCHBOX_KEY_RING_PATH"},
    {"web-ssl", 0, NULL, "Matchbox: HTTPS instead of HTTP", set_web_ssl, "MATCHBOX_WEB_SSL", .is_switch = true},
    {"web-cert-file", 0, "FILE", "Matchbox: its certificate, PEM", set_web_certificate, "MATCHBOX_WEB_CERT_FILE"},
    {"web-key-file", 0, "FILE", "Matchbox: its key, PEM", set_web_key, "MATCHBOX_WEB_KEY_FILE"},
    {"rpc-address", 0, "HOST:PORT", NULL, set_rpc_address, "MATCHBOX_RPC_ADDRESS"},
    {"cert-file", 0, "FILE", NULL, accept_unused, "MATCHBOX_CERT_FILE"},
    {"key-file", 0, "FILE", NULL, accept_unused, "MATCHBOX_KEY_FILE"},
    {"ca-file", 0, "FILE", NULL, accept_unused, "MATCHBOX_CA_FILE"},
};

static void print_help(void)
{
    puts("Usage: muster serve [options]\n\n"
         "Runs proxyDHCP (or a DHCP server), TFTP and HTTP until SIGTERM; SIGHUP reloads.\n"
         "Without a file: proxyDHCP on every interface, with data in ./data or " CONFIG_DATA_DEFAULT ".\n");
    flags_print(flags, LENGTH(flags));
    puts("Matchbox's flags may have one dash and be MATCHBOX_* variables. Manual: man 8 muster");
}

/* Who starts muster as they started Matchbox has DHCP and TFTP from elsewhere, and gets just what Matchbox did. */
static void apply_matchbox(struct config *config, const struct overrides *overrides)
{
    if (overrides->file || !overrides->as_matchbox)
        return;
    config->dhcp.mode = CONFIG_DHCP_OFF;
    config->tftp.enabled = false;
    config->http.address = (struct ipv4){0x7f000001};
    if (access(DATA_OF_MATCHBOX, F_OK) == 0)
        config_set_data(config, DATA_OF_MATCHBOX);
    if (access(ASSETS_OF_MATCHBOX, F_OK) == 0)
        config_set_assets(config, ASSETS_OF_MATCHBOX);
}

/* Matchbox has one listener: with -web-ssl that of HTTP speaks TLS. */
static void apply_web_ssl(struct config *config, const struct overrides *overrides)
{
    if (!overrides->web_ssl)
        return;
    config_set_certificate(config, overrides->web_certificate ?: WEB_CERTIFICATE_DEFAULT,
                           overrides->web_key ?: WEB_KEY_DEFAULT);
    config->https.port = config->http.port;
    config->https.only = true;
}

static void apply_overrides(struct config *config, const struct overrides *overrides)
{
    apply_matchbox(config, overrides);
    if (overrides->data)
        config_set_data(config, overrides->data);
    if (overrides->state)
        config_set_state(config, overrides->state);
    if (overrides->assets)
        config_set_assets(config, overrides->assets);
    if (overrides->tftp_root)
        config_set_tftp_root(config, overrides->tftp_root);
    if (overrides->api)
        config_api_from_text(&config->api.url, overrides->api, NULL);
    if (overrides->service.has_mode)
        config->tftp.enabled = true;
    if (overrides->has_http_address)
        config->http.address = overrides->http_address;
    if (overrides->key_ring)
        config_set_key_ring(config, overrides->key_ring);
    service_flags_apply(config, &overrides->service);
    apply_web_ssl(config, overrides);
}

static int configure(struct config *ret, void *context, struct faults *faults)
{
    const struct overrides *overrides = context;
    int result = overrides->file ? config_load(ret, overrides->file, faults) : config_load_default(ret, faults);
    apply_overrides(ret, overrides);
    if (ret->dhcp.mode == CONFIG_DHCP_SERVER && ret->dhcp.subnet_count == 0 && faults->errors == 0)
        faults_add(faults, FAULT_ERROR, overrides->file, 0, 0,
                   "server mode needs at least one subnet under 'dhcp.subnets' in muster.yaml");
    /* DHCP and TFTP send machines to HTTP. */
    if (ret->https.only && ret->dhcp.mode != CONFIG_DHCP_OFF)
        faults_add(faults, FAULT_ERROR, overrides->file, 0, 0,
                   "--web-ssl leaves machines no HTTP to boot from: use 'https:' in muster.yaml, which runs beside it");
    return result;
}

int cli_serve(int argc, char **argv)
{
    struct overrides overrides = {0};
    struct diag why;
    int operand;
    struct moment started = clock_now();
    int result = flags_parse(&operand, flags, LENGTH(flags), &overrides, argc, argv, &why);
    if (result == FLAGS_HELP) {
        print_help();
        return CLI_DONE;
    }
    if (result == FLAGS_OK && operand < argc)
        result = fail(&why, FLAGS_WRONG, "'%s': serve takes options only", argv[operand]);
    if (result != FLAGS_OK)
        return flags_refuse("serve", &why);
    if (overrides.rpc_address)
        log_line(LOG_LEVEL_WARNING, "muster", NULL,
                 "there is no gRPC API at %s: machines are served all the same, groups and profiles are files",
                 overrides.rpc_address);
    struct server_plan plan = {.configure = configure, .context = &overrides, .started = started};
    if (server_run(&plan, &why) < 0) {
        log_line(LOG_LEVEL_ERROR, "muster", NULL, "%s", why.text);
        return CLI_WRONG;
    }
    return CLI_DONE;
}
