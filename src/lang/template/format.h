/* SPDX-License-Identifier: Apache-2.0 */
/* Values as text, the way Go's fmt writes them: what a template prints, and its print, println and printf. Each is
 * false when the text would grow longer than limit octets; what was written until then stays. */
#pragma once

#include <stdbool.h>

#include "base/bytes.h"
#include "base/text.h"
#include "base/value.h"

/* Like the verb %v. */
bool format_value(struct text *ret, size_t limit, const struct value *value);
/* Puts a space between two that are both no strings. */
bool format_print(struct text *ret, size_t limit, const struct value *const *values, size_t count);
bool format_println(struct text *ret, size_t limit, const struct value *const *values, size_t count);
bool format_printf(struct text *ret, size_t limit, struct bytes format, const struct value *const *values,
                   size_t count);

/* The name of the value's type in Go: "float64", "map[string]interface {}". */
const char *format_type(const struct value *value);
