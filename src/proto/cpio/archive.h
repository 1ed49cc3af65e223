/* SPDX-License-Identifier: Apache-2.0 */
/* An archive as it is put together: each path once, below directories that are there. */
#pragma once

#include "base/auto.h"
#include "base/diag.h"
#include "base/text.h"
#include "proto/cpio/newc.h"

/* Largest archive, in octets: above any configuration of one machine, and each request for one has its own in memory.
 */
#define CPIO_ARCHIVE_MAX ((size_t)16 << 20)

struct cpio_path;

/* Zero is empty. */
struct cpio_archive {
    struct text octets;
    struct cpio_path *paths;
    uint32_t count;
};

void cpio_archive_finish(struct cpio_archive *archive);
AUTO_DEFINE_STRUCT(cpio_archive_finish, struct cpio_archive);

/* Appends path as it stands in archives: relative to the root, one slash between its parts, none of them ".". Returns
 * 0, or -1 with the reason for a path that names nothing, leads out by "..", is too long, holds a control character, or
 * is the name by which archives end. */
int cpio_path_clean(struct text *ret, const char *path, struct diag *why);

/* Adds an entry, and before it each directory above it that is not there yet: for all, but /root, /tmp and /var/tmp as
 * every system has them, since Linux gives directories that exist already the mode of the archive. A directory that was
 * added so may be added again with another mode or owner. Returns 0, or -1 with the reason, and then the archive is as
 * it was: the path is not clean or there already, something above it is no directory, the archive is too large. */
int cpio_archive_add(struct cpio_archive *archive, const struct cpio_entry *entry, struct diag *why);
/* Appends all of it to *ret, which is empty; the archive is empty afterwards. */
void cpio_archive_close(struct text *ret, struct cpio_archive *archive);
