/* SPDX-License-Identifier: Apache-2.0 */
/* The lease files of other DHCP servers, for who takes a network over from them: nobody is to get a second address. */
#pragma once

#include "base/bytes.h"
#include "base/diag.h"
#include "lease/lease.h"

/* Entries skipped that are named; of more only the number is said. */
#define LEASE_FILE_NAMED_MAX 20

/* Reads a lease file of dnsmasq, ISC dhcpd or Kea (its CSV for IPv4), whichever it is, and calls visit for each address
 * whose lease has not ended at now, or which was declined. ISC's and Kea's files have an address again with each
 * renewal and release, and the last one that can be read counts. What is skipped is named in warnings, with file and
 * line. Sets *ret to the number visited. 0, or -EINVAL with the reason when it is no such file, and what it seems to
 * be. */
int lease_file_read(size_t *ret, struct bytes content, const char *file, int64_t now,
                    void (*visit)(const struct lease *lease, void *context), void *context, struct faults *warnings,
                    struct diag *why);
