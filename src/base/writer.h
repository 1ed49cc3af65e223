/* SPDX-License-Identifier: Apache-2.0 */
/* Writes octets forward into memory of a fixed size and remembers failure: write all fields, then ask
 * writer.failed once. A write that does not fit writes nothing. Network byte order. */
#pragma once

#include "base/bytes.h"

struct writer {
    uint8_t *start;
    uint8_t *cursor;
    uint8_t *end;
    bool failed;
};

static inline struct writer writer_over(void *memory, size_t size)
{
    return (struct writer){.start = memory, .cursor = memory, .end = (uint8_t *)memory + size};
}

static inline size_t writer_left(const struct writer *w)
{
    return w->failed ? 0 : (size_t)(w->end - w->cursor);
}

static inline size_t writer_size(const struct writer *w)
{
    return (size_t)(w->cursor - w->start);
}

/* What has been written so far, borrowed from the writer's memory. */
static inline struct bytes writer_bytes(const struct writer *w)
{
    return bytes_of(w->start, writer_size(w));
}

static inline void write_bytes(struct writer *w, struct bytes source)
{
    if (writer_left(w) < source.size) {
        w->failed = true;
        return;
    }
    if (source.size > 0)
        memcpy(w->cursor, source.data, source.size);
    w->cursor += source.size;
}

static inline void write_zeros(struct writer *w, size_t count)
{
    if (writer_left(w) < count) {
        w->failed = true;
        return;
    }
    if (count > 0)
        memset(w->cursor, 0, count);
    w->cursor += count;
}

static inline void write_u8(struct writer *w, uint8_t value)
{
    write_bytes(w, bytes_of(&value, 1));
}

static inline void write_u16be(struct writer *w, uint16_t value)
{
    uint8_t octets[2] = {(uint8_t)(value >> 8), (uint8_t)value};
    write_bytes(w, bytes_of(octets, sizeof octets));
}

static inline void write_u32be(struct writer *w, uint32_t value)
{
    uint8_t octets[4] = {(uint8_t)(value >> 24), (uint8_t)(value >> 16), (uint8_t)(value >> 8), (uint8_t)value};
    write_bytes(w, bytes_of(octets, sizeof octets));
}

/* The characters of text without a NUL. */
static inline void write_text(struct writer *w, const char *text)
{
    write_bytes(w, bytes_of_text(text));
}

/* The characters of text and a NUL. */
static inline void write_text_nul(struct writer *w, const char *text)
{
    write_bytes(w, bytes_of(text, strlen(text) + 1));
}
