/* SPDX-License-Identifier: Apache-2.0 */
/* The log: one line per fact an operator can act on, to standard error, whole lines from any thread.
 * As text, subject first:  "dhcp 52:54:00:12:34:56: offer 10.0.0.7"  with the time before it unless the journal adds
 * it. As JSON, one object a line: time, level, service, machine (where there is one), text. */
#pragma once

#include <stdbool.h>

enum log_level {
    LOG_LEVEL_ERROR,   /* something asked for cannot be done */
    LOG_LEVEL_WARNING, /* something is likely wrong */
    LOG_LEVEL_INFO,    /* what happened */
    LOG_LEVEL_DEBUG,   /* what happened, in detail */
};

/* Accepts error, warning (warn), info, debug and Matchbox's panic, fatal, trace. */
bool log_level_from_text(enum log_level *ret, const char *text);
/* Before the first thread starts; log_set_level() at any time. */
void log_set_json(bool json);
void log_set_level(enum log_level level);
bool log_is_shown(enum log_level level);
/* service is "dhcp", "tftp", "http" …; subject is the machine or client, or NULL. Neither text needs to be clean: what
 * is not printable is shown escaped. */
void log_line(enum log_level level, const char *service, const char *subject, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
/* What this thread logs between the two is written together, some lines at a time: for work that comes in batches. */
void log_gather(void);
void log_release(void);
