/* SPDX-License-Identifier: Apache-2.0 */
/* Reading the members of a map into a struct by a table, as Go's encoding/json takes them: keys match whatever their
 * case, null leaves the default, an unknown key is ignored (with a word where it is likely a slip), a value of the
 * wrong kind is an error. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "lang/document.h"

/* What every reader needs to say what is wrong. */
struct member_context {
    const struct document *document;
    struct faults *faults;
    const char *inside; /* "boot." before the names of what is in boot; "" at the top */
};

struct member_rule {
    const char *name;
    /* Reads the value into the target; false, with a fault, when it is wrong. */
    bool (*read)(void *target, const struct member_context *context, const char *name, const struct node *value);
};

/* Reads all members of a node that must be a map; what is what the node is, for a fault: "a group". Goes on after what
 * is wrong, so that all of it is said, and then returns false. */
bool members_read(void *target, const struct node *map, const char *what, const struct member_context *context,
                  const struct member_rule *rules, size_t rule_count);

/* Replaces *ret, which is on the heap. */
bool member_read_text(char **ret, const struct member_context *context, const char *name, const struct node *value);
bool member_read_bool(bool *ret, const struct member_context *context, const char *name, const struct node *value);
/* Any map, as a value. */
bool member_read_map(struct value **ret, const struct member_context *context, const char *name,
                     const struct node *value);
/* Adds a fault "'boot.kernel' must be a text, this is a number" and returns false. */
bool member_is_wrong(const struct member_context *context, const char *name, const struct node *value,
                     const char *wanted);
