/* SPDX-License-Identifier: Apache-2.0 */
/* Characters of UTF-8 text, read the way Go reads them: an octet that begins no character stands for U+FFFD. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/text.h"

#define UNICODE_REPLACEMENT 0xfffdu
#define UNICODE_MAX 0x10ffffu

/* Reads the first character of text and gives the octets it takes: 1 for an invalid one, 0 at the end of text. */
size_t unicode_decode(uint32_t *ret, struct bytes text);
/* Writes a character; one that can't be (a surrogate, too large) is written as U+FFFD. */
void unicode_append(struct text *ret, uint32_t character);
/* How many characters text holds. */
size_t unicode_count(struct bytes text);

bool unicode_is_valid(uint32_t character);
/* A letter, a decimal digit or an underscore. */
bool unicode_is_word(uint32_t character);
bool unicode_is_printable(uint32_t character);
bool unicode_is_space(uint32_t character);
uint32_t unicode_to_upper(uint32_t character);
uint32_t unicode_to_lower(uint32_t character);
