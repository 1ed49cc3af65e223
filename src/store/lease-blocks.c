/* SPDX-License-Identifier: Apache-2.0 */
/* The lease file of ISC dhcpd: statements that end with a semicolon, and blocks of them, however they stand on lines.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/memory.h"
#include "base/text.h"
#include "store/lease-reading.h"

/* Words that are kept of a statement. */
#define WORDS_MAX 8

enum end {
    END_STATEMENT, /* ; */
    END_HEAD,      /* { */
    END_BLOCK,     /* } with nothing before it */
    END_FILE,
};

struct statement {
    enum end end;
    unsigned line; /* where it begins */
    struct bytes words[WORDS_MAX];
    size_t count;
};

struct blocks {
    struct lease_reading *reading;
    struct bytes rest;
    unsigned line;
    unsigned depth; /* blocks that are open */
    bool in_lease;
    unsigned lease_line;
    struct lease lease;
    bool has_end;
    char wrong[128]; /* why the lease cannot be taken; "": it can */
};

static uint8_t next(const struct blocks *blocks)
{
    return blocks->rest.data[0];
}

static void advance(struct blocks *blocks, size_t size)
{
    for (size_t i = 0; i < size; i++)
        blocks->line += blocks->rest.data[i] == '\n';
    blocks->rest = bytes_slice(blocks->rest, size, blocks->rest.size);
}

static size_t size_until(const struct blocks *blocks, size_t from, const char *ends)
{
    size_t size = from;
    while (size < blocks->rest.size && blocks->rest.data[size] && !strchr(ends, blocks->rest.data[size]))
        size++;
    return size;
}

static void skip_blank(struct blocks *blocks)
{
    while (blocks->rest.size > 0) {
        size_t zeros = 0;
        while (zeros < blocks->rest.size && blocks->rest.data[zeros] == '\0')
            zeros++;
        if (zeros > 0)
            lease_reading_skip_zeros(blocks->reading, blocks->line, zeros);
        if (zeros > 0)
            advance(blocks, zeros);
        else if (strchr(" \t\r\n", next(blocks)))
            advance(blocks, 1);
        else if (next(blocks) == '#')
            advance(blocks, size_until(blocks, 1, "\n"));
        else
            return;
    }
}

/* From quote to quote, with what is escaped in between; nothing that is quoted goes over the end of a line. */
static size_t quoted_size(const struct blocks *blocks)
{
    size_t size = 1;
    for (;;) {
        size = size_until(blocks, size, "\"\\\n");
        if (size + 1 >= blocks->rest.size || blocks->rest.data[size] != '\\')
            break;
        size += 2;
    }
    bool is_closed = size < blocks->rest.size && blocks->rest.data[size] == '"';
    return size > blocks->rest.size ? blocks->rest.size : size + is_closed;
}

static void read_word(struct blocks *blocks, struct statement *statement)
{
    size_t size = next(blocks) == '"' ? quoted_size(blocks) : size_until(blocks, 1, " \t\r\n;{}\"#");
    if (statement->count == 0)
        statement->line = blocks->line;
    if (statement->count < WORDS_MAX)
        statement->words[statement->count++] = bytes_slice(blocks->rest, 0, size);
    advance(blocks, size);
}

static struct statement read_statement(struct blocks *blocks)
{
    struct statement statement = {.end = END_FILE};
    for (skip_blank(blocks); blocks->rest.size > 0; skip_blank(blocks)) {
        uint8_t at = next(blocks);
        if (at != ';' && at != '{' && at != '}') {
            read_word(blocks, &statement);
            continue;
        }
        bool is_unended = at == '}' && statement.count > 0;
        statement.end = at == '{' ? END_HEAD : at == ';' || is_unended ? END_STATEMENT : END_BLOCK;
        if (statement.count == 0)
            statement.line = blocks->line;
        if (!is_unended)
            advance(blocks, 1);
        return statement;
    }
    return statement;
}

static bool word_is(const struct statement *statement, size_t at, const char *word)
{
    return at < statement->count && bytes_equal_text(statement->words[at], word);
}

static __attribute__((format(printf, 2, 3))) void spoil(struct blocks *blocks, const char *format, ...)
{
    va_list arguments;
    if (blocks->wrong[0])
        return;
    va_start(arguments, format);
    vsnprintf(blocks->wrong, sizeof blocks->wrong, format, arguments);
    va_end(arguments);
}

/* "4 2026/11/22 13:05:57" in UTC, "never", or "epoch 1700000000". */
static bool isc_time(int64_t *ret, const struct statement *statement)
{
    AUTO(text_finish) struct text text = {0};
    struct tm when = {0};
    uint64_t epoch;
    for (size_t i = 1; i < statement->count; i++) {
        text_append(&text, i > 1 ? " " : "");
        text_append_bytes(&text, statement->words[i]);
    }
    const char *characters = text_characters(&text);
    if (text_is(characters, "never")) {
        *ret = INT64_MAX;
        return true;
    }
    if (text_starts_with(characters, "epoch ") && text_to_number(&epoch, characters + strlen("epoch "), INT64_MAX)) {
        *ret = (int64_t)epoch;
        return true;
    }
    const char *end = strptime(characters, "%w %Y/%m/%d %H:%M:%S", &when);
    *ret = end && !*end ? (int64_t)timegm(&when) : 0;
    return end && !*end;
}

static bool is_octal_digit(uint8_t character)
{
    return character >= '0' && character <= '7';
}

/* "\001RT\000" in quotes with octal escapes. */
static bool unquote(uint8_t *ret, size_t *ret_size, size_t max, struct bytes quoted)
{
    size_t count = 0;
    if (quoted.size < 2 || quoted.data[quoted.size - 1] != '"')
        return false;
    const uint8_t *text = quoted.data + 1;
    const uint8_t *end = quoted.data + quoted.size - 1;
    while (text < end && count < max) {
        bool is_octal = end - text > 3 && text[0] == '\\' && is_octal_digit(text[1]) && is_octal_digit(text[2]) &&
                        is_octal_digit(text[3]);
        if (is_octal) {
            ret[count++] = (uint8_t)((text[1] - '0') << 6 | (text[2] - '0') << 3 | (text[3] - '0'));
            text += 4;
            continue;
        }
        text += text[0] == '\\' && end - text > 1;
        ret[count++] = *text++;
    }
    *ret_size = count;
    return text == end;
}

static void read_client_id(struct blocks *blocks, struct bytes word)
{
    struct lease *lease = &blocks->lease;
    bool is_quoted = bytes_start_with(word, "\"");
    if (is_quoted ? !unquote(lease->client_id, &lease->client_id_size, sizeof lease->client_id, word)
                  : !lease_client_id_from_text(lease, word))
        spoil(blocks, "its client identifier cannot be read");
}

static void read_hostname(struct blocks *blocks, struct bytes word)
{
    struct lease *lease = &blocks->lease;
    size_t size = 0;
    if (!unquote((uint8_t *)lease->hostname, &size, sizeof lease->hostname - 1, word))
        size = 0;
    lease->hostname[size] = '\0';
}

static void read_hardware(struct blocks *blocks, const struct statement *statement)
{
    struct mac *mac = &blocks->lease.mac;
    bool is_ethernet = word_is(statement, 1, "ethernet");
    if (statement->count == 3 && (!lease_mac_from_text(mac, statement->words[2]) || (is_ethernet && mac->size != 6)))
        spoil(blocks, "its hardware address cannot be read");
}

static void read_of_lease(struct blocks *blocks, const struct statement *statement)
{
    struct lease *lease = &blocks->lease;
    if (word_is(statement, 0, "ends")) {
        blocks->has_end = true;
        if (!isc_time(&lease->expires, statement))
            spoil(blocks, "when it ends cannot be read");
    } else if (word_is(statement, 0, "binding") && word_is(statement, 1, "state")) {
        lease->state = word_is(statement, 2, "active") ? LEASE_BOUND : LEASE_FREE;
    } else if (word_is(statement, 0, "abandoned")) {
        lease->state = LEASE_FREE;
    } else if (word_is(statement, 0, "hardware")) {
        read_hardware(blocks, statement);
    } else if (word_is(statement, 0, "uid") && statement->count == 2) {
        read_client_id(blocks, statement->words[1]);
    } else if (word_is(statement, 0, "client-hostname") && statement->count == 2) {
        read_hostname(blocks, statement->words[1]);
    }
}

/* With these the file begins even where it has no lease. */
static void read_head(struct blocks *blocks, const struct statement *statement)
{
    blocks->reading->understood +=
        word_is(statement, 0, "authoring-byte-order") || word_is(statement, 0, "server-duid");
}

static void end_lease(struct blocks *blocks)
{
    char text[IPV4_TEXT_MAX];
    ipv4_to_text(text, blocks->lease.address);
    blocks->in_lease = false;
    if (!blocks->has_end)
        spoil(blocks, "it does not say when it ends");
    if (blocks->wrong[0] && blocks->lease.state != LEASE_FREE)
        lease_reading_skip(blocks->reading, blocks->lease_line, "the lease of %s: %s", text, blocks->wrong);
    else
        lease_reading_found(blocks->reading, blocks->lease_line, &blocks->lease);
}

static void skip_unclosed(struct blocks *blocks)
{
    char text[IPV4_TEXT_MAX];
    if (blocks->in_lease)
        lease_reading_skip(blocks->reading, blocks->lease_line, "the lease of %s has no closing brace",
                           ipv4_to_text(text, blocks->lease.address));
    blocks->in_lease = false;
}

/* What stands before the word "lease" was cut off by a crash. */
static void begin_lease(struct blocks *blocks, const struct statement *statement)
{
    skip_unclosed(blocks);
    blocks->reading->understood++;
    blocks->lease = (struct lease){.state = LEASE_BOUND};
    blocks->lease_line = statement->line;
    blocks->depth = 1;
    blocks->has_end = false;
    blocks->wrong[0] = '\0';
    AUTO(text_finish) struct text shown = {0};
    struct bytes word = statement->words[statement->count - 1];
    text_append_shown(&shown, word, IPV4_TEXT_MAX);
    blocks->in_lease = ipv4_from_text(&blocks->lease.address, text_characters(&shown));
    if (!blocks->in_lease)
        lease_reading_skip(blocks->reading, statement->line, "the lease of '%s' has no address",
                           text_characters(&shown));
}

static void begin_block(struct blocks *blocks, const struct statement *statement)
{
    static const char *const six[] = {"ia-na", "ia-ta", "ia-pd"};
    for (size_t i = 0; i < LENGTH(six); i++)
        blocks->reading->six += word_is(statement, 0, six[i]);
    blocks->reading->understood += word_is(statement, 0, "failover");
    if (statement->count >= 2 && word_is(statement, statement->count - 2, "lease"))
        begin_lease(blocks, statement);
    else
        blocks->depth++;
}

static void end_block(struct blocks *blocks)
{
    blocks->depth -= blocks->depth > 0;
    if (blocks->in_lease && blocks->depth == 0)
        end_lease(blocks);
}

void lease_file_read_isc(struct lease_reading *reading, struct bytes content)
{
    struct blocks blocks = {.reading = reading, .rest = content, .line = 1};
    for (;;) {
        struct statement statement = read_statement(&blocks);
        if (statement.end == END_FILE)
            break;
        if (statement.end == END_HEAD)
            begin_block(&blocks, &statement);
        else if (statement.end == END_BLOCK)
            end_block(&blocks);
        else if (blocks.in_lease && blocks.depth == 1)
            read_of_lease(&blocks, &statement);
        else if (blocks.depth == 0)
            read_head(&blocks, &statement);
    }
    skip_unclosed(&blocks);
}
