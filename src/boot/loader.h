/* SPDX-License-Identifier: Apache-2.0 */
/* The boot programs: which of them firmware of a kind can run, and where distributions put them. They are not ours and
 * are found on the host when they are asked for. */
#pragma once

#include <stddef.h>

#include "boot/machine.h"

/* Places below a folder of the search path where one program may lie. */
#define LOADER_PLACES_MAX 4

struct loader {
    const char *name; /* as machines ask for it, over TFTP and HTTP */
    enum platform platform;
    const char *arch;    /* as iPXE's ${buildarch} spells it */
    const char *package; /* Debian's package; NULL: none has it */
    const char *places[LOADER_PLACES_MAX];
};

/* Every program known, best first among those for the same firmware; NULL past the last. */
const struct loader *loader_at(size_t index);
const struct loader *loader_named(const char *name);

/* The best program for the firmware that there is; NULL with *ret_missing (may be NULL) naming the best one that would
 * do but is not there, or NULL there too when none is known. is_there is asked about each in turn. */
const struct loader *loader_for(enum platform platform, const char *arch,
                                bool (*is_there)(void *context, const struct loader *loader), void *context,
                                const struct loader **ret_missing);
