/* SPDX-License-Identifier: Apache-2.0 */
/* The functions that users of templates know from sprig, beside those of the language itself. They live by what they
 * are about, in functions-text.c, functions-value.c and functions-encoding.c; the table is in functions.c. */
#pragma once

#include "base/text.h"
#include "lang/template/builtin.h"

/* More than there are. */
#define FUNCTIONS_MAX 64
/* Items that a list made by a function may hold, and how deep what it makes may be. */
#define FUNCTIONS_ITEMS_MAX 100000
#define FUNCTIONS_PARTS_MAX 1000 /* in a map, whose keys are sorted one by one */
#define FUNCTIONS_DEPTH_MAX 200

/* Writes their names (at most FUNCTIONS_MAX) and gives how many. */
size_t functions_names(const char *ret[FUNCTIONS_MAX]);

/* What the argument prints: itself when it is a string. A new reference; NULL when it prints too much. */
struct value *functions_printed(const struct value *argument, struct diag *why);
/* The same of what can be meant as a text: not of nil, a list or a map, whose print nobody wants in a document. */
struct value *functions_text(const struct value *argument, struct diag *why);
struct bytes functions_bytes(const struct value *string);
/* A whole number, as an integer or as the float64 that every number of the data is. */
bool functions_integer(int64_t *ret, const struct value *argument, struct diag *why);
/* The text as a value, or NULL and the reason when it is longer than a template's output may be. */
struct value *functions_finish(const struct text *text, struct diag *why);

BUILTIN(functions_contains);
BUILTIN(functions_has_prefix);
BUILTIN(functions_has_suffix);
BUILTIN(functions_indent);
BUILTIN(functions_join);
BUILTIN(functions_lower);
BUILTIN(functions_nindent);
BUILTIN(functions_quote);
BUILTIN(functions_replace);
BUILTIN(functions_split);
BUILTIN(functions_split_list);
BUILTIN(functions_trim);
BUILTIN(functions_upper);

BUILTIN(functions_cidrhost);
BUILTIN(functions_cidrnetmask);
BUILTIN(functions_default);
BUILTIN(functions_dict);
BUILTIN(functions_get);
BUILTIN(functions_has_key);
BUILTIN(functions_int);
BUILTIN(functions_list);
BUILTIN(functions_required);
BUILTIN(functions_ternary);

BUILTIN(functions_b64dec);
BUILTIN(functions_b64enc);
BUILTIN(functions_sha256sum);
BUILTIN(functions_to_json);
BUILTIN(functions_to_yaml);
