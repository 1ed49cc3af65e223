/* SPDX-License-Identifier: Apache-2.0 */
/* "data:" URLs. */
#include "lang/data-url.h"

#include <ctype.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "base/memory.h"

/* The shortest gzip file there is, in Base64: below it nothing can be gained. */
#define GZIP_BASE64_MIN 32
/* What stands before Base64, and the word that a compressed resource needs besides. */
#define BASE64_MARK ";base64,"
#define GZIP_WORD "gzip"

/* RFC 2396 §2.3: unreserved characters. */
static bool is_unreserved(uint8_t octet)
{
    static const char marks[128] = {
        ['-'] = 1, ['_'] = 1, ['.'] = 1, ['!'] = 1, ['~'] = 1, ['*'] = 1, ['\''] = 1, ['('] = 1, [')'] = 1};
    return octet < 0x80 && (isalnum(octet) || marks[octet]);
}

static size_t escaped_size(struct bytes content)
{
    size_t size = 0;
    for (size_t i = 0; i < content.size; i++)
        size += is_unreserved(content.data[i]) ? 1 : 3;
    return size;
}

static size_t base64_size(size_t size)
{
    return (size + 2) / 3 * 4;
}

static void append_escaped(struct text *ret, struct bytes content)
{
    static const char digits[] = "0123456789ABCDEF";
    while (content.size > 0) {
        size_t plain = 0;
        while (plain < content.size && is_unreserved(content.data[plain]))
            plain++;
        text_append_bytes(ret, bytes_slice(content, 0, plain));
        content = bytes_slice(content, plain, content.size);
        if (content.size == 0)
            return;
        const char escape[] = {'%', digits[content.data[0] >> 4], digits[content.data[0] & 15]};
        text_append_bytes(ret, bytes_of(escape, sizeof escape));
        content = bytes_slice(content, 1, content.size);
    }
}

static void append_base64(struct text *ret, struct bytes content)
{
    static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (size_t i = 0; i < content.size; i += 3) {
        size_t left = content.size - i;
        uint32_t group = (uint32_t)content.data[i] << 16 | (left > 1 ? (uint32_t)content.data[i + 1] << 8 : 0) |
                         (left > 2 ? content.data[i + 2] : 0);
        const char four[] = {
            alphabet[group >> 18],
            alphabet[group >> 12 & 63],
            left > 1 ? alphabet[group >> 6 & 63] : '=',
            left > 2 ? alphabet[group & 63] : '=',
        };
        text_append_bytes(ret, bytes_of(four, sizeof four));
    }
}

/* zlib clears memory by the size of its window: a small content needs a small one. */
static int start_gzip(z_stream *stream, size_t size)
{
    int window = 9;
    while (window < MAX_WBITS && (size_t)1 << window < size)
        window++;
    int memory = window < 12 ? window - 8 : 8;
    return deflateInit2(stream, Z_BEST_COMPRESSION, Z_DEFLATED, window + 16, memory, Z_DEFAULT_STRATEGY);
}

/* The content as a gzip file on the heap, when it takes no more than limit octets; NULL otherwise. */
static uint8_t *gzip_within(size_t *ret_size, struct bytes content, size_t limit)
{
    z_stream stream = {.next_in = (uint8_t *)content.data, .avail_in = (uInt)content.size};
    if (content.size > INT_MAX || limit > INT_MAX || start_gzip(&stream, content.size) != Z_OK)
        return NULL;
    AUTO(free) uint8_t *file = memory_new(limit + 1, 1);
    stream.next_out = file;
    stream.avail_out = (uInt)limit;
    int result = deflate(&stream, Z_FINISH);
    *ret_size = stream.total_out;
    deflateEnd(&stream);
    return result == Z_STREAM_END ? take_pointer(file) : NULL;
}

bool data_url_append(struct text *ret, struct bytes content, bool may_compress)
{
    size_t escaped = escaped_size(content) + 1;
    size_t encoded = base64_size(content.size) + strlen(BASE64_MARK);
    size_t least = encoded < escaped ? encoded : escaped;
    size_t extra = strlen(BASE64_MARK) + strlen(GZIP_WORD);
    size_t size = 0;
    AUTO(free) uint8_t *file = NULL;
    if (may_compress && least > GZIP_BASE64_MIN + extra)
        file = gzip_within(&size, content, (least - extra - 1) / 4 * 3);
    text_append(ret, "data:");
    text_append(ret, file || encoded < escaped ? BASE64_MARK : ",");
    if (file)
        append_base64(ret, bytes_of(file, size));
    else if (encoded < escaped)
        append_base64(ret, content);
    else
        append_escaped(ret, content);
    return file != NULL;
}
