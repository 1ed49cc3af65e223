/* SPDX-License-Identifier: Apache-2.0 */
#include "lang/template/format.h"

#include "base/array.h"
#include "lang/template/builtin.h"
#include "test.h"

static struct value *new_list(void)
{
    struct value *list = value_new_list();
    value_list_take(list, value_new_number(1));
    value_list_take(list, value_new_string("b"));
    value_list_take(list, value_new_null());
    return list;
}

static void values_print_as_in_go(void)
{
    AUTO(value_unref) struct value *map = value_new_map();
    value_map_take(map, "b", new_list());
    value_map_take(map, "a", value_new_bool(true));
    AUTO(text_finish) struct text out = {0};
    CHECK(format_value(&out, SIZE_MAX, map));
    CHECK_TEXT(text_characters(&out), "map[a:true b:[1 b <nil>]]");
}

static void print_parts_what_is_no_string(void)
{
    AUTO(value_unref) struct value *one = value_new_integer(1);
    AUTO(value_unref) struct value *word = value_new_string("w");
    AUTO(value_unref) struct value *nil = value_new_null();
    const struct value *const values[] = {one, one, word, one, nil, word, word};
    AUTO(text_finish) struct text out = {0};
    CHECK(format_print(&out, SIZE_MAX, values, LENGTH(values)));
    CHECK(format_println(&out, SIZE_MAX, values, 3));
    CHECK_TEXT(text_characters(&out), "1 1w1 <nil>ww1 1 w\n");
}

/* One argument under one format. */
static void check_one(struct value *take_value, const char *format, const char *expected)
{
    AUTO(value_unref) struct value *value = take_value;
    const struct value *const values[] = {value};
    AUTO(text_finish) struct text out = {0};
    CHECK(format_printf(&out, SIZE_MAX, bytes_of_text(format), values, 1));
    CHECK_TEXT(text_characters(&out), expected);
}

static void integers_take_every_verb_and_flag(void)
{
    static const struct {
        int64_t integer;
        const char *format;
        const char *expected;
    } rows[] = {
        {42, "%d", "42"},
        {42, "%5d|", "   42|"},
        {42, "%-5d|", "42   |"},
        {42, "%05d", "00042"},
        {-42, "%05d", "-0042"},
        {42, "%+d", "+42"},
        {42, "% d", " 42"},
        {42, "%x", "2a"},
        {42, "%#X", "0X2A"},
        {8, "%o", "10"},
        {8, "%#o", "010"},
        {8, "%O", "0o10"},
        {5, "%b", "101"},
        {5, "%#b", "0b101"},
        {97, "%c", "a"},
        {97, "%q", "'a'"},
        {0x1f600, "%U", "U+1F600"},
        {97, "%#U", "U+0061 'a'"},
        {7, "%.3d", "007"},
        {0, "%.0d|", "|"},
        {7, "%6.3d", "   007"},
        {INT64_MIN, "%d", "-9223372036854775808"},
        {-1, "%x", "-1"},
        {1, "%t", "%!t(int=1)"},
        {1, "%s", "%!s(int=1)"},
        {1, "%5z", "%!z(int=    1)"},
        {10, "%q", "'\\n'"},
        {-1, "%c", "\xef\xbf\xbd"},
        {8364, "%+q", "'\\u20ac'"},
        {1, "%T", "int"},
    };
    for (size_t i = 0; i < LENGTH(rows); i++)
        check_one(value_new_integer(rows[i].integer), rows[i].format, rows[i].expected);
}

static void strings_take_every_verb_and_flag(void)
{
    static const struct {
        const char *text;
        const char *format;
        const char *expected;
    } rows[] = {
        {"abc", "%s", "abc"},
        {"abc", "%5s|", "  abc|"},
        {"abc", "%-5s|", "abc  |"},
        {"abc", "%05s", "00abc"},
        {"abc", "%.2s", "ab"},
        {"é→x", "%.2s", "é→"},
        {"é", "%3s", "  é"},
        {"a\"b", "%q", "\"a\\\"b\""},
        {"a\tb", "%#q", "`a\tb`"},
        {"a`b", "%#q", "\"a`b\""},
        {"é", "%+q", "\"\\u00e9\""},
        {"abc", "%x", "616263"},
        {"abc", "% X", "61 62 63"},
        {"abc", "%#x", "0x616263"},
        {"abc", "%# x", "0x61 0x62 0x63"},
        {"abc", "%.1x", "61"},
        {"abc", "%d", "%!d(string=abc)"},
        {"abc", "%#v", "\"abc\""},
        {"\x01\xff", "%q", "\"\\x01\\xff\""},
    };
    for (size_t i = 0; i < LENGTH(rows); i++)
        check_one(value_new_string(rows[i].text), rows[i].format, rows[i].expected);
}

static void other_kinds_take_their_verbs(void)
{
    check_one(value_new_number(3), "%d", "%!d(float64=3)");
    check_one(value_new_number(3.14159), "%08.2f", "00003.14");
    check_one(value_new_number(3.14159), "%+.1e", "+3.1e+00");
    check_one(value_new_number(1), "%#g", "1.00000");
    check_one(value_new_bool(true), "%t", "true");
    check_one(value_new_bool(true), "%d", "%!d(bool=true)");
    check_one(value_new_null(), "%v", "<nil>");
    check_one(value_new_null(), "%d", "%!d(<nil>)");
    check_one(value_new_map(), "%#v", "map[string]interface {}{}");
    check_one(new_list(), "%#v", "[]interface {}{1, \"b\", interface {}(nil)}");
    check_one(new_list(), "%3v", "[  1   b <nil>]");
    check_one(new_list(), "%d", "[%!d(float64=1) %!d(string=b) <nil>]");
    struct value *octet = value_new_integer(97);
    octet->kind = TEMPLATE_VALUE_OCTET;
    check_one(octet, "%[1]v %[1]c %[1]T %#[1]v", "97 a uint8 0x61");
}

static void a_format_that_does_not_fit_its_arguments_says_so(void)
{
    static const struct {
        const char *format;
        const char *expected;
    } rows[] = {
        {"", "%!(EXTRA int=1, int=2)"},
        {"%d", "1%!(EXTRA int=2)"},
        {"%d %d %d", "1 2 %!d(MISSING)"},
        {"%d%d%", "12%!(NOVERB)"},
        {"%[2]d %[1]d", "2 1"},
        {"%[3]d", "%!d(BADINDEX)"},
        {"%[x]d", "%!d(BADINDEX)"},
        {"%[1]d %[1]d", "1 1"},
        {"%*d", "2"},
        {"%.*d", "2"},
        {"%[1]*[2]d|", "2|"},
        {"%%%d%d", "%12"},
        {"%d%5%%d", "1%2"},
    };
    AUTO(value_unref) struct value *one = value_new_integer(1);
    AUTO(value_unref) struct value *two = value_new_integer(2);
    const struct value *const values[] = {one, two};
    for (size_t i = 0; i < LENGTH(rows); i++) {
        AUTO(text_finish) struct text out = {0};
        CHECK(format_printf(&out, SIZE_MAX, bytes_of_text(rows[i].format), values, LENGTH(values)));
        CHECK_TEXT(text_characters(&out), rows[i].expected);
    }
}

static void the_limit_holds(void)
{
    AUTO(value_unref) struct value *list = new_list();
    const struct value *const values[] = {list, list};
    AUTO(text_finish) struct text out = {0};
    CHECK(!format_printf(&out, 100, bytes_of_text("%999999d"), values, 1));
    CHECK(!format_printf(&out, 100, bytes_of_text("%999999v"), values, 1));
    CHECK(!format_print(&out, 10, values, LENGTH(values)));
    CHECK(out.length <= 100);
}

int main(void)
{
    RUN(values_print_as_in_go);
    RUN(print_parts_what_is_no_string);
    RUN(integers_take_every_verb_and_flag);
    RUN(strings_take_every_verb_and_flag);
    RUN(other_kinds_take_their_verbs);
    RUN(a_format_that_does_not_fit_its_arguments_says_so);
    RUN(the_limit_holds);
    return test_result();
}
