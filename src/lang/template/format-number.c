/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers under the verbs of printf. */
#include "lang/template/builtin.h"
#include "lang/template/float.h"
#include "lang/template/format-value.h"
#include "lang/template/quote.h"
#include "lang/template/unicode.h"

/* What zeros would do is done; what remains is padded with spaces. */
static void pad_with_spaces(struct printer *printer, struct bytes characters)
{
    bool zero = printer->zero;
    printer->zero = false;
    printer_pad(printer, characters);
    printer->zero = zero;
}

static void reverse(struct text *text)
{
    for (size_t i = 0; i < text->length / 2; i++) {
        char kept = text->characters[i];
        text->characters[i] = text->characters[text->length - 1 - i];
        text->characters[text->length - 1 - i] = kept;
    }
}

static void append_prefix_reversed(struct printer *printer, struct text *reversed, unsigned base, uint32_t verb)
{
    if (printer->sharp && base == 2)
        text_append(reversed, "b0");
    if (printer->sharp && base == 8 && reversed->characters[reversed->length - 1] != '0')
        text_append(reversed, "0");
    if (printer->sharp && base == 16)
        text_append(reversed, verb == 'X' ? "X0" : "x0");
    if (verb == 'O')
        text_append(reversed, "o0");
}

/* How many digits there must be at least. */
static size_t least_digits(const struct printer *printer, bool has_sign)
{
    if (printer->has_precision)
        return printer->precision;
    if (printer->zero && printer->has_width)
        return printer->width > has_sign ? printer->width - has_sign : 0;
    return 0;
}

static void print_in_base(struct printer *printer, uint64_t number, bool is_negative, unsigned base, uint32_t verb)
{
    if (printer->has_precision && printer->precision == 0 && number == 0) {
        pad_with_spaces(printer, (struct bytes){0});
        return;
    }
    const char *digits = verb == 'X' ? "0123456789ABCDEF" : "0123456789abcdef";
    size_t least = least_digits(printer, is_negative || printer->plus || printer->space);
    AUTO(text_finish) struct text written = {0};
    do {
        text_append_char(&written, digits[number % base]);
        number /= base;
    } while (number > 0);
    while (written.length < least)
        text_append_char(&written, '0');
    append_prefix_reversed(printer, &written, base, verb);
    if (is_negative || printer->plus || printer->space)
        text_append_char(&written, is_negative ? '-' : printer->plus ? '+' : ' ');
    reverse(&written);
    pad_with_spaces(printer, text_bytes(&written));
}

/* U+0041, and with the sharp flag the character behind it. */
static void print_code_point(struct printer *printer, uint64_t number)
{
    int digits = printer->has_precision && printer->precision > 4 ? (int)printer->precision : 4;
    AUTO(text_finish) struct text written = {0};
    text_print(&written, "U+%0*llX", digits, (unsigned long long)number);
    if (printer->sharp && number <= UNICODE_MAX && unicode_is_printable((uint32_t)number)) {
        text_append(&written, " '");
        unicode_append(&written, (uint32_t)number);
        text_append(&written, "'");
    }
    pad_with_spaces(printer, text_bytes(&written));
}

static void print_character(struct printer *printer, uint64_t number, bool is_quoted)
{
    uint32_t character = number > UNICODE_MAX ? UNICODE_REPLACEMENT : (uint32_t)number;
    AUTO(text_finish) struct text written = {0};
    if (is_quoted)
        quote_append_character(&written, character, printer->plus);
    else
        unicode_append(&written, character);
    printer_pad(printer, text_bytes(&written));
}

/* Octets are unsigned, so in Go's syntax they are hexadecimal. */
static void print_octet_in_go_syntax(struct printer *printer, uint64_t number)
{
    bool sharp = printer->sharp;
    printer->sharp = true;
    print_in_base(printer, number, false, 16, 'v');
    printer->sharp = sharp;
}

void printer_print_integer(struct printer *printer, const struct value *value, uint32_t verb)
{
    bool is_negative = value->integer < 0;
    uint64_t bits = (uint64_t)value->integer;
    uint64_t number = is_negative ? 0 - bits : bits;
    switch (verb) {
    case 'v':
        if (printer->go_syntax && value->kind == TEMPLATE_VALUE_OCTET) {
            print_octet_in_go_syntax(printer, number);
            return;
        }
        print_in_base(printer, number, is_negative, 10, verb);
        return;
    case 'd':
        print_in_base(printer, number, is_negative, 10, verb);
        return;
    case 'b':
        print_in_base(printer, number, is_negative, 2, verb);
        return;
    case 'o':
    case 'O':
        print_in_base(printer, number, is_negative, 8, verb);
        return;
    case 'x':
    case 'X':
        print_in_base(printer, number, is_negative, 16, verb);
        return;
    case 'c':
    case 'q':
        print_character(printer, bits, verb == 'q');
        return;
    case 'U':
        print_code_point(printer, bits);
        return;
    }
    printer_print_bad_verb(printer, value, verb);
}

/* The sharp flag: a decimal point in every number, and the zeros that %g leaves out. The text has a sign. */
static void restore_zeros(struct text *number, char format, int precision)
{
    bool counts = format == 'g' || format == 'G' || format == 'x';
    int missing = !counts ? 0 : precision == FLOAT_SHORTEST ? 6 : precision;
    bool is_hexadecimal = format == 'x' || format == 'X';
    size_t exponent = 1 + strcspn(number->characters + 1, is_hexadecimal ? "pP" : "eE");
    bool has_point = false;
    bool saw_digit = false;
    for (size_t i = 1; i < exponent; i++) {
        if (number->characters[i] == '.') {
            has_point = true;
            continue;
        }
        saw_digit = saw_digit || number->characters[i] != '0';
        missing -= saw_digit;
    }
    AUTO(text_finish) struct text tail = {0};
    text_append(&tail, number->characters + exponent);
    number->length = exponent;
    if (!has_point) {
        missing -= exponent == 2 && number->characters[1] == '0';
        text_append_char(number, '.');
    }
    for (; missing > 0; missing--)
        text_append_char(number, '0');
    text_append_bytes(number, text_bytes(&tail));
}

/* The number has a sign, which stays before the zeros and goes where none is asked for. */
static void pad_signed(struct printer *printer, struct bytes number)
{
    if (!printer->plus && number.data[0] == '+') {
        printer_pad(printer, bytes_slice(number, 1, SIZE_MAX));
        return;
    }
    if (!printer->zero || !printer->has_width || printer->width <= number.size) {
        printer_pad(printer, number);
        return;
    }
    size_t width = printer->width;
    printer_write(printer, bytes_slice(number, 0, 1));
    printer->width--;
    printer_pad(printer, bytes_slice(number, 1, SIZE_MAX));
    printer->width = width;
}

static void print_no_number(struct printer *printer, struct bytes name)
{
    if (name.data[1] == 'N' && !printer->space && !printer->plus)
        name = bytes_slice(name, 1, SIZE_MAX);
    pad_with_spaces(printer, name);
}

static void print_formatted(struct printer *printer, double number, char format, int precision)
{
    if (printer->has_precision)
        precision = (int)printer->precision;
    AUTO(text_finish) struct text written = {0};
    text_append_char(&written, '+');
    float_append(&written, number, format, precision);
    size_t skipped = written.characters[1] == '-' || written.characters[1] == '+';
    if (skipped > 0) {
        memmove(written.characters, written.characters + 1, written.length);
        written.length--;
    }
    if (printer->space && written.characters[0] == '+' && !printer->plus)
        written.characters[0] = ' ';
    if (written.characters[1] == 'I' || written.characters[1] == 'N') {
        print_no_number(printer, text_bytes(&written));
        return;
    }
    if (printer->sharp && format != 'b')
        restore_zeros(&written, format, precision);
    pad_signed(printer, text_bytes(&written));
}

void printer_print_float(struct printer *printer, const struct value *value, uint32_t verb)
{
    switch (verb) {
    case 'v':
        print_formatted(printer, value->number, 'g', FLOAT_SHORTEST);
        return;
    case 'b':
    case 'g':
    case 'G':
    case 'x':
    case 'X':
        print_formatted(printer, value->number, (char)verb, FLOAT_SHORTEST);
        return;
    case 'e':
    case 'E':
    case 'f':
        print_formatted(printer, value->number, (char)verb, 6);
        return;
    case 'F':
        print_formatted(printer, value->number, 'f', 6);
        return;
    }
    printer_print_bad_verb(printer, value, verb);
}
