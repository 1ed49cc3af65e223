/* SPDX-License-Identifier: Apache-2.0 */
/* The flags of a subcommand as a table: parsing, help and the words of what is wrong come from it. Long flags take one
 * dash or two, and their value after '=' or a space: what Go programs such as Matchbox accept. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/diag.h"

struct flag {
    const char *name;
    char letter;          /* its short form; 0: none */
    const char *argument; /* what its value is called in the help; NULL: it takes none */
    const char *help;     /* one line; NULL: not in the help */
    /* Notes the value. 0, or a negative number with what is wrong with it. */
    int (*apply)(void *target, const char *value, struct diag *why);
    const char *variable; /* environment variable that stands for it where it is not given; NULL: none */
    bool is_switch;       /* true or false may follow behind '='; without a value apply() gets "true" */
};

enum {
    FLAGS_OK = 0,
    FLAGS_HELP = 1,  /* --help was given */
    FLAGS_WRONG = 2, /* with the reason */
};

/* Applies the flags in argv, which may stand among the operands and end at "--", then the environment's for those not
 * given; *ret_operand is the index of the first operand in argv, which is reordered. */
int flags_parse(int *ret_operand, const struct flag *flags, size_t count, void *target, int argc, char **argv,
                struct diag *why);
/* Prints the table's lines to standard output. */
void flags_print(const struct flag *flags, size_t count);
/* Prints what is wrong with the call to standard error, with where to find help; gives the exit status. */
int flags_refuse(const char *command, const struct diag *why);
