/* SPDX-License-Identifier: Apache-2.0 */
/* What is read from the folder of files. */
#include "lang/files.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"

void file_entries_finish(struct file_entries *entries)
{
    for (size_t i = 0; i < entries->count; i++) {
        free(entries->at[i].name);
        free(entries->at[i].target);
    }
    free(entries->at);
    *entries = (struct file_entries){0};
}

static int compare_entries(const void *a, const void *b)
{
    return strcmp(((const struct file_entry *)a)->name, ((const struct file_entry *)b)->name);
}

void file_entries_sort(struct file_entries *entries)
{
    if (entries->count > 0)
        qsort(entries->at, entries->count, sizeof entries->at[0], compare_entries);
}

void file_uses_finish(struct file_uses *uses)
{
    for (size_t i = 0; i < uses->count; i++)
        free(uses->at[i].path);
    free(uses->at);
    *uses = (struct file_uses){0};
}

void file_uses_add(struct file_uses *uses, const char *path, uint64_t stamp)
{
    *ARRAY_ADD(uses->at, uses->count, uses->capacity) = (struct file_use){.path = memory_text(path), .stamp = stamp};
}

bool file_uses_can_be_told(const struct file_uses *uses)
{
    for (size_t i = 0; i < uses->count; i++)
        if (uses->at[i].stamp == 0)
            return false;
    return true;
}

bool file_uses_hold(const struct file_uses *uses, const struct file_source *source)
{
    for (size_t i = 0; i < uses->count; i++)
        if (!source || uses->at[i].stamp == 0 || source->stamp(source->context, uses->at[i].path) != uses->at[i].stamp)
            return false;
    return true;
}

/* Drops the last part; false when there is none. */
static bool climb(struct text *path)
{
    if (path->length == 0)
        return false;
    const char *slash = strrchr(text_characters(path), '/');
    text_truncate(path, slash ? (size_t)(slash - path->characters) : 0);
    return true;
}

char *file_path_clean(const char *path)
{
    struct text clean = {0};
    while (*path) {
        size_t size = strcspn(path, "/");
        bool is_here = size == 0 || (size == 1 && path[0] == '.');
        if (size == 2 && strncmp(path, "..", 2) == 0) {
            if (!climb(&clean)) {
                text_finish(&clean);
                return NULL;
            }
        } else if (!is_here) {
            if (clean.length > 0)
                text_append_char(&clean, '/');
            text_append_bytes(&clean, bytes_of(path, size));
        }
        path += size + (path[size] == '/');
    }
    return text_take(&clean);
}
