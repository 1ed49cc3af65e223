/* SPDX-License-Identifier: Apache-2.0 */
/* Any lines as conditions, dates and ranges: what is selected lies within the file. The first eight octets are its
 * size, the lines behind them the six fields; an empty line is a field that was not sent. */
#include "proto/http/select.h"

#include <stdlib.h>

#include "base/memory.h"
#include "base/reader.h"
#include "proto/http/date.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char *take_line(struct bytes *rest)
{
    const uint8_t *end = rest->size > 0 ? memchr(rest->data, '\n', rest->size) : NULL;
    size_t size = end ? (size_t)(end - rest->data) : rest->size;
    char *line = size > 0 ? memory_text_of((const char *)rest->data, size) : NULL;
    *rest = bytes_slice(*rest, size + 1, rest->size);
    return line;
}

static void check_date(const char *field)
{
    int64_t seconds = 0;
    int64_t again = 0;
    char date[HTTP_DATE_MAX];
    if (field && http_date_read(&seconds, field, 1790000000) &&
        (!http_date_read(&again, http_date_write(date, seconds), 1790000000) || again != seconds))
        abort();
}

static void check_selection(const struct http_conditions *conditions, uint64_t size)
{
    const struct http_validators file = {.etag = "\"65-3-1\"", .modified = 784111777, .size = size};
    struct http_selection s = http_select(conditions, &file, 1790000000);
    bool inside = s.offset <= size && s.length <= size - s.offset;
    bool sends = s.status == 200 || s.status == 206;
    if (!inside || (!sends && s.length > 0) || (s.status == 206 && s.length == 0) ||
        (s.status == 200 && s.length != size))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct reader r = reader_over(bytes_of(data, size));
    uint64_t file_size = (uint64_t)read_u32be(&r) << 32;
    file_size |= read_u32be(&r);
    struct bytes rest = read_rest(&r);
    char *lines[6];
    for (int i = 0; i < 6; i++)
        lines[i] = take_line(&rest);
    check_date(lines[2]);
    check_selection(&(struct http_conditions){.if_match = lines[0],
                                              .if_none_match = lines[1],
                                              .if_modified_since = lines[2],
                                              .if_unmodified_since = lines[3],
                                              .if_range = lines[4],
                                              .range = lines[5]},
                    file_size);
    for (int i = 0; i < 6; i++)
        free(lines[i]);
    return 0;
}
