/* SPDX-License-Identifier: Apache-2.0 */
#include "lang/files.h"

#include "base/array.h"
#include "test.h"

static void a_path_is_made_simple_or_refused(void)
{
    static const struct {
        const char *path, *clean;
    } rows[] = {
        {"", ""},        {"a", "a"},           {"a/b", "a/b"},     {"/a//b/", "a/b"}, {"./a/./b", "a/b"},
        {"a/../b", "b"}, {"a/b/../../c", "c"}, {"..", NULL},       {"../a", NULL},    {"a/../../b", NULL},
        {"/..", NULL},   {"...", "..."},       {"a/..b", "a/..b"}, {".", ""},         {"a/..", ""},
    };
    for (size_t i = 0; i < LENGTH(rows); i++) {
        AUTO(free) char *clean = file_path_clean(rows[i].path);
        CHECK_TEXT(clean, rows[i].clean);
    }
}

static uint64_t stamp_of_length(void *context, const char *path)
{
    (void)context;
    return strlen(path);
}

static void uses_hold_while_each_stamp_is_the_same(void)
{
    const struct file_source source = {.stamp = stamp_of_length};
    AUTO(file_uses_finish) struct file_uses uses = {0};
    CHECK(file_uses_hold(&uses, NULL));
    file_uses_add(&uses, "abc", 3);
    CHECK(file_uses_hold(&uses, &source));
    CHECK(!file_uses_hold(&uses, NULL));
    file_uses_add(&uses, "ab", 3);
    CHECK(!file_uses_hold(&uses, &source));
}

static void what_cannot_be_told_does_not_hold(void)
{
    const struct file_source source = {.stamp = stamp_of_length};
    AUTO(file_uses_finish) struct file_uses uses = {0};
    file_uses_add(&uses, "", 0);
    CHECK(!file_uses_hold(&uses, &source));
}

int main(void)
{
    RUN(a_path_is_made_simple_or_refused);
    RUN(uses_hold_while_each_stamp_is_the_same);
    RUN(what_cannot_be_told_does_not_hold);
    return test_result();
}
