/* SPDX-License-Identifier: Apache-2.0 */
/* HTTP dates. RFC 9110 §5.6.7. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* Length of an IMF-fixdate with its NUL. */
#define HTTP_DATE_MAX 30

/* Writes an IMF-fixdate; seconds are since 1970-01-01 UTC and those outside of the years 1 to 9999 are brought into
 * them. Returns ret. */
char *http_date_write(char ret[HTTP_DATE_MAX], int64_t seconds);
/* Reads the three forms a recipient must: IMF-fixdate, RFC 850's and asctime's. now settles the century of a year of
 * two digits: at most fifty years ahead. The name of the day is not compared. */
bool http_date_read(int64_t *ret, const char *field, int64_t now);
