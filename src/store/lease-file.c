/* SPDX-License-Identifier: Apache-2.0 */
/* Which server wrote a lease file, and its last word on each address. */
#include "store/lease-file.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/memory.h"
#include "base/text.h"
#include "store/lease-reading.h"

/* How much of what was found is shown. */
#define SHOWN_MAX 60
#define NO_LEASE_FILE "'%s' is no lease file of dnsmasq, ISC dhcpd or Kea: "

/* The last that the file says of an address. */
struct lease_said {
    struct lease lease;
    unsigned line;
    UT_hash_handle by_address;
};

/* What the readers call. */

void lease_reading_skip(struct lease_reading *reading, unsigned line, const char *format, ...)
{
    char reason[DIAG_TEXT_MAX];
    va_list arguments;
    if (reading->skipped++ >= LEASE_FILE_NAMED_MAX)
        return;
    va_start(arguments, format);
    vsnprintf(reason, sizeof reason, format, arguments);
    va_end(arguments);
    AUTO(text_finish) struct text shown = {0};
    text_append_shown(&shown, bytes_of_text(reason), 3 * SHOWN_MAX);
    faults_add(reading->warnings, FAULT_WARNING, reading->file, line, 0, "skipped: %s", text_characters(&shown));
}

void lease_reading_skip_zeros(struct lease_reading *reading, unsigned line, size_t count)
{
    lease_reading_skip(reading, line, "%zu octets of zero, as after a crash: what was there is lost", count);
}

/* Why the lease's machine can be none; NULL when it can. */
static const char *machine_fault(struct lease *lease)
{
    bool has_id = lease->client_id_size > 0;
    if (lease->state == LEASE_DECLINED)
        return NULL;
    if (lease->mac.size > LEASE_HARDWARE_MAX && !has_id)
        return "its hardware address is longer than DHCP has room for, and it has no client identifier";
    if (lease->mac.size > LEASE_HARDWARE_MAX)
        lease->mac = (struct mac){0};
    if (mac_is_zero(&lease->mac))
        return has_id ? NULL : "it has neither a hardware address nor a client identifier";
    return mac_is_machines(&lease->mac) ? NULL : "its hardware address is no machine's but a group's";
}

/* A name that cannot be shown is none, see lease_line_write(). */
static void settle_hostname(struct lease *lease)
{
    AUTO(text_finish) struct text shown = {0};
    text_append_shown(&shown, bytes_of_text(lease->hostname), LEASE_HOSTNAME_MAX);
    if (shown.length >= LEASE_HOSTNAME_MAX)
        lease->hostname[0] = '\0';
}

static bool is_held(const struct lease *lease, int64_t now)
{
    return lease->state != LEASE_FREE && lease->expires > now;
}

void lease_reading_found(struct lease_reading *reading, unsigned line, const struct lease *lease)
{
    struct lease_said *said;
    HASH_FIND(by_address, reading->said, &lease->address, sizeof lease->address, said);
    if (!said) {
        said = MEMORY_NEW(struct lease_said);
        said->lease.address = lease->address;
        HASH_ADD(by_address, reading->said, lease.address, sizeof lease->address, said);
    }
    said->lease = *lease;
    said->line = line;
}

static int digit_value(uint8_t digit)
{
    static const char digits[] = "0123456789abcdef";
    const char *at = digit ? strchr(digits, digit | 0x20) : NULL;
    return at ? (int)(at - digits) : -1;
}

bool lease_octets_from_text(uint8_t *ret, size_t *ret_size, size_t max, struct bytes text)
{
    size_t count = 0;
    for (size_t i = 0; i < text.size; i++) {
        int value = digit_value(text.data[i]);
        int low = i + 1 < text.size ? digit_value(text.data[i + 1]) : -1;
        if (value < 0 || count == max)
            return false;
        i += low >= 0;
        ret[count++] = (uint8_t)(low >= 0 ? value << 4 | low : value);
        if (++i < text.size && (text.data[i] != ':' || i + 1 == text.size))
            return false;
    }
    *ret_size = count;
    return count > 0;
}

bool lease_mac_from_text(struct mac *ret, struct bytes text)
{
    size_t size = 0;
    bool is_mac = lease_octets_from_text(ret->octets, &size, sizeof ret->octets, text);
    ret->size = is_mac ? (uint8_t)size : 0;
    return is_mac;
}

bool lease_client_id_from_text(struct lease *ret, struct bytes text)
{
    return lease_octets_from_text(ret->client_id, &ret->client_id_size, sizeof ret->client_id, text);
}

/* The end of a file. */

/* Whether the last word on an address leaves somebody with it. */
static bool settle(struct lease_reading *reading, struct lease_said *said)
{
    struct lease *lease = &said->lease;
    char text[IPV4_TEXT_MAX];
    if (!is_held(lease, reading->now))
        return false;
    const char *fault = machine_fault(lease);
    if (fault) {
        lease_reading_skip(reading, said->line, "the lease of %s: %s", ipv4_to_text(text, lease->address), fault);
        return false;
    }
    if (lease->expires > reading->now + LEASE_SECONDS_INFINITE)
        lease->expires = reading->now + LEASE_SECONDS_INFINITE;
    settle_hostname(lease);
    return true;
}

static size_t visit_said(struct lease_reading *reading, void (*visit)(const struct lease *lease, void *context),
                         void *context)
{
    size_t count = 0;
    struct lease_said *said, *next;
    HASH_ITER (by_address, reading->said, said, next) {
        bool held = settle(reading, said);
        if (held)
            visit(&said->lease, context);
        count += held;
        HASH_DELETE(by_address, reading->said, said);
        free(said);
    }
    return count;
}

static void say_the_rest(const struct lease_reading *reading)
{
    if (reading->skipped > LEASE_FILE_NAMED_MAX)
        faults_add(reading->warnings, FAULT_WARNING, reading->file, 0, 0, "skipped: %zu more",
                   reading->skipped - LEASE_FILE_NAMED_MAX);
    if (reading->six > 0)
        faults_add(reading->warnings, FAULT_WARNING, reading->file, 0, 0,
                   "skipped: %zu leases of IPv6 addresses, which muster does not give", reading->six);
}

/* Which server's it is. */

typedef void lease_reader(struct lease_reading *reading, struct bytes content);

static bool is_blank(uint8_t octet)
{
    return octet == '\0' || strchr(" \t\r\n", octet);
}

static struct bytes skip_blank(struct bytes content)
{
    size_t at = 0;
    while (at < content.size && is_blank(content.data[at]))
        at++;
    return bytes_slice(content, at, content.size);
}

static struct bytes line_of(struct bytes content)
{
    size_t size = 0;
    while (size < content.size && content.data[size] != '\0' && !strchr("\r\n", content.data[size]))
        size++;
    return bytes_slice(content, 0, size);
}

/* Whether a line begins with one of the words. */
static bool has_line(struct bytes content, const char *const *words, size_t count)
{
    for (content = skip_blank(content); content.size > 0; content = skip_blank(content)) {
        for (size_t i = 0; i < count; i++)
            if (bytes_start_with(content, words[i]))
                return true;
        content = bytes_slice(content, line_of(content).size, content.size);
    }
    return false;
}

/* Files of some known kind that hold no leases of IPv4 as they are. */
static const char *other_kind(struct bytes content)
{
    static const struct {
        const char *octets;
        size_t size;
        const char *kind;
    } kinds[] = {
        {"\xff\xfe", 2, "it seems to be text in UTF-16, to be written as UTF-8 first (iconv -f UTF-16 -t UTF-8)"},
        {"\xfe\xff", 2, "it seems to be text in UTF-16, to be written as UTF-8 first (iconv -f UTF-16 -t UTF-8)"},
        {"SQLite format 3", 15, "it is a SQLite database"},
        {"\x1f\x8b", 2, "it is compressed, to be unpacked first"},
        {"\xfd\x37zXZ", 5, "it is compressed, to be unpacked first"},
        {"\x28\xb5\x2f\xfd", 4, "it is compressed, to be unpacked first"},
        {"BZh", 3, "it is compressed, to be unpacked first"},
        {"address,duid,", 13, "it is a lease file of Kea for IPv6, which muster does not give addresses of"},
    };
    static const char *const six[] = {"ia-na ", "ia-ta ", "ia-pd "};
    static const char *const four[] = {"lease "};
    static const char *const client[] = {"lease {", "lease6 {"};
    for (size_t i = 0; i < LENGTH(kinds); i++)
        if (bytes_equal(bytes_slice(content, 0, kinds[i].size), bytes_of(kinds[i].octets, kinds[i].size)))
            return kinds[i].kind;
    if (content.size >= 4 && !content.data[0] != !content.data[1] && !content.data[0] == !content.data[2] &&
        !content.data[1] == !content.data[3])
        return kinds[0].kind;
    if (content.size > 0 && skip_blank(content).size == 0 && memchr(content.data, '\0', content.size))
        return "it is nothing but zeros, as after a crash";
    if (has_line(content, six, LENGTH(six)) && !has_line(content, four, LENGTH(four)))
        return "it is a lease file of ISC dhcpd for IPv6, which muster does not give addresses of";
    return has_line(content, client, LENGTH(client)) ? "it is the lease file of a DHCP client, dhclient" : NULL;
}

static lease_reader *reader_of(struct bytes content)
{
    static const char *const isc[] = {"lease ", "authoring-byte-order ", "server-duid ", "failover peer "};
    if (bytes_start_with(skip_blank(content), "address,hwaddr,"))
        return lease_file_read_kea;
    return has_line(content, isc, LENGTH(isc)) ? lease_file_read_isc : lease_file_read_dnsmasq;
}

static int refuse(const char *file, struct bytes content, struct diag *why)
{
    struct bytes line = line_of(skip_blank(content));
    for (size_t i = 0; i < line.size; i++)
        if (line.data[i] < ' ' && line.data[i] != '\t')
            return fail(why, -EINVAL, NO_LEASE_FILE "it is no text", file);
    AUTO(text_finish) struct text shown = {0};
    text_append_shown(&shown, line, SHOWN_MAX);
    return fail(why, -EINVAL, NO_LEASE_FILE "it begins with '%s'", file, text_characters(&shown));
}

int lease_file_read(size_t *ret, struct bytes content, const char *file, int64_t now,
                    void (*visit)(const struct lease *lease, void *context), void *context, struct faults *warnings,
                    struct diag *why)
{
    struct lease_reading reading = {.file = file, .now = now, .warnings = warnings};
    if (bytes_start_with(content, "\xef\xbb\xbf"))
        content = bytes_slice(content, 3, content.size);
    const char *other = other_kind(content);
    if (other)
        return fail(why, -EINVAL, NO_LEASE_FILE "%s", file, other);
    reader_of(content)(&reading, content);
    *ret = visit_said(&reading, visit, context);
    say_the_rest(&reading);
    return reading.understood > 0 || skip_blank(content).size == 0 ? 0 : refuse(file, content, why);
}
