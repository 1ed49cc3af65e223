/* SPDX-License-Identifier: Apache-2.0 */
/* One value under one verb of printf: what the directive's flags ask for. Shared by the parts of format only. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/text.h"
#include "base/value.h"

struct printer {
    struct text *out;
    size_t limit;
    bool full; /* the limit was met */
    size_t width;
    size_t precision;
    bool has_width;
    bool has_precision;
    bool minus;
    bool plus;
    bool sharp;
    bool space;
    bool zero;
    bool go_syntax; /* %#v */
};

/* Prints the value under the verb. */
void printer_print(struct printer *printer, const struct value *value, uint32_t verb);
/* Says that the verb can't print the value: %!d(string=abc) */
void printer_print_bad_verb(struct printer *printer, const struct value *value, uint32_t verb);
void printer_write(struct printer *printer, struct bytes characters);
void printer_write_text(struct printer *printer, const char *characters);
/* Writes the characters, padded to the width. */
void printer_pad(struct printer *printer, struct bytes characters);

/* The numbers: each says the bad verb itself. */
void printer_print_integer(struct printer *printer, const struct value *value, uint32_t verb);
void printer_print_float(struct printer *printer, const struct value *value, uint32_t verb);
