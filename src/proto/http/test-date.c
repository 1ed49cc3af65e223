/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/http/date.h"

#include <time.h>

#include "base/array.h"
#include "test.h"

#define NOW 1790000000 /* in 2026 */

static void all_three_forms_are_read(void)
{
    const struct {
        const char *field;
        int64_t seconds;
    } rows[] = {
        {"Sun, 06 Nov 1994 08:49:37 GMT", 784111777},  {"Sunday, 06-Nov-94 08:49:37 GMT", 784111777},
        {"Sun Nov  6 08:49:37 1994", 784111777},       {"Sun Nov 16 08:49:37 1994", 784975777},
        {"Thu, 01 Jan 1970 00:00:00 GMT", 0},          {"Wed, 31 Dec 1969 23:59:59 GMT", -1},
        {"Tue, 29 Feb 2000 00:00:00 GMT", 951782400},  {"Friday, 06-Nov-76 08:49:37 GMT", 3371878177},
        {"Sunday, 06-Nov-77 08:49:37 GMT", 247654177}, {"Fri, 31 Dec 9999 23:59:59 GMT", 253402300799},
    };
    for (size_t i = 0; i < LENGTH(rows); i++) {
        int64_t seconds = 1;
        CHECK_ROW(rows[i].field, http_date_read(&seconds, rows[i].field, NOW));
        CHECK_NUMBER(seconds, rows[i].seconds);
    }
}

static void what_is_no_date_is_refused(void)
{
    const char *const rows[] = {
        "",
        "Sun",
        "Sun,",
        "0",
        "784111777",
        "Sun, 06 Nov 1994 08:49:37",
        "Sun, 06 Nov 1994 08:49:37 UTC",
        "Sun, 06 Nov 1994 08:49:37 GMT ",
        "Sun, 6 Nov 1994 08:49:37 GMT",
        "Sun, 06 nov 1994 08:49:37 GMT",
        "Sun, 06 Nov 94 08:49:37 GMT",
        "Sun, 00 Nov 1994 08:49:37 GMT",
        "Sun, 31 Nov 1994 08:49:37 GMT",
        "Thu, 29 Feb 1900 00:00:00 GMT",
        "Sun, 06 Nov 1994 24:49:37 GMT",
        "Sun, 06 Nov 1994 08:60:37 GMT",
        "Sun, 06 Nov 1994 08:49:61 GMT",
        "Sun, 06 Nov -994 08:49:37 GMT",
        "Sat, 01 Jan 0000 00:00:00 GMT",
        "Sun Nov 6 08:49:37 1994",
    };
    for (size_t i = 0; i < LENGTH(rows); i++) {
        int64_t seconds = 1;
        CHECK_ROW(rows[i], !http_date_read(&seconds, rows[i], NOW));
        CHECK_NUMBER(seconds, 1);
    }
}

static void what_is_written_is_what_the_c_library_writes(void)
{
    for (int64_t seconds = -62135596800; seconds < 253402300800; seconds += 86400 * 13 + 3671) {
        char date[HTTP_DATE_MAX];
        char expected[HTTP_DATE_MAX];
        time_t c_time = seconds;
        struct tm calendar;
        gmtime_r(&c_time, &calendar);
        strftime(expected, sizeof expected, "%a, %d %b 0000 %H:%M:%S GMT", &calendar);
        char year[12];
        snprintf(year, sizeof year, "%04d", calendar.tm_year + 1900);
        memcpy(expected + 12, year, 4);
        int64_t again = 0;
        CHECK_ROW(expected, strcmp(http_date_write(date, seconds), expected) == 0);
        CHECK_ROW(expected, http_date_read(&again, date, NOW) && again == seconds);
    }
}

static void a_time_beyond_the_calendar_is_brought_into_it(void)
{
    char date[HTTP_DATE_MAX];
    CHECK_TEXT(http_date_write(date, INT64_MAX), "Fri, 31 Dec 9999 23:59:59 GMT");
    CHECK_TEXT(http_date_write(date, INT64_MIN), "Mon, 01 Jan 0001 00:00:00 GMT");
}

int main(void)
{
    RUN(all_three_forms_are_read);
    RUN(what_is_no_date_is_refused);
    RUN(what_is_written_is_what_the_c_library_writes);
    RUN(a_time_beyond_the_calendar_is_brought_into_it);
    return test_result();
}
