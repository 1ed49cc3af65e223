/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/http/path.h"

#include "base/array.h"
#include "test.h"

static void a_path_has_one_spelling(void)
{
    const struct {
        const char *path, *clean;
        bool moved;
    } rows[] = {
        {"/", "/", false},
        {"", "/", true},
        {"/ipxe", "/ipxe", false},
        {"/ipxe/", "/ipxe/", false},
        {"//ipxe", "/ipxe", true},
        {"/ipxe//", "/ipxe/", true},
        {"/./ipxe", "/ipxe", true},
        {"/ipxe/.", "/ipxe", true},
        {"/a/../b", "/b", true},
        {"/a/b/..", "/a", true},
        {"/a/b/../", "/a/", true},
        {"/..", "/", true},
        {"/../", "/", true},
        {"/../../etc/shadow", "/etc/shadow", true},
        {"/assets/../groups/x", "/groups/x", true},
        {"/assets/%2e%2e/groups/x", "/groups/x", true},
        {"/assets/%2E./x", "/x", true},
        {"/assets/..%2fgroups%2Fx", "/groups/x", true},
        {"/assets/%252e%252e/x", "/assets/%2e%2e/x", false},
        {"/assets/.../x", "/assets/.../x", false},
        {"/assets/..x", "/assets/..x", false},
        {"/assets/a%20b", "/assets/a b", false},
        {"/assets/a+b", "/assets/a+b", false},
        {"/assets/\\..\\x", "/assets/\\..\\x", false},
        {"/assets/%e4%b8%ad", "/assets/\xe4\xb8\xad", false},
    };
    for (size_t i = 0; i < LENGTH(rows); i++) {
        AUTO(text_finish) struct text clean = {0};
        bool moved = !rows[i].moved;
        CHECK_ROW(rows[i].path, http_path_clean(&clean, &moved, bytes_of_text(rows[i].path)) == HTTP_PATH_OK);
        CHECK_TEXT(text_characters(&clean), rows[i].clean);
        CHECK_ROW(rows[i].path, moved == rows[i].moved);
    }
}

static void a_path_that_no_file_can_have_is_malformed(void)
{
    const char *const rows[] = {"/%00", "/a%00.efi", "/a%0a", "/a%7f", "/%1b[2J", "/%", "/%2", "/%zz"};
    for (size_t i = 0; i < LENGTH(rows); i++) {
        AUTO(text_finish) struct text clean = {0};
        bool moved = false;
        CHECK_ROW(rows[i], http_path_clean(&clean, &moved, bytes_of_text(rows[i])) == HTTP_PATH_E_MALFORMED);
        CHECK_TEXT(text_characters(&clean), "");
    }
}

static void a_path_is_cleaned_behind_what_is_there(void)
{
    AUTO(text_finish) struct text text = {0};
    text_append(&text, "/root");
    bool moved = false;
    CHECK(http_path_clean(&text, &moved, bytes_of_text("/../../x/..")) == HTTP_PATH_OK);
    CHECK_TEXT(text_characters(&text), "/root/");
}

static void a_target_comes_apart_at_the_first_question_mark(void)
{
    const struct {
        const char *target, *path, *query;
        bool has_query;
    } rows[] = {
        {"/", "/", "", false},
        {"/ipxe?", "/ipxe", "", true},
        {"/ipxe?a=1?b", "/ipxe", "a=1?b", true},
        {"/a%3Fb?c", "/a%3Fb", "c", true},
        {"http://10.0.0.1:8080/ipxe?x", "/ipxe", "x", true},
        {"HTTPS://host/ipxe", "/ipxe", "", false},
        {"http://host", "/", "", false},
        {"http://host?x", "/", "x", true},
        {"//host/x", "//host/x", "", false},
    };
    for (size_t i = 0; i < LENGTH(rows); i++) {
        struct http_target split = {0};
        CHECK_ROW(rows[i].target, http_target_split(&split, bytes_of_text(rows[i].target)) == HTTP_PATH_OK);
        CHECK_ROW(rows[i].target, bytes_equal_text(split.path, rows[i].path));
        CHECK_ROW(rows[i].target, bytes_equal_text(split.query, rows[i].query));
        CHECK_ROW(rows[i].target, split.has_query == rows[i].has_query);
    }
}

static void other_forms_of_target_are_malformed(void)
{
    const char *const rows[] = {"", "*", "ipxe", "?x", "ftp://host/x", "host:80", "/a b", "/a\tb", "/a\x01", "/a\x7f"};
    for (size_t i = 0; i < LENGTH(rows); i++) {
        struct http_target split = {0};
        CHECK_ROW(rows[i], http_target_split(&split, bytes_of_text(rows[i])) == HTTP_PATH_E_MALFORMED);
    }
}

int main(void)
{
    RUN(a_path_has_one_spelling);
    RUN(a_path_that_no_file_can_have_is_malformed);
    RUN(a_path_is_cleaned_behind_what_is_there);
    RUN(a_target_comes_apart_at_the_first_question_mark);
    RUN(other_forms_of_target_are_malformed);
    return test_result();
}
