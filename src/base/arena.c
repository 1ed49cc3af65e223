/* SPDX-License-Identifier: Apache-2.0 */
/* Arenas. */
#include "base/arena.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"

/* Octets of the first block; each one after it is twice as large as the one before, up to the largest. */
#define BLOCK_FIRST ((size_t)8 << 10)
#define BLOCK_MAX ((size_t)256 << 10)
#define ALIGNMENT _Alignof(max_align_t)

struct arena_block {
    struct arena_block *before;
    size_t size;
    max_align_t memory[];
};

void arena_finish(struct arena *arena)
{
    while (arena->blocks) {
        struct arena_block *block = arena->blocks;
        arena->blocks = block->before;
        free(block);
    }
    *arena = (struct arena){0};
}

static void add_block(struct arena *arena, size_t least)
{
    size_t size = arena->blocks ? 2 * arena->blocks->size : BLOCK_FIRST;
    size = size > BLOCK_MAX ? BLOCK_MAX : size;
    size = size < least ? least : size;
    struct arena_block *block = memory_new(1, sizeof *block + size);
    block->before = arena->blocks;
    block->size = size;
    arena->blocks = block;
    arena->cursor = (uint8_t *)block->memory;
    arena->left = size;
}

void *arena_new(struct arena *arena, size_t size)
{
    size = (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    if (size > arena->left)
        add_block(arena, size);
    void *memory = arena->cursor;
    arena->cursor += size;
    arena->left -= size;
    return memory;
}

char *arena_text(struct arena *arena, struct bytes characters)
{
    char *text = arena_new(arena, characters.size + 1);
    if (characters.size > 0)
        memcpy(text, characters.data, characters.size);
    return text;
}

char *arena_print(struct arena *arena, const char *format, ...)
{
    AUTO(text_finish) struct text text = {0};
    va_list arguments;
    va_start(arguments, format);
    text_append_list(&text, format, arguments);
    va_end(arguments);
    return arena_text(arena, text_bytes(&text));
}
