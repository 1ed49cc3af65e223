/* SPDX-License-Identifier: Apache-2.0 */
/* Libraries that few need, loaded when they are: an idle server does not hold the memory of what it never calls. */
#pragma once

#include <stddef.h>

#include "base/diag.h"

struct library_function {
    const char *name;
    void *pointer; /* address of the function pointer to be set */
};

/* Loads the library by its soname and sets every function pointer; once is enough for the life of the process. 0, or
 * -ENOENT with the reason, and then some pointers may be set but none may be called. */
int library_load(const char *soname, const struct library_function *functions, size_t count, struct diag *why);
