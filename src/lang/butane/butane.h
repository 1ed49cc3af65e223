/* SPDX-License-Identifier: Apache-2.0 */
/* Butane: configs as people write them, in YAML, translated to the JSON that Ignition reads at a machine's first boot.
 * Variants fcos 1.0.0 to 1.7.0, flatcar 1.0.0 and 1.1.0, r4e 1.0.0 and 1.1.0, fiot 1.0.0. */
#pragma once

#include <stdbool.h>

#include "base/bytes.h"
#include "base/text.h"
#include "lang/files.h"
#include "lang/ignition/report.h"

enum {
    BUTANE_OK = 0,
    BUTANE_E_INVALID = 1, /* the report says why, and there is no config */
};

struct butane_options {
    const struct file_source *files; /* what "local" and trees read; NULL: they are errors */
    struct file_uses *uses;          /* gains what was read; NULL: nobody asks */
    bool pretty;                     /* JSON with line feeds, indented */
};

/* Appends the config. The report gains errors and warnings, each with its place in source. Returns BUTANE_OK or
 * BUTANE_E_INVALID, and then *ret is as it was. */
int butane_translate(struct text *ret, struct report *report, struct bytes source,
                     const struct butane_options *options);
