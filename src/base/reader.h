/* SPDX-License-Identifier: Apache-2.0 */
/* Reads octets forward and remembers failure: read all fields, then ask reader.failed once.
 * After the first read past the end every read gives zero or no bytes. Network byte order. */
#pragma once

#include "base/bytes.h"

struct reader {
    const uint8_t *cursor;
    const uint8_t *end;
    bool failed;
};

static inline struct reader reader_over(struct bytes source)
{
    return (struct reader){.cursor = source.data, .end = source.data ? source.data + source.size : NULL};
}

static inline size_t reader_left(const struct reader *r)
{
    return r->failed ? 0 : (size_t)(r->end - r->cursor);
}

/* The next count octets, borrowed from the source; none, and failed, when fewer are left. */
static inline struct bytes read_bytes(struct reader *r, size_t count)
{
    if (reader_left(r) < count) {
        r->failed = true;
        return (struct bytes){0};
    }
    struct bytes taken = bytes_of(r->cursor, count);
    if (count > 0)
        r->cursor += count;
    return taken;
}

static inline struct bytes read_rest(struct reader *r)
{
    return read_bytes(r, reader_left(r));
}

static inline uint8_t read_u8(struct reader *r)
{
    struct bytes b = read_bytes(r, 1);
    return b.size == 1 ? b.data[0] : 0;
}

static inline uint16_t read_u16be(struct reader *r)
{
    struct bytes b = read_bytes(r, 2);
    return b.size == 2 ? (uint16_t)(b.data[0] << 8 | b.data[1]) : 0;
}

static inline uint32_t read_u32be(struct reader *r)
{
    struct bytes b = read_bytes(r, 4);
    if (b.size != 4)
        return 0;
    return (uint32_t)b.data[0] << 24 | (uint32_t)b.data[1] << 16 | (uint32_t)b.data[2] << 8 | b.data[3];
}

/* The octets up to the next NUL, which is consumed and not part of the result; fails when there is none. */
static inline struct bytes read_until_nul(struct reader *r)
{
    size_t left = reader_left(r);
    const uint8_t *nul = left > 0 ? memchr(r->cursor, 0, left) : NULL;
    if (!nul) {
        r->failed = true;
        return (struct bytes){0};
    }
    struct bytes taken = bytes_of(r->cursor, (size_t)(nul - r->cursor));
    r->cursor = nul + 1;
    return taken;
}
