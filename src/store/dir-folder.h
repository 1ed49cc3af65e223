/* SPDX-License-Identifier: Apache-2.0 */
/* One folder of a data directory and what was made of its files, remembered between readings so that only what changed
 * is read again. Within store/ only. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/diag.h"
#include "boot/catalog-document.h"
#include "boot/group.h"
#include "boot/profile.h"

/* Folders inside each other that are read. */
#define DIR_DEPTH_MAX 8

/* What a file was when it was read. */
struct dir_identity {
    uint64_t device;
    uint64_t inode;
    int64_t size;
    int64_t modified; /* both in nanoseconds since 1970 */
    int64_t changed;
};

/* Where in a document; zero: nowhere. */
struct dir_place {
    unsigned line;
    unsigned column;
};

struct dir_file {
    char *name;   /* below the folder: "node1.json", "site/worker.yaml" */
    char *source; /* "groups/node1.json" */
    struct dir_identity identity;
    bool must_look; /* it may have changed */
    bool must_read; /* even when it looks the same: it changed so shortly before it was read that a later change may
                     * have the same time */
    struct faults faults; /* of its content now */
    /* Its last good version: one of these, or none when it never had one. */
    struct group *group;
    struct profile *profile;
    struct catalog_document *document;
    struct dir_place id; /* of its members, for what is wrong beside other documents */
    struct dir_place profile_id;
};

struct dir_folder {
    const char *name;        /* "groups" */
    bool is_deep;            /* any file counts, in sub-folders too; otherwise documents by their ending */
    struct dir_file **files; /* by name */
    size_t count;
    size_t capacity;
    bool must_list;
    struct faults faults; /* of files that are passed over */
};

/* Told of every folder before it is listed: what changes in it from then on is for the next reading. */
struct dir_observer {
    void (*enters)(void *context, const char *path, bool is_below);
    void *context;
};

void dir_folder_finish(struct dir_folder *folder);
/* The name in it, or with NULL anything, may have changed. */
void dir_folder_touch(struct dir_folder *folder, const char *name);
/* Finds out what changed: lists where names may have come or gone, and calls read for each file that has to be read.
 * Returns whether anything changed. */
bool dir_folder_look(struct dir_folder *folder, int data_fd, const char *data_path, const struct dir_observer *observer,
                     void (*read)(void *context, struct dir_folder *folder, struct dir_file *file), void *context);
/* The file of that name; NULL when there is none. */
struct dir_file *dir_folder_find(const struct dir_folder *folder, const char *name);
/* The ending of a document's name; NULL for all other files. */
const char *dir_name_ending(const char *name);
