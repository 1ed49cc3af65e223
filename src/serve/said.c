/* SPDX-License-Identifier: Apache-2.0 */
/* What was said, as lines. */
#include "serve/said.h"

#include <stdlib.h>

#include "base/auto.h"
#include "base/memory.h"
#include "io/log.h"

void said_finish(struct said *said)
{
    for (size_t i = 0; i < said->count; i++)
        free(said->lines[i]);
    free(said->lines);
    pairs_finish(&said->known);
    *said = (struct said){0};
}

static void log_fault(const char *subject, const struct fault *fault)
{
    struct fault shown = *fault;
    AUTO(free) char *place = NULL;
    if (shown.file)
        place = shown.line > 0 ? memory_print("%s:%u:%u: ", shown.file, shown.line, shown.column)
                               : memory_print("%s: ", shown.file);
    log_line(shown.severity == FAULT_ERROR ? LOG_LEVEL_ERROR : LOG_LEVEL_WARNING, subject, NULL, "%s%s",
             place ? place : "", shown.text);
}

void said_log(struct said *said, const char *subject, const struct faults *faults)
{
    struct said now = {.lines = memory_new(faults->count + 1, sizeof *now.lines)};
    for (size_t i = 0; i < faults->count; i++) {
        size_t number;
        char *line = fault_to_text(&faults->at[i]);
        if (!pairs_find(&number, &said->known, line, ""))
            log_fault(subject, &faults->at[i]);
        now.lines[now.count++] = line;
        pairs_add(&now.known, line, "");
    }
    said_finish(said);
    *said = now;
}
