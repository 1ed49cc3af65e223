/* SPDX-License-Identifier: Apache-2.0 */
/* Memory that is there or the program ends: what we allocate is bounded by our own limits, so running out means the
 * host is in a state where half an answer is worse than a restart by the service manager. */
#pragma once

#include <stdarg.h>
#include <stddef.h>

/* Zeroed memory for count objects of size octets; never NULL. Freed with free(). */
void *memory_new(size_t count, size_t size);
/* Like realloc(), for count objects; never NULL for count > 0. */
void *memory_resize(void *memory, size_t count, size_t size);
/* A copy of text on the heap; NULL gives NULL. */
char *memory_text(const char *text);
/* A copy of the first size characters, NUL-terminated. */
char *memory_text_of(const char *characters, size_t size);
/* A printed text on the heap. */
char *memory_print(const char *format, ...) __attribute__((format(printf, 1, 2)));

#define MEMORY_NEW(type) ((type *)memory_new(1, sizeof(type)))
