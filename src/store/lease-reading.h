/* SPDX-License-Identifier: Apache-2.0 */
/* A lease file of another server while it is read. What it says of an address is kept until its end, since the later
 * counts; what is skipped is named with its line, up to LEASE_FILE_NAMED_MAX. */
#pragma once

#include "base/array.h"
#include "base/bytes.h"
#include "base/diag.h"
#include "lease/lease.h"

/* The longest hardware address that a DHCP message has room for; InfiniBand's stands in none (RFC 4390). */
#define LEASE_HARDWARE_MAX 16

struct lease_said;

struct lease_reading {
    const char *file;
    int64_t now;
    struct faults *warnings;
    size_t skipped;          /* named or not */
    size_t understood;       /* entries of the kind of file that it is taken for */
    size_t six;              /* leases of IPv6 addresses */
    struct lease_said *said; /* by_address */
};

void lease_reading_skip(struct lease_reading *reading, unsigned line, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* The same of a run of zeros, which a crash leaves where the file system had no data yet. */
void lease_reading_skip_zeros(struct lease_reading *reading, unsigned line, size_t count);
/* What the file says of an address: bound, declined or free. In the end a machine that cannot be one is skipped. */
void lease_reading_found(struct lease_reading *reading, unsigned line, const struct lease *lease);

/* Octets of one or two hexadecimal digits with colons between them; false when it is something else, or more. */
bool lease_octets_from_text(uint8_t *ret, size_t *ret_size, size_t max, struct bytes text);
bool lease_mac_from_text(struct mac *ret, struct bytes text);
bool lease_client_id_from_text(struct lease *ret, struct bytes text);

/* One for each kind of file. */
void lease_file_read_dnsmasq(struct lease_reading *reading, struct bytes content);
void lease_file_read_kea(struct lease_reading *reading, struct bytes content);
void lease_file_read_isc(struct lease_reading *reading, struct bytes content);
