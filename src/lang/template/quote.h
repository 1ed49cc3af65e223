/* SPDX-License-Identifier: Apache-2.0 */
/* Text as a Go constant. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/text.h"

/* Appends "…" with escapes for what can't be printed, or for all that is not ASCII. */
void quote_append(struct text *ret, struct bytes characters, bool ascii_only);
/* The same of one character in single quotes. */
void quote_append_character(struct text *ret, uint32_t character, bool ascii_only);
/* Whether the text can stand unchanged between backquotes. */
bool quote_can_be_raw(struct bytes characters);
