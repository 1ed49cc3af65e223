/* SPDX-License-Identifier: Apache-2.0 */
#include "lang/template/float.h"

#include <float.h>
#include <math.h>

#include "base/array.h"
#include "test.h"

static void numbers_are_written_as_go_writes_them(void)
{
    static const struct {
        double number;
        char format;
        int precision;
        const char *expected;
    } rows[] = {
        {0, 'g', FLOAT_SHORTEST, "0"},
        {-0.0, 'g', FLOAT_SHORTEST, "-0"},
        {3, 'g', FLOAT_SHORTEST, "3"},
        {-2.5, 'g', FLOAT_SHORTEST, "-2.5"},
        {0.1, 'g', FLOAT_SHORTEST, "0.1"},
        {0.1 + 0.2, 'g', FLOAT_SHORTEST, "0.30000000000000004"},
        {100000, 'g', FLOAT_SHORTEST, "100000"},
        {999999.5, 'g', FLOAT_SHORTEST, "999999.5"},
        {1000000, 'g', FLOAT_SHORTEST, "1e+06"},
        {1234567, 'g', FLOAT_SHORTEST, "1.234567e+06"},
        {0.0001, 'g', FLOAT_SHORTEST, "0.0001"},
        {0.00001, 'g', FLOAT_SHORTEST, "1e-05"},
        {1e100, 'G', FLOAT_SHORTEST, "1E+100"},
        {DBL_MAX, 'g', FLOAT_SHORTEST, "1.7976931348623157e+308"},
        {DBL_TRUE_MIN, 'g', FLOAT_SHORTEST, "5e-324"},
        {0x1p-44, 'g', FLOAT_SHORTEST, "5.684341886080802e-14"},
        {0x1p863, 'g', FLOAT_SHORTEST, "6.150157786156811e+259"},
        {3.14159, 'f', 2, "3.14"},
        {2.5, 'f', 0, "2"},
        {3.14159, 'e', 3, "3.142e+00"},
        {1234.5, 'g', 3, "1.23e+03"},
        {1, 'x', FLOAT_SHORTEST, "0x1p+00"},
        {0, 'x', FLOAT_SHORTEST, "0x0p+00"},
        {-2.5, 'X', 2, "-0X1.40P+01"},
        {0x1.ffp0, 'x', 1, "0x1.0p+01"},
        {DBL_TRUE_MIN, 'x', FLOAT_SHORTEST, "0x1p-1074"},
        {1, 'b', 0, "4503599627370496p-52"},
        {INFINITY, 'g', FLOAT_SHORTEST, "+Inf"},
        {-INFINITY, 'f', 2, "-Inf"},
        {NAN, 'e', 2, "NaN"},
    };
    for (size_t i = 0; i < LENGTH(rows); i++) {
        AUTO(text_finish) struct text written = {0};
        float_append(&written, rows[i].number, rows[i].format, rows[i].precision);
        CHECK_TEXT(text_characters(&written), rows[i].expected);
    }
}

static void documents_have_few_exponents(void)
{
    static const struct {
        double number;
        const char *expected;
    } rows[] = {
        {0, "0"},        {-3, "-3"},         {1234567, "1234567"}, {1e20, "100000000000000000000"},
        {1e21, "1e+21"}, {1e-6, "0.000001"}, {1e-7, "1e-7"},       {1.5e-10, "1.5e-10"},
        {NAN, "null"},   {0.1, "0.1"},
    };
    for (size_t i = 0; i < LENGTH(rows); i++) {
        AUTO(text_finish) struct text written = {0};
        float_append_json(&written, rows[i].number);
        CHECK_TEXT(text_characters(&written), rows[i].expected);
    }
}

static void the_shortest_digits_read_as_the_same_number(void)
{
    uint64_t state = 1;
    for (int i = 0; i < 20000; i++) {
        state = state * 6364136223846793005u + 1442695040888963407u;
        double number;
        memcpy(&number, &state, sizeof number);
        if (!isfinite(number))
            continue;
        AUTO(text_finish) struct text written = {0};
        float_append(&written, number, 'g', FLOAT_SHORTEST);
        CHECK_ROW(text_characters(&written), strtod(text_characters(&written), NULL) == number);
    }
}

int main(void)
{
    RUN(numbers_are_written_as_go_writes_them);
    RUN(documents_have_few_exponents);
    RUN(the_shortest_digits_read_as_the_same_number);
    return test_result();
}
