/* SPDX-License-Identifier: Apache-2.0 */
/* The words of an error, written where the knowledge is and carried up to whoever shows them.
 * A diag holds the one reason a call failed; faults hold all that is wrong with a set of documents. */
#pragma once

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

/* Longest reason, with its NUL; longer ones are cut. */
#define DIAG_TEXT_MAX 1024

struct diag {
    char text[DIAG_TEXT_MAX];
};

/* Prints the reason into *why (NULL: nobody asks) and returns code, so that a caller can write
 * return fail(why, -errno, "open '%s': %s", path, strerror(errno)); */
int fail(struct diag *why, int code, const char *format, ...) __attribute__((format(printf, 3, 4)));

enum fault_severity {
    FAULT_ERROR,
    FAULT_WARNING,
};

/* One thing wrong in a document. Line and column count from 1; 0 is unknown. */
struct fault {
    enum fault_severity severity;
    char *file;
    unsigned line;
    unsigned column;
    char *text;
};

/* A growing list of faults; zero is empty. */
struct faults {
    struct fault *at;
    size_t count;
    size_t capacity;
    size_t errors;
};

void faults_finish(struct faults *faults);
/* Adds one fault. file may be NULL where there is none. */
void faults_add(struct faults *faults, enum fault_severity severity, const char *file, unsigned line, unsigned column,
                const char *format, ...) __attribute__((format(printf, 6, 7)));
/* "file:line:column: error: text", with the parts that are known; on the heap, the caller frees it. */
char *fault_to_text(const struct fault *fault);
