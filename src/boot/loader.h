/* SPDX-License-Identifier: Apache-2.0 */
/* The boot programs: which of them firmware of a kind can run, which choice each serves, and where distributions put
 * them and the files that they load in their turn. They are not ours and are found on the host when they are asked for.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/text.h"
#include "boot/loader-choice.h"
#include "boot/machine.h"

/* Places where one program may lie. */
#define LOADER_PLACES_MAX 6

struct loader {
    const char *name; /* as machines ask for it, over TFTP and HTTP */
    enum platform platform;
    const char *arch;    /* as iPXE's ${buildarch} spells it */
    unsigned choices;    /* the bits 1 << of enum loader_choice that it serves; 0: it is started by another */
    const char *package; /* Debian's package; NULL: none has it */
    const char *advice;  /* NULL: install the package; else what to do to have it */
    const char *starts;  /* the program that it loads and is of no use without; NULL: none */
    /* Below a folder of the search path, or from the root: these come after all folders. */
    const char *places[LOADER_PLACES_MAX];
};

/* Every program known, best first among those for the same firmware; NULL past the last. */
const struct loader *loader_at(size_t index);
const struct loader *loader_named(const char *name);

/* Whether there is any program that serves the choice on such a machine, on this host or not. */
bool loader_choice_suits(enum loader_choice choice, enum platform platform, const char *arch);
/* The best program of that choice for the firmware that there is; NULL with *ret_missing (may be NULL) naming the best
 * one that would do but is not there, or NULL there too when none is known. is_there is asked about each in turn; one
 * that starts another is there when both are. */
const struct loader *loader_for(enum loader_choice choice, enum platform platform, const char *arch,
                                bool (*is_there)(void *context, const struct loader *loader), void *context,
                                const struct loader **ret_missing);
/* Whether it is GRUB, or starts it. */
bool loader_ends_in_grub(const struct loader *loader);
/* "boot program 'x' is not on this host: install the package 'y', or …". */
void loader_append_missing(struct text *text, const struct loader *missing);

/* A file that a boot program loads in its turn, as "ldlinux.c32" or "boot/grub/i386-pc/normal.mod". Writes the places
 * where it may lie, as those of a program, each on the heap, and returns how many; 0 when it is none. */
size_t loader_file_places(char *ret[LOADER_PLACES_MAX], const char *name);
/* Whether programs ask for a file of this name that need not be there: what shim 16 looks for beside itself. */
bool loader_file_is_optional(const char *name);
