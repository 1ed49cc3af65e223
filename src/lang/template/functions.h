/* SPDX-License-Identifier: Apache-2.0 */
/* The functions that users of templates know from sprig, beside those of the language itself. */
#pragma once

#include "lang/template/builtin.h"

/* More than there are. */
#define FUNCTIONS_MAX 64

/* Writes their names (at most FUNCTIONS_MAX) and gives how many. */
size_t functions_names(const char *ret[FUNCTIONS_MAX]);
