/* SPDX-License-Identifier: Apache-2.0 */
/* Query strings. */
#include "proto/http/query.h"

#include "proto/http/percent.h"

/* What is before the first separator, which is taken off with it; all there is when there is none. */
static struct bytes take_until(struct bytes *rest, char separator)
{
    const uint8_t *found = rest->size > 0 ? memchr(rest->data, separator, rest->size) : NULL;
    size_t size = found ? (size_t)(found - rest->data) : rest->size;
    struct bytes taken = bytes_slice(*rest, 0, size);
    *rest = bytes_slice(*rest, found ? size + 1 : size, rest->size);
    return taken;
}

static bool holds(struct bytes octets, char character)
{
    return octets.size > 0 && memchr(octets.data, character, octets.size);
}

static bool read_part(struct text *ret, struct bytes encoded)
{
    text_clear(ret);
    return percent_decode(ret, encoded, true) && !holds(text_bytes(ret), '\0');
}

bool http_query_next(struct text *name, struct text *value, struct bytes *rest)
{
    while (rest->size > 0) {
        struct bytes pair = take_until(rest, '&');
        if (pair.size == 0 || holds(pair, ';'))
            continue;
        struct bytes key = take_until(&pair, '=');
        if (read_part(name, key) && read_part(value, pair))
            return true;
    }
    return false;
}
