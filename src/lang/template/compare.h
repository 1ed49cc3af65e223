/* SPDX-License-Identifier: Apache-2.0 */
/* The comparisons of Go's text/template. Only values of one kind compare: 3 is an integer and 3.0, like every number of
 * the data, is not. */
#pragma once

#include "lang/template/builtin.h"

BUILTIN(compare_eq);
BUILTIN(compare_ne);
BUILTIN(compare_lt);
BUILTIN(compare_le);
BUILTIN(compare_gt);
BUILTIN(compare_ge);
