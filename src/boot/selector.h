/* SPDX-License-Identifier: Apache-2.0 */
/* What a group may want of a label beyond a text: one of several, a pattern, an address in a network, or none of these.
 * A label that a machine does not have is the empty text. Immutable once it is shared; counted references. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/auto.h"
#include "base/ipv4.h"
#include "base/text.h"

enum selector_kind {
    SELECTOR_NOT,  /* not its part */
    SELECTOR_GLOB, /* a text like the pattern: * any characters, ? one, [a-f] [!a-f] one of these or of all others, \x x
                    */
    SELECTOR_CIDR, /* an IPv4 address in the network */
    SELECTOR_ANY,  /* one of the values, or one of its parts */
    SELECTOR_ALL,  /* all of its parts */
};

struct selector {
    unsigned references;
    enum selector_kind kind;
    char **values; /* sorted bytewise */
    size_t value_count;
    size_t value_capacity;
    struct selector **parts;
    size_t part_count;
    size_t part_capacity;
    char *pattern;
    struct ipv4_subnet network;
};

/* One without values, parts, pattern and network, and one reference. */
struct selector *selector_create(enum selector_kind kind);
struct selector *selector_create_glob(const char *pattern);
struct selector *selector_create_cidr(struct ipv4_subnet network);
/* While it is not shared. */
void selector_add_value(struct selector *any, const char *value);
void selector_take_part(struct selector *selector, struct selector *take_part);
struct selector *selector_ref(const struct selector *selector);
void selector_unref(struct selector *selector);
AUTO_DEFINE(selector_unref, struct selector *);

bool selector_is_met(const struct selector *selector, const char *value);
/* What it wants, behind "to be": "one of 'a', 'b'", "in 10.0.0.0/8 and not '10.0.0.1'". At most some hundred octets. */
void selector_append_words(struct text *text, const struct selector *selector);
/* All of it as one text: two that are written alike are met alike. */
void selector_append_text(struct text *text, const struct selector *selector);

/* How exactly it names machines: 2 by values, 1 by patterns or networks, 0 by what they are not. A text alone is 3. */
unsigned selector_exactness(const struct selector *selector);
#define SELECTOR_EXACTNESS_OF_TEXT 3
/* Of two that are as exact the one of the greater detail goes first: the bits of a network, the fixed characters of a
 * pattern; of several the least. */
unsigned selector_detail(const struct selector *selector);
