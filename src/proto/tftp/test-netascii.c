/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/tftp/netascii.h"

#include <errno.h>

#include "test.h"

static int64_t read_memory(void *context, uint64_t offset, void *buffer, size_t size)
{
    struct bytes part = bytes_slice(*(struct bytes *)context, (size_t)offset, size);
    if (part.size > 0)
        memcpy(buffer, part.data, part.size);
    return (int64_t)part.size;
}

static struct tftp_source source_of(struct bytes *content)
{
    return (struct tftp_source){.read = read_memory, .context = content, .size_is_known = true, .size = content->size};
}

static void line_ends_are_translated(void)
{
    struct bytes plain = bytes_of_text("one\ntwo\r\nthree\r");
    struct tftp_netascii netascii;
    struct tftp_source source = tftp_netascii_over(&netascii, source_of(&plain));
    char buffer[64];
    CHECK(!source.size_is_known);
    int64_t got = source.read(source.context, 0, buffer, sizeof buffer);
    CHECK(bytes_equal(bytes_of(buffer, (size_t)got), bytes_of("one\r\ntwo\r\0\r\nthree\r\0", 19)));
}

static void every_block_size_gives_the_same_text(void)
{
    char plain_text[300];
    for (size_t i = 0; i < sizeof plain_text; i++)
        plain_text[i] = "a\n\r\nb"[i * 7 % 5];
    struct bytes plain = bytes_of(plain_text, sizeof plain_text);
    struct tftp_netascii netascii;
    struct tftp_source source = tftp_netascii_over(&netascii, source_of(&plain));
    char whole[700];
    size_t size = (size_t)source.read(source.context, 0, whole, sizeof whole);
    CHECK(size > sizeof plain_text && size < sizeof whole);
    for (size_t block = 1; block < 40; block++) {
        struct tftp_source again = tftp_netascii_over(&netascii, source_of(&plain));
        char piece[40];
        for (size_t at = 0; at <= size; at += block) {
            struct bytes expected = bytes_slice(bytes_of(whole, size), at, block);
            int64_t got = again.read(again.context, at, piece, block);
            CHECK(bytes_equal(bytes_of(piece, (size_t)got), expected));
        }
    }
}

static void a_block_can_be_read_again_wherever_it_is(void)
{
    char plain_text[2000];
    memset(plain_text, '\n', sizeof plain_text);
    struct bytes plain = bytes_of(plain_text, sizeof plain_text);
    struct tftp_netascii netascii;
    struct tftp_source source = tftp_netascii_over(&netascii, source_of(&plain));
    char piece[7];
    for (uint64_t at = 0; at < 4000; at += sizeof piece)
        source.read(source.context, at, piece, sizeof piece);
    static const uint64_t places[] = {3990, 7, 3500, 0, 2001};
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        CHECK_NUMBER(source.read(source.context, places[i], piece, sizeof piece), sizeof piece);
        CHECK_NUMBER(piece[0], places[i] % 2 == 0 ? '\r' : '\n');
    }
    CHECK_NUMBER(source.read(source.context, 4000, piece, sizeof piece), 0);
    CHECK_NUMBER(source.read(source.context, 9000, piece, sizeof piece), 0);
}

static int64_t read_later(void *context, uint64_t offset, void *buffer, size_t size)
{
    unsigned *calls = context;
    (void)offset;
    if (++*calls % 2 == 1)
        return -EAGAIN;
    memset(buffer, 'x', size);
    return (int64_t)size;
}

static void content_that_is_not_at_hand_is_asked_for_again(void)
{
    unsigned calls = 0;
    struct tftp_netascii netascii;
    struct tftp_source source =
        tftp_netascii_over(&netascii, (struct tftp_source){.read = read_later, .context = &calls});
    char piece[10];
    CHECK_NUMBER(source.read(source.context, 0, piece, sizeof piece), -EAGAIN);
    CHECK_NUMBER(source.read(source.context, 0, piece, sizeof piece), sizeof piece);
}

int main(void)
{
    RUN(line_ends_are_translated);
    RUN(every_block_size_gives_the_same_text);
    RUN(a_block_can_be_read_again_wherever_it_is);
    RUN(content_that_is_not_at_hand_is_asked_for_again);
    return test_result();
}
