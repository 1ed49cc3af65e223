/* SPDX-License-Identifier: Apache-2.0 */
/* The log, as text or as JSON, one write a line. */
#include "io/log.h"

#include <limits.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/array.h"
#include "base/text.h"

/* Longest fact; what is longer is cut. */
#define LOG_TEXT_MAX 4096

static atomic_int level_shown = LOG_LEVEL_INFO;
static bool as_json;
/* Lines that wait to be written, never more than a pipe takes whole. */
static _Thread_local struct text gathered;
static _Thread_local bool is_gathering;

static const struct {
    const char *name;
    enum log_level level;
} level_names[] = {
    {"error", LOG_LEVEL_ERROR},  {"warning", LOG_LEVEL_WARNING}, {"info", LOG_LEVEL_INFO},   {"debug", LOG_LEVEL_DEBUG},
    {"warn", LOG_LEVEL_WARNING}, {"fatal", LOG_LEVEL_ERROR},     {"panic", LOG_LEVEL_ERROR}, {"trace", LOG_LEVEL_DEBUG},
};

bool log_level_from_text(enum log_level *ret, const char *text)
{
    for (size_t i = 0; i < LENGTH(level_names); i++)
        if (text_is_ignoring_case(text, level_names[i].name)) {
            *ret = level_names[i].level;
            return true;
        }
    return false;
}

void log_set_json(bool json)
{
    as_json = json;
}

void log_set_level(enum log_level level)
{
    level_shown = level;
}

bool log_is_shown(enum log_level level)
{
    return (int)level <= level_shown;
}

/* Standard error is a stream of the journal, which adds the time and reads a leading <priority>. systemd.exec(5) */
static bool is_journal(void)
{
    static atomic_int known = -1;
    if (known < 0) {
        const char *stream = getenv("JOURNAL_STREAM");
        unsigned long device, inode;
        struct stat status;
        known = stream && sscanf(stream, "%lu:%lu", &device, &inode) == 2 && fstat(STDERR_FILENO, &status) == 0 &&
                status.st_dev == device && status.st_ino == inode;
    }
    return known;
}

static void append_time(struct text *line)
{
    struct timespec now;
    struct tm parts;
    clock_gettime(CLOCK_REALTIME, &now);
    gmtime_r(&now.tv_sec, &parts);
    text_print(line, "%04d-%02d-%02dT%02d:%02d:%02d.%03ldZ", parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday,
               parts.tm_hour, parts.tm_min, parts.tm_sec, now.tv_nsec / 1000000);
}

static void append_text_line(struct text *line, enum log_level level, const char *service, const char *subject,
                             struct bytes fact)
{
    static const int priorities[] = {3, 4, 6, 7};
    if (is_journal()) {
        text_print(line, "<%d>", priorities[level]);
    } else {
        append_time(line);
        text_append_char(line, ' ');
    }
    text_append(line, service);
    if (subject && *subject) {
        text_append_char(line, ' ');
        text_append_shown(line, bytes_of_text(subject), LOG_TEXT_MAX);
    }
    text_append(line, ": ");
    if (level <= LOG_LEVEL_WARNING)
        text_print(line, "%s: ", level_names[level].name);
    text_append_shown(line, fact, LOG_TEXT_MAX);
}

/* text_append_shown() leaves only printable characters, so quotes and backslashes are all JSON needs escaped. */
static void append_json_string(struct text *line, struct bytes string)
{
    AUTO(text_finish) struct text shown = {0};
    text_append_shown(&shown, string, LOG_TEXT_MAX);
    text_append_char(line, '"');
    for (const char *c = text_characters(&shown); *c; c++) {
        if (*c == '"' || *c == '\\')
            text_append_char(line, '\\');
        text_append_char(line, *c);
    }
    text_append_char(line, '"');
}

static void append_json_line(struct text *line, enum log_level level, const char *service, const char *subject,
                             struct bytes fact)
{
    text_append(line, "{\"time\":\"");
    append_time(line);
    text_print(line, "\",\"level\":\"%s\",\"service\":\"%s\"", level_names[level].name, service);
    if (subject && *subject) {
        text_append(line, ",\"machine\":");
        append_json_string(line, bytes_of_text(subject));
    }
    text_append(line, ",\"text\":");
    append_json_string(line, fact);
    text_append_char(line, '}');
}

/* One write: lines of several threads stay whole. Where standard error is gone there is nobody to tell. */
static void write_whole(struct bytes lines)
{
    if (lines.size > 0)
        (void)!write(STDERR_FILENO, lines.data, lines.size);
}

static void write_gathered(void)
{
    write_whole(text_bytes(&gathered));
    text_clear(&gathered);
}

static void write_or_gather(struct bytes line)
{
    if (gathered.length + line.size > PIPE_BUF)
        write_gathered();
    if (is_gathering && line.size <= PIPE_BUF)
        text_append_bytes(&gathered, line);
    else
        write_whole(line);
}

void log_line(enum log_level level, const char *service, const char *subject, const char *format, ...)
{
    if (!log_is_shown(level))
        return;
    AUTO(text_finish) struct text fact = {0};
    va_list arguments;
    va_start(arguments, format);
    text_append_list(&fact, format, arguments);
    va_end(arguments);
    AUTO(text_finish) struct text line = {0};
    (as_json ? append_json_line : append_text_line)(&line, level, service, subject, text_bytes(&fact));
    text_append_char(&line, '\n');
    write_or_gather(text_bytes(&line));
}

void log_gather(void)
{
    is_gathering = true;
}

void log_release(void)
{
    write_gathered();
    text_finish(&gathered);
    is_gathering = false;
}
