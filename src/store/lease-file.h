/* SPDX-License-Identifier: Apache-2.0 */
/* The lease files of other DHCP servers, for who takes a network over from them: nobody is to get a second address. */
#pragma once

#include "base/bytes.h"
#include "base/diag.h"
#include "lease/lease.h"

/* Reads a lease file of dnsmasq, or of ISC dhcpd, whichever it looks like, and calls visit for each IPv4 address whose
 * lease has not ended at now. ISC's file has an address again with each renewal and release, and the last one counts.
 * What cannot be read is named in warnings, with file as its place. Returns how many leases there were. */
size_t lease_file_read(struct bytes content, const char *file, int64_t now,
                       void (*visit)(const struct lease *lease, void *context), void *context, struct faults *warnings);
