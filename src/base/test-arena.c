/* SPDX-License-Identifier: Apache-2.0 */
#include "base/arena.h"

#include <stdint.h>

#include "test.h"

static void memory_is_zeroed_aligned_and_apart(void)
{
    AUTO(arena_finish) struct arena arena = {0};
    uint8_t *before = NULL;
    for (size_t size = 1; size < 40000; size += 1 + size / 3) {
        uint8_t *memory = arena_new(&arena, size);
        CHECK((uintptr_t)memory % _Alignof(max_align_t) == 0);
        CHECK(memory[0] == 0 && memory[size - 1] == 0);
        memset(memory, 0xff, size);
        CHECK(!before || before[0] == 0xff);
        before = memory;
    }
}

static void texts_are_copies(void)
{
    AUTO(arena_finish) struct arena arena = {0};
    char written[] = "abc";
    const char *copy = arena_text(&arena, bytes_of(written, 2));
    written[0] = 'x';
    CHECK_TEXT(copy, "ab");
    CHECK_TEXT(arena_print(&arena, "%d-%s", 7, "x"), "7-x");
    CHECK_TEXT(arena_text(&arena, bytes_of(NULL, 0)), "");
}

static void an_arena_can_be_finished_twice(void)
{
    struct arena arena = {0};
    arena_finish(&arena);
    arena_new(&arena, 1);
    arena_finish(&arena);
    arena_finish(&arena);
    CHECK(arena.blocks == NULL);
}

int main(void)
{
    RUN(memory_is_zeroed_aligned_and_apart);
    RUN(texts_are_copies);
    RUN(an_arena_can_be_finished_twice);
    return test_result();
}
