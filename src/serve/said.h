/* SPDX-License-Identifier: Apache-2.0 */
/* Faults in the log, each once: what was said of the state before is not said again. */
#pragma once

#include <stddef.h>

#include "base/diag.h"
#include "boot/pairs.h"

/* Zero has said nothing. */
struct said {
    char **lines;
    size_t count;
    struct pairs known; /* the lines */
};

void said_finish(struct said *said);
/* Logs the faults of a new state that the state before did not have. */
void said_log(struct said *said, const char *subject, const struct faults *faults);
