/* SPDX-License-Identifier: Apache-2.0 */
/* muster: the subcommands. */
#include <stdio.h>
#include <string.h>

#include "base/array.h"
#include "base/text.h"
#include "cli/command.h"

static const struct command commands[] = {
    {"serve", cli_serve, "run the services: DHCP or proxyDHCP, TFTP, HTTP"},
    {"boot", cli_boot, "serve one image to every machine that asks, no files needed"},
    {"check", cli_check, "validate configuration and catalog"},
    {"butane", cli_butane, "translate a Butane config to Ignition's JSON"},
    {"explain", cli_explain, "say what a machine would get, and why"},
    {"leases", cli_leases, "list the addresses given, free one, take over another server's"},
};

static void print_usage(FILE *out)
{
    fputs("muster takes a machine from power-on to a running, configured operating system.\n\n"
          "Usage: muster COMMAND [options]\n\nCommands:\n",
          out);
    for (size_t i = 0; i < LENGTH(commands); i++)
        fprintf(out, "  %-8s %s\n", commands[i].name, commands[i].purpose);
    fputs("\n'muster COMMAND --help' says more; 'muster --version' prints the version.\n"
          "Manual: man 8 muster, man 5 muster.yaml\n",
          out);
}

static int refuse(const char *name)
{
    const char *names[LENGTH(commands)];
    for (size_t i = 0; i < LENGTH(commands); i++)
        names[i] = commands[i].name;
    const char *meant = text_nearest(name, names, LENGTH(names));
    fprintf(stderr, "muster: no command '%s'%s%s%s\n", name, meant ? ": did you mean '" : "", meant ? meant : "",
            meant ? "'?" : "; 'muster --help' lists them");
    return CLI_USAGE;
}

int main(int argc, char **argv)
{
    if (argc < 2 || text_is(argv[1], "help")) {
        print_usage(argc < 2 ? stderr : stdout);
        return argc < 2 ? CLI_USAGE : CLI_DONE;
    }
    if (text_is(argv[1], "--help") || text_is(argv[1], "-h") || text_is(argv[1], "-help")) {
        print_usage(stdout);
        return CLI_DONE;
    }
    if (text_is(argv[1], "--version") || text_is(argv[1], "-version")) {
        puts("muster " MUSTER_VERSION);
        return CLI_DONE;
    }
    /* Matchbox has no subcommands: started with its flags alone, muster serves as it does. */
    if (argv[1][0] == '-')
        return cli_serve(argc, argv);
    for (size_t i = 0; i < LENGTH(commands); i++)
        if (text_is(argv[1], commands[i].name))
            return commands[i].run(argc - 1, argv + 1);
    return refuse(argv[1]);
}
