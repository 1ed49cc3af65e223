/* SPDX-License-Identifier: Apache-2.0 */
/* Configurations of PXELINUX, which U-Boot and others read too: the one that boots a profile, the one that goes on to
 * the disk, the one that says why there is nothing to boot. */
#pragma once

#include <stddef.h>

#include "base/diag.h"
#include "base/text.h"
#include "lang/menu.h"

/* Octets of a kernel's command line that PXELINUX 6.04 passes on whole, the names of initrds included; a Linux kernel
 * on x86 takes one more (COMMAND_LINE_SIZE is 2048 with its NUL). */
#define PXELINUX_COMMAND_LINE_MAX 2046
/* Octets of a file name, syslinux 6.04. */
#define PXELINUX_FILE_NAME_MAX 255

struct pxelinux_boot {
    const char *note;          /* shown while it loads; NULL: nothing */
    const char *kernel;        /* a path or URL as the loader takes it */
    const char *const *initrd; /* likewise */
    size_t initrd_count;
    const char *const *args;
    size_t args_count;
};

/* Appends a configuration that boots at once. 0; or positive with the reason when PXELINUX could not take it, and then
 * *ret is as it was. */
int pxelinux_write_boot(struct text *ret, const struct pxelinux_boot *boot, struct diag *why);
/* Appends one that leaves the machine to its next boot device. */
void pxelinux_write_local(struct text *ret);
/* Appends one that shows the reason, waits until it can be read or a key is pressed, and does the same. */
void pxelinux_write_refusal(struct text *ret, const char *reason);
/* Appends a menu, shown by its module; without one the titles are shown and numbers typed, and items with a password
 * are left out. Passwords are as password_write_crypt() writes them. */
void pxelinux_write_menu(struct text *ret, const struct menu_page *page);
