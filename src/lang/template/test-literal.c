/* SPDX-License-Identifier: Apache-2.0 */
#include "lang/template/literal.h"

#include "base/array.h"
#include "test.h"

static void strings_mean_what_they_mean_in_go(void)
{
    static const struct {
        const char *token;
        const char *expected; /* NULL: malformed */
    } rows[] = {
        {"\"\"", ""},
        {"\"a\\n\\t\\\\\\\"\"", "a\n\t\\\""},
        {"\"\\x41\\101\\u00e9\\U0001F600\"", "AA\xc3\xa9\xf0\x9f\x98\x80"},
        {"\"\\xff\"", "\xff"},
        {"\"\xff\"", "\xef\xbf\xbd"},
        {"`a\\n`", "a\\n"},
        {"`a\r\nb`", "a\nb"},
        {"\"\\'\"", NULL},
        {"\"\\q\"", NULL},
        {"\"\\400\"", NULL},
        {"\"\\ud800\"", NULL},
        {"\"\\x4\"", NULL},
    };
    for (size_t i = 0; i < LENGTH(rows); i++) {
        AUTO(text_finish) struct text text = {0};
        bool good = literal_string(&text, bytes_of_text(rows[i].token));
        CHECK_ROW(rows[i].token, good == (rows[i].expected != NULL));
        if (good)
            CHECK_TEXT(text_characters(&text), rows[i].expected);
    }
}

static void characters_mean_what_they_mean_in_go(void)
{
    static const struct {
        const char *token;
        int64_t expected; /* -1: malformed */
    } rows[] = {
        {"'a'", 'a'},          {"'\\n'", '\n'},  {"'\\''", '\''}, {"'\"'", '"'}, {"'\xc3\xa9'", 0xe9},
        {"'\\u20ac'", 0x20ac}, {"'\\xff'", 255}, {"''", -1},      {"'ab'", -1},  {"'\\\"'", -1},
    };
    for (size_t i = 0; i < LENGTH(rows); i++) {
        uint32_t character = 0;
        bool good = literal_character(&character, bytes_of_text(rows[i].token));
        CHECK_ROW(rows[i].token, good == (rows[i].expected >= 0));
        if (good)
            CHECK_NUMBER(character, rows[i].expected);
    }
}

static void whole_numbers_are_integers(void)
{
    static const struct {
        const char *token;
        int64_t expected;
    } rows[] = {
        {"0", 0},
        {"42", 42},
        {"-42", -42},
        {"+42", 42},
        {"0x1F", 31},
        {"0b101", 5},
        {"0o17", 15},
        {"017", 15},
        {"1_000", 1000},
        {"0x_ff", 255},
        {"-0", 0},
        {"9223372036854775807", INT64_MAX},
        {"-9223372036854775808", INT64_MIN},
    };
    for (size_t i = 0; i < LENGTH(rows); i++) {
        AUTO(value_unref) struct value *value = NULL;
        CHECK_ROW(rows[i].token, literal_number(&value, bytes_of_text(rows[i].token)) == LITERAL_OK);
        CHECK_ROW(rows[i].token, value && value->kind == VALUE_INTEGER && value->integer == rows[i].expected);
    }
}

static void others_are_floating_point_numbers(void)
{
    static const struct {
        const char *token;
        double expected;
    } rows[] = {
        {"1.0", 1},     {".5", 0.5},     {"5.", 5},      {"1e3", 1000}, {"-1.5e-3", -0.0015}, {"0x1p4", 16},
        {"0x1.8p1", 3}, {"1_0.5", 10.5}, {"-0x1E", -30}, {"1e-400", 0}, {"09.5", 9.5},
    };
    for (size_t i = 0; i < LENGTH(rows); i++) {
        AUTO(value_unref) struct value *value = NULL;
        CHECK_ROW(rows[i].token, literal_number(&value, bytes_of_text(rows[i].token)) == LITERAL_OK);
        CHECK_ROW(rows[i].token, value && value->kind == VALUE_NUMBER && value->number == rows[i].expected);
    }
}

static void what_is_no_number_is_told_from_what_is_too_large(void)
{
    static const struct {
        const char *token;
        enum literal_number expected;
    } rows[] = {
        {"9223372036854775808", LITERAL_TOO_LARGE},
        {"18446744073709551616", LITERAL_OVERFLOW},
        {"-9223372036854775809", LITERAL_OVERFLOW},
        {"08", LITERAL_OVERFLOW},
        {"0x", LITERAL_MALFORMED},
        {"0b2", LITERAL_MALFORMED},
        {"1e", LITERAL_MALFORMED},
        {"1e400", LITERAL_MALFORMED},
        {"1__0", LITERAL_MALFORMED},
        {"1_", LITERAL_MALFORMED},
        {"1._5", LITERAL_MALFORMED},
        {"0x1.8", LITERAL_MALFORMED},
        {"-", LITERAL_MALFORMED},
        {".", LITERAL_MALFORMED},
    };
    for (size_t i = 0; i < LENGTH(rows); i++) {
        AUTO(value_unref) struct value *value = NULL;
        CHECK_ROW(rows[i].token, literal_number(&value, bytes_of_text(rows[i].token)) == rows[i].expected);
        CHECK_ROW(rows[i].token, !value);
    }
}

int main(void)
{
    RUN(strings_mean_what_they_mean_in_go);
    RUN(characters_mean_what_they_mean_in_go);
    RUN(whole_numbers_are_integers);
    RUN(others_are_floating_point_numbers);
    RUN(what_is_no_number_is_told_from_what_is_too_large);
    return test_result();
}
