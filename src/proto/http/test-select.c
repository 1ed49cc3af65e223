/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/http/select.h"

#include "base/array.h"
#include "test.h"

#define NOW 1790000000
#define MODIFIED 784111777
#define AT "Sun, 06 Nov 1994 08:49:37 GMT"
#define BEFORE "Sun, 06 Nov 1994 08:49:36 GMT"
#define AFTER "Sun, 06 Nov 1994 08:49:38 GMT"

static void conditions_are_evaluated_in_the_order_of_the_rfc(void)
{
    const struct {
        const char *name;
        struct http_conditions conditions;
        unsigned status;
    } rows[] = {
        {"nothing", {0}, 200},
        {"match", {.if_match = "\"a\""}, 200},
        {"match any", {.if_match = "*"}, 200},
        {"match in a list", {.if_match = "\"x\", \"a\""}, 200},
        {"match, empty elements", {.if_match = " , ,\"a\","}, 200},
        {"match, a comma in the tag", {.if_match = "\"x,y\",\"a\""}, 200},
        {"match another", {.if_match = "\"b\""}, 412},
        {"match weakly is not enough", {.if_match = "W/\"a\""}, 412},
        {"match without quotes", {.if_match = "a"}, 412},
        {"match a part", {.if_match = "\"aa\""}, 412},
        {"match wins over unmodified", {.if_match = "\"a\"", .if_unmodified_since = BEFORE}, 200},
        {"unmodified", {.if_unmodified_since = AT}, 200},
        {"unmodified later", {.if_unmodified_since = AFTER}, 200},
        {"modified since", {.if_unmodified_since = BEFORE}, 412},
        {"unmodified, no date", {.if_unmodified_since = "yesterday"}, 200},
        {"none match", {.if_none_match = "\"a\""}, 304},
        {"none match, weak", {.if_none_match = "W/\"a\""}, 304},
        {"none match any", {.if_none_match = "*"}, 304},
        {"none match another", {.if_none_match = "\"b\""}, 200},
        {"none match wins over modified", {.if_none_match = "\"b\"", .if_modified_since = AT}, 200},
        {"not modified", {.if_modified_since = AT}, 304},
        {"not modified since later", {.if_modified_since = AFTER}, 304},
        {"modified", {.if_modified_since = BEFORE}, 200},
        {"modified, no date", {.if_modified_since = "0"}, 200},
        {"412 before 304", {.if_match = "\"b\"", .if_none_match = "\"a\""}, 412},
        {"304 before the range", {.if_none_match = "\"a\"", .range = "bytes=0-1"}, 304},
        {"range", {.range = "bytes=0-1"}, 206},
        {"range behind the end", {.range = "bytes=10-"}, 416},
        {"ranges", {.range = "bytes=0-1,2-3"}, 200},
        {"if range", {.range = "bytes=0-1", .if_range = "\"a\""}, 206},
        {"if range, another", {.range = "bytes=0-1", .if_range = "\"b\""}, 200},
        {"if range, weak", {.range = "bytes=0-1", .if_range = "W/\"a\""}, 200},
        {"if range, a list", {.range = "bytes=0-1", .if_range = "\"a\", \"b\""}, 200},
        {"if range, date", {.range = "bytes=0-1", .if_range = AT}, 206},
        {"if range, later date", {.range = "bytes=0-1", .if_range = AFTER}, 200},
        {"if range, nonsense", {.range = "bytes=0-1", .if_range = "x"}, 200},
        {"if range fails: no 416", {.range = "bytes=10-", .if_range = "\"b\""}, 200},
        {"if range without a range", {.if_range = "\"b\""}, 200},
        {"resume after a change", {.range = "bytes=5-", .if_match = "\"b\""}, 412},
    };
    const struct http_validators file = {.etag = "\"a\"", .modified = MODIFIED, .size = 10};
    for (size_t i = 0; i < LENGTH(rows); i++) {
        struct http_selection selection = http_select(&rows[i].conditions, &file, NOW);
        CHECK_ROW(rows[i].name, selection.status == rows[i].status);
        uint64_t length = rows[i].status == 200 ? 10 : rows[i].status == 206 ? 2 : 0;
        CHECK_ROW(rows[i].name, selection.offset == 0 && selection.length == length);
    }
}

static void a_file_of_this_second_has_no_strong_date(void)
{
    const struct http_validators file = {.etag = "\"a\"", .modified = MODIFIED, .size = 10};
    const struct http_conditions conditions = {.range = "bytes=0-1", .if_range = AT};
    CHECK_NUMBER(http_select(&conditions, &file, MODIFIED).status, 200);
    CHECK_NUMBER(http_select(&conditions, &file, MODIFIED + 1).status, 206);
}

static void without_a_tag_only_any_matches(void)
{
    const struct http_validators file = {.modified = MODIFIED, .size = 10};
    CHECK_NUMBER(http_select(&(struct http_conditions){.if_match = "\"\""}, &file, NOW).status, 412);
    CHECK_NUMBER(http_select(&(struct http_conditions){.if_none_match = "\"\""}, &file, NOW).status, 200);
    CHECK_NUMBER(http_select(&(struct http_conditions){.if_none_match = "*"}, &file, NOW).status, 304);
}

int main(void)
{
    RUN(conditions_are_evaluated_in_the_order_of_the_rfc);
    RUN(a_file_of_this_second_has_no_strong_date);
    RUN(without_a_tag_only_any_matches);
    return test_result();
}
