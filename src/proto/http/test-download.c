/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/http/download.h"

#include "base/array.h"
#include "test.h"

#define DATE "Sun, 06 Nov 1994 08:49:37 GMT"
#define LATER "Mon, 07 Nov 1994 08:49:37 GMT"

static const struct http_download tagged = {.have = 100, .size = 200, .etag = "\"a\"", .modified = DATE};
static const struct http_download dated = {.have = 100, .size = 200, .modified = DATE};
static const struct http_download weak = {.have = 100, .size = 200, .etag = "W/\"a\"", .modified = DATE};
static const struct http_download bare = {.have = 100, .size = 200};
static const struct http_download endless = {.have = 100, .size = HTTP_SIZE_UNKNOWN, .etag = "\"a\""};

static void what_is_asked_for_depends_on_what_is_here(void)
{
    static const struct {
        const char *name;
        const struct http_download *part, *kept;
        size_t count;
        const char *fields[2];
    } rows[] = {
        {"nothing", NULL, NULL, 0, {NULL}},
        {"a part with a tag", &tagged, NULL, 2, {"Range: bytes=100-", "If-Range: \"a\""}},
        {"a part with a date", &dated, NULL, 2, {"Range: bytes=100-", "If-Range: " DATE}},
        {"a part with a weak tag", &weak, NULL, 0, {NULL}},
        {"a part without validators", &bare, &tagged, 0, {NULL}},
        {"a copy", NULL, &tagged, 2, {"If-None-Match: \"a\"", "If-Modified-Since: " DATE}},
        {"a copy with a weak tag", NULL, &weak, 2, {"If-None-Match: W/\"a\"", "If-Modified-Since: " DATE}},
        {"a copy with a date", NULL, &dated, 1, {"If-Modified-Since: " DATE}},
        {"a copy without validators", NULL, &bare, 0, {NULL}},
        {"a part and a copy", &tagged, &dated, 2, {"Range: bytes=100-", "If-Range: \"a\""}},
    };
    for (size_t i = 0; i < LENGTH(rows); i++) {
        struct http_download_fields fields;
        http_download_ask(&fields, rows[i].part, rows[i].kept);
        CHECK_ROW(rows[i].name, fields.count == rows[i].count);
        for (size_t k = 0; k < fields.count; k++)
            CHECK_TEXT(fields.at[k], rows[i].fields[k]);
    }
}

static void an_answer_means_what_the_validators_say(void)
{
    static const struct {
        const char *name;
        const struct http_download *part, *kept;
        struct http_download_head head;
        enum http_download_step step;
    } rows[] = {
        {"the first time", NULL, NULL, {200, 200, NULL, NULL, NULL}, HTTP_DOWNLOAD_ANEW},
        {"the rest", &tagged, NULL, {206, 100, "\"a\"", NULL, "bytes 100-199/200"}, HTTP_DOWNLOAD_GO_ON},
        {"the rest, size untold", &tagged, NULL, {206, 100, "\"a\"", NULL, "bytes 100-199/*"}, HTTP_DOWNLOAD_GO_ON},
        {"the rest of unknown", &endless, NULL, {206, 9, NULL, NULL, "bytes 100-199/200"}, HTTP_DOWNLOAD_GO_ON},
        {"the rest of another", &tagged, NULL, {206, 100, "\"b\"", NULL, "bytes 100-199/200"}, HTTP_DOWNLOAD_ASK_ANEW},
        {"another size", &tagged, NULL, {206, 101, "\"a\"", NULL, "bytes 100-200/201"}, HTTP_DOWNLOAD_ASK_ANEW},
        {"another place", &tagged, NULL, {206, 101, "\"a\"", NULL, "bytes 99-199/200"}, HTTP_DOWNLOAD_ASK_ANEW},
        {"a range of nonsense", &tagged, NULL, {206, 100, "\"a\"", NULL, "bytes 100-300/200"}, HTTP_DOWNLOAD_ASK_ANEW},
        {"no range", &tagged, NULL, {206, 100, "\"a\"", NULL, NULL}, HTTP_DOWNLOAD_ASK_ANEW},
        {"a part unasked", NULL, NULL, {206, 100, "\"a\"", NULL, "bytes 0-99/200"}, HTTP_DOWNLOAD_GIVE_UP},
        {"a part unasked of a bare one", &bare, NULL, {206, 9, NULL, NULL, "bytes 100-199/200"}, HTTP_DOWNLOAD_GIVE_UP},
        {"no ranges there", &tagged, NULL, {200, 200, "\"a\"", NULL, NULL}, HTTP_DOWNLOAD_COMPARE},
        {"no validators there", &bare, NULL, {200, 200, NULL, NULL, NULL}, HTTP_DOWNLOAD_COMPARE},
        {"no validators, another size", &bare, NULL, {200, 201, NULL, NULL, NULL}, HTTP_DOWNLOAD_ANEW},
        {"changed meanwhile", &tagged, NULL, {200, 200, "\"b\"", NULL, NULL}, HTTP_DOWNLOAD_ANEW},
        {"changed meanwhile by date", &dated, NULL, {200, 200, NULL, LATER, NULL}, HTTP_DOWNLOAD_ANEW},
        {"nothing behind", &tagged, NULL, {416, 0, NULL, NULL, "bytes */100"}, HTTP_DOWNLOAD_ASK_ANEW},
        {"unchanged", NULL, &tagged, {304, 0, "\"a\"", NULL, NULL}, HTTP_DOWNLOAD_UNCHANGED},
        {"unchanged without conditions", NULL, &dated, {200, 200, NULL, DATE, NULL}, HTTP_DOWNLOAD_UNCHANGED},
        {"as large, nothing known", NULL, &bare, {200, 200, NULL, NULL, NULL}, HTTP_DOWNLOAD_ANEW},
        {"changed", NULL, &tagged, {200, 200, "\"b\"", NULL, NULL}, HTTP_DOWNLOAD_ANEW},
        {"a 304 for nothing", NULL, NULL, {304, 0, NULL, NULL, NULL}, HTTP_DOWNLOAD_GIVE_UP},
        {"a 304 for a part", &tagged, NULL, {304, 0, NULL, NULL, NULL}, HTTP_DOWNLOAD_GIVE_UP},
        {"not there", NULL, &tagged, {404, 0, NULL, NULL, NULL}, HTTP_DOWNLOAD_GIVE_UP},
        {"trouble", NULL, &tagged, {503, 0, NULL, NULL, NULL}, HTTP_DOWNLOAD_RETRY},
        {"too many", NULL, NULL, {429, 0, NULL, NULL, NULL}, HTTP_DOWNLOAD_RETRY},
        {"no content", NULL, NULL, {204, 0, NULL, NULL, NULL}, HTTP_DOWNLOAD_GIVE_UP},
    };
    for (size_t i = 0; i < LENGTH(rows); i++) {
        struct diag why = {{0}};
        enum http_download_step step = http_download_decide(rows[i].part, rows[i].kept, &rows[i].head, &why);
        CHECK_ROW(rows[i].name, step == rows[i].step);
        CHECK_ROW(rows[i].name, (why.text[0] != '\0') == (step >= HTTP_DOWNLOAD_RETRY));
    }
}

static void a_new_download_is_what_its_head_says(void)
{
    char long_tag[HTTP_VALIDATOR_MAX + 2];
    struct http_download download;
    memset(long_tag, 'x', sizeof long_tag - 1);
    long_tag[sizeof long_tag - 1] = '\0';
    http_download_begin(&download, &(struct http_download_head){200, 5, long_tag, DATE, NULL});
    CHECK(download.have == 0 && download.size == 5);
    CHECK_TEXT(download.etag, "");
    CHECK_TEXT(download.modified, DATE);
}

int main(void)
{
    RUN(what_is_asked_for_depends_on_what_is_here);
    RUN(an_answer_means_what_the_validators_say);
    RUN(a_new_download_is_what_its_head_says);
    return test_result();
}
