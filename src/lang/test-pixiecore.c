/* SPDX-License-Identifier: Apache-2.0 */
#include "lang/pixiecore.h"

#include "base/array.h"
#include "test.h"

static void a_profile_is_written_as_bootcfg_did(void)
{
    const char *const initrd[] = {"/i&1", "/i2"};
    const char *const args[] = {"a=b", "c"};
    struct pixiecore_boot boot = {.kernel = "/k", .initrd = initrd, .initrd_count = 2, .args = args, .args_count = 2};
    AUTO(text_finish) struct text line = {0};
    pixiecore_write_boot(&line, &boot);
    CHECK_TEXT(text_characters(&line), "{\"kernel\":\"/k\",\"initrd\":[\"/i\\u00261\",\"/i2\"],\"cmdline\":\"a=b c\"}");
    AUTO(text_finish) struct text pairs = {0};
    boot.args_are_pairs = true;
    pixiecore_write_boot(&pairs, &boot);
    CHECK_TEXT(text_characters(&pairs), "{\"kernel\":\"/k\",\"initrd\":[\"/i\\u00261\",\"/i2\"],"
                                        "\"cmdline\":{\"a\":\"b\",\"c\":\"\"}}");
}

static void no_text_ends_its_string(void)
{
    AUTO(text_finish) struct text text = {0};
    pixiecore_write_boot(&text, &(struct pixiecore_boot){.kernel = "\"\\\n\x01<\xff\xc3\xa4"});
    CHECK_TEXT(text_characters(&text), "{\"kernel\":\"\\\"\\\\\\n\\u0001\\u003c\\ufffd\xc3\xa4\",\"initrd\":[],"
                                       "\"cmdline\":\"\"}");
}

static void an_answer_is_read_as_pixiecore_reads_it(void)
{
    static const struct {
        const char *json, *kernel, *cmdline;
        size_t initrds;
    } rows[] = {
        {"{\"kernel\":\"k\"}", "k", "", 0},
        {"{\"KERNEL\":\"k\",\"initrd\":null,\"more\":[1]}", "k", "", 0},
        {" {\"kernel\":\"k\",\"initrd\":[\"a\",\"b\"],\"cmdline\":\"  a=b c \\n\"}\n", "k", "a=b c", 2},
        {"{\"kernel\":\"k\",\"cmdline\":{\"z\":\"1\",\"a\":true,\"m\":\"\",\"n\":5}}", "k", "a m n=5 z=1", 0},
        {"{\"kernel\":\"k\",\"cmdline\":{\"a\":\"x y\"}}", "k", "a=\"x y\"", 0},
        {"{\"kernel\":\"k\",\"cmdline\":{\"a\":{\"url\":\"http://h/?a&b\"}}}", "k",
         "a={{ URL \"http://h/?a\\u0026b\" }}", 0},
    };
    for (size_t i = 0; i < LENGTH(rows); i++) {
        AUTO(pixiecore_answer_finish) struct pixiecore_answer answer;
        struct diag why = {{0}};
        CHECK_ROW(rows[i].json, pixiecore_read_answer(&answer, bytes_of_text(rows[i].json), &why) == 0);
        CHECK_TEXT(why.text, "");
        CHECK_TEXT(answer.kernel, rows[i].kernel);
        CHECK_TEXT(answer.cmdline, rows[i].cmdline);
        CHECK_NUMBER((long long)answer.initrd_count, (long long)rows[i].initrds);
        CHECK(!answer.script);
    }
}

static void a_script_is_all_that_counts(void)
{
    AUTO(pixiecore_answer_finish) struct pixiecore_answer answer;
    CHECK(pixiecore_read_answer(&answer, bytes_of_text("{\"ipxe-script\":\"#!ipxe\\nshell\"}"), NULL) == 0);
    CHECK_TEXT(answer.script, "#!ipxe\nshell");
    CHECK_TEXT(answer.kernel, "");
}

static void an_answer_that_cannot_be_booted_is_refused_in_words(void)
{
    static const struct {
        const char *json, *reason;
    } rows[] = {
        {"null", "'{' expected near 'null'"},
        {"[]", "it must be a map, this is a list"},
        {"{}", "it has neither 'kernel' nor 'ipxe-script'"},
        {"{\"kernel\":\"\"}", "it has neither 'kernel' nor 'ipxe-script'"},
        {"{\"kernel\":5}", "line 1, column 11: 'kernel' must be a text, this is a number"},
        {"{\"kernel\":\"k\",\n\"initrd\":\"i\"}", "line 2, column 10: 'initrd' must be a list of URLs"},
        {"{\"kernel\":\"k\",\"initrd\":[1]}", "'initrd[]' must be a text"},
        {"{\"kernel\":\"k\",\"cmdline\":\"a\\nb\"}", "'cmdline' has a line break"},
        {"{\"kernel\":\"k\",\"cmdline\":{\"a\":\"b\\nc\"}}", "'cmdline' has a line break"},
        {"{\"kernel\":\"k\",\"cmdline\":{\"a\":[]}}", "'a' must be a text, true"},
        {"{\"kernel\":\"k\",\"Kernel\":\"l\"}", "'kernel' is there twice"},
        {"{\"ipxe-script\":\"echo\"}", "does not begin with '#!ipxe'"},
        {"<html>", "line 1"},
        {"", "line 1"},
    };
    for (size_t i = 0; i < LENGTH(rows); i++) {
        AUTO(pixiecore_answer_finish) struct pixiecore_answer answer;
        struct diag why = {{0}};
        CHECK_ROW(rows[i].json, pixiecore_read_answer(&answer, bytes_of_text(rows[i].json), &why) == -1);
        CHECK_ROW(why.text, strstr(why.text, rows[i].reason) != NULL);
    }
}

static void initrds_are_bounded(void)
{
    AUTO(text_finish) struct text json = {0};
    AUTO(pixiecore_answer_finish) struct pixiecore_answer answer;
    struct diag why = {{0}};
    text_append(&json, "{\"kernel\":\"k\",\"initrd\":[\"0\"");
    for (int i = 1; i <= PIXIECORE_INITRDS_MAX; i++)
        text_print(&json, ",\"%d\"", i);
    text_append(&json, "]}");
    CHECK(pixiecore_read_answer(&answer, text_bytes(&json), &why) == -1);
    CHECK_TEXT(why.text, "line 1, column 24: 'initrd' has 65 URLs, and 64 is the most");
}

/* What we write as such a service we read as its client. */
static void what_is_written_is_read(void)
{
    const char *const initrd[] = {"/i"};
    const char *const args[] = {"a=b", "c"};
    struct pixiecore_boot boot = {.kernel = "/k", .initrd = initrd, .initrd_count = 1, .args = args, .args_count = 2};
    for (int pairs = 0; pairs < 2; pairs++) {
        AUTO(text_finish) struct text json = {0};
        AUTO(pixiecore_answer_finish) struct pixiecore_answer answer;
        boot.args_are_pairs = pairs;
        pixiecore_write_boot(&json, &boot);
        CHECK(pixiecore_read_answer(&answer, text_bytes(&json), NULL) == 0);
        CHECK_TEXT(answer.kernel, "/k");
        CHECK_TEXT(answer.initrd[0], "/i");
        CHECK_TEXT(answer.cmdline, "a=b c");
    }
}

int main(void)
{
    RUN(an_answer_is_read_as_pixiecore_reads_it);
    RUN(a_script_is_all_that_counts);
    RUN(an_answer_that_cannot_be_booted_is_refused_in_words);
    RUN(initrds_are_bounded);
    RUN(what_is_written_is_read);
    RUN(a_profile_is_written_as_bootcfg_did);
    RUN(no_text_ends_its_string);
    return test_result();
}
