/* SPDX-License-Identifier: Apache-2.0 */
/* muster butane: a Butane config translated to Ignition's JSON, with the options of the program butane. */
#include "lang/butane/butane.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/array.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/flags.h"
#include "lang/document.h"
#include "store/files.h"

struct butane_call {
    const char *input; /* NULL: standard input */
    const char *output;
    const char *files_folder;
    bool pretty, strict, checks_only, wants_version;
};

static int set_switch(bool *ret, const char *value, struct diag *why)
{
    *ret = text_is(value, "true");
    return *ret || text_is(value, "false") ? 0 : fail(why, -1, "write true or false");
}

static int set_pretty(void *target, const char *value, struct diag *why)
{
    return set_switch(&((struct butane_call *)target)->pretty, value, why);
}

static int set_strict(void *target, const char *value, struct diag *why)
{
    return set_switch(&((struct butane_call *)target)->strict, value, why);
}

static int set_check(void *target, const char *value, struct diag *why)
{
    return set_switch(&((struct butane_call *)target)->checks_only, value, why);
}

static int set_version(void *target, const char *value, struct diag *why)
{
    return set_switch(&((struct butane_call *)target)->wants_version, value, why);
}

/* Of the program butane: --raw leaves out a MachineConfig around the config, which is not made; --debug logs what
 * becomes of what; --raw-errors leaves out the lines of the config under an error, which are not shown. */
static int set_ignored(void *target, const char *value, struct diag *why)
{
    bool ignored;
    (void)target;
    return set_switch(&ignored, value, why);
}

/* What is wrong is never coloured. */
static int set_color(void *target, const char *value, struct diag *why)
{
    static const char *const words[] = {"true", "always", "yes", "never", "no", "auto"};
    (void)target;
    for (size_t i = 0; i < LENGTH(words); i++)
        if (text_is(words[i], value))
            return 0;
    return fail(why, -1, "write always, never or auto");
}

static int set_files_folder(void *target, const char *value, struct diag *why)
{
    (void)why;
    ((struct butane_call *)target)->files_folder = value;
    return 0;
}

static int set_output(void *target, const char *value, struct diag *why)
{
    (void)why;
    ((struct butane_call *)target)->output = value;
    return 0;
}

static int set_input(void *target, const char *value, struct diag *why)
{
    (void)why;
    ((struct butane_call *)target)->input = value;
    return 0;
}

static const struct flag flags[] = {
    {"pretty", 'p', NULL, "JSON with line feeds, indented", set_pretty, NULL, .is_switch = true},
    {"strict", 's', NULL, "a warning is an error", set_strict, NULL, .is_switch = true},
    {"check", 'c', NULL, "say what is wrong, and write no config", set_check, NULL, .is_switch = true},
    {"files-dir", 'd', "DIR", "where 'local' and trees are read from", set_files_folder, NULL},
    {"output", 'o', "FILE", "write to FILE instead of standard output", set_output, NULL},
    {"version", 'V', NULL, "print the version", set_version, NULL, .is_switch = true},
    {"input", 0, "FILE", NULL, set_input, NULL},
    {"raw", 'r', NULL, NULL, set_ignored, NULL, .is_switch = true},
    {"raw-errors", 0, NULL, NULL, set_ignored, NULL, .is_switch = true},
    {"debug", 'D', NULL, NULL, set_ignored, NULL, .is_switch = true},
    {"color", 0, NULL, NULL, set_color, NULL, .is_switch = true},
    {"colour", 0, NULL, NULL, set_color, NULL, .is_switch = true},
};

static void print_help(void)
{
    puts("Usage: muster butane [options] [FILE]\n\n"
         "Translates a Butane config, FILE or standard input, to the JSON that Ignition reads.\n"
         "Variants: fcos 1.0.0 to 1.7.0, flatcar 1.0.0 and 1.1.0, r4e 1.0.0 and 1.1.0, fiot 1.0.0.\n");
    flags_print(flags, LENGTH(flags));
    puts("\nErrors and warnings go to standard error, each with its place in FILE. No template is rendered:\n"
         "`muster explain` shows the config that one machine gets.\n"
         "Exit status: 0 done, 1 the config is wrong, 2 wrong usage.\n"
         "Manual: man 8 muster, man 5 muster-data");
}

static int read_stream(struct text *ret, FILE *stream)
{
    char piece[16384];
    size_t size;
    while (ret->length <= DOCUMENT_SIZE_MAX && (size = fread(piece, 1, sizeof piece, stream)) > 0)
        text_append_bytes(ret, bytes_of(piece, size));
    return ferror(stream) ? -errno : 0;
}

static int read_input(struct text *ret, const char *path)
{
    bool is_standard = !path || text_is(path, "-");
    FILE *stream = is_standard ? stdin : fopen(path, "re");
    int result = stream ? read_stream(ret, stream) : -errno;
    if (stream && !is_standard)
        fclose(stream);
    if (result < 0)
        fprintf(stderr, "muster butane: cannot read '%s': %s\n", is_standard ? "standard input" : path,
                strerror(-result));
    return result;
}

static int write_output(const char *path, const struct text *config)
{
    FILE *stream = path ? fopen(path, "we") : stdout;
    bool failed = !stream || fprintf(stream, "%s\n", text_characters(config)) < 0;
    failed = (stream && (path ? fclose(stream) : fflush(stream)) != 0) || failed;
    if (failed)
        fprintf(stderr, "muster butane: cannot write '%s': %s\n", path ?: "standard output", strerror(errno));
    return failed ? CLI_WRONG : CLI_DONE;
}

static void print_report(const struct report *report)
{
    for (size_t i = 0; i < report->count; i++) {
        AUTO(text_finish) struct text line = {0};
        report_entry_append(&line, &report->at[i]);
        fprintf(stderr, "%s\n", text_characters(&line));
    }
    size_t left = report->errors + report->warnings - report->count;
    if (left > 0)
        fprintf(stderr, "and %zu more\n", left);
}

static int translate(const struct butane_call *call, struct bytes source)
{
    AUTO(text_finish) struct text config = {0};
    AUTO(report_finish) struct report report = {0};
    AUTO(store_files_destroy)
    struct store_files *files = call->files_folder ? store_files_create(call->files_folder) : NULL;
    const struct butane_options options = {
        .files = files ? store_files_source(files) : NULL,
        .pretty = call->pretty,
    };
    int code = butane_translate(&config, &report, source, &options);
    print_report(&report);
    if (code != BUTANE_OK)
        fputs("muster butane: the config is not translated\n", stderr);
    else if (call->strict && report.warnings > 0)
        fputs("muster butane: the config has warnings, and --strict is given\n", stderr);
    else
        return call->checks_only ? CLI_DONE : write_output(call->output, &config);
    return CLI_WRONG;
}

int cli_butane(int argc, char **argv)
{
    int operand;
    struct diag why;
    struct butane_call call = {0};
    AUTO(text_finish) struct text source = {0};
    int code = flags_parse(&operand, flags, LENGTH(flags), &call, argc, argv, &why);
    if (code == FLAGS_HELP) {
        print_help();
        return CLI_DONE;
    }
    if (code == FLAGS_OK && argc - operand > (call.input ? 0 : 1))
        code = fail(&why, FLAGS_WRONG, "one file at most is translated");
    if (code != FLAGS_OK)
        return flags_refuse("butane", &why);
    if (call.wants_version) {
        puts("muster " MUSTER_VERSION);
        return CLI_DONE;
    }
    if (argc > operand)
        call.input = argv[operand];
    return read_input(&source, call.input) < 0 ? CLI_WRONG : translate(&call, text_bytes(&source));
}
