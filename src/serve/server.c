/* SPDX-License-Identifier: Apache-2.0 */
/* The whole server, put together: configuration, catalog, leases and state, then one service after the other. */
#include "serve/server.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>

#include "answer/tftp-web.h"
#include "base/array.h"
#include "base/text.h"
#include "fleet/fleet.h"
#include "io/interfaces.h"
#include "io/log.h"
#include "io/loop.h"
#include "io/notify.h"
#include "lease/lease.h"
#include "serve/catalog.h"
#include "serve/dhcp.h"
#include "serve/elsewhere.h"
#include "serve/http.h"
#include "serve/lease-command.h"
#include "serve/lease-control.h"
#include "serve/sign.h"
#include "serve/tftp.h"
#include "store/files.h"
#include "store/loaders.h"
#include "store/state.h"

/* How often it is looked whether the last transfer has ended. */
#define DRAIN_INTERVAL (10 * MILLISECOND)

struct server {
    const struct server_plan *plan;
    struct config config; /* of the start: what sockets and threads were opened with */
    struct loop *loop;
    struct loop_timer *drain; /* while stopping */
    instant patience;         /* the end of it */
    struct fleet *fleet;
    struct loaders *loaders;
    uint8_t secret[16]; /* for what only this process is to know */
    char *found_loader; /* lent to the TFTP service until its next question */
    struct serve_catalog *catalog;
    struct store_files *files; /* what Butane configs take contents from */
    struct lease_table *leases;
    struct state *state;
    struct lease_control *lease_control;
    struct serve_dhcp *dhcp;
    struct serve_dhcp_mode *modes; /* lent to it */
    struct signer *signer;
    struct serve_tftp *tftp;
    struct serve_http *http;
    struct serve_elsewhere *elsewhere; /* NULL: nothing is fetched from other servers */
    bool stopping;
};

static void log_faults(const struct faults *faults)
{
    for (size_t i = 0; i < faults->count; i++) {
        struct fault shown = faults->at[i];
        AUTO(free) char *place = NULL;
        if (shown.file)
            place = shown.line > 0 ? memory_print("%s:%u:%u: ", shown.file, shown.line, shown.column)
                                   : memory_print("%s: ", shown.file);
        log_line(shown.severity == FAULT_ERROR ? LOG_LEVEL_ERROR : LOG_LEVEL_WARNING, "config", NULL, "%s%s",
                 place ? place : "", shown.text);
    }
}

static void apply_log(const struct config *config)
{
    enum log_level level;
    log_set_json(config->log_json);
    if (log_level_from_text(&level, config->log_level))
        log_set_level(level);
}

/* Called from any thread. */
static char *find_loader(void *context, const char *name)
{
    return loaders_find(((struct server *)context)->loaders, name);
}

static const char *lend_loader(void *context, const char *name)
{
    struct server *server = context;
    free(server->found_loader);
    server->found_loader = loaders_find(server->loaders, name);
    return server->found_loader;
}

/* A file of that name below the TFTP root. Called from any thread. */
static char *find_plain(void *context, const char *name)
{
    const struct server *server = context;
    struct stat file;
    AUTO(free) char *path = memory_print("%s/%s", server->config.tftp.root, name);
    return stat(path, &file) == 0 && S_ISREG(file.st_mode) ? take_pointer(path) : NULL;
}

/* What the HTTP service answers beside the catalog, over TFTP too. */
static struct http_settings http_settings_of(struct server *server)
{
    struct http_settings settings = {
        .files = server->plan->files,
        .file_count = server->plan->file_count,
        .find_loader = find_loader,
        .loader_context = server,
        .find_plain = server->config.tftp.root ? find_plain : NULL,
        .plain_context = server,
        .loader = server->config.loaders.fallback,
        .elsewhere = serve_elsewhere_answers(server->elsewhere),
        .local_files = store_files_source(server->files),
    };
    memcpy(settings.secret, server->secret, sizeof settings.secret);
    return settings;
}

static bool find_web(struct answer_tftp *ret, void *context, const struct answer_tftp_request *request)
{
    struct server *server = context;
    AUTO(catalog_unref) struct catalog *catalog = current_catalog_ref(serve_catalog_current(server->catalog));
    struct http_settings settings = http_settings_of(server);
    settings.has_assets = server->config.assets && server->config.assets[0] != '\0';
    const struct answer_tftp_web web = {
        .catalog = catalog,
        .fleet = server->fleet,
        .settings = &settings,
        .http_port = serve_http_port(server->http),
    };
    return answer_tftp_web(ret, &web, request);
}

static void log_loaders(const struct server *server)
{
    AUTO(text_finish) struct text found = {0};
    for (size_t i = 0; loader_at(i); i++) {
        AUTO(free) char *path = loaders_find(server->loaders, loader_at(i)->name);
        if (!path || loader_at(i)->choices == 0)
            continue;
        text_print(&found, "%s%s", found.length > 0 ? ", " : "", loader_at(i)->name);
        log_line(LOG_LEVEL_DEBUG, "tftp", NULL, "boot program '%s' is %s", loader_at(i)->name, path);
    }
    if (found.length > 0)
        log_line(LOG_LEVEL_INFO, "tftp", NULL, "boot programs: %s", text_characters(&found));
    else
        log_line(LOG_LEVEL_WARNING, "tftp", NULL,
                 "no boot program is on this host: install the package 'ipxe', or name files under 'loaders:'");
}

static void restore_lease(const struct lease *lease, void *context)
{
    lease_restore(context, lease);
}

static struct lease_table *create_leases(struct config *config)
{
    size_t count;
    struct subnet *subnets = config_take_subnets(&count, config);
    struct lease_table *leases = lease_table_create(subnets, count);
    if (config->dhcp.client_id)
        lease_table_bind_by_client_id(leases);
    return leases;
}

/* Without it commands wait for the server to stop. */
static void start_lease_control(struct server *server, const char *state_path)
{
    struct diag why;
    if (lease_control_start(&server->lease_control, server->loop, state_path, server->state, server->leases, &why) < 0)
        log_line(LOG_LEVEL_WARNING, "leases", NULL, "no commands are taken while muster runs: %s", why.text);
}

/* The address table of the configuration, with what was bound before. */
static int open_leases(struct server *server, struct diag *why)
{
    server->leases = create_leases(&server->config);
    struct faults warnings = {0};
    const char *path = server->plan->keeps_no_state ? NULL : server->config.state;
    int result = state_open_to_serve(&server->state, path, &warnings, why);
    if (result == 0)
        result = state_leases(server->state, restore_lease, server->leases, &warnings, why);
    if (result == 0)
        result = lease_commands_restore(server->leases, server->state, &warnings, why);
    log_faults(&warnings);
    faults_finish(&warnings);
    if (result == 0 && path)
        start_lease_control(server, path);
    return result;
}

/* The part of the configuration that answers depend on. */
static void set_policy(struct answer_dhcp_settings *ret, const struct config *config)
{
    static const enum answer_dhcp_unknown unknown[] = {
        [CONFIG_UNKNOWN_SERVE] = ANSWER_DHCP_UNKNOWN_SERVE,
        [CONFIG_UNKNOWN_ADDRESS] = ANSWER_DHCP_UNKNOWN_ADDRESS,
        [CONFIG_UNKNOWN_IGNORE] = ANSWER_DHCP_UNKNOWN_IGNORE,
    };
    ret->authoritative = config->dhcp.authoritative;
    ret->bootp = config->dhcp.bootp;
    ret->unknown = unknown[config->dhcp.unknown];
}

static enum answer_dhcp_mode answer_mode(enum config_dhcp_mode mode)
{
    return mode == CONFIG_DHCP_SERVER ? ANSWER_DHCP_SERVER : ANSWER_DHCP_PROXY;
}

/* The modes of single interfaces; their names stay the configuration's. */
static struct serve_dhcp_mode *create_modes(const struct config *config)
{
    struct serve_dhcp_mode *modes = memory_new(config->dhcp.mode_count + 1, sizeof *modes);
    for (size_t i = 0; i < config->dhcp.mode_count; i++) {
        const struct config_interface_mode *mode = &config->dhcp.modes[i];
        modes[i] = (struct serve_dhcp_mode){mode->interface, mode->mode == CONFIG_DHCP_OFF, answer_mode(mode->mode)};
    }
    return modes;
}

static int start_dhcp(struct server *server, struct diag *why)
{
    const struct config *config = &server->config;
    if (config->dhcp.mode == CONFIG_DHCP_OFF && config->dhcp.mode_count == 0)
        return 0;
    server->modes = create_modes(config);
    int result = config_gives_addresses(config) ? open_leases(server, why) : 0;
    if (result < 0)
        return result;
    struct serve_dhcp_settings settings = {
        .answer =
            {
                .mode = answer_mode(config->dhcp.mode),
                .http_port = serve_http_port(server->http),
                .ask = config->dhcp.ask,
                .classes = config->dhcp.classes,
                .class_count = config->dhcp.class_count,
                .leases = server->leases,
                .fleet = server->fleet,
                .loader_is_there = loaders_have,
                .context = server->loaders,
                .loader = config->loaders.fallback,
            },
        .boot_service = serve_elsewhere_boot_service(server->elsewhere),
        .catalog = server->catalog,
        .interfaces = config->interfaces,
        .interface_count = config->interface_count,
        .ipv6_wait = config->dhcp.ipv6_wait,
        .modes = server->modes,
        .mode_count = config->dhcp.mode_count,
        .is_off = config->dhcp.mode == CONFIG_DHCP_OFF,
        .state = server->state,
        .force = config->dhcp.force,
        .probe = config->dhcp.probe,
    };
    set_policy(&settings.answer, config);
    return serve_dhcp_start(&server->dhcp, server->loop, &settings, why);
}

static void follow_catalog(void *context)
{
    struct server *server = context;
    if (server->dhcp)
        serve_dhcp_follow_catalog(server->dhcp);
}

/* On the thread that reads catalogs. */
static void catalog_changed(void *context)
{
    loop_post(((struct server *)context)->loop, follow_catalog, context);
}

static int start_tftp(struct server *server, struct diag *why)
{
    if (!server->config.tftp.enabled)
        return 0;
    struct serve_tftp_settings settings = {
        .root = server->config.tftp.root,
        .find_program = lend_loader,
        .program_context = server,
        .generate = find_web,
        .generate_context = server,
        .assets = server->config.assets,
        .images = serve_elsewhere_images(server->elsewhere),
        .interfaces = (const char *const *)server->config.interfaces,
        .interface_count = server->config.interface_count,
        .single_port = server->config.tftp.single_port,
        .no_shortcut = server->config.tftp.no_shortcut,
        .first_port = server->config.tftp.first_port,
        .last_port = server->config.tftp.last_port,
        .blksize_max = server->config.tftp.blksize,
        .windowsize_max = server->config.tftp.windowsize,
        .fleet = server->fleet,
    };
    int result = serve_tftp_start(&server->tftp, server->loop, &settings, why);
    if (result == 0)
        log_loaders(server);
    return result;
}

/* Where machines and people find it: the URL of the one address it listens on, or of each of this host. */
static void log_listener(const struct server *server, const char *scheme, unsigned port)
{
    char text[IPV4_TEXT_MAX];
    AUTO(text_finish) struct text urls = {0};
    AUTO(interfaces_finish) struct interfaces interfaces = {0};
    if (ipv4_is_set(server->config.http.address))
        text_print(&urls, " %s://%s:%u", scheme, ipv4_to_text(text, server->config.http.address), port);
    else
        interfaces_read(&interfaces, NULL);
    for (size_t i = 0; i < interfaces.count; i++)
        for (size_t k = 0; k < interfaces.at[i].address_count && !interfaces.at[i].loopback; k++)
            text_print(&urls, " %s://%s:%u (%s)", scheme, ipv4_to_text(text, interfaces.at[i].addresses[k].address),
                       port, interfaces.at[i].name);
    log_line(LOG_LEVEL_INFO, scheme, NULL, "port %u on %s%s%s", port,
             ipv4_is_set(server->config.http.address) ? "one address" : "every address", urls.length > 0 ? ":" : "",
             text_characters(&urls));
}

static void log_http(const struct server *server)
{
    unsigned port = serve_http_port(server->http);
    unsigned secure_port = serve_http_secure_port(server->http);
    if (port > 0)
        log_listener(server, "http", port);
    if (secure_port > 0)
        log_listener(server, "https", secure_port);
}

static int start_signer(struct server *server, struct diag *why)
{
    const struct config *config = &server->config;
    int result = serve_sign_open(&server->signer, config->sign.key_ring, config->sign.passphrase_file, why);
    if (result == 0 && server->signer)
        log_line(LOG_LEVEL_INFO, "sign", NULL, "with %s", signer_key(server->signer));
    return result;
}

static int start_http(struct server *server, struct diag *why)
{
    struct serve_http_settings settings = {
        .address = server->config.http.address,
        .port = server->config.http.port,
        .https =
            {
                .certificate = server->config.https.certificate,
                .key = server->config.https.key,
                .port = server->config.https.port,
                .only = server->config.https.only,
            },
        .assets_path = server->config.assets,
        .http = http_settings_of(server),
        .images = serve_elsewhere_images(server->elsewhere),
        .boot_service = serve_elsewhere_boot_service(server->elsewhere),
        .signer = server->signer,
        .catalog = serve_catalog_current(server->catalog),
        .fleet = server->fleet,
    };
    int result = serve_http_start(&server->http, &settings, why);
    if (result == 0)
        log_http(server);
    return result;
}

/* In the order that lets what was promised be kept: leases under way are written and their replies sent, by tasks of
 * the loop that ask the state why it could not be written. */
static void stop_dhcp(struct server *server)
{
    lease_control_drain(server->lease_control);
    state_drain(server->state);
    if (server->loop)
        loop_run_posted(server->loop);
    lease_control_stop(take_pointer(server->lease_control));
    serve_dhcp_stop(take_pointer(server->dhcp));
    state_close(take_pointer(server->state));
}

static bool is_drained(const struct server *server, instant now)
{
    return (!server->tftp || serve_tftp_live(server->tftp, now) == 0) && serve_http_replies(server->http) == 0;
}

/* Ends the loop once no transfer is left, or none may take longer. */
static void drain(void *context)
{
    struct server *server = context;
    instant now = clock_now().steady;
    if (is_drained(server, now) || now >= server->patience)
        loop_stop(server->loop);
    else
        loop_timer_set(server->drain, now + DRAIN_INTERVAL);
}

/* SIGTERM, SIGINT: nobody is told any more to boot from here, and transfers under way may end; the second time at
 * once. */
static void stop(void *context)
{
    struct server *server = context;
    if (server->stopping) {
        loop_stop(server->loop);
        return;
    }
    server->stopping = true;
    notify_send("STOPPING=1");
    stop_dhcp(server);
    serve_http_drain(server->http);
    if (server->tftp)
        serve_tftp_drain(server->tftp);
    instant now = clock_now().steady;
    server->patience = now + server->config.stop_timeout * SECOND;
    if (is_drained(server, now))
        log_line(LOG_LEVEL_INFO, "muster", NULL, "stopping");
    else
        log_line(LOG_LEVEL_INFO, "muster", NULL,
                 "stopping: transfers under way have %u s to end; a second signal ends them at once",
                 server->config.stop_timeout);
    drain(server);
}

static void reload_leases(struct server *server, struct config *config)
{
    if (!server->leases || !config_gives_addresses(config))
        return;
    struct lease_table *leases = create_leases(config);
    struct answer_dhcp_settings policy = {.leases = leases};
    set_policy(&policy, config);
    lease_table_adopt(leases, server->leases);
    if (server->lease_control)
        lease_control_set_table(server->lease_control, leases);
    serve_dhcp_set_policy(server->dhcp, &policy, config->dhcp.force);
    lease_table_destroy(server->leases);
    server->leases = leases;
}

static bool loader_files_are_equal(const struct config *now, const struct config *before)
{
    bool same = now->loaders.file_count == before->loaders.file_count;
    for (size_t i = 0; same && i < now->loaders.file_count; i++)
        same = text_is(now->loaders.files[i].name, before->loaders.files[i].name) &&
               text_is(now->loaders.files[i].path, before->loaders.files[i].path);
    return same;
}

static bool lists_are_equal(char *const *a, size_t a_count, char *const *b, size_t b_count)
{
    for (size_t i = 0; i < a_count && a_count == b_count; i++)
        if (!text_is(a[i], b[i]))
            return false;
    return a_count == b_count;
}

static bool modes_are_equal(const struct config *a, const struct config *b)
{
    for (size_t i = 0; i < a->dhcp.mode_count && a->dhcp.mode_count == b->dhcp.mode_count; i++)
        if (a->dhcp.modes[i].mode != b->dhcp.modes[i].mode ||
            !text_is(a->dhcp.modes[i].interface, b->dhcp.modes[i].interface))
            return false;
    return a->dhcp.mode_count == b->dhcp.mode_count;
}

/* What cannot change while sockets are open is named, so that nobody waits for it to happen. */
static void log_what_needs_a_restart(const struct config *now, const struct config *before)
{
    const struct {
        const char *key;
        bool same;
    } keys[] = {
        {"http.port", now->http.port == before->http.port},
        {"https", !now->https.certificate == !before->https.certificate},
        {"https.port", now->https.port == before->https.port},
        {"http.address", ipv4_equal(now->http.address, before->http.address)},
        {"api", text_is(now->api.url, before->api.url)},
        {"api-timeout", now->api.timeout == before->api.timeout},
        {"api-cache", now->api.cache == before->api.cache},
        {"cache.path", text_is(now->cache.path, before->cache.path)},
        {"cache.size", now->cache.size == before->cache.size},
        {"cache.profiles", now->cache.profiles == before->cache.profiles},
        {"dhcp.mode", now->dhcp.mode == before->dhcp.mode},
        {"dhcp.modes", modes_are_equal(now, before)},
        {"dhcp.probe", now->dhcp.probe == before->dhcp.probe},
        {"dhcp.ask", text_is(now->dhcp.ask, before->dhcp.ask)},
        {"dhcp.classes",
         lists_are_equal(now->dhcp.classes, now->dhcp.class_count, before->dhcp.classes, before->dhcp.class_count)},
        {"dhcp.ipv6-wait", now->dhcp.ipv6_wait == before->dhcp.ipv6_wait},
        {"tftp.enabled", now->tftp.enabled == before->tftp.enabled},
        {"tftp.root", text_is(now->tftp.root, before->tftp.root)},
        {"tftp.single-port", now->tftp.single_port == before->tftp.single_port},
        {"tftp.shortcut", now->tftp.no_shortcut == before->tftp.no_shortcut},
        {"tftp.ports",
         now->tftp.first_port == before->tftp.first_port && now->tftp.last_port == before->tftp.last_port},
        {"tftp.blksize", now->tftp.blksize == before->tftp.blksize},
        {"tftp.windowsize", now->tftp.windowsize == before->tftp.windowsize},
        {"loaders.path",
         lists_are_equal(now->loaders.path, now->loaders.path_count, before->loaders.path, before->loaders.path_count)},
        {"loaders.files", loader_files_are_equal(now, before)},
        {"loaders.default", now->loaders.fallback == before->loaders.fallback},
        {"sign.key_ring", text_is(now->sign.key_ring, before->sign.key_ring)},
        {"state", text_is(now->state, before->state)},
        {"assets", text_is(now->assets, before->assets)},
        {"interfaces",
         lists_are_equal(now->interfaces, now->interface_count, before->interfaces, before->interface_count)},
    };
    for (size_t i = 0; i < LENGTH(keys); i++)
        if (!keys[i].same)
            log_line(LOG_LEVEL_WARNING, "config", NULL, "'%s' changed: restart muster for it to take effect",
                     keys[i].key);
}

static void reload_certificate(struct server *server, const struct config *config)
{
    struct diag why;
    if (serve_http_reload_certificate(server->http, config->https.certificate, config->https.key, &why) < 0)
        log_line(LOG_LEVEL_ERROR, "https", NULL, "%s: the certificate of before stays", why.text);
}

static void move_files(struct server *server, const char *data_path)
{
    AUTO(free) char *folder = store_files_folder(data_path);
    store_files_move(server->files, folder);
}

/* SIGHUP: a configuration with errors changes nothing. */
static void reload(void *context)
{
    struct server *server = context;
    if (server->stopping)
        return;
    AUTO(config_finish) struct config config = {0};
    struct faults faults = {0};
    notify_send("RELOADING=1");
    log_line(LOG_LEVEL_INFO, "muster", NULL, "reloading");
    int result = server->plan->configure(&config, server->plan->context, &faults);
    log_faults(&faults);
    if (result == CONFIG_OK && faults.errors == 0) {
        log_what_needs_a_restart(&config, &server->config);
        apply_log(&config);
        reload_leases(server, &config);
        reload_certificate(server, &config);
        move_files(server, config.data);
        serve_catalog_reload(server->catalog, config.data);
        log_line(LOG_LEVEL_INFO, "muster", NULL, "reloaded");
    } else {
        log_line(LOG_LEVEL_ERROR, "config", NULL, "the configuration of before stays");
    }
    faults_finish(&faults);
    notify_send("READY=1");
}

/* SIGUSR1. */
static void tell_drops(void *context)
{
    struct server *server = context;
    if (server->dhcp)
        serve_dhcp_tell_drops(server->dhcp);
}

static int watch_signals(struct server *server, struct diag *why)
{
    signal(SIGPIPE, SIG_IGN);
    int result = loop_signal(server->loop, SIGTERM, stop, server, why);
    if (result == 0)
        result = loop_signal(server->loop, SIGINT, stop, server, why);
    if (result == 0)
        result = loop_signal(server->loop, SIGHUP, reload, server, why);
    if (result == 0)
        result = loop_signal(server->loop, SIGUSR1, tell_drops, server, why);
    return result;
}

static int configure(struct server *server, struct diag *why)
{
    struct faults faults = {0};
    int result = server->plan->configure(&server->config, server->plan->context, &faults);
    apply_log(&server->config);
    log_faults(&faults);
    bool faulty = result != CONFIG_OK || faults.errors > 0;
    faults_finish(&faults);
    return faulty ? fail(why, -EINVAL, "the configuration has errors, see above") : 0;
}

static int start(struct server *server, struct diag *why)
{
    int result = configure(server, why);
    if (result < 0)
        return result;
    server->loop = loop_create(why);
    if (!server->loop)
        return -ENOMEM;
    server->drain = loop_timer_create(server->loop, drain, server);
    server->fleet = fleet_create();
    if (getrandom(server->secret, sizeof server->secret, 0) != sizeof server->secret)
        return fail(why, -EIO, "the kernel gives no random numbers");
    server->loaders = loaders_create(&server->config);
    server->files = store_files_create("");
    move_files(server, server->config.data);
    if ((result = watch_signals(server, why)) < 0 ||
        (result = serve_catalog_start(&server->catalog, server->config.data, server->plan->catalog, catalog_changed,
                                      server, why)) < 0)
        return result;
    if ((result = serve_elsewhere_start(&server->elsewhere, &server->config, server->fleet, why)) < 0 ||
        (result = start_signer(server, why)) < 0 || (result = start_http(server, why)) < 0 ||
        (result = start_tftp(server, why)) < 0)
        return result;
    return start_dhcp(server, why);
}

static void finish(struct server *server)
{
    stop_dhcp(server);
    free(server->modes);
    serve_tftp_stop(server->tftp);
    serve_elsewhere_stop(server->elsewhere);
    serve_http_stop(server->http, 0);
    serve_elsewhere_destroy(server->elsewhere);
    signer_close(server->signer);
    lease_table_destroy(server->leases);
    serve_catalog_destroy(server->catalog);
    loaders_destroy(server->loaders);
    store_files_destroy(server->files);
    fleet_destroy(server->fleet);
    loop_timer_destroy(server->drain);
    loop_destroy(server->loop);
    config_finish(&server->config);
    free(server->found_loader);
}

int server_run(const struct server_plan *plan, struct diag *why)
{
    struct server server = {.plan = plan};
    int result = start(&server, why);
    if (result == 0) {
        log_line(LOG_LEVEL_INFO, "muster", NULL, "ready after %lld ms",
                 (long long)((clock_now().steady - plan->started.steady) / MILLISECOND));
        notify_send("READY=1");
        loop_run(server.loop);
    }
    finish(&server);
    if (result == 0)
        log_line(LOG_LEVEL_INFO, "muster", NULL, "stopped");
    return result;
}
