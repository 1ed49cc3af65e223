/* SPDX-License-Identifier: Apache-2.0 */
/* Selectors. */
#include "boot/selector.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"

/* As much of a value and of all words as is shown. Octets. */
#define SHOWN_VALUE_MAX 64
#define SHOWN_WORDS_MAX 300

struct selector *selector_create(enum selector_kind kind)
{
    struct selector *selector = MEMORY_NEW(struct selector);
    selector->references = 1;
    selector->kind = kind;
    return selector;
}

struct selector *selector_create_glob(const char *pattern)
{
    struct selector *selector = selector_create(SELECTOR_GLOB);
    selector->pattern = memory_text(pattern);
    return selector;
}

struct selector *selector_create_cidr(struct ipv4_subnet network)
{
    struct selector *selector = selector_create(SELECTOR_CIDR);
    selector->network = network;
    return selector;
}

/* The index of the first value that is not less than value. */
static size_t selector_position(const struct selector *selector, const char *value)
{
    size_t low = 0;
    size_t high = selector->value_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (strcmp(selector->values[middle], value) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool selector_has_value(const struct selector *selector, const char *value)
{
    size_t at = selector_position(selector, value);
    return at < selector->value_count && strcmp(selector->values[at], value) == 0;
}

void selector_add_value(struct selector *any, const char *value)
{
    if (selector_has_value(any, value))
        return;
    size_t at = selector_position(any, value);
    (void)ARRAY_ADD(any->values, any->value_count, any->value_capacity);
    memmove(&any->values[at + 1], &any->values[at], (any->value_count - 1 - at) * sizeof any->values[0]);
    any->values[at] = memory_text(value);
}

void selector_take_part(struct selector *selector, struct selector *take_part)
{
    *ARRAY_ADD(selector->parts, selector->part_count, selector->part_capacity) = take_part;
}

struct selector *selector_ref(const struct selector *selector)
{
    struct selector *counted = (struct selector *)selector;
    __atomic_add_fetch(&counted->references, 1, __ATOMIC_RELAXED);
    return counted;
}

void selector_unref(struct selector *selector)
{
    if (!selector || __atomic_sub_fetch(&selector->references, 1, __ATOMIC_ACQ_REL) > 0)
        return;
    for (size_t i = 0; i < selector->value_count; i++)
        free(selector->values[i]);
    for (size_t i = 0; i < selector->part_count; i++)
        selector_unref(selector->parts[i]);
    free(selector->values);
    free(selector->parts);
    free(selector->pattern);
    free(selector);
}

/* Whether the class at the pattern's '[' holds the character; *ret_end is behind its ']'. One that is not closed is a
 * plain '['. */
static bool class_has(const char **ret_end, const char *pattern, unsigned char character)
{
    const char *at = pattern + 1;
    bool inverted = *at == '!' || *at == '^';
    at += inverted;
    bool found = false;
    const char *first = at;
    for (; *at && (*at != ']' || at == first); at++) {
        unsigned char low = (unsigned char)*at;
        unsigned char high = low;
        if (at[1] == '-' && at[2] && at[2] != ']') {
            high = (unsigned char)at[2];
            at += 2;
        }
        found = found || (low <= character && character <= high);
    }
    *ret_end = *at ? at + 1 : pattern + 1;
    return *at ? found != inverted : character == '[';
}

/* Whether the pattern's next element, which is no '*', takes the character; *ret_end is behind it. */
static bool element_takes(const char **ret_end, const char *pattern, char character)
{
    if (*pattern == '[')
        return class_has(ret_end, pattern, (unsigned char)character);
    if (*pattern == '\\' && pattern[1])
        pattern++;
    else if (*pattern == '?') {
        *ret_end = pattern + 1;
        return true;
    }
    *ret_end = pattern + 1;
    return *pattern && *pattern == character;
}

/* A '*' that takes too little takes one more when what follows it fails; only the last one has to be asked again, so
 * the cost is at most the product of both lengths. */
static bool glob_matches(const char *pattern, const char *text)
{
    const char *star = NULL;
    const char *star_text = NULL;
    while (*text) {
        const char *next;
        if (*pattern == '*') {
            star = ++pattern;
            star_text = text;
        } else if (element_takes(&next, pattern, *text)) {
            pattern = next;
            text++;
        } else if (star) {
            pattern = star;
            text = ++star_text;
        } else {
            return false;
        }
    }
    return pattern[strspn(pattern, "*")] == '\0';
}

static bool any_is_met(const struct selector *selector, const char *value)
{
    if (selector_has_value(selector, value))
        return true;
    for (size_t i = 0; i < selector->part_count; i++)
        if (selector_is_met(selector->parts[i], value))
            return true;
    return false;
}

static bool all_are_met(const struct selector *selector, const char *value)
{
    for (size_t i = 0; i < selector->part_count; i++)
        if (!selector_is_met(selector->parts[i], value))
            return false;
    return true;
}

bool selector_is_met(const struct selector *selector, const char *value)
{
    struct ipv4 address;
    switch (selector->kind) {
    case SELECTOR_NOT:
        return !all_are_met(selector, value);
    case SELECTOR_GLOB:
        return glob_matches(selector->pattern, value);
    case SELECTOR_CIDR:
        return ipv4_from_text(&address, value) && ipv4_subnet_contains(selector->network, address);
    case SELECTOR_ANY:
        return any_is_met(selector, value);
    case SELECTOR_ALL:
        break;
    }
    return all_are_met(selector, value);
}

static void append_quoted(struct text *text, const char *value)
{
    text_append_char(text, '\'');
    text_append_shown(text, bytes_of_text(value), SHOWN_VALUE_MAX);
    text_append_char(text, '\'');
}

static void append_network(struct text *text, struct ipv4_subnet network)
{
    char address[IPV4_TEXT_MAX];
    text_print(text, "%s/%u", ipv4_to_text(address, network.network), network.prefix);
}

static void append_values(struct text *text, const struct selector *selector, size_t start)
{
    if (selector->value_count + selector->part_count > 1)
        text_append(text, "one of ");
    for (size_t i = 0; i < selector->value_count; i++) {
        if (text->length - start > SHOWN_WORDS_MAX) {
            text_print(text, " ... (%zu values)", selector->value_count);
            break;
        }
        text_append(text, i > 0 ? ", " : "");
        append_quoted(text, selector->values[i]);
    }
}

static void append_words(struct text *text, const struct selector *selector, size_t start);

static void append_parts(struct text *text, const struct selector *selector, const char *between, size_t start)
{
    for (size_t i = 0; i < selector->part_count; i++) {
        if (text->length - start > SHOWN_WORDS_MAX) {
            text_append(text, " ...");
            return;
        }
        text_append(text, i > 0 || selector->value_count > 0 ? between : "");
        append_words(text, selector->parts[i], start);
    }
}

static void append_words(struct text *text, const struct selector *selector, size_t start)
{
    switch (selector->kind) {
    case SELECTOR_NOT:
        text_append(text, "not ");
        append_parts(text, selector, " and ", start);
        break;
    case SELECTOR_GLOB:
        text_append(text, "like ");
        append_quoted(text, selector->pattern);
        break;
    case SELECTOR_CIDR:
        text_append(text, "in ");
        append_network(text, selector->network);
        break;
    case SELECTOR_ANY:
        append_values(text, selector, start);
        append_parts(text, selector, selector->value_count > 0 ? ", " : " or ", start);
        break;
    case SELECTOR_ALL:
        append_parts(text, selector, " and ", start);
        break;
    }
}

void selector_append_words(struct text *text, const struct selector *selector)
{
    append_words(text, selector, text->length);
}

/* Each text with its length before it, so that no other values are written the same. */
static void append_counted(struct text *text, const char *value)
{
    text_print(text, "%zu:%s", strlen(value), value);
}

void selector_append_text(struct text *text, const struct selector *selector)
{
    static const char letters[] = {
        [SELECTOR_NOT] = '!', [SELECTOR_GLOB] = '*', [SELECTOR_CIDR] = '/', [SELECTOR_ANY] = '|', [SELECTOR_ALL] = '&'};
    text_append_char(text, letters[selector->kind]);
    if (selector->kind == SELECTOR_GLOB)
        append_counted(text, selector->pattern);
    if (selector->kind == SELECTOR_CIDR)
        append_network(text, selector->network);
    text_append_char(text, '(');
    for (size_t i = 0; i < selector->value_count; i++)
        append_counted(text, selector->values[i]);
    for (size_t i = 0; i < selector->part_count; i++)
        selector_append_text(text, selector->parts[i]);
    text_append_char(text, ')');
}

/* The least, or with greatest the greatest, of what the parts have. */
static unsigned parts_have(const struct selector *selector, unsigned (*have)(const struct selector *selector),
                           bool greatest)
{
    unsigned found = greatest ? 0 : UINT_MAX;
    for (size_t i = 0; i < selector->part_count; i++) {
        unsigned next = have(selector->parts[i]);
        if (greatest ? next > found : next < found)
            found = next;
    }
    return found;
}

unsigned selector_exactness(const struct selector *selector)
{
    enum { BY_WHAT_IT_IS_NOT, BY_PATTERN, BY_VALUE };
    switch (selector->kind) {
    case SELECTOR_GLOB:
    case SELECTOR_CIDR:
        return BY_PATTERN;
    case SELECTOR_ALL:
        return parts_have(selector, selector_exactness, true);
    case SELECTOR_ANY:
        return selector->part_count == 0 ? BY_VALUE : parts_have(selector, selector_exactness, false);
    case SELECTOR_NOT:
        break;
    }
    return BY_WHAT_IT_IS_NOT;
}

/* The characters of a pattern that stand for themselves. */
static unsigned pattern_detail(const char *pattern)
{
    unsigned detail = 0;
    while (*pattern) {
        const char *next = pattern + 1;
        bool stands_for_itself = *pattern != '*' && *pattern != '?';
        if (*pattern == '[') {
            class_has(&next, pattern, 0);
            stands_for_itself = next == pattern + 1;
        } else if (*pattern == '\\' && pattern[1]) {
            next++;
        }
        detail += stands_for_itself;
        pattern = next;
    }
    return detail;
}

unsigned selector_detail(const struct selector *selector)
{
    switch (selector->kind) {
    case SELECTOR_GLOB:
        return pattern_detail(selector->pattern);
    case SELECTOR_CIDR:
        return selector->network.prefix;
    case SELECTOR_ALL:
        return parts_have(selector, selector_detail, true);
    case SELECTOR_ANY:
        return selector->part_count == 0 ? 0 : parts_have(selector, selector_detail, false);
    case SELECTOR_NOT:
        break;
    }
    return 0;
}
