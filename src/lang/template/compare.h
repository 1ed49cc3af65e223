/* SPDX-License-Identifier: Apache-2.0 */
/* The comparisons of Go's text/template. Only values of one kind compare: 3 is an integer and 3.0, like every number of
 * the data, is not. */
#pragma once

#include "base/diag.h"
#include "base/value.h"

struct value *compare_eq(void *context, const struct value *const *arguments, size_t count, struct diag *why);
struct value *compare_ne(void *context, const struct value *const *arguments, size_t count, struct diag *why);
struct value *compare_lt(void *context, const struct value *const *arguments, size_t count, struct diag *why);
struct value *compare_le(void *context, const struct value *const *arguments, size_t count, struct diag *why);
struct value *compare_gt(void *context, const struct value *const *arguments, size_t count, struct diag *why);
struct value *compare_ge(void *context, const struct value *const *arguments, size_t count, struct diag *why);
