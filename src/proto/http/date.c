/* SPDX-License-Identifier: Apache-2.0 */
/* HTTP dates. The calendar is computed here, since strptime() and strftime() follow the locale. */
#include "proto/http/date.h"

#include <stdio.h>
#include <string.h>

enum { DAY_SECONDS = 86400 };

static const char month_names[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
static const char day_names[] = "ThuFriSatSunMonTueWed"; /* 1970-01-01 was a Thursday */

struct calendar {
    unsigned year, month, day; /* each from 1 */
    unsigned hour, minute, second;
};

/* Days from 1970-01-01 to the first of a year's March or later; years are counted from March, so that the leap day
 * is a year's last. */
static int64_t days_of(unsigned year, unsigned month, unsigned day)
{
    int64_t shifted = month > 2 ? (int64_t)year : (int64_t)year - 1;
    unsigned month_from_march = (month + 9) % 12;
    int64_t day_of_year = (153 * month_from_march + 2) / 5 + day - 1;
    return shifted * 365 + shifted / 4 - shifted / 100 + shifted / 400 + day_of_year - 719468;
}

/* Of the years 1 to 9999: what is outside of them is brought to their first or last second. */
static struct calendar calendar_of(int64_t seconds)
{
    const int64_t first = days_of(1, 1, 1) * DAY_SECONDS;
    const int64_t last = days_of(10000, 1, 1) * DAY_SECONDS - 1;
    seconds = seconds < first ? first : seconds > last ? last : seconds;
    int64_t days = seconds / DAY_SECONDS;
    int64_t rest = seconds % DAY_SECONDS;
    if (rest < 0) {
        rest += DAY_SECONDS;
        days--;
    }
    unsigned year = (unsigned)(1970 + days / 366);
    while (days_of(year + 1, 1, 1) <= days)
        year++;
    while (days_of(year, 1, 1) > days)
        year--;
    unsigned month = 1;
    while (month < 12 && days_of(year, month + 1, 1) <= days)
        month++;
    return (struct calendar){
        .year = year,
        .month = month,
        .day = (unsigned)(days - days_of(year, month, 1)) + 1,
        .hour = (unsigned)(rest / 3600),
        .minute = (unsigned)(rest / 60 % 60),
        .second = (unsigned)(rest % 60),
    };
}

char *http_date_write(char ret[HTTP_DATE_MAX], int64_t seconds)
{
    struct calendar c = calendar_of(seconds);
    int64_t weekday = (days_of(c.year, c.month, c.day) % 7 + 7) % 7;
    /* What the remainders cut is never there; they tell the compiler how wide each number is at most. */
    snprintf(ret, HTTP_DATE_MAX, "%.3s, %02u %.3s %04u %02u:%02u:%02u GMT", day_names + weekday * 3, c.day % 100,
             month_names + (c.month - 1) * 3, c.year % 10000, c.hour % 100, c.minute % 100, c.second % 100);
    return ret;
}

/* Reading goes forward; a cursor of NULL has failed. */
static const char *skip(const char *cursor, const char *expected)
{
    size_t length = strlen(expected);
    return cursor && strncmp(cursor, expected, length) == 0 ? cursor + length : NULL;
}

static const char *read_digits(unsigned *ret, const char *cursor, int count)
{
    *ret = 0;
    for (int i = 0; cursor && i < count; i++, cursor++) {
        if (*cursor < '0' || *cursor > '9')
            return NULL;
        *ret = *ret * 10 + (unsigned)(*cursor - '0');
    }
    return cursor;
}

static const char *read_month(unsigned *ret, const char *cursor)
{
    for (unsigned month = 1; cursor && month <= 12; month++) {
        *ret = month;
        if (strncmp(cursor, month_names + (month - 1) * 3, 3) == 0)
            return cursor + 3;
    }
    return NULL;
}

static const char *read_time(struct calendar *ret, const char *cursor)
{
    cursor = skip(read_digits(&ret->hour, cursor, 2), ":");
    cursor = skip(read_digits(&ret->minute, cursor, 2), ":");
    return read_digits(&ret->second, cursor, 2);
}

/* "06 Nov 1994 08:49:37 GMT", behind "Sun, " */
static const char *read_imf(struct calendar *ret, const char *cursor)
{
    cursor = skip(read_digits(&ret->day, cursor, 2), " ");
    cursor = skip(read_month(&ret->month, cursor), " ");
    cursor = skip(read_digits(&ret->year, cursor, 4), " ");
    return skip(read_time(ret, cursor), " GMT");
}

/* "06-Nov-94 08:49:37 GMT", behind "Sunday, " */
static const char *read_rfc850(struct calendar *ret, const char *cursor, int64_t now)
{
    cursor = skip(read_digits(&ret->day, cursor, 2), "-");
    cursor = skip(read_month(&ret->month, cursor), "-");
    cursor = skip(read_digits(&ret->year, cursor, 2), " ");
    unsigned year_now = calendar_of(now).year;
    ret->year += year_now - year_now % 100;
    if (ret->year > year_now + 50)
        ret->year -= 100;
    return skip(read_time(ret, cursor), " GMT");
}

/* "Nov  6 08:49:37 1994", behind "Sun " */
static const char *read_asctime(struct calendar *ret, const char *cursor)
{
    cursor = skip(read_month(&ret->month, cursor), " ");
    const char *one_digit = skip(cursor, " ");
    cursor = one_digit ? read_digits(&ret->day, one_digit, 1) : read_digits(&ret->day, cursor, 2);
    cursor = skip(read_time(ret, skip(cursor, " ")), " ");
    return read_digits(&ret->year, cursor, 4);
}

static bool is_date(const struct calendar *c)
{
    if (c->year < 1 || c->month < 1 || c->day < 1 || c->hour > 23 || c->minute > 59 || c->second > 60)
        return false;
    int64_t next_month = c->month == 12 ? days_of(c->year + 1, 1, 1) : days_of(c->year, c->month + 1, 1);
    return days_of(c->year, c->month, c->day) < next_month;
}

bool http_date_read(int64_t *ret, const char *field, int64_t now)
{
    struct calendar c = {0};
    size_t day_name = strcspn(field, ", ");
    const char *rest = field + day_name;
    const char *end = NULL;
    if (day_name == 3 && skip(rest, ", "))
        end = read_imf(&c, rest + 2);
    else if (day_name > 3 && skip(rest, ", "))
        end = read_rfc850(&c, rest + 2, now);
    else if (day_name == 3)
        end = read_asctime(&c, skip(rest, " "));
    if (!end || *end != '\0' || !is_date(&c))
        return false;
    *ret = days_of(c.year, c.month, c.day) * DAY_SECONDS + c.hour * 3600 + c.minute * 60 + c.second;
    return true;
}
