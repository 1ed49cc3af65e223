/* SPDX-License-Identifier: Apache-2.0 */
/* Entries of a cpio archive in the form "newc", which Linux unpacks as an initrd (its documentation: early userspace,
 * buffer format): a header of hexadecimal digits, the path, the content. */
#pragma once

#include <stdint.h>

#include "base/bytes.h"
#include "base/text.h"

/* Permissions with set-user-id, set-group-id and sticky. */
#define CPIO_MODE_MAX 07777
/* Octets of a path and of what a link points to, with a NUL: Linux takes no longer ones. */
#define CPIO_PATH_MAX 4096
/* Linux asks that an archive which another follows end at a multiple of four; cpio itself writes whole blocks. */
#define CPIO_BLOCK_SIZE 512

enum {
    CPIO_E_END = 1,       /* there is no other entry */
    CPIO_E_MALFORMED = 2, /* this is no archive of that form */
};

enum cpio_kind {
    CPIO_FILE,
    CPIO_DIRECTORY,
    CPIO_LINK, /* symbolic; the content is what it points to */
};

struct cpio_entry {
    const char *path; /* below the root, without a slash at either end */
    enum cpio_kind kind;
    unsigned mode; /* at most CPIO_MODE_MAX */
    uint32_t uid, gid;
    struct bytes content; /* less than 4 GiB; a directory has none */
};

/* Appends an entry to an archive that begins at the start of *ret. Its date is always the same, so that equal files
 * give equal archives. number is its inode's. */
void cpio_entry_append(struct text *ret, const struct cpio_entry *entry, uint32_t number);
/* Writes mode and owner of an entry anew, where it was appended. */
void cpio_entry_rewrite(struct text *archive, size_t offset, const struct cpio_entry *entry, uint32_t number);
/* Appends the end of an archive. */
void cpio_trailer_append(struct text *ret);

/* The first entry of *archive, which then begins behind it; path and content are borrowed from it. 0, CPIO_E_END at the
 * trailer, or CPIO_E_MALFORMED, also for an entry that is neither file nor directory nor link. */
int cpio_entry_next(struct cpio_entry *ret, struct bytes *archive);
