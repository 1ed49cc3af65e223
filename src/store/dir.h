/* SPDX-License-Identifier: Apache-2.0 */
/* The catalog out of a data directory in Matchbox's layout: groups/ and profiles/, one document a file, .json, .yaml or
 * .yml; ignition/, cloud/ and generic/ with any file. A profile is known by its file's name, as Matchbox finds it; a
 * group by the id in it. */
#pragma once

#include <stdbool.h>

#include "base/auto.h"
#include "base/diag.h"
#include "boot/catalog.h"

/* Largest config document: Ignition configs carry files inside them. */
#define STORE_DIR_DOCUMENT_MAX ((size_t)16 << 20)

enum {
    STORE_DIR_OK = 0,
    STORE_DIR_E_MISSING = 1, /* no such folder, or one we may not read */
    STORE_DIR_UNCHANGED = 2, /* as it was when it was read before */
};

/* A data directory that is read again and again. It remembers what it made of each file: unchanged files are not read
 * again, and a file that is broken keeps its last good version. For one thread at a time. */
struct store_dir;

/* Told of every folder before it is listed, with the number of the folder of the data directory that it is or lies
 * below: what changes in it from then on is for the next reading. */
struct store_dir_observer {
    void (*enters)(void *context, const char *path, unsigned number, bool is_below);
    void *context;
};

struct store_dir *store_dir_create(const char *data_path);
void store_dir_destroy(struct store_dir *dir);
AUTO_DEFINE(store_dir_destroy, struct store_dir *);
const char *store_dir_path(const struct store_dir *dir);
void store_dir_observe(struct store_dir *dir, const struct store_dir_observer *observer);

/* Anything may have changed, or with a folder's number and a name that file. */
void store_dir_touch_all(struct store_dir *dir);
void store_dir_touch(struct store_dir *dir, unsigned number, const char *name);
/* Reads what may have changed and gives a sealed catalog of it all. What is wrong, now or still, goes into faults and
 * takes down nothing but the document it is wrong in; a folder without groups/ or profiles/ is an empty catalog.
 * Returns STORE_DIR_OK, or another code and then leaves *ret alone. */
int store_dir_read(struct catalog **ret, struct store_dir *dir, struct faults *faults);

/* Reads a data directory once. */
int store_dir_load(struct catalog **ret, const char *data_path, struct faults *faults);
/* Adds warnings of what is likely wrong in a catalog that loaded: profiles that no group gives, and files that profiles
 * name and that are not there: below /assets/, and of ignition/, cloud/ and generic/. assets_path "" : none is served.
 */
void store_dir_check(const struct catalog *catalog, const char *data_path, const char *assets_path,
                     struct faults *faults);
