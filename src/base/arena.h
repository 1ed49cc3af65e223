/* SPDX-License-Identifier: Apache-2.0 */
/* Memory for many small things that are all dropped at once. Zero is an empty arena. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/auto.h"
#include "base/bytes.h"

struct arena {
    struct arena_block *blocks;
    uint8_t *cursor; /* free memory of the newest block */
    size_t left;
};

void arena_finish(struct arena *arena);
AUTO_DEFINE_STRUCT(arena_finish, struct arena);
/* Zeroed memory, aligned for any object; never NULL. */
void *arena_new(struct arena *arena, size_t size);
/* A NUL-terminated copy. */
char *arena_text(struct arena *arena, struct bytes characters);
char *arena_print(struct arena *arena, const char *format, ...) __attribute__((format(printf, 2, 3)));
