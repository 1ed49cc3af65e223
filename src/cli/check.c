/* SPDX-License-Identifier: Apache-2.0 */
/* muster check: every fault of muster.yaml and of the data directory it names, a line each. */
#include "cli/command.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/auto.h"
#include "base/diag.h"
#include "boot/catalog.h"
#include "boot/reservations.h"
#include "cli/boot-programs.h"
#include "cli/samples.h"
#include "config/config.h"
#include "store/dir.h"

enum { EXIT_DONE = 0, EXIT_WRONG = 1, EXIT_USAGE = 2 };

enum { OPTION_LIST_KEYS = 256 };

static const char help[] = "usage: muster check [PATH]\n"
                           "\n"
                           "Validates a configuration and its catalog without serving anything. PATH is a\n"
                           "muster.yaml or a data directory (groups/, profiles/ ...). Without it, what\n"
                           "`muster serve` would use: " CONFIG_PATH_DEFAULT " where it is there, otherwise\n"
                           "the data in ./data or " CONFIG_DATA_DEFAULT ".\n"
                           "\n"
                           "Each group's documents are rendered for a machine such as it selects.\n"
                           "Each fault is one line, file:line:column: error or warning: what is wrong.\n"
                           "\n"
                           "  -h, --help   show this text\n"
                           "\n"
                           "Exit status: 0 no errors (there may be warnings), 1 errors, 2 wrong usage.\n";

static bool is_folder(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

/* Reads the configuration that path stands for; false when there is none to go on with. */
static bool read_config(struct config *ret, const char *path, struct faults *faults)
{
    if (!path)
        return config_load_default(ret, faults) != CONFIG_E_UNREADABLE;
    if (!is_folder(path))
        return config_load(ret, path, faults) != CONFIG_E_UNREADABLE;
    config_defaults(ret);
    config_set_data(ret, path);
    return true;
}

static void warn_if_missing(struct faults *faults, const char *file, const char *key, const char *path)
{
    struct stat status;
    if (stat(path, &status) < 0)
        faults_add(faults, FAULT_WARNING, file, 0, 0, "'%s' is %s, which is not there", key, path);
}

/* What the configuration names on this host; file is where it was read. */
static void check_paths(const struct config *config, const char *file, struct faults *faults)
{
    if (config->tftp.root)
        warn_if_missing(faults, file, "tftp.root", config->tftp.root);
    if (config->assets_is_set && config->assets[0] != '\0')
        warn_if_missing(faults, file, "assets", config->assets);
    for (size_t i = 0; i < config->loaders.path_count; i++)
        warn_if_missing(faults, file, "loaders.path", config->loaders.path[i]);
    for (size_t i = 0; i < config->loaders.file_count; i++)
        warn_if_missing(faults, file, "loaders.files", config->loaders.files[i].path);
}

/* Addresses of groups against the subnets; without any there is nothing to compare them with. */
static void check_addresses(const struct catalog *catalog, struct config *config, struct faults *faults)
{
    struct reservation *reservations;
    size_t count, subnet_count;
    if (config->dhcp.subnet_count == 0)
        return;
    struct subnet *subnets = config_take_subnets(&subnet_count, config);
    AUTO(lease_table_destroy) struct lease_table *leases = lease_table_create(subnets, subnet_count);
    catalog_reservations(&reservations, &count, catalog, leases, config->data, faults);
    lease_table_reserve(leases, RESERVATION_GROUP, reservations, count);
}

static struct catalog *read_catalog(struct config *config, struct faults *faults)
{
    struct catalog *catalog = NULL;
    if (store_dir_load(&catalog, config->data, faults) != STORE_DIR_OK)
        return NULL;
    store_dir_check(catalog, config->data, config->assets, faults);
    check_addresses(catalog, config, faults);
    samples_check(catalog, config->data, faults);
    return catalog;
}

static void print_faults(const struct faults *faults)
{
    for (size_t i = 0; i < faults->count; i++) {
        AUTO(free) char *line = fault_to_text(&faults->at[i]);
        puts(line);
    }
}

static void print_count(size_t count, const char *noun)
{
    printf("%zu %s%s", count, noun, count == 1 ? "" : "s");
}

/* "2 errors, 1 warning; 12 groups and 3 profiles in /var/lib/muster" */
static void print_summary(const struct faults *faults, const struct catalog *catalog, const char *data)
{
    print_count(faults->errors, "error");
    printf(", ");
    print_count(faults->count - faults->errors, "warning");
    if (catalog) {
        printf("; ");
        print_count(catalog_group_count(catalog), "group");
        printf(" and ");
        print_count(catalog_profile_count(catalog), "profile");
        printf(" in %s", data);
    }
    printf("\n");
}

static int check(const char *path)
{
    struct faults faults = {0};
    AUTO(config_finish) struct config config = {0};
    AUTO(catalog_unref) struct catalog *catalog = NULL;
    if (read_config(&config, path, &faults)) {
        check_paths(&config, path ? path : CONFIG_PATH_DEFAULT, &faults);
        catalog = read_catalog(&config, &faults);
        if (catalog)
            boot_programs_check(catalog, &config, path ? path : CONFIG_PATH_DEFAULT, &faults);
    }
    print_faults(&faults);
    print_summary(&faults, catalog, config.data);
    int status = faults.errors > 0 ? EXIT_WRONG : EXIT_DONE;
    faults_finish(&faults);
    return status;
}

/* For the test that compares the manual with the table: one key a line, path, type, default and purpose. */
static int list_keys(void)
{
    const struct config_key *key;
    for (size_t i = 0; (key = config_key_at(i)); i++)
        printf("%s\t%s\t%s\t%s\n", key->path, key->type, key->fallback, key->purpose);
    return EXIT_DONE;
}

static int usage(void)
{
    fputs("muster check: takes one path at most; see `muster check --help`\n", stderr);
    return EXIT_USAGE;
}

int cli_check(int argc, char **argv)
{
    static const struct option options[] = {
        {"help", no_argument, NULL, 'h'},
        {"list-keys", no_argument, NULL, OPTION_LIST_KEYS},
        {0},
    };
    optind = 1;
    opterr = 0;
    switch (getopt_long(argc, argv, "h", options, NULL)) {
    case -1:
        break;
    case 'h':
        fputs(help, stdout);
        return EXIT_DONE;
    case OPTION_LIST_KEYS:
        return list_keys();
    default:
        return usage();
    }
    return argc - optind > 1 ? usage() : check(argv[optind]);
}
