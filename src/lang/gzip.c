/* SPDX-License-Identifier: Apache-2.0 */
/* Files of gzip. */
#include "lang/gzip.h"

#include <assert.h>
#include <stdlib.h>
#include <zlib.h>

/* zlib writes the header of gzip where the window is called by 16 more; the header has then no date. */
#define WINDOW_OF_GZIP (MAX_WBITS + 16)
#define MEMORY_LEVEL 8

void gzip_append(struct text *ret, struct bytes content)
{
    uint8_t piece[4096];
    z_stream stream = {.next_in = (uint8_t *)content.data, .avail_in = (uInt)content.size};
    assert(content.size <= GZIP_CONTENT_MAX);
    if (deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, WINDOW_OF_GZIP, MEMORY_LEVEL, Z_DEFAULT_STRATEGY) !=
        Z_OK)
        abort(); /* out of memory, as in base/memory.h */
    do {
        stream.next_out = piece;
        stream.avail_out = sizeof piece;
        deflate(&stream, Z_FINISH);
        text_append_bytes(ret, bytes_of(piece, sizeof piece - stream.avail_out));
    } while (stream.avail_out == 0);
    deflateEnd(&stream);
}
