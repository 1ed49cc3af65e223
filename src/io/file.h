/* SPDX-License-Identifier: Apache-2.0 */
/* Regular files that are read by many at once: whoever opens the same file shares one descriptor, and keeps the
 * content it had when it was opened although the name may stand for another file meanwhile. Reading never waits for a
 * disk where the file system can say so. For one thread. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/auto.h"
#include "base/diag.h"

struct files; /* those open now, by what they are: device, inode, time of change and size */
struct file;

struct files *files_create(void);
/* All of its files must have been closed. NULL is left alone. */
void files_destroy(struct files *files);
/* Descriptors held now. */
size_t files_count(const struct files *files);

/* Opens the file of that name below folder, or the one at the path name where folder is NULL. Regular files only: a
 * FIFO, device or folder is not opened, -EINVAL or -EISDIR. With a folder the name must not be absolute nor hold "..",
 * -EACCES; symbolic links are followed wherever they lead, since administrators link to images kept elsewhere: who may
 * write into the folder decides what is served. Returns 0 or a negative errno with the reason. */
int file_open(struct file **ret, struct files *files, const char *folder, const char *name, struct diag *why);
/* One user less; the last one closes the descriptor. NULL is left alone. */
void file_close(struct file *file);
AUTO_DEFINE(file_close, struct file *);

uint64_t file_size(const struct file *file);
/* Reads up to size octets at offset: returns how many, fewer only at the end. -EAGAIN: they have to come from the disk
 * first, which they do now; ask again in some milliseconds. -ESTALE, told no later than with the last octet: the file
 * was written to since it was opened. */
int64_t file_read(struct file *file, uint64_t offset, void *buffer, size_t size);
