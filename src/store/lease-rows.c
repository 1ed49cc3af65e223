/* SPDX-License-Identifier: Apache-2.0 */
/* Lease files with a line for each lease: dnsmasq's, and Kea's for IPv4, whose lines append to what was said before. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "store/lease-reading.h"

/* More than a line of dnsmasq, or Kea's header, has. */
#define FIELDS_MAX 32
#define DNSMASQ_FIELDS 5

/* What a line is read by. */
struct rows {
    struct lease_reading *reading;
    unsigned line;
    void (*read)(struct rows *rows, char *line);
    size_t column_count; /* Kea: of the header */
    int columns[FIELDS_MAX];
};

/* A line's text, unless a crash left zeros behind it; what follows them was written later. */
static void read_line(struct rows *rows, struct bytes line)
{
    size_t begin = 0, zeros = 0;
    bool is_cut = false;
    while (line.size > 0 && (line.data[line.size - 1] == '\r' || line.data[line.size - 1] == ' '))
        line.size--;
    for (size_t i = 0; i < line.size; i++) {
        if (line.data[i] != '\0')
            continue;
        is_cut |= i > begin;
        begin = i + 1;
        zeros++;
    }
    if (is_cut)
        lease_reading_skip(rows->reading, rows->line, "this line is cut off by zeros, as after a crash");
    else if (zeros > 0)
        lease_reading_skip_zeros(rows->reading, rows->line, zeros);
    AUTO(free) char *text = memory_text_of((const char *)line.data + begin, line.size - begin);
    if (*text)
        rows->read(rows, text);
}

static void read_lines(struct rows *rows, struct bytes content)
{
    while (content.size > 0) {
        const uint8_t *end = memchr(content.data, '\n', content.size);
        size_t size = end ? (size_t)(end - content.data) : content.size;
        rows->line++;
        read_line(rows, bytes_slice(content, 0, size));
        content = bytes_slice(content, size + 1, content.size);
    }
}

/* dnsmasq. */

static size_t split_words(char *ret[DNSMASQ_FIELDS], char *line)
{
    size_t count = 0;
    char *word;
    while ((word = strsep(&line, " \t")))
        if (*word && count++ < DNSMASQ_FIELDS)
            ret[count - 1] = word;
    return count;
}

/* "01:52:…", "06-00:01:…" with the hardware's type before it, which without one is Ethernet. */
static bool dnsmasq_hardware(struct mac *ret, const char *text)
{
    const char *dash = strchr(text, '-');
    return lease_mac_from_text(ret, bytes_of_text(dash ? dash + 1 : text)) && (dash || ret->size == 6);
}

/* "1700000000 52:54:00:12:34:56 10.0.0.7 node1 01:52:54:00:12:34:56"; "*" stands for none, 0 for ever. */
static void read_dnsmasq(struct rows *rows, char *line)
{
    struct lease_reading *reading = rows->reading;
    char *fields[DNSMASQ_FIELDS] = {0};
    struct lease lease = {.state = LEASE_BOUND};
    uint64_t expires;
    if (text_starts_with(line, "duid ")) {
        reading->understood++;
        return;
    }
    size_t count = split_words(fields, line);
    if (count < DNSMASQ_FIELDS - 1 || count > DNSMASQ_FIELDS || !text_to_number(&expires, fields[0], INT64_MAX)) {
        lease_reading_skip(reading, rows->line,
                           "this is no lease of dnsmasq: time, hardware address, address, name, identifier");
        return;
    }
    if (strchr(fields[2], ':')) {
        reading->understood++;
        reading->six++;
        return;
    }
    if (!ipv4_from_text(&lease.address, fields[2])) {
        lease_reading_skip(reading, rows->line, "'%s' is no address", fields[2]);
        return;
    }
    reading->understood++;
    lease.expires = expires ? (int64_t)expires : INT64_MAX;
    if (!text_is(fields[3], "*"))
        snprintf(lease.hostname, sizeof lease.hostname, "%s", fields[3]);
    if (!dnsmasq_hardware(&lease.mac, fields[1]))
        lease_reading_skip(reading, rows->line, "'%s' is no hardware address", fields[1]);
    else if (fields[4] && !text_is(fields[4], "*") && !lease_client_id_from_text(&lease, bytes_of_text(fields[4])))
        lease_reading_skip(reading, rows->line, "'%s' is no client identifier", fields[4]);
    else
        lease_reading_found(reading, rows->line, &lease);
}

void lease_file_read_dnsmasq(struct lease_reading *reading, struct bytes content)
{
    struct rows rows = {.reading = reading, .read = read_dnsmasq};
    read_lines(&rows, content);
}

/* Kea. */

enum kea_column {
    KEA_OTHER,
    KEA_ADDRESS,
    KEA_HWADDR,
    KEA_CLIENT_ID,
    KEA_LIFETIME,
    KEA_EXPIRE,
    KEA_HOSTNAME,
    KEA_STATE
};
/* What Kea writes for a lease without an end. */
#define KEA_INFINITE UINT32_MAX

static size_t split_columns(char *ret[FIELDS_MAX], char *line)
{
    size_t count = 0;
    while (line && count < FIELDS_MAX)
        ret[count++] = strsep(&line, ",");
    return line ? FIELDS_MAX + 1 : count;
}

/* Later versions have more columns; a file that was put together of several has the header again. */
static void read_kea_header(struct rows *rows, char *line)
{
    static const char *const names[] = {
        [KEA_ADDRESS] = "address",     [KEA_HWADDR] = "hwaddr",
        [KEA_CLIENT_ID] = "client_id", [KEA_LIFETIME] = "valid_lifetime",
        [KEA_EXPIRE] = "expire",       [KEA_HOSTNAME] = "hostname",
        [KEA_STATE] = "state",
    };
    char *fields[FIELDS_MAX];
    size_t count = split_columns(fields, line);
    rows->column_count = count <= FIELDS_MAX ? count : 0;
    for (size_t i = 0; i < rows->column_count; i++) {
        rows->columns[i] = KEA_OTHER;
        for (int column = KEA_ADDRESS; column <= KEA_STATE; column++)
            if (text_is(fields[i], names[column]))
                rows->columns[i] = column;
    }
}

/* "&#x2c" stands for a comma, and so on. */
static void unescape(char *text)
{
    char *to = text;
    while (*text) {
        uint8_t octet;
        size_t size;
        bool is_escape = text_starts_with(text, "&#x") && strlen(text) >= 5 &&
                         lease_octets_from_text(&octet, &size, 1, bytes_of(text + 3, 2));
        *to++ = is_escape ? (char)octet : *text;
        text += is_escape ? 5 : 1;
    }
    *to = '\0';
}

/* 0: assigned, 1: declined; reclaimed and released ones are nobody's. A lifetime of 0 takes a lease back. */
static enum lease_state kea_state(uint64_t state, uint64_t lifetime)
{
    if (lifetime == 0 || state > 1)
        return LEASE_FREE;
    return state == 0 ? LEASE_BOUND : LEASE_DECLINED;
}

static void read_kea_row(struct rows *rows, char *line)
{
    struct lease_reading *reading = rows->reading;
    char none[] = "", zero[] = "0";
    char *fields[FIELDS_MAX];
    char *of[] = {none, none, none, none, none, none, none, zero};
    struct lease lease = {0};
    uint64_t lifetime, expires, state;
    if (split_columns(fields, line) != rows->column_count) {
        lease_reading_skip(reading, rows->line, "this line has not the %zu columns of the header", rows->column_count);
        return;
    }
    for (size_t i = 0; i < rows->column_count; i++)
        of[rows->columns[i]] = fields[i];
    if (!ipv4_from_text(&lease.address, of[KEA_ADDRESS]))
        lease_reading_skip(reading, rows->line, "'%s' is no address", of[KEA_ADDRESS]);
    else if (!text_to_number(&expires, of[KEA_EXPIRE], INT64_MAX) ||
             !text_to_number(&lifetime, of[KEA_LIFETIME], UINT32_MAX))
        lease_reading_skip(reading, rows->line, "it is not said in numbers when the lease of %s ends", of[KEA_ADDRESS]);
    else if (!text_to_number(&state, of[KEA_STATE], UINT32_MAX))
        lease_reading_skip(reading, rows->line, "'%s' is no state of a lease", of[KEA_STATE]);
    else if (*of[KEA_HWADDR] && !lease_mac_from_text(&lease.mac, bytes_of_text(of[KEA_HWADDR])))
        lease_reading_skip(reading, rows->line, "'%s' is no hardware address", of[KEA_HWADDR]);
    else if (*of[KEA_CLIENT_ID] && !lease_client_id_from_text(&lease, bytes_of_text(of[KEA_CLIENT_ID])))
        lease_reading_skip(reading, rows->line, "'%s' is no client identifier", of[KEA_CLIENT_ID]);
    else {
        unescape(of[KEA_HOSTNAME]);
        snprintf(lease.hostname, sizeof lease.hostname, "%s", of[KEA_HOSTNAME]);
        lease.state = kea_state(state, lifetime);
        lease.expires = lifetime == KEA_INFINITE ? INT64_MAX : (int64_t)expires;
        lease_reading_found(reading, rows->line, &lease);
    }
}

static void read_kea(struct rows *rows, char *line)
{
    if (text_starts_with(line, "address,"))
        read_kea_header(rows, line);
    else
        read_kea_row(rows, line);
    rows->reading->understood++;
}

void lease_file_read_kea(struct lease_reading *reading, struct bytes content)
{
    struct rows rows = {.reading = reading, .read = read_kea};
    read_lines(&rows, content);
}
