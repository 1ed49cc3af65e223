/* SPDX-License-Identifier: Apache-2.0 */
/* Constants as Go writes them. */
#include "lang/template/literal.h"

#include <ctype.h>
#include <math.h>

#include "base/array.h"
#include "lang/template/unicode.h"

static int hex_digit(uint8_t character)
{
    if (character >= '0' && character <= '9')
        return character - '0';
    uint8_t lower = character | 0x20;
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

/* One character of a constant, and whether it is an octet of its own rather than a character. */
struct unit {
    uint32_t character;
    bool is_octet;
};

/* Reads count digits of base 8 or 16. */
static bool read_digits(uint32_t *ret, struct bytes *rest, size_t count, int base)
{
    if (rest->size < count)
        return false;
    uint32_t number = 0;
    for (size_t i = 0; i < count; i++) {
        int digit = hex_digit(rest->data[i]);
        if (digit < 0 || digit >= base)
            return false;
        number = number * (uint32_t)base + (uint32_t)digit;
    }
    *rest = bytes_slice(*rest, count, SIZE_MAX);
    *ret = number;
    return true;
}

/* What stands behind a backslash. */
static bool read_escape(struct unit *ret, struct bytes *rest, char quote)
{
    static const char letters[] = "abfnrtv\\";
    static const char meanings[] = "\a\b\f\n\r\t\v\\";
    if (rest->size == 0)
        return false;
    char letter = (char)rest->data[0];
    if (letter >= '0' && letter <= '7') {
        ret->is_octet = true;
        return read_digits(&ret->character, rest, 3, 8) && ret->character <= 0xff;
    }
    *rest = bytes_slice(*rest, 1, SIZE_MAX);
    const char *found = letter ? strchr(letters, letter) : NULL;
    if (found || letter == quote) {
        ret->character = found ? (uint8_t)meanings[found - letters] : (uint8_t)letter;
        return true;
    }
    switch (letter) {
    case 'x':
        ret->is_octet = true;
        return read_digits(&ret->character, rest, 2, 16);
    case 'u':
        return read_digits(&ret->character, rest, 4, 16) && unicode_is_valid(ret->character);
    case 'U':
        return read_digits(&ret->character, rest, 8, 16) && unicode_is_valid(ret->character);
    }
    return false;
}

static bool read_unit(struct unit *ret, struct bytes *rest, char quote)
{
    *ret = (struct unit){0};
    if (rest->size == 0 || rest->data[0] == (uint8_t)quote)
        return false;
    size_t size = unicode_decode(&ret->character, *rest);
    *rest = bytes_slice(*rest, size, SIZE_MAX);
    return ret->character != '\\' || read_escape(ret, rest, quote);
}

static void append_raw(struct text *ret, struct bytes inside)
{
    for (size_t i = 0; i < inside.size; i++)
        if (inside.data[i] != '\r')
            text_append_char(ret, (char)inside.data[i]);
}

bool literal_string(struct text *ret, struct bytes token)
{
    struct bytes inside = bytes_slice(token, 1, token.size - 2);
    if (token.data[0] == '`') {
        append_raw(ret, inside);
        return true;
    }
    while (inside.size > 0) {
        struct unit unit;
        if (!read_unit(&unit, &inside, '"'))
            return false;
        if (unit.is_octet)
            text_append_char(ret, (char)unit.character);
        else
            unicode_append(ret, unit.character);
    }
    return true;
}

bool literal_character(uint32_t *ret, struct bytes token)
{
    struct bytes rest = bytes_slice(token, 1, SIZE_MAX);
    struct unit unit;
    if (!read_unit(&unit, &rest, '\'') || !bytes_equal_text(rest, "'"))
        return false;
    *ret = unit.character;
    return true;
}

/* Underscores may only separate digits; behind a base prefix one may stand before the first digit. */
static bool underscores_are_in_place(const char *digits)
{
    bool has_prefix = false;
    bool is_hex = false;
    if (*digits == '-' || *digits == '+')
        digits++;
    if (digits[0] == '0' && digits[1] && strchr("xXoObB", digits[1])) {
        has_prefix = true;
        is_hex = digits[1] == 'x' || digits[1] == 'X';
        digits += 2;
    }
    char before = has_prefix ? '0' : '\0';
    for (; *digits; digits++) {
        bool is_digit = isdigit((unsigned char)*digits) || (is_hex && isxdigit((unsigned char)*digits));
        if (*digits == '_' && before != '0')
            return false;
        if (!is_digit && before == '_')
            return false;
        before = is_digit ? '0' : *digits;
    }
    return before != '_';
}

/* Takes the prefix of another base than ten off; a leading 0 alone means eight. */
static unsigned base_of(const char **digits)
{
    if ((*digits)[0] != '0' || (*digits)[1] == '\0')
        return 10;
    static const struct {
        char letter;
        unsigned base;
    } prefixes[] = {{'x', 16}, {'o', 8}, {'b', 2}};
    for (size_t i = 0; i < LENGTH(prefixes); i++)
        if (((*digits)[1] | 0x20) == prefixes[i].letter) {
            *digits += 2;
            return prefixes[i].base;
        }
    *digits += 1;
    return 8;
}

enum { WHOLE_OK, WHOLE_MALFORMED, WHOLE_TOO_LARGE };

/* An unsigned whole number without its underscores. */
static int parse_whole(uint64_t *ret, const char *digits)
{
    unsigned base = base_of(&digits);
    if (*digits == '\0')
        return WHOLE_MALFORMED;
    bool fits = true;
    uint64_t number = 0;
    for (; *digits; digits++) {
        int digit = hex_digit((uint8_t)*digits);
        if (digit < 0 || (unsigned)digit >= base)
            return WHOLE_MALFORMED;
        fits = fits && !__builtin_mul_overflow(number, (uint64_t)base, &number) &&
               !__builtin_add_overflow(number, (uint64_t)digit, &number);
    }
    *ret = number;
    return fits ? WHOLE_OK : WHOLE_TOO_LARGE;
}

/* A floating-point number of Go's syntax; strtod() alone would take more than that. */
static bool parse_float(double *ret, const char *digits)
{
    const char *unsigned_digits = digits + (*digits == '-' || *digits == '+');
    bool is_hex = unsigned_digits[0] == '0' && (unsigned_digits[1] | 0x20) == 'x';
    if (is_hex && !strpbrk(digits, "pP"))
        return false;
    if (!is_hex && strspn(unsigned_digits, "0123456789.eE+-") != strlen(unsigned_digits))
        return false;
    char *end;
    *ret = strtod(digits, &end);
    return end != digits && *end == '\0' && isfinite(*ret);
}

/* Whether the spelling asks for a floating-point number though its value be whole. */
static bool is_spelled_as_float(const char *digits)
{
    bool is_hex = digits[0] == '0' && (digits[1] | 0x20) == 'x' && !strpbrk(digits, "pP");
    return !is_hex && strpbrk(digits, ".eEpP");
}

static bool fits_integer(uint64_t whole, bool is_negative)
{
    return is_negative ? whole <= (uint64_t)INT64_MAX + 1 : whole <= INT64_MAX;
}

static enum literal_number number_of(struct value **ret, const char *digits)
{
    bool has_sign = *digits == '-' || *digits == '+';
    bool is_negative = *digits == '-';
    uint64_t whole = 0;
    int outcome = parse_whole(&whole, digits + has_sign);
    if (outcome == WHOLE_OK && fits_integer(whole, is_negative)) {
        int64_t integer = is_negative ? (int64_t)(0 - whole) : (int64_t)whole;
        *ret = is_spelled_as_float(digits) ? value_new_number((double)integer) : value_new_integer(integer);
        return LITERAL_OK;
    }
    if (outcome == WHOLE_OK && !has_sign)
        return LITERAL_TOO_LARGE;
    double number;
    if (!parse_float(&number, digits))
        return LITERAL_MALFORMED;
    if (!strpbrk(digits, ".eEpP"))
        return LITERAL_OVERFLOW;
    *ret = value_new_number(number);
    return LITERAL_OK;
}

enum literal_number literal_number(struct value **ret, struct bytes token)
{
    AUTO(free) char *digits = memory_text_of((const char *)token.data, token.size);
    if (strchr(digits, '_') && !underscores_are_in_place(digits))
        return LITERAL_MALFORMED;
    char *kept = digits;
    for (const char *from = digits; *from; from++)
        if (*from != '_')
            *kept++ = *from;
    *kept = '\0';
    return number_of(ret, digits);
}
