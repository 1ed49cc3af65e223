/* SPDX-License-Identifier: Apache-2.0 */
/* GRUB scripts: the one that boots a profile, the one that says why there is none. */
#pragma once

#include <stddef.h>

#include "base/text.h"

/* What to boot. */
struct grub_boot {
    const char *kernel;        /* a path of GRUB's, as in (http,10.0.0.1:8080)/vmlinuz */
    const char *const *initrd; /* likewise */
    size_t initrd_count;
    const char *const *args; /* each one or more words of a kernel's command line */
    size_t args_count;
};

/* Appends Matchbox's two menu entries: one with the commands of GRUBs that have their own for UEFI, and one with those
 * that all have, which GRUB falls back to on BIOS and arm64 and where the first are not known. Octet for octet
 * Matchbox's where no text holds a character that means something to GRUB. All others reach the kernel as they are,
 * but for its double quotes: GRUB sets its own around a word with a space. Only ${net_...} is expanded by GRUB. */
void grub_write_boot(struct text *ret, const struct grub_boot *boot);
/* Appends a path of GRUB's for a URL of HTTP or TFTP; any other text as it is. */
void grub_append_path(struct text *ret, struct bytes url);
/* Appends a script that shows the reason, waits until it can be read, and gives up. */
void grub_write_refusal(struct text *ret, const char *reason);
