/* SPDX-License-Identifier: Apache-2.0 */
/* The Range header field. */
#include "proto/http/range.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

/* Digits at *cursor, which moves past them; as many as UINT64_MAX for a number beyond it, which is as absurd. */
static bool read_number(uint64_t *ret, const char **cursor)
{
    const char *start = *cursor;
    uint64_t number = 0;
    for (; **cursor >= '0' && **cursor <= '9'; (*cursor)++) {
        uint64_t digit = (uint64_t)(**cursor - '0');
        number = number > (UINT64_MAX - digit) / 10 ? UINT64_MAX : number * 10 + digit;
    }
    *ret = number;
    return *cursor > start;
}

static void skip_spaces(const char **cursor)
{
    *cursor += strspn(*cursor, " \t");
}

struct range_spec {
    bool has_first, has_last;
    uint64_t first, last;
};

/* "bytes=FIRST-LAST", "bytes=FIRST-" or "bytes=-SUFFIX", with nothing behind it. */
static bool read_spec(struct range_spec *ret, const char *field)
{
    if (strncasecmp(field, "bytes", 5) != 0)
        return false;
    const char *cursor = field + 5;
    if (*cursor++ != '=')
        return false;
    skip_spaces(&cursor);
    ret->has_first = read_number(&ret->first, &cursor);
    if (*cursor++ != '-')
        return false;
    ret->has_last = read_number(&ret->last, &cursor);
    skip_spaces(&cursor);
    bool inverted = ret->has_first && ret->has_last && ret->last < ret->first;
    return *cursor == '\0' && (ret->has_first || ret->has_last) && !inverted;
}

enum http_range_kind http_range_read(uint64_t *ret_offset, uint64_t *ret_length, const char *field, uint64_t size)
{
    struct range_spec spec = {0};
    if (!field || size == 0 || !read_spec(&spec, field))
        return HTTP_RANGE_WHOLE;
    uint64_t suffix = spec.last < size ? spec.last : size;
    if (spec.has_first ? spec.first >= size : suffix == 0)
        return HTTP_RANGE_UNSATISFIABLE;
    *ret_offset = spec.has_first ? spec.first : size - suffix;
    uint64_t left = size - *ret_offset;
    bool cut = spec.has_first && spec.has_last && spec.last - spec.first < left - 1;
    *ret_length = cut ? spec.last - spec.first + 1 : left;
    return HTTP_RANGE_PART;
}
