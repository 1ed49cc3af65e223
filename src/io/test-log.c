/* SPDX-License-Identifier: Apache-2.0 */
#include "io/log.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/array.h"
#include "base/text.h"
#include "test.h"

/* What one line of log looks like on standard error, which is put back afterwards. */
static char *logged(void (*log)(void))
{
    int kept = dup(STDERR_FILENO);
    int fd = memfd_create("log", MFD_CLOEXEC);
    dup2(fd, STDERR_FILENO);
    log();
    dup2(kept, STDERR_FILENO);
    static char content[4096];
    ssize_t size = pread(fd, content, sizeof content - 1, 0);
    content[size < 0 ? 0 : size] = '\0';
    close(fd);
    close(kept);
    return content;
}

static void log_offer(void)
{
    log_line(LOG_LEVEL_INFO, "dhcp", "52:54:00:12:34:56", "offer %s", "10.0.0.7");
}

static void log_hostile(void)
{
    log_line(LOG_LEVEL_WARNING, "tftp", NULL, "refused \"a\\b\n\x1b[2J\"");
}

static void log_detail(void)
{
    log_line(LOG_LEVEL_DEBUG, "tftp", NULL, "detail");
}

static void a_line_names_its_subject_first(void)
{
    const char *line = logged(log_offer);
    CHECK(text_ends_with(line, "Z dhcp 52:54:00:12:34:56: offer 10.0.0.7\n"));
}

static void a_line_cannot_be_forged(void)
{
    const char *line = logged(log_hostile);
    CHECK(text_ends_with(line, "tftp: warning: refused \"a\\b\\x0a\\x1b[2J\"\n"));
}

static void json_is_one_object_a_line(void)
{
    log_set_json(true);
    const char *line = logged(log_hostile);
    CHECK(text_starts_with(line, "{\"time\":\"20"));
    CHECK(text_ends_with(
        line, "\"level\":\"warning\",\"service\":\"tftp\",\"text\":\"refused \\\"a\\\\b\\\\x0a\\\\x1b[2J\\\"\"}\n"));
    log_set_json(false);
}

static void log_many(void)
{
    log_gather();
    for (int i = 0; i < 100; i++)
        log_line(LOG_LEVEL_INFO, "dhcp", NULL, "line %d of a hundred", i);
    log_release();
    log_offer();
}

/* The number of writes that a hundred and one lines take, and whether each is of whole lines. */
static void gathered_lines_are_written_together_and_whole(void)
{
    static char content[65536];
    int kept = dup(STDERR_FILENO), ends[2], writes = 0, lines = 0;
    CHECK_NUMBER(pipe2(ends, O_CLOEXEC | O_DIRECT), 0);
    dup2(ends[1], STDERR_FILENO);
    log_many();
    dup2(kept, STDERR_FILENO);
    close(ends[1]);
    /* A pipe of packets gives each write by itself. */
    for (ssize_t size; (size = read(ends[0], content, sizeof content)) > 0; writes++) {
        CHECK(content[size - 1] == '\n');
        for (ssize_t i = 0; i < size; i++)
            lines += content[i] == '\n';
    }
    CHECK_NUMBER(lines, 101);
    CHECK(writes >= 2 && writes < 10);
    close(ends[0]);
    close(kept);
}

static void what_is_below_the_level_is_not_shown(void)
{
    CHECK_TEXT(logged(log_detail), "");
    log_set_level(LOG_LEVEL_DEBUG);
    CHECK(*logged(log_detail) != '\0');
    log_set_level(LOG_LEVEL_INFO);
}

static void matchbox_level_names_are_understood(void)
{
    enum log_level level;
    CHECK(log_level_from_text(&level, "WARN") && level == LOG_LEVEL_WARNING);
    CHECK(log_level_from_text(&level, "trace") && level == LOG_LEVEL_DEBUG);
    CHECK(!log_level_from_text(&level, "loud"));
}

int main(void)
{
    unsetenv("JOURNAL_STREAM");
    RUN(a_line_names_its_subject_first);
    RUN(a_line_cannot_be_forged);
    RUN(json_is_one_object_a_line);
    RUN(gathered_lines_are_written_together_and_whole);
    RUN(what_is_below_the_level_is_not_shown);
    RUN(matchbox_level_names_are_understood);
    return test_result();
}
