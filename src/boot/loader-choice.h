/* SPDX-License-Identifier: Apache-2.0 */
/* What a profile or a group wants a machine to boot by: the kind of boot program, whatever the machine's firmware. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/text.h"

enum loader_choice {
    LOADER_CHOICE_UNSET, /* nothing is said of it */
    LOADER_CHOICE_AUTO,  /* what suits the machine best, of what is on this host */
    LOADER_CHOICE_IPXE,
    LOADER_CHOICE_SNPONLY, /* iPXE with the firmware's own network driver, also where the firmware is an iPXE */
    LOADER_CHOICE_PXELINUX,
    LOADER_CHOICE_LPXELINUX, /* PXELINUX that loads by HTTP too */
    LOADER_CHOICE_GRUB,
    LOADER_CHOICE_SHIM, /* shim and the GRUB that it trusts, for Secure Boot */
    LOADER_CHOICE_UKI,  /* the EFI program, UKI or disk image that the profile names, by the firmware itself */
    LOADER_CHOICE_NONE, /* nothing of the network: the machine goes on to its disk */
};

/* "auto", "pxelinux" …; "" for LOADER_CHOICE_UNSET. Static text. */
const char *loader_choice_to_text(enum loader_choice choice);
/* The same names, "local" beside "none", and "undionly" beside "snponly", as that is called on BIOS. */
bool loader_choice_from_text(enum loader_choice *ret, const char *text);
/* Every name that is taken, in the order of the manual; NULL past the last. */
const char *loader_choice_name_at(size_t index);
/* "'loader' must be auto, ipxe …": what it must be, after a fault's beginning. */
void loader_choice_append_known(struct text *text);
