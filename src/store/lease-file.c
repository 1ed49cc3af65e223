/* SPDX-License-Identifier: Apache-2.0 */
/* Two formats, a line at a time. What is said of an address is kept until the end of the file, since the later counts.
 */
#include "store/lease-file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/array.h"
#include "base/hash.h"
#include "base/memory.h"
#include "base/text.h"

#define FIELDS_MAX 5

/* The last that the file says of an address. */
struct said {
    struct lease lease;
    UT_hash_handle by_address;
};

struct reading {
    const char *file;
    unsigned line;
    int64_t now;
    struct faults *warnings;
    struct said *said; /* by_address */
    bool in_lease;     /* ISC: between "lease ADDRESS {" and "}" */
    struct lease lease;
};

static void warn(struct reading *reading, const char *what)
{
    faults_add(reading->warnings, FAULT_WARNING, reading->file, reading->line, 0, "%s", what);
}

static void found(struct reading *reading)
{
    struct said *said;
    const struct ipv4 *address = &reading->lease.address;
    HASH_FIND(by_address, reading->said, address, sizeof *address, said);
    if (!said) {
        said = MEMORY_NEW(struct said);
        said->lease.address = *address;
        HASH_ADD(by_address, reading->said, lease.address, sizeof *address, said);
    }
    said->lease = reading->lease;
}

/* Whom the last word on each address leaves with a lease. */
static size_t visit_said(struct reading *reading, void (*visit)(const struct lease *lease, void *context),
                         void *context)
{
    size_t count = 0;
    struct said *said, *next;
    HASH_ITER (by_address, reading->said, said, next) {
        bool is_held = said->lease.state == LEASE_BOUND && said->lease.expires > reading->now;
        if (is_held)
            visit(&said->lease, context);
        count += is_held;
        HASH_DELETE(by_address, reading->said, said);
        free(said);
    }
    return count;
}

static int digit_value(char digit)
{
    static const char digits[] = "0123456789abcdef";
    const char *at = digit ? strchr(digits, digit | 0x20) : NULL;
    return at ? (int)(at - digits) : -1;
}

/* Octets of one or two digits with colons between them. */
static size_t octets_from_text(uint8_t *ret, size_t max, const char *text)
{
    size_t count = 0;
    while (*text && count < max) {
        int value = digit_value(*text++);
        if (value < 0)
            return 0;
        if (*text && *text != ':') {
            int low = digit_value(*text++);
            if (low < 0)
                return 0;
            value = value << 4 | low;
        }
        ret[count++] = (uint8_t)value;
        text += *text == ':';
    }
    return *text ? 0 : count;
}

static size_t split(char *ret[FIELDS_MAX], char *line)
{
    size_t count = 0;
    char *word;
    while (count < FIELDS_MAX && (word = strsep(&line, " \t")))
        if (*word)
            ret[count++] = word;
    return count;
}

/* "1700000000 52:54:00:12:34:56 10.0.0.7 node1 01:52:54:00:12:34:56"; "*" stands for none, 0 for ever. */
static void read_dnsmasq(struct reading *reading, char *line)
{
    char *fields[FIELDS_MAX] = {0};
    uint64_t expires;
    struct lease *lease = &reading->lease;
    *lease = (struct lease){.state = LEASE_BOUND};
    if (text_starts_with(line, "duid ") || strchr(line, '[') || *line == '\0')
        return;
    if (split(fields, line) < FIELDS_MAX - 1 || !text_to_number(&expires, fields[0], INT32_MAX * (uint64_t)4)) {
        warn(reading, "this is no lease of dnsmasq: time, hardware address, address, name, identifier");
        return;
    }
    if (!ipv4_from_text(&lease->address, fields[2]))
        return; /* IPv6 */
    const char *hardware = strchr(fields[1], '-') ? strchr(fields[1], '-') + 1 : fields[1];
    lease->mac.size = (uint8_t)octets_from_text(lease->mac.octets, sizeof lease->mac.octets, hardware);
    lease->expires = expires ? (int64_t)expires : reading->now + LEASE_SECONDS_INFINITE;
    if (!text_is(fields[3], "*"))
        snprintf(lease->hostname, sizeof lease->hostname, "%s", fields[3]);
    if (fields[4] && !text_is(fields[4], "*"))
        lease->client_id_size = octets_from_text(lease->client_id, sizeof lease->client_id, fields[4]);
    found(reading);
}

/* "4 2026/11/22 13:05:57" in UTC, "never", or "epoch 1700000000". */
static int64_t isc_time(const struct reading *reading, const char *text)
{
    struct tm when = {0};
    if (text_starts_with(text, "never"))
        return reading->now + LEASE_SECONDS_INFINITE;
    if (text_starts_with(text, "epoch "))
        return atoll(text + strlen("epoch "));
    if (!strptime(text, "%w %Y/%m/%d %H:%M:%S", &when))
        return 0;
    return timegm(&when);
}

/* "\001RT\000" in quotes with octal escapes, or octets with colons. */
static size_t isc_octets(uint8_t *ret, size_t max, const char *text)
{
    size_t count = 0;
    if (*text++ != '"')
        return octets_from_text(ret, max, text - 1);
    while (*text && *text != '"' && count < max) {
        bool is_octal = text[0] == '\\' && text[1] >= '0' && text[1] <= '7' && text[2] && text[3];
        if (is_octal) {
            ret[count++] = (uint8_t)((text[1] - '0') << 6 | (text[2] - '0') << 3 | (text[3] - '0'));
            text += 4;
            continue;
        }
        text += text[0] == '\\' && text[1];
        ret[count++] = (uint8_t)*text++;
    }
    return count;
}

static void isc_statement(struct reading *reading, const char *line)
{
    struct lease *lease = &reading->lease;
    if (text_starts_with(line, "ends "))
        lease->expires = isc_time(reading, line + strlen("ends "));
    else if (text_starts_with(line, "binding state "))
        lease->state = text_is(line + strlen("binding state "), "active") ? LEASE_BOUND : LEASE_FREE;
    else if (text_starts_with(line, "hardware ") && strrchr(line, ' '))
        lease->mac.size =
            (uint8_t)octets_from_text(lease->mac.octets, sizeof lease->mac.octets, strrchr(line, ' ') + 1);
    else if (text_starts_with(line, "uid "))
        lease->client_id_size = isc_octets(lease->client_id, sizeof lease->client_id, line + strlen("uid "));
    else if (text_starts_with(line, "client-hostname \""))
        lease->hostname[isc_octets((uint8_t *)lease->hostname, sizeof lease->hostname - 1,
                                   line + strlen("client-hostname "))] = '\0';
}

/* At its semicolon; an identifier in quotes may have others in it. */
static void end_statement(char *line)
{
    bool is_quoted = false;
    for (; *line && (is_quoted || *line != ';'); line++)
        if (line[0] == '\\' && line[1])
            line++;
        else if (*line == '"')
            is_quoted = !is_quoted;
    *line = '\0';
}

static void read_isc(struct reading *reading, char *line)
{
    line += strspn(line, " \t");
    end_statement(line);
    if (text_starts_with(line, "lease ")) {
        char *address = line + strlen("lease ");
        address[strcspn(address, " {")] = '\0';
        reading->lease = (struct lease){.state = LEASE_BOUND};
        reading->in_lease = ipv4_from_text(&reading->lease.address, address);
        if (!reading->in_lease)
            warn(reading, "this lease has no address");
    } else if (*line == '}' && reading->in_lease) {
        reading->in_lease = false;
        found(reading);
    } else if (reading->in_lease) {
        isc_statement(reading, line);
    }
}

/* ISC's file begins with these even where it has no lease. */
static bool is_of_isc(const char *text)
{
    return (strstr(text, "lease ") && strchr(text, '{')) || strstr(text, "authoring-byte-order ") ||
           strstr(text, "server-duid ");
}

size_t lease_file_read(struct bytes content, const char *file, int64_t now,
                       void (*visit)(const struct lease *lease, void *context), void *context, struct faults *warnings)
{
    struct reading reading = {.file = file, .now = now, .warnings = warnings};
    AUTO(free) char *text = memory_text_of((const char *)content.data, content.size);
    bool is_isc = is_of_isc(text);
    for (char *rest = text, *line; (line = strsep(&rest, "\n"));) {
        reading.line++;
        line[strcspn(line, "\r")] = '\0';
        (is_isc ? read_isc : read_dnsmasq)(&reading, line);
    }
    return visit_said(&reading, visit, context);
}
