/* SPDX-License-Identifier: Apache-2.0 */
#include "lang/ignition.h"

#include "base/array.h"
#include "base/text.h"
#include "test.h"

static void a_config_of_any_version_in_use_is_taken(void)
{
    static const char *const configs[] = {
        "{\"ignition\":{\"version\":\"3.4.0\"}}",
        "{\"ignition\":{\"version\":\"2.3.0\"},\"storage\":{\"files\":[]}}\n",
        "{\"ignition\":{\"version\":\"3.6.0-experimental\"}}",
        "\n {\"later\": {\"unknown\": [1]}, \"ignition\": {\"version\": \"3.99.1\", \"x\": \"\\u0000\"}} ",
    };
    struct diag why;
    for (size_t i = 0; i < LENGTH(configs); i++)
        CHECK_ROW(configs[i], ignition_check(bytes_of_text(configs[i]), &why) == 0);
}

static void what_is_none_is_refused_with_its_reason(void)
{
    const struct {
        const char *config, *reason;
    } rows[] = {
        {"", "is no JSON"},
        {"{\"ignition\":{\"version\":\"3.4.0\"}", "1:"},
        {"{\"ignition\":\n{\"version\":\"3.4.0\"}}x", "2:"},
        {"variant: flatcar\n", "1:"},
        {"[]", "no ignition.version"},
        {"null", "no ignition.version"},
        {"{}", "no ignition.version"},
        {"{\"ignition\":{\"version\":3}}", "is not a text"},
        {"{\"ignitionVersion\":1}", "version 1"},
        {"{\"ignition\":{\"version\":\"\"}}", "''"},
        {"{\"ignition\":{\"version\":\"3\"}}", "'3'"},
        {"{\"ignition\":{\"version\":\"3.4\"}}", "'3.4'"},
        {"{\"ignition\":{\"version\":\"3.4.\"}}", "none of"},
        {"{\"ignition\":{\"version\":\"3.4.0-\"}}", "none of"},
        {"{\"ignition\":{\"version\":\"1.0.0\"}}", "none of"},
        {"{\"ignition\":{\"version\":\"4.0.0\"}}", "none of"},
    };
    for (size_t i = 0; i < LENGTH(rows); i++) {
        struct diag why = {0};
        CHECK_ROW(rows[i].config, ignition_check(bytes_of_text(rows[i].config), &why) != 0);
        CHECK_ROW(why.text, strstr(why.text, rows[i].reason) != NULL);
    }
}

static void a_deep_config_is_refused(void)
{
    AUTO(text_finish) struct text text = {0};
    struct diag why = {0};
    for (int i = 0; i < 1000000; i++)
        text_append_char(&text, '[');
    CHECK(ignition_check(text_bytes(&text), &why) != 0);
    CHECK(strstr(why.text, "deeper than 200") != NULL);
}

static void the_name_tells_json_from_butane(void)
{
    CHECK(ignition_name_is_json("a.ign") && ignition_name_is_json("b/c.ignition"));
    CHECK(!ignition_name_is_json("a.IGN") && !ignition_name_is_json("a.yaml") && !ignition_name_is_json("ign"));
}

int main(void)
{
    RUN(a_config_of_any_version_in_use_is_taken);
    RUN(what_is_none_is_refused_with_its_reason);
    RUN(a_deep_config_is_refused);
    RUN(the_name_tells_json_from_butane);
    return test_result();
}
