/* SPDX-License-Identifier: Apache-2.0 */
#include "lang/data-url.h"

#include "base/array.h"
#include "test.h"

static void content_is_escaped_or_encoded_whichever_is_shorter(void)
{
    static const struct {
        const char *content, *url;
    } rows[] = {
        {"", "data:,"},
        {"a b\n", "data:,a%20b%0A"},
        {"-_.!~*'()", "data:,-_.!~*'()"},
        {"{}[]\"\\<>", "data:;base64,e31bXSJcPD4="},
        {"\xff\xfe\xfd", "data:,%FF%FE%FD"},
    };
    for (size_t i = 0; i < LENGTH(rows); i++) {
        AUTO(text_finish) struct text url = {0};
        CHECK(!data_url_append(&url, bytes_of_text(rows[i].content), true));
        CHECK_TEXT(text_characters(&url), rows[i].url);
    }
}

static void what_repeats_is_compressed_where_it_may_be(void)
{
    char content[4000];
    memset(content, 'z', sizeof content);
    AUTO(text_finish) struct text url = {0};
    CHECK(data_url_append(&url, bytes_of(content, sizeof content), true));
    CHECK(text_starts_with(text_characters(&url), "data:;base64,H4sI"));
    CHECK(url.length < 100);
    text_clear(&url);
    CHECK(!data_url_append(&url, bytes_of(content, sizeof content), false));
    CHECK_NUMBER((long long)url.length, 6 + (long long)sizeof content);
}

static void compression_begins_where_it_is_worth_its_word(void)
{
    char content[200];
    bool was_compressed = false;
    memset(content, 'z', sizeof content);
    for (size_t size = 0; size <= sizeof content; size++) {
        AUTO(text_finish) struct text url = {0};
        bool compressed = data_url_append(&url, bytes_of(content, size), true);
        CHECK(compressed || url.length == 6 + size);
        CHECK(!compressed || url.length + 4 < 6 + size);
        CHECK(compressed || !was_compressed);
        was_compressed = compressed;
    }
    CHECK(was_compressed);
}

int main(void)
{
    RUN(content_is_escaped_or_encoded_whichever_is_shorter);
    RUN(what_repeats_is_compressed_where_it_may_be);
    RUN(compression_begins_where_it_is_worth_its_word);
    return test_result();
}
