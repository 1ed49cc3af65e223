/* SPDX-License-Identifier: Apache-2.0 */
/* muster leases: who has which address; and leases taken over from another server. */
#include <errno.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/array.h"
#include "base/memory.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/flags.h"
#include "config/config.h"
#include "io/control.h"
#include "io/interfaces.h"
#include "serve/lease-command.h"
#include "store/lease-file.h"
#include "store/state.h"

/* Longest lease file that is taken in, in octets: some hundred thousand leases. */
#define IMPORT_SIZE_MAX ((size_t)256 << 20)

struct leases_call {
    const char *config, *state;
    bool all;
};

static int set_config(void *target, const char *value, struct diag *why)
{
    (void)why;
    ((struct leases_call *)target)->config = value;
    return 0;
}

static int set_state(void *target, const char *value, struct diag *why)
{
    (void)why;
    ((struct leases_call *)target)->state = value;
    return 0;
}

static int set_all(void *target, const char *value, struct diag *why)
{
    (void)why;
    (void)value;
    ((struct leases_call *)target)->all = true;
    return 0;
}

static const struct flag flags[] = {
    {"config", 'c', "FILE", "the configuration that names the state", set_config, NULL},
    {"state", 0, "FILE", "where leases are kept, instead of that", set_state, NULL},
    {"all", 'a', NULL, "list: addresses too that are free again", set_all, NULL},
};

static void print_help(void)
{
    puts("Usage: muster leases [list]\n"
         "       muster leases release ADDRESS\n"
         "       muster leases reserve MAC ADDRESS\n"
         "       muster leases unreserve ADDRESS\n"
         "       muster leases import FILE\n\n"
         "Lists the addresses that were given, frees one, reserves one for a machine, or takes over\n"
         "the leases of dnsmasq, ISC dhcpd or Kea from their lease file. A server that runs does it\n"
         "at once; without one it is done in the state file.\n");
    flags_print(flags, LENGTH(flags));
}

static void print_faults(struct faults *faults)
{
    for (size_t i = 0; i < faults->count; i++) {
        AUTO(free) char *line = fault_to_text(&faults->at[i]);
        fprintf(stderr, "%s\n", line);
    }
    faults_finish(faults);
}

/* The list. */

struct lines {
    char **at;
    size_t count, capacity;
};

static int compare_lines(const void *a_pointer, const void *b_pointer)
{
    struct ipv4 addresses[2] = {0};
    const char *const lines[] = {*(char *const *)a_pointer, *(char *const *)b_pointer};
    for (size_t i = 0; i < 2; i++) {
        AUTO(free) char *address = memory_text_of(lines[i], strcspn(lines[i], "\t"));
        ipv4_from_text(&addresses[i], address);
    }
    if (addresses[0].number != addresses[1].number)
        return addresses[0].number < addresses[1].number ? -1 : 1;
    return strcmp(lines[0], lines[1]);
}

/* A time that no calendar has is for ever as well. */
static void until_to_text(char *ret, size_t size, time_t expires, int64_t now)
{
    struct tm local;
    if (expires > now + LEASE_SECONDS_FOREVER || !localtime_r(&expires, &local))
        snprintf(ret, size, "forever");
    else
        strftime(ret, size, "%Y-%m-%d %H:%M:%S", &local);
}

/* Whose it is: the MAC, or the client identifier of one whose MAC tells nothing. The caller frees it. */
static char *client_of(char *const *fields)
{
    struct mac mac;
    bool has_mac = fields[LEASE_LINE_MAC][0] != '\0';
    bool is_telling = has_mac && (!mac_from_any_text(&mac, fields[LEASE_LINE_MAC]) || !mac_is_zero(&mac));
    if (!is_telling && fields[LEASE_LINE_CLIENT_ID][0])
        return memory_print("0x%s", fields[LEASE_LINE_CLIENT_ID]);
    return memory_text(has_mac ? fields[LEASE_LINE_MAC] : "-");
}

static void print_line(char *line, bool all, int64_t now)
{
    char *fields[LEASE_LINE_FIELDS];
    char until[32] = "-";
    if (!lease_line_split(fields, line))
        return;
    const char *state = fields[LEASE_LINE_STATE];
    time_t expires = (time_t)strtoll(fields[LEASE_LINE_EXPIRES], NULL, 10);
    bool is_reservation = text_is(state, "reserved");
    bool is_over = !is_reservation && !text_is(state, "free") && expires <= now;
    if (!all && (is_over || text_is(state, "free")))
        return;
    if (!is_reservation)
        until_to_text(until, sizeof until, expires, now);
    AUTO(free) char *client = client_of(fields);
    printf("%-15s  %-8s  %-19s  %-17s  %s\n", fields[LEASE_LINE_ADDRESS], is_over ? "expired" : state, until, client,
           fields[LEASE_LINE_HOSTNAME]);
}

static void print_list(char *text, bool all)
{
    struct lines lines = {0};
    int64_t now = (int64_t)time(NULL);
    for (char *line; (line = strsep(&text, "\n"));)
        if (*line)
            *ARRAY_ADD(lines.at, lines.count, lines.capacity) = line;
    if (lines.count > 0)
        qsort(lines.at, lines.count, sizeof lines.at[0], compare_lines);
    for (size_t i = 0; i < lines.count; i++)
        print_line(lines.at[i], all, now);
    free(lines.at);
}

/* The command without a server: on a table of the configuration and the state file. */

struct stored {
    sem_t done;
    int result;
};

static void note_stored(void *context, int result)
{
    struct stored *stored = context;
    stored->result = result;
    sem_post(&stored->done);
}

static int store(const struct lease_command *command, struct state *state, struct diag *why)
{
    struct stored stored = {0};
    sem_init(&stored.done, 0, 0);
    if (lease_command_store(command, state, note_stored, &stored))
        while (sem_wait(&stored.done) < 0 && errno == EINTR)
            continue;
    sem_destroy(&stored.done);
    return stored.result < 0 ? state_failure(state, why) : 0;
}

static void restore_lease(const struct lease *lease, void *context)
{
    lease_restore(context, lease);
}

/* Only what adds to it makes a state file: for the rest one that is not there is a path mistyped. */
static int check_state(const char *path, struct bytes question, struct diag *why)
{
    bool adds = bytes_start_with(question, "import\n") || bytes_start_with(question, "reserve ");
    if (!adds && access(path, F_OK) < 0)
        return fail(why, -errno, "open state file '%s': %s", path, strerror(errno));
    return 0;
}

/* The addresses of this host, which no machine can have. */
static void set_own(struct lease_table *leases)
{
    AUTO(interfaces_finish) struct interfaces interfaces = {0};
    struct ipv4 *own = NULL;
    size_t count = 0, capacity = 0;
    if (interfaces_read(&interfaces, NULL) < 0)
        return;
    for (size_t i = 0; i < interfaces.count; i++)
        for (size_t k = 0; k < interfaces.at[i].address_count; k++)
            *ARRAY_ADD(own, count, capacity) = interfaces.at[i].addresses[k].address;
    lease_table_set_own(leases, own, count);
    free(own);
}

static int command_alone(struct text *ret, struct config *config, struct bytes question, struct diag *why)
{
    size_t count;
    struct faults warnings = {0};
    struct subnet *subnets = config_take_subnets(&count, config);
    AUTO(lease_table_destroy) struct lease_table *leases = lease_table_create(subnets, count);
    AUTO(state_close) struct state *state = NULL;
    AUTO(lease_command_finish) struct lease_command command = {0};
    set_own(leases);
    int result = check_state(config->state, question, why);
    if (result == 0)
        result = state_open(&state, config->state, &warnings, why);
    if (result == 0)
        result = state_leases(state, restore_lease, leases, &warnings, why);
    if (result == 0)
        result = lease_commands_restore(leases, state, &warnings, why);
    print_faults(&warnings);
    if (result == 0)
        result = lease_command_decide(&command, leases, question, interfaces_have, (int64_t)time(NULL), why);
    while (result == 0) {
        result = store(&command, state, why);
        if (!lease_command_go_on(&command, leases, (int64_t)time(NULL)))
            break;
    }
    if (result == 0)
        text_append(ret, text_characters(&command.answer));
    return result;
}

static void write_lease(const struct lease *lease, void *context)
{
    lease_line_write(context, lease);
}

static void write_reservation(struct ipv4 address, const struct mac *mac, void *context)
{
    lease_line_write_reservation(context, address, mac);
}

/* A list needs no lock, and goes beside a server that takes no commands. */
static int list_alone(struct text *ret, const char *path, struct diag *why)
{
    struct faults warnings = {0};
    int result = state_list(path, write_lease, write_reservation, ret, &warnings, why);
    print_faults(&warnings);
    return result;
}

/* The command to the server that runs: CONTROL_E_NOBODY when there is none. The first line of an answer says whether it
 * was done. */
static int command_server(struct text *ret, const char *state_path, struct bytes question, struct diag *why)
{
    AUTO(free) char *path = lease_commands_path(state_path);
    AUTO(text_finish) struct text answer = {0};
    int result = control_ask(&answer, path, question, why);
    if (result != CONTROL_OK)
        return result;
    const char *text = text_characters(&answer);
    const char *line_end = strchr(text, '\n');
    if (!line_end)
        return fail(why, -EPIPE, "the server ended before it answered");
    if (!text_starts_with(text, "ok\n"))
        return fail(why, -EINVAL, "%s", line_end + 1);
    text_append(ret, line_end + 1);
    return 0;
}

/* A pipe would be waited for without end. */
static int check_regular(const char *path, struct diag *why)
{
    struct stat status;
    if (stat(path, &status) == 0 && !S_ISREG(status.st_mode))
        return fail(why, -EINVAL, "state file '%s' is no regular file", path);
    return 0;
}

static int command(struct text *ret, struct config *config, const char *question, struct diag *why)
{
    int result = check_regular(config->state, why);
    if (result < 0)
        return result;
    result = command_server(ret, config->state, bytes_of_text(question), why);
    if (result != CONTROL_E_NOBODY)
        return result;
    return text_is(question, "list\n") ? list_alone(ret, config->state, why)
                                       : command_alone(ret, config, bytes_of_text(question), why);
}

/* The question of an import. */

static int read_whole(struct text *ret, const char *path, struct diag *why)
{
    FILE *file = fopen(path, "re");
    char piece[1 << 16];
    size_t size;
    if (!file)
        return fail(why, -errno, "read '%s': %s", path, strerror(errno));
    while ((size = fread(piece, 1, sizeof piece, file)) > 0 && ret->length < IMPORT_SIZE_MAX)
        text_append_bytes(ret, bytes_of(piece, size));
    int result = ferror(file) ? fail(why, -errno, "read '%s': %s", path, strerror(errno)) : 0;
    if (result == 0 && !feof(file))
        result = fail(why, -EFBIG, "'%s' is longer than %zu MiB", path, IMPORT_SIZE_MAX >> 20);
    fclose(file);
    return result;
}

/* What became of the leases, in numbers; for those that were not taken over the reasons go to stderr. */
static void print_import(struct text *ret, size_t count, const char *file, char *take_answer)
{
    size_t taken = 0, aside = 0, known = 0, refused = 0;
    char *rest = take_answer;
    const char *counts = strsep(&rest, "\n");
    sscanf(counts, "%zu %zu %zu %zu", &taken, &aside, &known, &refused);
    for (char *line; (line = strsep(&rest, "\n"));)
        if (*line)
            fprintf(stderr, "%s: warning: %s\n", file, line);
    text_print(ret, "%zu leases in '%s', %zu of them taken over", count, file, taken);
    if (aside > 0)
        text_print(ret, ", %zu kept aside until 'dhcp.subnets' has their subnets", aside);
    if (known > 0)
        text_print(ret, ", %zu known already", known);
    if (refused > 0)
        text_print(ret, ", %zu not taken over", refused);
    text_append(ret, "\n");
    free(take_answer);
}

static int import(struct text *ret, struct config *config, const char *file, struct diag *why)
{
    AUTO(text_finish) struct text content = {0};
    AUTO(text_finish) struct text question = {0};
    AUTO(text_finish) struct text taken = {0};
    struct faults warnings = {0};
    size_t count;
    int result = read_whole(&content, file, why);
    if (result < 0)
        return result;
    text_append(&question, "import\n");
    result = lease_file_read(&count, text_bytes(&content), file, (int64_t)time(NULL), write_lease, &question, &warnings,
                             why);
    if (result < 0) {
        faults_finish(&warnings);
        return result;
    }
    print_faults(&warnings);
    result = command(&taken, config, text_characters(&question), why);
    if (result == 0)
        print_import(ret, count, file, text_take(&taken));
    return result;
}

/* What is said of the subnets, and the state file; false, and the faults are printed, when that is broken. */
static bool read_config(struct config *ret, const struct leases_call *call)
{
    struct faults faults = {0};
    int result = call->config ? config_load(ret, call->config, &faults) : config_load_default(ret, &faults);
    print_faults(&faults);
    if (call->state)
        config_set_state(ret, call->state);
    return result == CONFIG_OK || (call->state && !call->config);
}

static int run(const struct leases_call *call, int count, char **words, struct diag *why)
{
    AUTO(config_finish) struct config config = {0};
    AUTO(text_finish) struct text answer = {0};
    AUTO(text_finish) struct text question = {0};
    const char *verb = count > 0 ? words[0] : "list";
    if (!read_config(&config, call))
        return fail(why, -EINVAL, "the configuration has errors, see above");
    text_append(&question, verb);
    for (int i = 1; i < count; i++)
        text_print(&question, " %s", words[i]);
    text_append(&question, "\n");
    int result = text_is(verb, "import") ? import(&answer, &config, words[1], why)
                                         : command(&answer, &config, text_characters(&question), why);
    if (result != 0)
        return result;
    AUTO(free) char *said = text_take(&answer);
    if (text_is(verb, "list"))
        print_list(said, call->all);
    else
        fputs(said, stdout);
    return 0;
}

/* How many words follow each verb. */
static int check_words(int count, char **words, struct diag *why)
{
    static const struct {
        const char *verb;
        int operands;
        const char *takes;
    } verbs[] = {
        {"list", 0, "nothing more"},    {"release", 1, "an address"},
        {"import", 1, "a file"},        {"reserve", 2, "a MAC address and an address"},
        {"unreserve", 1, "an address"},
    };
    if (count == 0)
        return FLAGS_OK;
    for (size_t i = 0; i < LENGTH(verbs); i++)
        if (text_is(words[0], verbs[i].verb))
            return count - 1 == verbs[i].operands ? FLAGS_OK
                                                  : fail(why, FLAGS_WRONG, "'%s' takes %s", words[0], verbs[i].takes);
    return fail(why, FLAGS_WRONG, "'%s' is none of list, release, reserve, unreserve and import", words[0]);
}

int cli_leases(int argc, char **argv)
{
    struct leases_call call = {0};
    struct diag why;
    int operand;
    int result = flags_parse(&operand, flags, LENGTH(flags), &call, argc, argv, &why);
    if (result == FLAGS_HELP) {
        print_help();
        return CLI_DONE;
    }
    if (result == FLAGS_OK)
        result = check_words(argc - operand, argv + operand, &why);
    if (result != FLAGS_OK)
        return flags_refuse("leases", &why);
    if (run(&call, argc - operand, argv + operand, &why) == 0)
        return CLI_DONE;
    fprintf(stderr, "muster leases: %s\n", why.text);
    return CLI_WRONG;
}
