/* SPDX-License-Identifier: Apache-2.0 */
/* Floating-point numbers in digits, as Go's strconv writes them. */
#pragma once

#include "base/text.h"

/* As many digits as it takes to read the same number again. */
#define FLOAT_SHORTEST (-1)

/* Appends the number in a format of 'b' 'e' 'E' 'f' 'g' 'G' 'x' 'X', with a sign where it is negative and "+Inf",
 * "-Inf" or "NaN" where it is none. The precision is that of Go's strconv.FormatFloat; 'e' and 'f' need one. */
void float_append(struct text *ret, double number, char format, int precision);
/* The way JSON documents have it: an exponent only below 1e-6 and from 1e21 on. What is no number is null. */
void float_append_json(struct text *ret, double number);
