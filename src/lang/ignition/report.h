/* SPDX-License-Identifier: Apache-2.0 */
/* What is wrong with a config, each thing with its place in the document that a person wrote. */
#pragma once

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/auto.h"
#include "base/diag.h"
#include "base/text.h"

/* Entries that are kept; of what is beyond these only the number of errors is. */
#define REPORT_ENTRIES_MAX 200

/* Where something in a config comes from: a place in the document, or what it was made of there. */
struct origin {
    const struct origin *parent; /* NULL: the whole document */
    const char *key;             /* the member's name; NULL: an item of a list */
    unsigned index;
    unsigned line; /* both from 1 */
    unsigned column;
};

struct report_entry {
    enum fault_severity severity;
    char *path; /* "$.storage.files.0.mode"; "" for the document as a whole */
    unsigned line;
    unsigned column;
    char *text;
};

/* Zero is empty. */
struct report {
    struct report_entry *at;
    size_t count;
    size_t capacity;
    size_t errors;
    size_t warnings;
};

void report_finish(struct report *report);
AUTO_DEFINE_STRUCT(report_finish, struct report);
/* Adds an entry for what comes from there, or for the member of it that is missing (NULL: for it itself). */
void report_add(struct report *report, enum fault_severity severity, const struct origin *origin, const char *missing,
                const char *format, ...) __attribute__((format(printf, 5, 6)));
void report_add_list(struct report *report, enum fault_severity severity, const struct origin *origin,
                     const char *missing, const char *format, va_list arguments) __attribute__((format(printf, 5, 0)));
/* Adds what was found wrong while the document was read. */
void report_add_faults(struct report *report, const struct faults *faults);
/* Adds each entry as a fault of that file: "$.path: text". */
void report_add_to_faults(struct faults *faults, const char *file, const struct report *report);
/* The first error; NULL when there is none. */
const struct report_entry *report_error(const struct report *report);
/* "error at $.storage.files.0.mode, line 4 col 13: text", as the program butane prints it. */
void report_entry_append(struct text *ret, const struct report_entry *entry);
/* "$.storage.files.0.mode" */
void origin_append_path(struct text *ret, const struct origin *origin);
