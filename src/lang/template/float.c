/* SPDX-License-Identifier: Apache-2.0 */
/* Floating-point numbers in digits. printf() of the C library rounds as Go does where the number of digits is given;
 * the shortest digits, and the binary forms, are made here. */
#include "lang/template/float.h"

#include <ctype.h>
#include <float.h>
#include <math.h>
#include <stdio.h>

/* Digits that any double has at most when they are to tell it from its neighbours. */
#define DIGITS_MAX 17

/* The decimal exponent from which on the shortest form is an exponential one. */
#define SHORTEST_PLAIN_MAX 6

/* Decimal digits; the point stands before digit number `point`. */
struct digits {
    char at[DIGITS_MAX + 1];
    int count;
    int point;
};

/* Takes the digits out of "d.ddde+dd". */
static void digits_of(struct digits *ret, const char *printed)
{
    ret->count = 0;
    for (; *printed != 'e'; printed++)
        if (isdigit((unsigned char)*printed))
            ret->at[ret->count++] = *printed;
    ret->point = atoi(printed + 1) + 1;
    ret->at[ret->count] = '\0';
}

/* The next number of as many digits; false when that needs a carry to one digit more. */
static bool digits_step_up(struct digits *digits)
{
    for (int i = digits->count - 1; i >= 0; i--) {
        if (digits->at[i] != '9') {
            digits->at[i]++;
            return true;
        }
        digits->at[i] = '0';
    }
    return false;
}

static double digits_value(const struct digits *digits)
{
    char written[DIGITS_MAX + 16];
    snprintf(written, sizeof written, "%se%d", digits->at, digits->point - digits->count);
    return strtod(written, NULL);
}

/* Whether digits read as the number. Below a power of two numbers lie closer together than above it, so there the
 * nearest decimal may miss it while the next one up does not. */
static bool digits_match(struct digits *digits, double number)
{
    if (digits_value(digits) == number)
        return true;
    int exponent;
    if (frexp(number, &exponent) != 0.5)
        return false;
    struct digits above = *digits;
    if (!digits_step_up(&above) || digits_value(&above) != number)
        return false;
    *digits = above;
    return true;
}

/* Whether so many digits read as the (positive) number; if so, *ret has them. */
static bool try_digits(struct digits *ret, double number, int count)
{
    char printed[DIGITS_MAX + 16];
    snprintf(printed, sizeof printed, "%.*e", count - 1, number);
    digits_of(ret, printed);
    return digits_match(ret, number);
}

/* The fewest digits that read as the (positive) number. A decimal of up to DBL_DIG digits comes back from a normal
 * double unharmed, so if one of those reads as the number, it is what DBL_DIG digits are but for zeros at their end. */
static void shortest_digits(struct digits *ret, double number)
{
    int count = number >= DBL_MIN ? DBL_DIG : 1;
    while (!try_digits(ret, number, count) && count < DIGITS_MAX)
        count++;
    while (ret->count > 1 && ret->at[ret->count - 1] == '0')
        ret->at[--ret->count] = '\0';
}

static void append_exponential(struct text *ret, const struct digits *digits)
{
    text_append_char(ret, digits->at[0]);
    if (digits->count > 1)
        text_print(ret, ".%s", digits->at + 1);
    int exponent = digits->at[0] == '0' ? 0 : digits->point - 1;
    text_print(ret, "e%c%02d", exponent < 0 ? '-' : '+', abs(exponent));
}

static void append_plain(struct text *ret, const struct digits *digits)
{
    if (digits->point <= 0)
        text_append_char(ret, '0');
    for (int i = 0; i < digits->point; i++)
        text_append_char(ret, i < digits->count ? digits->at[i] : '0');
    if (digits->count <= digits->point)
        return;
    text_append_char(ret, '.');
    for (int i = digits->point; i < digits->count; i++)
        text_append_char(ret, i < 0 ? '0' : digits->at[i]);
}

static void append_shortest(struct text *ret, double number)
{
    /* Most numbers of a document are small and whole. */
    if (number < 1e6 && number == (double)(int)number) {
        text_print(ret, "%d", (int)number);
        return;
    }
    struct digits digits;
    shortest_digits(&digits, number);
    int exponent = digits.point - 1;
    if (exponent < -4 || exponent >= SHORTEST_PLAIN_MAX)
        append_exponential(ret, &digits);
    else
        append_plain(ret, &digits);
}

/* The bits of a finite positive number: number == mantissa * 2^exponent. */
static uint64_t mantissa_of(double number, int *ret_exponent)
{
    uint64_t bits;
    memcpy(&bits, &number, sizeof bits);
    uint64_t mantissa = bits & ((UINT64_C(1) << 52) - 1);
    int biased = (int)(bits >> 52 & 0x7ff);
    if (biased > 0)
        mantissa |= UINT64_C(1) << 52;
    *ret_exponent = (biased > 0 ? biased : 1) - 1023 - 52;
    return mantissa;
}

static void append_binary(struct text *ret, double number)
{
    int exponent;
    uint64_t mantissa = mantissa_of(number, &exponent);
    text_print(ret, "%llup%+d", (unsigned long long)mantissa, exponent);
}

/* Keeps so many hexadecimal digits behind the point, which stands before bit 59; rounds half to even. */
static uint64_t round_mantissa(uint64_t mantissa, unsigned digits, int *exponent)
{
    const uint64_t one = UINT64_C(1) << 60;
    unsigned shift = digits * 4;
    uint64_t extra = (mantissa << shift) & (one - 1);
    mantissa >>= 60 - shift;
    if ((extra | (mantissa & 1)) > one / 2)
        mantissa++;
    mantissa <<= 60 - shift;
    if (mantissa & one << 1) {
        mantissa >>= 1;
        ++*exponent;
    }
    return mantissa;
}

static void append_hexadecimal(struct text *ret, double number, int precision)
{
    const uint64_t one = UINT64_C(1) << 60;
    int exponent;
    uint64_t mantissa = mantissa_of(number, &exponent) << 8;
    exponent = mantissa == 0 ? 0 : exponent + 52;
    while (mantissa != 0 && !(mantissa & one)) {
        mantissa <<= 1;
        exponent--;
    }
    if (precision >= 0 && precision < 15)
        mantissa = round_mantissa(mantissa, (unsigned)precision, &exponent);
    text_print(ret, "0x%u", (unsigned)(mantissa >> 60 & 1));
    mantissa = mantissa << 4;
    if (precision > 0 || (precision < 0 && mantissa != 0))
        text_append_char(ret, '.');
    for (int i = 0; precision < 0 ? mantissa != 0 : i < precision; i++) {
        text_append_char(ret, "0123456789abcdef"[mantissa >> 60]);
        mantissa <<= 4;
    }
    text_print(ret, "p%c%02d", exponent < 0 ? '-' : '+', abs(exponent));
}

static void append_positive(struct text *ret, double number, char format, int precision)
{
    switch (format) {
    case 'b':
        append_binary(ret, number);
        return;
    case 'x':
        append_hexadecimal(ret, number, precision);
        return;
    case 'e':
        text_print(ret, "%.*e", precision, number);
        return;
    case 'f':
        text_print(ret, "%.*f", precision, number);
        return;
    }
    if (precision == FLOAT_SHORTEST)
        append_shortest(ret, number);
    else
        text_print(ret, "%.*g", precision, number);
}

void float_append(struct text *ret, double number, char format, int precision)
{
    if (isnan(number)) {
        text_append(ret, "NaN");
        return;
    }
    if (isinf(number)) {
        text_append(ret, number < 0 ? "-Inf" : "+Inf");
        return;
    }
    size_t start = ret->length;
    if (signbit(number))
        text_append_char(ret, '-');
    append_positive(ret, fabs(number), (char)tolower(format), precision);
    if (isupper((unsigned char)format))
        for (size_t i = start; i < ret->length; i++)
            ret->characters[i] = (char)toupper(ret->characters[i]);
}

/* "1e-07" is written "1e-7". */
static void shorten_exponent(struct text *text)
{
    char *last = text->characters + text->length - 1;
    if (last[-2] == '-' && last[-1] == '0') {
        last[-1] = last[0];
        last[0] = '\0';
        text->length--;
    }
}

void float_append_json(struct text *ret, double number)
{
    if (!isfinite(number)) {
        text_append(ret, "null");
        return;
    }
    if (signbit(number))
        text_append_char(ret, '-');
    number = fabs(number);
    struct digits digits;
    shortest_digits(&digits, number);
    if (number == 0 || (number >= 1e-6 && number < 1e21)) {
        append_plain(ret, &digits);
        return;
    }
    append_exponential(ret, &digits);
    shorten_exponent(ret);
}
