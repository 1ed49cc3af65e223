/* SPDX-License-Identifier: Apache-2.0 */
/* The folder of files that a config may take contents from, as whoever can read files shows it. Paths are relative to
 * it, with single slashes and without "." and ".." as parts; "" is the folder itself. Symbolic links are followed
 * inside of the folder and never out of it. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/auto.h"
#include "base/diag.h"
#include "base/text.h"

/* Largest file that is read. */
#define FILE_OCTETS_MAX ((size_t)16 << 20)

enum file_kind {
    FILE_REGULAR,
    FILE_FOLDER,
    FILE_LINK,
    FILE_OTHER,
};

/* What is in a folder. */
struct file_entry {
    char *name;
    enum file_kind kind;
    bool is_executable; /* by anybody */
    char *target;       /* of a link; NULL otherwise */
};

struct file_entries {
    struct file_entry *at;
    size_t count;
    size_t capacity;
};

/* Stamps say whether something is still what it was: another content has another stamp. 0: that cannot be told. */
struct file_source {
    /* Appends the file's content. 0, or a negative errno value with the reason. From any thread. */
    int (*read)(void *context, struct text *ret, uint64_t *ret_stamp, const char *path, struct diag *why);
    /* Adds what is in the folder, in any order. The same. */
    int (*list)(void *context, struct file_entries *ret, uint64_t *ret_stamp, const char *path, struct diag *why);
    /* The stamp that read() or list() would give; 0 as well when there is no such thing. */
    uint64_t (*stamp)(void *context, const char *path);
    void *context;
};

/* What was read, to know later whether it is still the same. */
struct file_use {
    char *path;
    uint64_t stamp;
};

struct file_uses {
    struct file_use *at;
    size_t count;
    size_t capacity;
};

void file_entries_finish(struct file_entries *entries);
AUTO_DEFINE_STRUCT(file_entries_finish, struct file_entries);
void file_entries_sort(struct file_entries *entries);
void file_uses_finish(struct file_uses *uses);
AUTO_DEFINE_STRUCT(file_uses_finish, struct file_uses);
void file_uses_add(struct file_uses *uses, const char *path, uint64_t stamp);
/* Whether nothing of it was changing or missing: each has its stamp. */
bool file_uses_can_be_told(const struct file_uses *uses);
/* Whether all that was read is as it was. */
bool file_uses_hold(const struct file_uses *uses, const struct file_source *source);

/* The path in the form above, on the heap; NULL when it climbs out of the folder. Slashes at its start mean the
 * folder too. */
char *file_path_clean(const char *path);
