/* SPDX-License-Identifier: Apache-2.0 */
/* Reports. */
#include "lang/ignition/report.h"

#include <stdlib.h>

#include "base/array.h"

void report_finish(struct report *report)
{
    for (size_t i = 0; i < report->count; i++) {
        free(report->at[i].path);
        free(report->at[i].text);
    }
    free(report->at);
    *report = (struct report){0};
}

/* No deeper than documents may be. */
void origin_append_path(struct text *ret, const struct origin *origin)
{
    if (!origin->parent) {
        text_append(ret, "$");
        return;
    }
    origin_append_path(ret, origin->parent);
    text_append_char(ret, '.');
    if (origin->key)
        text_append_shown(ret, bytes_of_text(origin->key), 100);
    else
        text_print(ret, "%u", origin->index);
}

/* Room for one more; NULL when there are enough, which counts all the same. */
static struct report_entry *add_entry(struct report *report, enum fault_severity severity)
{
    report->errors += severity == FAULT_ERROR;
    report->warnings += severity == FAULT_WARNING;
    /* The first error is kept whatever there is before it. */
    if (report->count >= REPORT_ENTRIES_MAX && !(severity == FAULT_ERROR && report->errors == 1))
        return NULL;
    struct report_entry *entry = ARRAY_ADD(report->at, report->count, report->capacity);
    *entry = (struct report_entry){.severity = severity};
    return entry;
}

static char *shown(const struct text *text)
{
    struct text shown = {0};
    text_append_shown(&shown, text_bytes(text), DIAG_TEXT_MAX - 1);
    return text_take(&shown);
}

void report_add_list(struct report *report, enum fault_severity severity, const struct origin *origin,
                     const char *missing, const char *format, va_list arguments)
{
    struct report_entry *entry = add_entry(report, severity);
    if (!entry)
        return;
    AUTO(text_finish) struct text text = {0};
    struct text path = {0};
    text_append_list(&text, format, arguments);
    origin_append_path(&path, origin);
    if (missing)
        text_print(&path, ".%s", missing);
    entry->path = text_take(&path);
    entry->text = shown(&text);
    entry->line = origin->line;
    entry->column = origin->column;
}

void report_add(struct report *report, enum fault_severity severity, const struct origin *origin, const char *missing,
                const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    report_add_list(report, severity, origin, missing, format, arguments);
    va_end(arguments);
}

void report_add_faults(struct report *report, const struct faults *faults)
{
    for (size_t i = 0; i < faults->count; i++) {
        const struct fault *fault = &faults->at[i];
        struct report_entry *entry = add_entry(report, fault->severity);
        if (!entry)
            continue;
        entry->path = memory_text("");
        entry->text = memory_text(fault->text);
        entry->line = fault->line;
        entry->column = fault->column;
    }
}

void report_add_to_faults(struct faults *faults, const char *file, const struct report *report)
{
    for (size_t i = 0; i < report->count; i++) {
        const struct report_entry *entry = &report->at[i];
        bool is_whole = entry->path[0] == '\0' || text_is(entry->path, "$");
        faults_add(faults, entry->severity, file, entry->line, entry->column, "%s%s%s", is_whole ? "" : entry->path,
                   is_whole ? "" : ": ", entry->text);
    }
}

const struct report_entry *report_error(const struct report *report)
{
    for (size_t i = 0; i < report->count; i++)
        if (report->at[i].severity == FAULT_ERROR)
            return &report->at[i];
    return NULL;
}

void report_entry_append(struct text *ret, const struct report_entry *entry)
{
    text_append(ret, entry->severity == FAULT_ERROR ? "error" : "warning");
    if (entry->path[0] != '\0')
        text_print(ret, " at %s", entry->path);
    if (entry->line > 0)
        text_print(ret, "%sline %u col %u", entry->path[0] != '\0' ? ", " : " at ", entry->line, entry->column);
    text_print(ret, ": %s", entry->text);
}
