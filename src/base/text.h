/* SPDX-License-Identifier: Apache-2.0 */
/* Text that grows while it is written; and what is asked of texts everywhere. Zero is the empty text. */
#pragma once

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/auto.h"
#include "base/bytes.h"

struct text {
    char *characters; /* NUL-terminated, or NULL while empty */
    size_t length;
    size_t capacity;
};

void text_finish(struct text *text);
AUTO_DEFINE_STRUCT(text_finish, struct text);

void text_append(struct text *text, const char *characters);
void text_append_bytes(struct text *text, struct bytes bytes);
void text_append_char(struct text *text, char character);
void text_print(struct text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));
void text_append_list(struct text *text, const char *format, va_list arguments) __attribute__((format(printf, 2, 0)));
/* Forgets what was written behind the first length characters, which are there. */
void text_truncate(struct text *text, size_t length);
/* Forgets what was written and keeps the memory. */
void text_clear(struct text *text);
/* The characters written so far; "" when there are none. Borrowed until the next write. */
const char *text_characters(const struct text *text);
struct bytes text_bytes(const struct text *text);
/* Hands the characters over, never NULL; the text is empty afterwards. The caller frees them. */
char *text_take(struct text *text);

/* Equal, NULL being equal to NULL only. */
bool text_is(const char *a, const char *b);
bool text_is_ignoring_case(const char *a, const char *b);
bool text_starts_with(const char *whole, const char *prefix);
bool text_ends_with(const char *whole, const char *suffix);

/* Appends bytes the way a person may be shown them whatever they hold: printable ASCII and valid UTF-8 as they are,
 * all else as \xNN, at most limit octets of them and then "...". For log lines and reasons. */
void text_append_shown(struct text *text, struct bytes bytes, size_t limit);

/* The candidate most like the given word, or NULL when none is close enough to be what was meant. */
const char *text_nearest(const char *word, const char *const *candidates, size_t count);

/* A decimal number of digits alone, without sign or space, at most maximum. */
bool text_to_number(uint64_t *ret, const char *digits, uint64_t maximum);
