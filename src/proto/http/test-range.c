/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/http/range.h"

#include "base/array.h"
#include "test.h"

#define HUGE_SIZE ((uint64_t)1 << 40)

static void a_range_lies_within_the_file(void)
{
    const struct {
        const char *field;
        uint64_t size;
        enum http_range_kind kind;
        uint64_t offset, length;
    } rows[] = {
        {"bytes=0-0", 10, HTTP_RANGE_PART, 0, 1},
        {"bytes=0-9", 10, HTTP_RANGE_PART, 0, 10},
        {"bytes=3-", 10, HTTP_RANGE_PART, 3, 7},
        {"bytes=9-", 10, HTTP_RANGE_PART, 9, 1},
        {"bytes=3-100", 10, HTTP_RANGE_PART, 3, 7},
        {"bytes=-3", 10, HTTP_RANGE_PART, 7, 3},
        {"bytes=-10", 10, HTTP_RANGE_PART, 0, 10},
        {"bytes=-11", 10, HTTP_RANGE_PART, 0, 10},
        {"BYTES= 1-2 ", 10, HTTP_RANGE_PART, 1, 2},
        {"bytes=4294967296-4294967297", HUGE_SIZE, HTTP_RANGE_PART, 4294967296u, 2},
        {"bytes=0-18446744073709551615", 10, HTTP_RANGE_PART, 0, 10},
        {"bytes=0-99999999999999999999999", 10, HTTP_RANGE_PART, 0, 10},
        {"bytes=-99999999999999999999999", 10, HTTP_RANGE_PART, 0, 10},
        {"bytes=0-18446744073709551615", UINT64_MAX, HTTP_RANGE_PART, 0, UINT64_MAX},
        {"bytes=10-", 10, HTTP_RANGE_UNSATISFIABLE, 0, 0},
        {"bytes=10-20", 10, HTTP_RANGE_UNSATISFIABLE, 0, 0},
        {"bytes=-0", 10, HTTP_RANGE_UNSATISFIABLE, 0, 0},
        {"bytes=99999999999999999999999-", 10, HTTP_RANGE_UNSATISFIABLE, 0, 0},
        {"bytes=0-", 0, HTTP_RANGE_WHOLE, 0, 0},
        {"bytes=-5", 0, HTTP_RANGE_WHOLE, 0, 0},
        {"bytes=0-1,3-4", 10, HTTP_RANGE_WHOLE, 0, 0},
        {"bytes=5-3", 10, HTTP_RANGE_WHOLE, 0, 0},
        {"bytes=-", 10, HTTP_RANGE_WHOLE, 0, 0},
        {"bytes=", 10, HTTP_RANGE_WHOLE, 0, 0},
        {"bytes", 10, HTTP_RANGE_WHOLE, 0, 0},
        {"", 10, HTTP_RANGE_WHOLE, 0, 0},
        {NULL, 10, HTTP_RANGE_WHOLE, 0, 0},
        {"items=0-1", 10, HTTP_RANGE_WHOLE, 0, 0},
        {"bytes=a-b", 10, HTTP_RANGE_WHOLE, 0, 0},
        {"bytes=1-2x", 10, HTTP_RANGE_WHOLE, 0, 0},
        {"bytes=+1-2", 10, HTTP_RANGE_WHOLE, 0, 0},
        {"bytes=--1", 10, HTTP_RANGE_WHOLE, 0, 0},
    };
    for (size_t i = 0; i < LENGTH(rows); i++) {
        const char *row = rows[i].field ? rows[i].field : "no field";
        uint64_t offset = 0;
        uint64_t length = 0;
        CHECK_ROW(row, http_range_read(&offset, &length, rows[i].field, rows[i].size) == rows[i].kind);
        CHECK_ROW(row, offset == rows[i].offset);
        CHECK_ROW(row, length == rows[i].length);
    }
}

int main(void)
{
    RUN(a_range_lies_within_the_file);
    return test_result();
}
