/* SPDX-License-Identifier: Apache-2.0 */
/* GRUB scripts: the one that boots a profile, the one that goes on to the disk, the one that says why there is nothing
 * to boot. */
#pragma once

#include <stddef.h>

#include "base/text.h"
#include "lang/menu.h"

enum grub_method {
    GRUB_LINUX,
    GRUB_REAL_MODE, /* has the form of a Linux kernel and starts in real mode, as MEMDISK does: on BIOS only */
    GRUB_CHAIN,     /* an EFI program */
};

/* What to boot. */
struct grub_boot {
    enum grub_method method;   /* grub_write_boot() knows Linux only */
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
/* Appends a script that boots at once, with the commands that GRUB has for all firmware, also with Secure Boot on; when
 * something cannot be loaded it gives up after a while, which GRUB has said the reason of. note is shown first. */
void grub_write_script(struct text *ret, const char *note, const struct grub_boot *boot);
/* Appends a script that starts what is on the disk: on BIOS the boot sector of the first, with EFI the boot program of
 * the system that is installed. GRUB ends where there is none. */
void grub_write_local(struct text *ret);
/* Appends a script that sends GRUB on to the one of its MAC address, which is its name in that folder: GRUBs that a
 * distribution has signed ask for one name alone, the same for all machines. folder is a path of GRUB's. */
void grub_write_referral(struct text *ret, const char *folder);
/* Appends a path of GRUB's for a URL of HTTP or TFTP; any other text as it is. */
void grub_append_path(struct text *ret, struct bytes url);
/* Appends a script that shows the reason, waits until it can be read, and gives up. */
void grub_write_refusal(struct text *ret, const char *reason);
/* Appends a menu. Passwords are as password_write_pbkdf2() writes them; GRUB asks for the user's name too. */
void grub_write_menu(struct text *ret, const struct menu_page *page);
