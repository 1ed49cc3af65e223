/* SPDX-License-Identifier: Apache-2.0 */
/* muster boot: serve one image to every machine that asks, no files needed. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "answer/http-args.h"
#include "base/array.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/flags.h"
#include "cli/images.h"
#include "cli/service-flags.h"
#include "config/config.h"
#include "io/interfaces.h"
#include "io/log.h"
#include "io/loop.h"
#include "serve/server.h"

/* Machines that come for one boot give their address back soon. */
#define LEASE_SECONDS 600

struct boot_call {
    struct service_flags service;
    const char *cmdline;
    bool has_pool;
    struct address_range pool;
};

static int set_cmdline(void *target, const char *value, struct diag *why)
{
    if (strpbrk(value, "\r\n"))
        return fail(why, -1, "a kernel command line is one line");
    ((struct boot_call *)target)->cmdline = value;
    return 0;
}

static int set_pool(void *target, const char *value, struct diag *why)
{
    struct boot_call *call = target;
    const char *dash = strchr(value, '-');
    AUTO(free) char *first = dash ? memory_text_of(value, (size_t)(dash - value)) : NULL;
    if (!first || !ipv4_from_text(&call->pool.first, first) || !ipv4_from_text(&call->pool.last, dash + 1) ||
        call->pool.last.number < call->pool.first.number)
        return fail(why, -1, "write it as FIRST-LAST, such as 10.0.0.50-10.0.0.99");
    call->has_pool = true;
    return 0;
}

static const struct flag flags[] = {
    {"cmdline", 0, "TEXT", "kernel command line; {{ URL \"FILE\" }} serves one more file", set_cmdline, NULL},
    SERVICE_FLAG_MODE,
    SERVICE_FLAG_INTERFACE,
    {"pool", 0, "A-B", "server mode: addresses to give; default: the whole subnet", set_pool, NULL},
    SERVICE_FLAG_HTTP_PORT,
    SERVICE_FLAG_LOG,
    SERVICE_FLAG_LOG_LEVEL(NULL),
};

static void print_help(void)
{
    puts("Usage: muster boot KERNEL [INITRD...] [options]\n\n"
         "Boots every machine that asks over the network with this kernel and these initrds:\n"
         "paths or http(s) URLs. Needs no file and keeps none. Ends with Ctrl-C.\n");
    flags_print(flags, LENGTH(flags));
    puts("\nBeside a DHCP server:   muster boot vmlinuz initrd.img --cmdline 'console=ttyS0'\n"
         "On a network of ours:   muster boot vmlinuz initrd.img --mode server --interface eth1\n"
         "With a config file:     --cmdline 'ignition.config.url={{ URL \"config.ign\" }}'");
}

/* The interface whose subnet we give addresses on: the one named, or the only one there is. */
static int choose_interface(struct interface *ret, const struct boot_call *call, struct diag *why)
{
    AUTO(interfaces_finish) struct interfaces interfaces = {0};
    int result = interfaces_read(&interfaces, why);
    size_t found = 0;
    for (size_t i = 0; result == 0 && i < interfaces.count; i++) {
        const struct interface *interface = &interfaces.at[i];
        bool named = call->service.interface_count == 1 && text_is(interface->name, call->service.interfaces[0]);
        if (named && (!interface->up || interface->address_count == 0))
            return fail(why, -1,
                        "interface '%s' %s: give it one with 'ip addr add 10.77.0.1/24 dev %s; ip link set %s up'",
                        interface->name, interface->up ? "has no IPv4 address" : "is down or has no address",
                        interface->name, interface->name);
        if (named || (call->service.interface_count == 0 && interface->up && !interface->loopback &&
                      interface->address_count > 0)) {
            *ret = *interface;
            found++;
        }
    }
    if (result < 0)
        return result;
    if (call->service.interface_count == 1 && found == 0)
        return fail(why, -1, "interface '%s' is not there: 'ip link' lists those that are",
                    call->service.interfaces[0]);
    if (found != 1)
        return fail(why, -1, "server mode gives addresses on one network: name its interface with --interface");
    return 0;
}

/* The subnet of the interface, all its addresses but the first and last for machines; ours is never given. */
static int make_subnet(struct subnet *ret, const struct boot_call *call, struct diag *why)
{
    struct interface interface;
    int result = choose_interface(&interface, call, why);
    if (result < 0)
        return result;
    struct ipv4_subnet subnet = interface.addresses[0].subnet;
    if (subnet.prefix > 30)
        return fail(why, -1, "interface '%s' has a /%u: there is no address to give to a machine", interface.name,
                    subnet.prefix);
    *ret = (struct subnet){
        .subnet = subnet,
        .lease_seconds = LEASE_SECONDS,
    };
    struct address_range pool = {{subnet.network.number + 1}, {ipv4_subnet_broadcast(subnet).number - 1}};
    if (call->has_pool && (call->pool.first.number < pool.first.number || call->pool.last.number > pool.last.number))
        return fail(why, -1, "--pool: the range is not inside the subnet of interface '%s'", interface.name);
    subnet_add_pool(ret, call->has_pool ? call->pool : pool);
    return 0;
}

static int configure(struct config *ret, void *context, struct faults *faults)
{
    struct boot_call *call = context;
    struct diag why;
    config_defaults(ret);
    config_set_assets(ret, "");
    service_flags_apply(ret, &call->service);
    if (ret->dhcp.mode != CONFIG_DHCP_SERVER)
        return CONFIG_OK;
    struct subnet subnet;
    if (make_subnet(&subnet, call, &why) < 0) {
        faults_add(faults, FAULT_ERROR, NULL, 0, 0, "%s", why.text);
        return CONFIG_E_INVALID;
    }
    config_take_subnet(ret, &subnet);
    return CONFIG_OK;
}

/* One group that selects every machine, and its profile. */
static struct catalog *make_catalog(const struct images *images, size_t image_count, const char *cmdline)
{
    struct profile *profile = profile_create("boot");
    profile->boot.present = true;
    free(profile->boot.kernel);
    profile->boot.kernel = memory_text(images->at[0].path);
    for (size_t i = 1; i < image_count; i++)
        profile_add_initrd(profile, images->at[i].path);
    if (cmdline)
        profile_add_arg(profile, cmdline);
    profile->boot.args_are_templates = true;
    struct catalog *catalog = catalog_create();
    catalog_take_profile(catalog, profile);
    catalog_take_group(catalog, group_create("boot", "boot"));
    catalog_seal(catalog);
    return catalog;
}

/* What {{ URL "..." }} names in the command line is opened at the start, when a person can still be told. */
static const char *open_extra(void *context, const char *place, struct diag *why)
{
    return images_add(context, place, STAGE_CONFIG, why);
}

static int serve(struct boot_call *call, char **places, size_t count, struct moment started, struct diag *why)
{
    AUTO(images_finish) struct images images = {0};
    for (size_t i = 0; i < count; i++)
        if (!images_add(&images, places[i], i == 0 ? STAGE_KERNEL : STAGE_INITRD, why))
            return -1;
    if (call->cmdline && http_args_check(call->cmdline, open_extra, &images, why) != 0)
        return -1;
    AUTO(catalog_unref) struct catalog *catalog = make_catalog(&images, count, call->cmdline);
    AUTO(free) struct http_file *files = images_to_files(&images);
    struct server_plan plan = {
        .configure = configure,
        .context = call,
        .catalog = catalog,
        .files = files,
        .file_count = images.count,
        .keeps_no_state = true,
        .started = started,
    };
    return server_run(&plan, why);
}

int cli_boot(int argc, char **argv)
{
    struct boot_call call = {0};
    struct diag why;
    int operand;
    struct moment started = clock_now();
    int result = flags_parse(&operand, flags, LENGTH(flags), &call, argc, argv, &why);
    if (result == FLAGS_HELP) {
        print_help();
        return CLI_DONE;
    }
    if (result == FLAGS_OK && operand == argc)
        result = fail(&why, FLAGS_WRONG, "name the kernel to boot");
    if (result != FLAGS_OK)
        return flags_refuse("boot", &why);
    log_set_json(text_is(call.service.log, "json"));
    if (serve(&call, argv + operand, (size_t)(argc - operand), started, &why) < 0) {
        log_line(LOG_LEVEL_ERROR, "muster", NULL, "%s", why.text);
        return CLI_WRONG;
    }
    return CLI_DONE;
}
