/* SPDX-License-Identifier: Apache-2.0 */
/* A borrowed run of octets: what a datagram, an option or a file's content is while somebody reads it. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct bytes {
    const uint8_t *data;
    size_t size;
};

static inline struct bytes bytes_of(const void *data, size_t size)
{
    return (struct bytes){.data = data, .size = size};
}

/* The characters of text without its terminating NUL; NULL gives no bytes. */
static inline struct bytes bytes_of_text(const char *text)
{
    return bytes_of(text, text ? strlen(text) : 0);
}

static inline bool bytes_equal(struct bytes a, struct bytes b)
{
    return a.size == b.size && (a.size == 0 || memcmp(a.data, b.data, a.size) == 0);
}

static inline bool bytes_equal_text(struct bytes a, const char *text)
{
    return bytes_equal(a, bytes_of_text(text));
}

static inline bool bytes_start_with(struct bytes whole, const char *prefix)
{
    size_t size = strlen(prefix);
    return whole.size >= size && memcmp(whole.data, prefix, size) == 0;
}

/* At most count octets from offset on; what lies past the end is not there. */
static inline struct bytes bytes_slice(struct bytes whole, size_t offset, size_t count)
{
    if (offset > whole.size)
        offset = whole.size;
    if (count > whole.size - offset)
        count = whole.size - offset;
    return bytes_of(whole.data ? whole.data + offset : NULL, count);
}
