/* SPDX-License-Identifier: Apache-2.0 */
/* muster explain: what one machine would get, and why. Asks the functions that the server asks. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/text.h"
#include "boot/decision.h"
#include "cli/addresses.h"
#include "cli/boot-programs.h"
#include "cli/command.h"
#include "cli/endpoints.h"
#include "cli/flags.h"
#include "config/config.h"
#include "proto/cpio/newc.h"
#include "store/dir.h"
#include "store/files.h"

/* Candidates shown; the winner always is. */
enum { CANDIDATES_MAX = 20 };

struct explain_options {
    const char *file;
    const char *data;
    struct labels labels;
};

static int set_file(void *target, const char *value, struct diag *why)
{
    (void)why;
    ((struct explain_options *)target)->file = value;
    return 0;
}

static int set_data(void *target, const char *value, struct diag *why)
{
    if (!*value)
        return fail(why, -1, "name a folder");
    ((struct explain_options *)target)->data = value;
    return 0;
}

static int set_label(struct explain_options *options, const char *name, const char *value, struct diag *why)
{
    if (labels_set_normalised(&options->labels, name, value))
        return 0;
    return fail(why, -1, "'%s' is no MAC address: write it as aa:bb:cc:dd:ee:ff", value);
}

static int set_mac(void *target, const char *value, struct diag *why)
{
    return set_label(target, "mac", value, why);
}

static int set_uuid(void *target, const char *value, struct diag *why)
{
    return set_label(target, "uuid", value, why);
}

static int set_arch(void *target, const char *value, struct diag *why)
{
    return set_label(target, "arch", value, why);
}

static const struct flag flags[] = {
    {"mac", 0, "MAC", "the machine's hardware address: mac=MAC", set_mac, NULL},
    {"uuid", 0, "UUID", "its UUID, as iPXE and dmidecode write it: uuid=UUID", set_uuid, NULL},
    {"arch", 0, "ARCH", "its architecture, as iPXE's ${buildarch}: arch=ARCH", set_arch, NULL},
    {"config", 'c', "FILE", "read FILE instead of " CONFIG_PATH_DEFAULT, set_file, NULL},
    {"data", 0, "DIR", "groups/ profiles/ ... (Matchbox's layout)", set_data, NULL},
};

static void print_help(void)
{
    puts("Usage: muster explain [options] [LABEL=VALUE...]\n\n"
         "Says what a machine with these labels would get, and why: which groups were candidates and\n"
         "which selector failed each, the group that wins, its profile, each document rendered, and in\n"
         "server mode the address and options that DHCP gives it.\n");
    flags_print(flags, LENGTH(flags));
    puts("\nA label is what a machine says of itself: mac, uuid, serial, hostname, domain, arch, or any other.\n"
         "Exit status: 0 a group and its profile are found, 1 not, 2 wrong usage.\n"
         "Manual: man 8 muster, man 5 muster-data");
}

static void print_labels(const struct labels *labels)
{
    puts("Labels:");
    for (size_t i = 0; i < labels->count; i++) {
        AUTO(text_finish) struct text shown = {0};
        text_append_shown(&shown, bytes_of_text(labels->at[i].value), 200);
        printf("  %s=%s\n", labels->at[i].name, text_characters(&shown));
    }
    if (labels->count == 0)
        puts("  none");
}

/* "'node1' (groups/node1.json)" */
static void print_name(const char *id, const char *source)
{
    printf("'%s'", id);
    if (source)
        printf(" (%s)", source);
}

/* A group with which the machine has something in common. */
static bool is_candidate(const struct group *group, const struct labels *labels)
{
    for (size_t i = 0; i < group_want_count(group); i++) {
        struct group_want want = group_want_at(group, i);
        if (labels_get(labels, want.name) && group_want_is_met(want, labels))
            return true;
    }
    return group_selects(group, labels);
}

static void print_candidate(const struct group *group, const struct group *winner, const struct labels *labels)
{
    struct group_want unmet;
    AUTO(text_finish) struct text words = {0};
    if (group_find_unmet(&unmet, group, labels))
        decision_append_unmet(&words, unmet, labels);
    printf("  %s ", group == winner ? "wins" : words.length > 0 ? "no  " : "also");
    print_name(group->id, group->source);
    if (words.length > 0)
        printf(": %s\n", text_characters(&words));
    else if (group == winner && group_want_count(group) == 0)
        puts(": it has no selector, which is for every machine, and no group before it fits");
    else if (group == winner)
        puts(": all that it selects on is met, and no group before it fits");
    else
        printf(": fits, but comes later in the order\n");
}

/* In the order of selection, which is the order they are asked in. */
static void print_candidates(const struct catalog *catalog, const struct group *winner, const struct labels *labels)
{
    size_t others = 0;
    size_t shown = 0;
    size_t left_out = 0;
    puts("Groups, in the order of selection:");
    for (size_t i = 0; i < catalog_group_count(catalog); i++) {
        const struct group *group = catalog_group_at(catalog, i);
        if (!is_candidate(group, labels)) {
            others++;
        } else if (group != winner && shown >= CANDIDATES_MAX) {
            left_out++;
        } else {
            print_candidate(group, winner, labels);
            shown++;
        }
    }
    if (left_out > 0)
        printf("  ... and %zu more candidates\n", left_out);
    if (others > 0 || shown == 0)
        printf("  %zu %s that want nothing that this machine has\n", others, shown > 0 ? "more" : "groups");
}

static void print_fault(const struct catalog *catalog, const char *source)
{
    const char *fault = source ? catalog_fault(catalog, source) : NULL;
    if (fault)
        printf("  %s\n", fault);
}

struct explanation {
    const struct catalog *catalog;
    const struct labels *labels;
    const struct config *config;
    const struct file_source *files;
};

static void print_body(struct bytes body)
{
    fwrite(body.data, 1, body.size, stdout);
    if (body.size > 0 && body.data[body.size - 1] != '\n')
        puts("");
}

/* Each file of an overlay, with its content where it is text. */
static void print_overlay(struct bytes archive)
{
    struct cpio_entry entry;
    while (cpio_entry_next(&entry, &archive) == 0) {
        bool is_text = entry.content.size > 0 && !memchr(entry.content.data, 0, entry.content.size);
        if (entry.kind == CPIO_DIRECTORY)
            printf("  %04o %u:%u %s/\n", entry.mode, entry.uid, entry.gid, entry.path);
        else if (entry.kind == CPIO_LINK)
            printf("  %s -> %.*s\n", entry.path, (int)entry.content.size, (const char *)entry.content.data);
        else
            printf("  %04o %u:%u %s, %zu octets%s\n", entry.mode, entry.uid, entry.gid, entry.path, entry.content.size,
                   is_text ? ":" : "");
        if (entry.kind == CPIO_FILE && is_text)
            print_body(entry.content);
    }
}

static void print_endpoint(void *context, const char *path)
{
    const struct explanation *explanation = context;
    AUTO(http_reply_finish) struct http_reply reply = {0};
    endpoint_ask(&reply, path, explanation->labels, explanation->catalog, explanation->files);
    if (reply.status != 200) {
        printf("\n%s gives nothing (%u): %s\n", path, reply.status, reply.reason.text);
        return;
    }
    printf("\n%s gives, of %s:\n", path, reply.reason.text);
    if (text_is(path, "/overlay"))
        print_overlay(text_bytes(&reply.body));
    else
        print_body(text_bytes(&reply.body));
}

static void print_menu(const struct menu *menu)
{
    printf("Menu: '%s'\n", menu->title);
    for (size_t i = 0; i < menu->entry_count; i++) {
        const struct menu_entry *entry = &menu->entries[i];
        printf("  %s%s%s%s\n", entry->profile ? entry->profile : "the disk",
               text_is(entry->title, entry->profile) ? "" : ": ",
               text_is(entry->title, entry->profile) ? "" : entry->title, i == menu->fallback ? " (default)" : "");
    }
}

static void print_decision(const struct explanation *explanation, const struct decision *decision)
{
    printf("Group: ");
    print_name(decision->group->id, decision->group->source);
    printf("\n");
    print_fault(explanation->catalog, decision->group->source);
    if (decision->group->menu)
        print_menu(decision->group->menu);
    printf("Profile: ");
    print_name(decision->profile->id, decision->profile->source);
    printf("\n");
    print_fault(explanation->catalog, decision->profile->source);
    boot_programs_print(decision, explanation->labels, explanation->config);
    endpoints_of(decision->profile, print_endpoint, (void *)explanation);
}

static int explain(const struct catalog *catalog, const struct labels *labels, const struct config *config)
{
    struct decision decision;
    struct diag why;
    AUTO(free) char *folder = store_files_folder(config->data);
    AUTO(store_files_destroy) struct store_files *files = store_files_create(folder);
    struct explanation explanation = {
        .catalog = catalog,
        .labels = labels,
        .config = config,
        .files = store_files_source(files),
    };
    int code = decide_group(&decision, catalog, labels, &why);
    print_labels(labels);
    print_candidates(catalog, decision.group, labels);
    if (code != DECISION_OK) {
        printf("Nothing: %s\n", why.text);
        if (code == DECISION_E_NO_GROUP && config->api.url)
            printf("For its boot script the api is asked: %s/v1/boot/%s\n", config->api.url,
                   labels_get(labels, "mac") ?: "MAC");
        return CLI_WRONG;
    }
    print_decision(&explanation, &decision);
    return CLI_DONE;
}

/* Whatever it boots, it may be given an address. */
static int explain_all(const struct catalog *catalog, const struct labels *labels, struct config *config)
{
    int result = explain(catalog, labels, config);
    addresses_print(config, catalog, labels);
    return result;
}

/* *ret_config is to be finished whatever is returned. */
static int load(struct catalog **ret, struct config *ret_config, const struct explain_options *options)
{
    struct faults faults = {0};
    int result =
        options->file ? config_load(ret_config, options->file, &faults) : config_load_default(ret_config, &faults);
    if (options->data)
        config_set_data(ret_config, options->data);
    if (result != CONFIG_E_UNREADABLE)
        result = store_dir_load(ret, ret_config->data, &faults);
    for (size_t i = 0; i < faults.count; i++) {
        AUTO(free) char *line = fault_to_text(&faults.at[i]);
        if (faults.at[i].severity == FAULT_ERROR)
            fprintf(stderr, "%s\n", line);
    }
    faults_finish(&faults);
    return result;
}

/* Takes what stands as LABEL=VALUE. */
static int take_operands(struct explain_options *options, int count, char **operands, struct diag *why)
{
    for (int i = 0; i < count; i++) {
        char *equals = strchr(operands[i], '=');
        if (!equals || equals == operands[i])
            return fail(why, FLAGS_WRONG, "'%s': write a label as LABEL=VALUE", operands[i]);
        AUTO(free) char *name = memory_text_of(operands[i], (size_t)(equals - operands[i]));
        if (set_label(options, name, equals + 1, why) != 0)
            return FLAGS_WRONG;
    }
    return FLAGS_OK;
}

int cli_explain(int argc, char **argv)
{
    struct explain_options options = {0};
    AUTO(config_finish) struct config config = {0};
    AUTO(catalog_unref) struct catalog *catalog = NULL;
    struct diag why;
    int operand;
    int result = flags_parse(&operand, flags, LENGTH(flags), &options, argc, argv, &why);
    if (result == FLAGS_OK)
        result = take_operands(&options, argc - operand, argv + operand, &why);
    if (result == FLAGS_HELP)
        print_help();
    if (result == FLAGS_OK)
        result = load(&catalog, &config, &options) == STORE_DIR_OK ? explain_all(catalog, &options.labels, &config)
                                                                   : CLI_WRONG;
    else
        result = result == FLAGS_HELP ? CLI_DONE : flags_refuse("explain", &why);
    labels_finish(&options.labels);
    return result;
}
