/* SPDX-License-Identifier: Apache-2.0 */
#include "lang/nocloud.h"

#include "test.h"

static void an_instance_and_its_name_are_one_line_each(void)
{
    AUTO(text_finish) struct text text = {0};
    nocloud_write_metadata(&text, "52:54:00:12:34:56", "node\"1\nx: y");
    CHECK_TEXT(text_characters(&text), "instance-id: \"52:54:00:12:34:56\"\nlocal-hostname: \"node\\\"1\\nx: y\"\n");
}

static void a_host_without_a_name_gets_none(void)
{
    AUTO(text_finish) struct text text = {0};
    nocloud_write_metadata(&text, "i", "");
    CHECK_TEXT(text_characters(&text), "instance-id: \"i\"\n");
}

int main(void)
{
    RUN(an_instance_and_its_name_are_one_line_each);
    RUN(a_host_without_a_name_gets_none);
    return test_result();
}
