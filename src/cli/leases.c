/* SPDX-License-Identifier: Apache-2.0 */
/* muster leases: who has which address; and leases taken over from another server. */
#include <errno.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/array.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/flags.h"
#include "config/config.h"
#include "store/lease-file.h"
#include "store/state.h"

/* Longest lease file that is taken in, in octets: some hundred thousand leases. */
#define IMPORT_SIZE_MAX ((size_t)256 << 20)

struct leases_call {
    const char *config, *state;
    bool all;
};

struct collection {
    struct lease *at;
    size_t count;
    size_t capacity;
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
         "       muster leases import FILE\n\n"
         "Lists the addresses that were given, frees one, or takes over the leases of dnsmasq\n"
         "or ISC dhcpd from their lease file. Listing goes beside a running server, the others\n"
         "want it stopped. Addresses are reserved in muster.yaml.\n");
    flags_print(flags, LENGTH(flags));
}

static void collect(const struct lease *lease, void *context)
{
    struct collection *collection = context;
    *ARRAY_ADD(collection->at, collection->count, collection->capacity) = *lease;
}

static int compare(const void *a_pointer, const void *b_pointer)
{
    uint32_t a = ((const struct lease *)a_pointer)->address.number;
    uint32_t b = ((const struct lease *)b_pointer)->address.number;
    return a < b ? -1 : a > b;
}

static void print_faults(struct faults *faults)
{
    for (size_t i = 0; i < faults->count; i++) {
        AUTO(free) char *line = fault_to_text(&faults->at[i]);
        fprintf(stderr, "%s\n", line);
    }
    faults_finish(faults);
}

static void print_lease(const struct lease *lease, int64_t now)
{
    static const char *const states[] = {"free", "offered", "bound", "declined"};
    char address[IPV4_TEXT_MAX], mac[MAC_TEXT_MAX], until[32];
    bool is_over = lease->state != LEASE_FREE && lease->expires <= now;
    struct tm local;
    time_t expires = (time_t)lease->expires;
    strftime(until, sizeof until, "%Y-%m-%d %H:%M:%S", localtime_r(&expires, &local));
    ipv4_to_text(address, lease->address);
    mac_to_text(mac, &lease->mac, ':');
    printf("%-15s  %-8s  %-19s  %-17s  %s\n", address, is_over ? "expired" : states[lease->state], until,
           *mac ? mac : "-", lease->hostname);
}

static int list_leases(const char *path, bool all, struct diag *why)
{
    struct collection found = {0};
    struct faults warnings = {0};
    int64_t now = (int64_t)time(NULL);
    int result = state_list(path, collect, &found, &warnings, why);
    print_faults(&warnings);
    if (found.count > 0)
        qsort(found.at, found.count, sizeof found.at[0], compare);
    for (size_t i = 0; i < found.count; i++)
        if (all || (found.at[i].state != LEASE_FREE && found.at[i].expires > now))
            print_lease(&found.at[i], now);
    free(found.at);
    return result;
}

struct written {
    sem_t done;
    int result;
};

static void note_written(void *context, int result)
{
    struct written *written = context;
    written->result = result;
    sem_post(&written->done);
}

static int write_leases(struct state *state, const struct collection *leases, struct diag *why)
{
    struct written written = {0};
    sem_init(&written.done, 0, 0);
    state_commit(state, leases->at, leases->count, note_written, &written);
    while (sem_wait(&written.done) < 0 && errno == EINTR)
        continue;
    sem_destroy(&written.done);
    return written.result < 0 ? state_failure(state, why) : 0;
}

static int open_state(struct state **ret, struct collection *leases, const char *path, struct diag *why)
{
    struct faults warnings = {0};
    int result = state_open(ret, path, &warnings, why);
    if (result == 0)
        result = state_leases(*ret, collect, leases, &warnings, why);
    print_faults(&warnings);
    return result;
}

static int release_lease(const char *path, const char *text, struct diag *why)
{
    AUTO(state_close) struct state *state = NULL;
    struct collection leases = {0};
    struct ipv4 address;
    if (!ipv4_from_text(&address, text))
        return fail(why, -EINVAL, "'%s' is no address such as 10.77.0.50", text);
    int result = open_state(&state, &leases, path, why);
    struct collection changed = {0};
    for (size_t i = 0; result == 0 && i < leases.count; i++)
        if (ipv4_equal(leases.at[i].address, address) && leases.at[i].state != LEASE_FREE) {
            leases.at[i].state = LEASE_FREE;
            leases.at[i].expires = (int64_t)time(NULL);
            changed = (struct collection){.at = &leases.at[i], .count = 1};
        }
    if (result == 0)
        result = changed.count ? write_leases(state, &changed, why) : fail(why, -ENOENT, "nobody has %s", text);
    free(leases.at);
    return result;
}

static int read_whole(char **ret, size_t *ret_size, const char *path, struct diag *why)
{
    FILE *file = fopen(path, "re");
    if (!file)
        return fail(why, -errno, "read '%s': %s", path, strerror(errno));
    size_t capacity = 1 << 16, size = 0, count;
    char *content = memory_resize(NULL, capacity, 1);
    while ((count = fread(content + size, 1, capacity - size, file)) > 0 && size + count < IMPORT_SIZE_MAX) {
        size += count;
        if (size == capacity)
            content = memory_resize(content, capacity *= 2, 1);
    }
    fclose(file);
    *ret = content;
    *ret_size = size;
    return 0;
}

/* Addresses that we gave ourselves stay whose they are. */
static void drop_known(struct collection *leases, struct collection *known)
{
    size_t kept = 0;
    if (known->count > 0)
        qsort(known->at, known->count, sizeof known->at[0], compare);
    for (size_t i = 0; i < leases->count; i++) {
        const struct lease *lease = &leases->at[i];
        bool is_known = known->count > 0 && bsearch(lease, known->at, known->count, sizeof known->at[0], compare);
        bool is_telling = lease->mac.size > 0 || lease->client_id_size > 0;
        if (!is_known && is_telling)
            leases->at[kept++] = *lease;
    }
    leases->count = kept;
}

static int import_leases(const char *path, const char *file, struct diag *why)
{
    AUTO(state_close) struct state *state = NULL;
    AUTO(free) char *content = NULL;
    struct collection known = {0}, leases = {0};
    struct faults warnings = {0};
    size_t size = 0;
    int result = read_whole(&content, &size, file, why);
    if (result == 0)
        result = open_state(&state, &known, path, why);
    size_t count = 0;
    if (result == 0)
        count = lease_file_read(bytes_of(content, size), file, (int64_t)time(NULL), collect, &leases, &warnings);
    drop_known(&leases, &known);
    if (result == 0 && leases.count > 0)
        result = write_leases(state, &leases, why);
    print_faults(&warnings);
    if (result == 0)
        printf("%zu leases in '%s', %zu of them taken over\n", count, file, leases.count);
    free(known.at);
    free(leases.at);
    return result;
}

/* The state file that the flags or the configuration name; NULL, and the faults are printed, when that is broken. */
static char *find_state(const struct leases_call *call)
{
    AUTO(config_finish) struct config config = {0};
    struct faults faults = {0};
    if (call->state)
        return memory_text(call->state);
    int result = call->config ? config_load(&config, call->config, &faults) : config_load_default(&config, &faults);
    print_faults(&faults);
    return result == CONFIG_OK ? memory_text(config.state) : NULL;
}

static int run(const struct leases_call *call, const char *verb, const char *operand, struct diag *why)
{
    AUTO(free) char *state = find_state(call);
    if (!state)
        return fail(why, -EINVAL, "the configuration has errors, see above");
    if (text_is(verb, "release"))
        return release_lease(state, operand, why);
    if (text_is(verb, "import"))
        return import_leases(state, operand, why);
    return list_leases(state, call->all, why);
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
    const char *verb = operand < argc ? argv[operand] : "list";
    bool is_list = text_is(verb, "list");
    int wanted = is_list ? 1 : 2;
    if (result == FLAGS_OK && !is_list && !text_is(verb, "release") && !text_is(verb, "import"))
        result = fail(&why, FLAGS_WRONG, "'%s' is none of list, release and import", verb);
    else if (result == FLAGS_OK && operand < argc && argc - operand != wanted)
        result = fail(&why, FLAGS_WRONG, "'%s' takes %s", verb, is_list ? "nothing more" : "one thing more");
    if (result != FLAGS_OK)
        return flags_refuse("leases", &why);
    if (run(&call, verb, is_list ? NULL : argv[operand + 1], &why) == 0)
        return CLI_DONE;
    fprintf(stderr, "muster leases: %s\n", why.text);
    return CLI_WRONG;
}
