/* SPDX-License-Identifier: Apache-2.0 */
/* Labels: the facts of one machine that groups select on, as text by name. Names and values are case-sensitive. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/auto.h"

struct label {
    char *name;
    char *value;
};

/* A set of labels, sorted by name bytewise, names unique. Zero is the empty set. */
struct labels {
    struct label *at;
    size_t count;
    size_t capacity;
};

void labels_finish(struct labels *labels);
AUTO_DEFINE_STRUCT(labels_finish, struct labels);

/* Sets a label, replacing an earlier value. Both texts are copied. */
void labels_set(struct labels *labels, const char *name, const char *value);
/* The value, borrowed until the labels change; NULL when there is none of that name. */
const char *labels_get(const struct labels *labels, const char *name);

/* Sets a label as a request or a document gives it: where the name is "mac" in any case, a value that net.ParseMAC of
 * Go takes is kept in lower case with colons, and with any other the label is not set and the result is false. */
bool labels_set_normalised(struct labels *labels, const char *name, const char *value);
