/* SPDX-License-Identifier: Apache-2.0 */
/* Reasons and faults. */
#include "base/diag.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/array.h"
#include "base/text.h"

int fail(struct diag *why, int code, const char *format, ...)
{
    if (why) {
        va_list arguments;
        va_start(arguments, format);
        vsnprintf(why->text, sizeof why->text, format, arguments);
        va_end(arguments);
    }
    return code;
}

void faults_finish(struct faults *faults)
{
    for (size_t i = 0; i < faults->count; i++) {
        free(faults->at[i].file);
        free(faults->at[i].text);
    }
    free(faults->at);
    *faults = (struct faults){0};
}

void faults_add(struct faults *faults, enum fault_severity severity, const char *file, unsigned line, unsigned column,
                const char *format, ...)
{
    struct text text = {0};
    va_list arguments;
    va_start(arguments, format);
    text_append_list(&text, format, arguments);
    va_end(arguments);
    *ARRAY_ADD(faults->at, faults->count, faults->capacity) = (struct fault){
        .severity = severity,
        .file = memory_text(file),
        .line = line,
        .column = column,
        .text = text_take(&text),
    };
    faults->errors += severity == FAULT_ERROR;
}

char *fault_to_text(const struct fault *fault)
{
    struct text text = {0};
    if (fault->file) {
        text_append(&text, fault->file);
        if (fault->line > 0)
            text_print(&text, ":%u", fault->line);
        if (fault->line > 0 && fault->column > 0)
            text_print(&text, ":%u", fault->column);
        text_append(&text, ": ");
    }
    text_append(&text, fault->severity == FAULT_ERROR ? "error: " : "warning: ");
    text_append(&text, fault->text);
    return text_take(&text);
}
