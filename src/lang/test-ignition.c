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

static void a_config_of_a_known_version_is_judged_as_ignition_does(void)
{
    static const struct {
        const char *config, *reason; /* NULL: it is good */
    } rows[] = {
        {"{\"ignition\":{\"version\":\"3.4.0\"},\"storage\":{\"files\":[{\"path\":\"/a\",\"mode\":420}]}}", NULL},
        {"{\"ignition\":{\"version\":\"3.4.0\"},\"Storage\":{\"FILES\":[{\"Path\":\"/a\"}]},\"unknown\":[1]}", NULL},
        {"{\"ignition\":{\"version\":\"3.4.0\"},\"storage\":{\"files\":null,\"disks\":[]}}", NULL},
        {"{\"ignition\":{\"version\":\"3.4.0\"},\n \"storage\":{\"files\":[{\"path\":\"a\"}]}}",
         "2:30: $.storage.files.0.path: path not absolute"},
        {"{\"ignition\":{\"version\":\"3.0.0\"},\"systemd\":{\"units\":[{\"name\":\"x\"}]}}",
         "$.systemd.units.0.name: "},
        {"{\"ignition\":{\"version\":\"3.4.0\"},\"passwd\":{\"users\":[{\"name\":\"a\"},{\"name\":\"a\"}]}}",
         "$.passwd.users.1: duplicate entry"},
        {"{\"ignition\":{\"version\":\"3.4.0\"},\"storage\":{\"files\":[{\"path\":\"/a\",\"mode\":\"420\"}]}}",
         "$.storage.files.0.mode: this must be a whole number"},
        {"{\"ignition\":{\"version\":\"3.4.0\"},\"storage\":{\"files\":[{\"path\":\"/a\",\"mode\":420.0}]}}",
         "$.storage.files.0.mode: this must be a whole number"},
        {"{\"ignition\":{\"version\":\"3.4.0\"},\"storage\":{\"files\":[{\"path\":\"/a\",\"mode\":4e2}]}}",
         "$.storage.files.0.mode: this must be a whole number"},
        {"{\"ignition\":{\"version\":\"3.4.0\"},\"storage\":{\"files\":[{\"path\":\"/a\",\"overwrite\":\"yes\"}]}}",
         "$.storage.files.0.overwrite: this must be true or false"},
        {"{\"ignition\":{\"version\":\"3.4.0\",\"config\":{\"merge\":[{\"source\":\"x\"}]}}}",
         "$.ignition.config.merge.0.source: invalid url scheme"},
        {"{\"ignition\":{\"version\":\"3.2.0\"},\"storage\":{\"luks\":[{\"name\":\"a\",\"keyFile\":{\"source\":\"data:;"
         "base64,!\"},"
         "\"device\":\"/dev/a\"}]}}",
         "$.storage.luks.0.keyFile.source: what follows"},
        {"{\"ignition\":{\"version\":\"3.7.0\"},\"storage\":{\"files\":[{\"path\":\"a\"}]}}", NULL},
        {"{\"ignition\":{\"version\":\"3.6.0-experimental\"},\"storage\":{\"files\":[{\"path\":\"a\"}]}}", NULL},
        {"{\"ignition\":{\"version\":\"2.3.0\"},\"storage\":{\"files\":[{\"path\":\"a\",\"filesystem\":\"root\"}]}}",
         NULL},
    };
    for (size_t i = 0; i < LENGTH(rows); i++) {
        struct diag why = {0};
        bool is_good = ignition_check(bytes_of_text(rows[i].config), &why) == 0;
        CHECK_ROW(rows[i].config, is_good == (rows[i].reason == NULL));
        CHECK_ROW(why.text, !rows[i].reason || strstr(why.text, rows[i].reason));
    }
}

static void versions_are_read_from_configs_and_from_what_clients_accept(void)
{
    static const struct {
        const char *accept;
        unsigned major, minor;
    } rows[] = {
        {"application/vnd.coreos.ignition+json;version=3.4.0, */*;q=0.1", 3, 4},
        {"application/vnd.coreos.ignition+json; version=2.2.0, application/vnd.coreos.ignition+json; version=1; q=0.5",
         2, 2},
        {"application/vnd.coreos.ignition+json;version=\"3.10.0\"", 3, 10},
        {"application/vnd.coreos.ignition+json, text/plain;version=9.9", 0, 0},
        {"Application/Vnd.CoreOS.Ignition+JSON; Version=3.3.0", 3, 3},
        {"application/vnd.coreos.ignition+jsonx;version=3.3.0", 0, 0},
        {"*/*", 0, 0},
        {"", 0, 0},
        {NULL, 0, 0},
    };
    for (size_t i = 0; i < LENGTH(rows); i++) {
        struct ignition_version version = ignition_version_accepted(rows[i].accept);
        CHECK_ROW(rows[i].accept ?: "none", version.major == rows[i].major && version.minor == rows[i].minor);
    }
    struct ignition_version own = ignition_version_of(bytes_of_text("{\"ignition\":{\"version\":\"3.5.0\"}}"));
    struct ignition_version other =
        ignition_version_of(bytes_of_text("{\"a\": 1, \"ignition\": {\"version\": \"2.3.0\"}}"));
    struct ignition_version none = ignition_version_of(bytes_of_text("{\"a\": 1}"));
    CHECK(own.major == 3 && own.minor == 5 && other.major == 2 && other.minor == 3 && none.major == 0);
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
    RUN(a_config_of_a_known_version_is_judged_as_ignition_does);
    RUN(versions_are_read_from_configs_and_from_what_clients_accept);
    RUN(a_deep_config_is_refused);
    RUN(the_name_tells_json_from_butane);
    return test_result();
}
