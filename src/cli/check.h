/* SPDX-License-Identifier: Apache-2.0 */
/* muster check: configuration and catalog validated without serving. */
#pragma once

/* Arguments as of main(), the first being the subcommand's name. Returns the exit status: 0 nothing wrong (warnings are
 * not), 1 errors, 2 usage. */
int cli_check(int argc, char **argv);
