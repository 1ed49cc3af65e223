/* SPDX-License-Identifier: Apache-2.0 */
/* A folder of files that configs may take contents from. Nothing outside of it is ever opened, whatever a path or
 * a symbolic link says: the kernel resolves each path beneath the folder (openat2(2)); where it cannot, links are not
 * followed at all. */
#pragma once

#include "base/auto.h"
#include "lang/files.h"

struct store_files;

/* The folder of that kind in a data folder, on the heap. */
char *store_files_folder(const char *data_path);

/* The folder need not be there yet: it is looked for at each reading. */
struct store_files *store_files_create(const char *folder_path);
void store_files_destroy(struct store_files *files);
AUTO_DEFINE(store_files_destroy, struct store_files *);
/* Takes files from another folder from now on; from any thread. */
void store_files_move(struct store_files *files, const char *folder_path);
/* Borrowed from files; for any number of threads at once. */
const struct file_source *store_files_source(const struct store_files *files);
