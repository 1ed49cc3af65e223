/* SPDX-License-Identifier: Apache-2.0 */
/* Flags by table, over getopt_long_only(). */
#include "cli/flags.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/text.h"
#include "cli/command.h"

/* What getopt returns for a long flag: its index beyond every letter. */
#define LONG_FLAG 1000
#define FLAGS_MAX 64

static const char *nearest_flag(const char *word, const struct flag *flags, size_t count)
{
    const char *names[FLAGS_MAX];
    for (size_t i = 0; i < count; i++)
        names[i] = flags[i].name;
    return text_nearest(word, names, count);
}

static int fail_unknown(const char *given, const struct flag *flags, size_t count, struct diag *why)
{
    AUTO(free) char *word = memory_text(given + strspn(given, "-"));
    word[strcspn(word, "=")] = '\0';
    const char *meant = nearest_flag(word, flags, count);
    return meant ? fail(why, FLAGS_WRONG, "unknown option '%s': did you mean '--%s'?", given, meant)
                 : fail(why, FLAGS_WRONG, "unknown option '%s'", given);
}

/* The table as getopt wants it, with --help behind. */
static void fill_options(struct option *options, char *letters, const struct flag *flags, size_t count)
{
    *letters++ = ':';
    for (size_t i = 0; i < count; i++) {
        options[i] = (struct option){
            .name = flags[i].name,
            .has_arg = flags[i].argument    ? required_argument
                       : flags[i].is_switch ? optional_argument
                                            : no_argument,
            .val = LONG_FLAG + (int)i,
        };
        if (flags[i].letter)
            *letters++ = flags[i].letter;
        if (flags[i].letter && flags[i].argument)
            *letters++ = ':';
    }
    options[count] = (struct option){.name = "help", .val = 'h'};
    *letters++ = 'h';
    *letters = '\0';
}

static const struct flag *flag_of(int code, const struct flag *flags, size_t count)
{
    if (code >= LONG_FLAG)
        return &flags[code - LONG_FLAG];
    for (size_t i = 0; i < count; i++)
        if (flags[i].letter == code)
            return &flags[i];
    return NULL;
}

static int apply_environment(const struct flag *flags, size_t count, const bool *given, void *target, struct diag *why)
{
    for (size_t i = 0; i < count; i++) {
        const char *value = flags[i].variable ? getenv(flags[i].variable) : NULL;
        if (given[i] || !value || !*value)
            continue;
        struct diag reason;
        if (flags[i].apply(target, value, &reason) != 0)
            return fail(why, FLAGS_WRONG, "%s=%s: %.900s", flags[i].variable, value, reason.text);
    }
    return FLAGS_OK;
}

int flags_parse(int *ret_operand, const struct flag *flags, size_t count, void *target, int argc, char **argv,
                struct diag *why)
{
    struct option options[FLAGS_MAX + 2] = {0};
    char letters[2 * FLAGS_MAX + 4];
    bool given[FLAGS_MAX] = {false};
    fill_options(options, letters, flags, count);
    optind = 0;
    opterr = 0;
    for (;;) {
        int code = getopt_long_only(argc, argv, letters, options, NULL);
        const char *word = argv[optind > 0 ? optind - 1 : 0];
        if (code == -1)
            break;
        if (code == 'h')
            return FLAGS_HELP;
        if (code == ':')
            return fail(why, FLAGS_WRONG, "option '%s' needs a value", word);
        if (code == '?')
            return fail_unknown(word, flags, count, why);
        const struct flag *flag = flag_of(code, flags, count);
        struct diag reason;
        given[flag - flags] = true;
        const char *value = !optarg && flag->is_switch ? "true" : optarg;
        if (flag->apply(target, value, &reason) != 0)
            return fail(why, FLAGS_WRONG, "--%s %s: %.900s", flag->name, value ? value : "", reason.text);
    }
    *ret_operand = optind;
    return apply_environment(flags, count, given, target, why);
}

void flags_print(const struct flag *flags, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (!flags[i].help)
            continue;
        char left[64];
        snprintf(left, sizeof left, "%c%c%s --%s %s", flags[i].letter ? '-' : ' ',
                 flags[i].letter ? flags[i].letter : ' ', flags[i].letter ? "," : " ", flags[i].name,
                 flags[i].argument ? flags[i].argument : "");
        printf("  %-26s %s\n", left, flags[i].help);
    }
}

int flags_refuse(const char *command, const struct diag *why)
{
    fprintf(stderr, "muster %s: %s\nTry 'muster %s --help'.\n", command, why->text, command);
    return CLI_USAGE;
}
