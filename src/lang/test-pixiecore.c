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

int main(void)
{
    RUN(a_profile_is_written_as_bootcfg_did);
    RUN(no_text_ends_its_string);
    return test_result();
}
