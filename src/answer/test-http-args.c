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
    RUN(a_check_opens_every_file_that_is_named);
    return test_result();
}
