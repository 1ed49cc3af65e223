/* SPDX-License-Identifier: Apache-2.0 */
#include "answer/translations.h"

#include "base/memory.h"
#include "test.h"

static uint64_t stamp_now;

static uint64_t stamp(void *context, const char *path)
{
    (void)context;
    (void)path;
    return stamp_now;
}

static const struct file_source files = {.stamp = stamp};

static void keep(struct translations *translations, const char *rendered, const char *config)
{
    struct file_uses uses = {0};
    translations_keep(translations, bytes_of_text(rendered), bytes_of_text(config), &uses);
    file_uses_finish(&uses);
}

/* What a rendering became, on the heap; NULL when it is not known. */
static char *found(struct translations *translations, const char *rendered)
{
    struct text text = {0};
    bool known = translations_find(&text, translations, bytes_of_text(rendered), &files);
    char *characters = text_take(&text);
    if (known)
        return characters;
    free(characters);
    return NULL;
}

static void what_is_kept_is_found_again(void)
{
    struct translations *translations = translations_create();
    keep(translations, "a", "A");
    keep(translations, "b", "B");
    keep(translations, "a", "AA");
    AUTO(free) char *a = found(translations, "a");
    AUTO(free) char *b = found(translations, "b");
    AUTO(free) char *c = found(translations, "c");
    CHECK_TEXT(a, "AA");
    CHECK_TEXT(b, "B");
    CHECK(c == NULL);
    translations_destroy(translations);
}

static void what_was_asked_for_longest_ago_goes_first(void)
{
    struct translations *translations = translations_create();
    keep(translations, "first", "1");
    keep(translations, "second", "2");
    for (int i = 2; i < TRANSLATIONS_MAX; i++) {
        AUTO(free) char *rendered = memory_print("%d", i);
        keep(translations, rendered, "x");
    }
    AUTO(free) char *first = found(translations, "first");
    keep(translations, "last", "3");
    AUTO(free) char *first_again = found(translations, "first");
    AUTO(free) char *second = found(translations, "second");
    CHECK_TEXT(first, "1");
    CHECK_TEXT(first_again, "1");
    CHECK(second == NULL);
    translations_destroy(translations);
}

static void octets_are_bounded_too(void)
{
    struct translations *translations = translations_create();
    AUTO(free) char *large = memory_new(TRANSLATIONS_OCTETS_MAX / 2 + 1, 1);
    memset(large, 'x', TRANSLATIONS_OCTETS_MAX / 2);
    keep(translations, "a", large);
    keep(translations, "b", large);
    AUTO(free) char *a = found(translations, "a");
    AUTO(free) char *b = found(translations, "b");
    CHECK(a == NULL && b != NULL);
    translations_destroy(translations);
}

static void a_file_that_changed_is_taken_anew(void)
{
    struct translations *translations = translations_create();
    struct file_uses uses = {0};
    stamp_now = 7;
    file_uses_add(&uses, "f", 7);
    translations_keep(translations, bytes_of_text("a"), bytes_of_text("A"), &uses);
    AUTO(free) char *same = found(translations, "a");
    stamp_now = 8;
    AUTO(free) char *changed = found(translations, "a");
    CHECK_TEXT(same, "A");
    CHECK(changed == NULL);
    file_uses_finish(&uses);
    translations_destroy(translations);
}

static void what_took_a_file_that_cannot_be_told_is_not_kept(void)
{
    struct translations *translations = translations_create();
    struct file_uses uses = {0};
    file_uses_add(&uses, "f", 0);
    translations_keep(translations, bytes_of_text("a"), bytes_of_text("A"), &uses);
    AUTO(free) char *a = found(translations, "a");
    CHECK(a == NULL);
    file_uses_finish(&uses);
    translations_destroy(translations);
}

int main(void)
{
    RUN(what_is_kept_is_found_again);
    RUN(what_was_asked_for_longest_ago_goes_first);
    RUN(octets_are_bounded_too);
    RUN(a_file_that_changed_is_taken_anew);
    RUN(what_took_a_file_that_cannot_be_told_is_not_kept);
    return test_result();
}
