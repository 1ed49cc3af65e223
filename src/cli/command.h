/* SPDX-License-Identifier: Apache-2.0 */
/* The subcommands, one file each, and their exit statuses. */
#pragma once

enum {
    CLI_DONE = 0,
    CLI_WRONG = 1, /* the thing asked about is wrong, or could not be done */
    CLI_USAGE = 2,
};

struct command {
    const char *name;
    /* argv[0] is the subcommand's name, or the program's where there is none. Gives the exit status. */
    int (*run)(int argc, char **argv);
    const char *purpose;
};

int cli_serve(int argc, char **argv);
int cli_boot(int argc, char **argv);
int cli_check(int argc, char **argv);
int cli_explain(int argc, char **argv);
int cli_butane(int argc, char **argv);
int cli_leases(int argc, char **argv);
