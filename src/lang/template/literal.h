/* SPDX-License-Identifier: Apache-2.0 */
/* Constants as Go writes them: quoted strings, characters and numbers. */
#pragma once

#include <stdbool.h>

#include "base/bytes.h"
#include "base/text.h"
#include "base/value.h"

/* Appends what a token "…" or `…` stands for; false when it is malformed. */
bool literal_string(struct text *ret, struct bytes token);
/* What a token '…' stands for; false when it is malformed. */
bool literal_character(uint32_t *ret, struct bytes token);

enum literal_number {
    LITERAL_OK,
    LITERAL_TOO_LARGE, /* an unsigned number that no int holds: wrong only when it is evaluated */
    LITERAL_OVERFLOW,  /* more digits than any integer has */
    LITERAL_MALFORMED,
};
/* Gives a VALUE_INTEGER or, when its spelling asks for that, a VALUE_NUMBER. */
enum literal_number literal_number(struct value **ret, struct bytes token);
