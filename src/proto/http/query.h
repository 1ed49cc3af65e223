/* SPDX-License-Identifier: Apache-2.0 */
/* Query strings, read as Go's url.ParseQuery reads them, since that is what Matchbox's users have. */
#pragma once

#include <stdbool.h>

#include "base/bytes.h"
#include "base/text.h"

/* Pairs looked at in one query; more come from no machine, and those behind are not there. */
#define HTTP_QUERY_PAIRS_MAX 1024

/* Takes the next pair off the front of *rest into name and value, both decoded ('+' is a space); a pair without '=' has
 * the value "". Skips what Go drops: empty pairs, pairs with ';' and those that cannot be decoded; and those that hold
 * a NUL, which no text of ours can. False when there is none left. */
bool http_query_next(struct text *name, struct text *value, struct bytes *rest);
