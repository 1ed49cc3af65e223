/* SPDX-License-Identifier: Apache-2.0 */
/* iPXE scripts: the one every machine starts with, the one that boots a profile, the one that says why there is none.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/text.h"
#include "lang/menu.h"

/* Asks for the script of the machine that runs it, by all it knows of itself. Octet for octet Matchbox's. */
extern const char ipxe_bootstrap[];

/* What else iPXE knows of its machine, and is asked for where somebody wants it as a label: "platform",
 * "manufacturer" … The names in the order of the manual; NULL past the last. */
const char *ipxe_label_at(size_t index);
/* Whether iPXE can be asked for the label of that name. */
bool ipxe_label_is_known(const char *name);
/* Appends the first script with a question more for each label, known all of them; with none it is ipxe_bootstrap. */
void ipxe_write_bootstrap(struct text *ret, const char *const *labels, size_t count);

/* Appends a script that sends iPXE to the first one, on that host, or where it came from itself where host is NULL; for
 * an iPXE that runs it before it has asked for an address. */
void ipxe_write_start(struct text *ret, const char *host);

/* What to boot. Texts are put into the script as they are: iPXE settings in them are expanded by iPXE. */
struct ipxe_boot {
    const char *kernel;        /* a URL, possibly with flags before it and arguments behind it */
    const char *const *initrd; /* each a URL, possibly with flags before it: "--name main URL" */
    size_t initrd_count;
    const char *const *args;
    size_t args_count;
    const char *added; /* the name of an initrd that no argument can know of; NULL: none */
    bool efi;          /* the machine's firmware is UEFI */
};

/* Appends a script that boots. Without efi it is octet for octet Matchbox's.
 * A kernel that UEFI starts finds its initrds only by the names on its command line ("initrd=NAME", Linux'
 * Documentation/admin-guide/efi-stub), so with efi each gets a name and is named, unless an argument already says
 * "initrd=": then the added one alone is, behind all others, and on any firmware. A name given with --name is kept.
 * wimboot is no kernel: it finds its files without, and stops at an argument that it does not know. */
void ipxe_write_boot(struct text *ret, const struct ipxe_boot *boot);
/* Appends a script that starts a program of the firmware's own kind with its arguments. */
void ipxe_write_chain(struct text *ret, const char *program, const char *const *args, size_t args_count);
/* Appends a script that boots an ISO or disk image as if it were a disk of the machine. */
void ipxe_write_sanboot(struct text *ret, const char *image);

/* The kernel's or an initrd's URL behind the flags of its entry; *ret_rest (may be NULL) is what stands behind it, a
 * kernel's arguments. Borrowed from the entry. */
struct bytes ipxe_entry_url(const char **ret_rest, const char *entry);
/* Appends line with iPXE's settings in it expanded, for loaders that have none: "${mac:hexhyp}", "${net0/mac}",
 * "${serial:uristring}". value_of gives a setting's value by its name ("mac"), or NULL and then it stays as it is. */
void ipxe_expand(struct text *ret, const char *line, const char *(*value_of)(const void *context, const char *name),
                 const void *context);

/* Appends a script that leaves the machine to its disk: the first one on BIOS, the boot order of EFI firmware. */
void ipxe_write_local(struct text *ret);
/* Appends a script that shows the reason, waits until it can be read, and gives up, so that the firmware goes on to its
 * next boot device. Nothing in the reason is expanded or run by iPXE, whatever it holds. */
void ipxe_write_refusal(struct text *ret, const char *reason);
/* Appends a menu. For an item with a password iPXE asks for name and password, which its place names as ${username}
 * and ${password}. */
void ipxe_write_menu(struct text *ret, const struct menu_page *page);
