/* SPDX-License-Identifier: Apache-2.0 */
#include "answer/http-args.h"

#include "base/array.h"
#include "test.h"

static const struct http_file files[] = {
    {.path = "/boot/0/vmlinuz", .place = "/srv/vmlinuz"},
    {.path = "/boot/2/config.ign", .place = "./config.ign"},
};
static const struct http_settings settings = {.files = files, .file_count = LENGTH(files)};

static void a_file_is_named_by_the_url_the_client_can_reach(void)
{
    const struct {
        const char *argument, *rendered;
    } rows[] = {
        {"console=ttyS0 quiet", "console=ttyS0 quiet"},
        {"ignition.config.url={{ URL \"./config.ign\" }} x",
         "ignition.config.url=http://10.77.0.1:8080/boot/2/config.ign x"},
        {"a={{ ID \"./config.ign\" }}", "a=http://10.77.0.1:8080/boot/2/config.ign"},
        {"a=${net0/mac}", "a=${net0/mac}"},
    };
    for (size_t i = 0; i < LENGTH(rows); i++) {
        AUTO(text_finish) struct text text = {0};
        struct diag why;
        CHECK(http_args_render(&text, rows[i].argument, "cmdline", NULL, &settings, "10.77.0.1:8080", &why) == 0);
        CHECK_TEXT(text_characters(&text), rows[i].rendered);
    }
}

static void what_cannot_be_rendered_is_refused_with_its_reason(void)
{
    const struct {
        const char *argument, *reason;
    } rows[] = {
        {"a={{ URL \"other\" }}", "'other' is none of the files served"},
        {"a={{ URL }}", "URL takes one text"},
        {"a={{ URL \"x\" ", "cmdline:1"},
        {"a={{ .nothing }}", "nothing"},
    };
    for (size_t i = 0; i < LENGTH(rows); i++) {
        AUTO(text_finish) struct text text = {0};
        text_append(&text, "kept");
        struct diag why = {0};
        CHECK_ROW(rows[i].argument,
                  http_args_render(&text, rows[i].argument, "cmdline", NULL, &settings, "h", &why) != 0);
        CHECK_ROW(why.text, strstr(why.text, rows[i].reason) != NULL);
        CHECK_TEXT(text_characters(&text), "kept");
    }
}

static void a_template_sees_what_documents_see(void)
{
    AUTO(value_unref) struct value *data = value_new_map();
    AUTO(text_finish) struct text text = {0};
    struct diag why = {0};
    value_map_take(data, "disk", value_new_string("/dev/sda"));
    CHECK(http_args_render(&text, "disk={{ .disk }}", "args", data, &settings, NULL, &why) == 0);
    CHECK_TEXT(text_characters(&text), "disk=/dev/sda");
    CHECK(http_args_render(&text, "{{ URL \"/srv/vmlinuz\" }}", "kernel", data, &settings, NULL, &why) != 0);
    CHECK(strstr(why.text, "no Host header") != NULL);
}

static void no_value_begins_a_line_of_its_own(void)
{
    static const char *const values[] = {"a\nimgfree", "a\rb", "\x1b[2J"};
    for (size_t i = 0; i < LENGTH(values); i++) {
        AUTO(value_unref) struct value *data = value_new_map();
        AUTO(text_finish) struct text text = {0};
        struct diag why = {0};
        value_map_take(data, "x", value_new_string(values[i]));
        CHECK_ROW(values[i], http_args_render(&text, "x={{ .x }}", "args", data, &settings, "h", &why) != 0);
        CHECK_ROW(why.text, text_starts_with(why.text, "args:1:0: "));
        CHECK_TEXT(text_characters(&text), "");
    }
}

static const char *note_place(void *context, const char *place, struct diag *why)
{
    (void)why;
    snprintf(context, 64, "%s", place);
    return "/boot/9/x";
}

static void a_check_opens_every_file_that_is_named(void)
{
    char place[64] = "";
    struct diag why;
    CHECK(http_args_check("a={{ URL \"https://x.test/f\" }}", note_place, place, &why) == 0);
    CHECK_TEXT(place, "https://x.test/f");
}

int main(void)
{
    RUN(a_file_is_named_by_the_url_the_client_can_reach);
    RUN(what_cannot_be_rendered_is_refused_with_its_reason);
    RUN(a_template_sees_what_documents_see);
    RUN(no_value_begins_a_line_of_its_own);
    RUN(a_check_opens_every_file_that_is_named);
    return test_result();
}
