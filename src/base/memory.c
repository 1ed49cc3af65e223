/* SPDX-License-Identifier: Apache-2.0 */
/* Allocation that does not fail. */
#include "base/memory.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *memory_or_end(void *memory)
{
    if (!memory) {
        fputs("muster: out of memory\n", stderr);
        abort();
    }
    return memory;
}

void *memory_new(size_t count, size_t size)
{
    return memory_or_end(calloc(count > 0 ? count : 1, size > 0 ? size : 1));
}

void *memory_resize(void *memory, size_t count, size_t size)
{
    return memory_or_end(reallocarray(memory, count > 0 ? count : 1, size > 0 ? size : 1));
}

char *memory_text(const char *text)
{
    return text ? memory_text_of(text, strlen(text)) : NULL;
}

char *memory_text_of(const char *characters, size_t size)
{
    char *copy = memory_new(size + 1, 1);
    if (size > 0)
        memcpy(copy, characters, size);
    return copy;
}

char *memory_print(const char *format, ...)
{
    char *printed = NULL;
    va_list arguments;
    va_start(arguments, format);
    int length = vasprintf(&printed, format, arguments);
    va_end(arguments);
    return memory_or_end(length < 0 ? NULL : printed);
}
