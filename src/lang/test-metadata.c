/* SPDX-License-Identifier: Apache-2.0 */
#include "lang/metadata.h"

#include "base/array.h"
#include "test.h"

static void a_value_stays_in_its_line(void)
{
    const struct {
        const char *value, *line;
    } rows[] = {
        {"plain text", "A=plain text\n"},
        {"a\nFOO=b", "A=a\\nFOO=b\n"},
        {"a\r\x01", "A=a\\x0d\\x01\n"},
        {"it's", "A=it's\n"},
        {"\"whole\"", "A=\"whole\"\n"},
        {"\"open", "A=\\\"open\n"},
        {" 'open", "A= \\'open\n"},
        {"\"a\" 'b", "A=\"a\" \\'b\n"},
        {"end\\", "A=end\\\\\n"},
        {"end\\\\", "A=end\\\\\n"},
        {"", "A=\n"},
    };
    for (size_t i = 0; i < LENGTH(rows); i++) {
        AUTO(value_unref) struct value *map = value_new_map();
        AUTO(text_finish) struct text text = {0};
        value_map_take(map, "a", value_new_string(rows[i].value));
        metadata_write(&text, map);
        CHECK_TEXT(text_characters(&text), rows[i].line);
    }
}

static void a_name_stays_before_its_equals_sign(void)
{
    AUTO(value_unref) struct value *map = value_new_map();
    AUTO(text_finish) struct text text = {0};
    value_map_take(map, "b=c\nd", value_new_bool(true));
    value_map_take(map, "some-key", value_new_number(1e6));
    value_map_take(map, "Foo", value_new_integer(7));
    value_map_take(map, "foo", value_new_number(-0.5));
    metadata_write(&text, map);
    CHECK_TEXT(text_characters(&text), "B_C_D=true\nFOO=-0.5\nFOO=7\nSOME-KEY=1e+06\n");
}

static void maps_are_followed_only_so_deep(void)
{
    struct value *map = value_new_map();
    value_map_take(map, "x", value_new_bool(true));
    for (int i = 0; i < 10000; i++) {
        struct value *outer = value_new_map();
        value_map_take(outer, "a", map);
        map = outer;
    }
    AUTO(text_finish) struct text text = {0};
    metadata_write(&text, map);
    CHECK_TEXT(text_characters(&text), "");
    value_unref(map);
}

int main(void)
{
    RUN(a_value_stays_in_its_line);
    RUN(a_name_stays_before_its_equals_sign);
    RUN(maps_are_followed_only_so_deep);
    return test_result();
}
