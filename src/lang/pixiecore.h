/* SPDX-License-Identifier: Apache-2.0 */
/* What Pixiecore is told to boot: the JSON of its API. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/text.h"

struct pixiecore_boot {
    const char *kernel;        /* a URL, absolute or relative to the API's server */
    const char *const *initrd; /* likewise */
    size_t initrd_count;
    const char *const *args;
    size_t args_count;
    bool args_are_pairs; /* the profile has them as a map: so they are written, as bootcfg did */
};

/* Appends the object, without a line break: kernel, initrd and cmdline, which is a text, or an object of the arguments'
 * names and values when they are pairs. */
void pixiecore_write_boot(struct text *ret, const struct pixiecore_boot *boot);
