/* SPDX-License-Identifier: Apache-2.0 */
/* What is packed comes out as it was. */
#include "lang/gzip.h"

#include <zlib.h>

#include "base/memory.h"
#include "test.h"

static size_t unpack(uint8_t *ret, size_t size, struct bytes file)
{
    z_stream stream = {.next_in = (uint8_t *)file.data, .avail_in = (uInt)file.size};
    stream.next_out = ret;
    stream.avail_out = (uInt)size;
    CHECK(inflateInit2(&stream, MAX_WBITS + 16) == Z_OK);
    CHECK(inflate(&stream, Z_FINISH) == Z_STREAM_END && stream.avail_in == 0);
    inflateEnd(&stream);
    return stream.total_out;
}

static void what_is_packed_comes_out_again(void)
{
    static const size_t sizes[] = {0, 1, 4095, 4096, 100000};
    AUTO(free) uint8_t *content = memory_new(100000, 1);
    AUTO(free) uint8_t *unpacked = memory_new(100001, 1);
    uint32_t random = 1;
    for (size_t i = 0; i < 100000; i++)
        content[i] = (uint8_t)((random = random * 1103515245 + 12345) >> 16);
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        AUTO(text_finish) struct text file = {0};
        gzip_append(&file, bytes_of(content, sizes[i]));
        CHECK_NUMBER(unpack(unpacked, 100001, text_bytes(&file)), sizes[i]);
        CHECK(memcmp(unpacked, content, sizes[i]) == 0);
    }
}

static void a_file_has_no_date_and_no_name(void)
{
    AUTO(text_finish) struct text file = {0};
    gzip_append(&file, bytes_of_text("content"));
    CHECK(file.length > 10 && memcmp(file.characters, "\x1f\x8b\x08\0\0\0\0\0", 8) == 0);
}

int main(void)
{
    RUN(what_is_packed_comes_out_again);
    RUN(a_file_has_no_date_and_no_name);
    return test_result();
}
