/* SPDX-License-Identifier: Apache-2.0 */
/* A function as a template's nodes know it, and where each comes from. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "lang/template.h"

/* The octet that indexing a string gives (Go's uint8). It exists only between the operations of one rendering; a
 * caller's function gets a VALUE_INTEGER instead. */
#define TEMPLATE_VALUE_OCTET ((enum value_kind)(VALUE_MAP + 1))

#define BUILTIN_ANY UINT8_MAX

/* The head of a function that templates can call; most need no context and many know their count. */
#define BUILTIN(name)                                                                                                  \
    struct value *name(__attribute__((unused)) void *context, const struct value *const *arguments,                    \
                       __attribute__((unused)) size_t count, __attribute__((unused)) struct diag *why)

/* How arguments reach a function. */
enum builtin_manner {
    BUILTIN_PLAIN,
    BUILTIN_AND,    /* evaluated only up to the first false one */
    BUILTIN_OR,     /* evaluated only up to the first true one */
    BUILTIN_FORMAT, /* the first must be a string */
};

struct builtin {
    struct template_function function;
    uint8_t minimum; /* arguments */
    uint8_t maximum; /* BUILTIN_ANY: as many as one likes */
    enum builtin_manner manner;
    bool takes_octets;
};

/* The functions of Go's text/template; NULL when it has none of this name. */
const struct builtin *builtin_of_go(const char *name);
/* The functions we give beside them under the names that sprig made known. */
const struct builtin *builtin_of_sprig(const char *name);
/* The name of one of either set most like the given one, or NULL. */
const char *builtin_nearest(const char *name);
