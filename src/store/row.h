/* SPDX-License-Identifier: Apache-2.0 */
/* A lease as the texts of one row of the state file, which a person may read and edit with sqlite3. */
#pragma once

#include "base/diag.h"
#include "lease/lease.h"

/* The columns; NULL and "" both stand for nothing. */
struct row {
    const char *address;   /* "10.0.0.7" */
    const char *state;     /* "bound", "free", "declined" */
    const char *mac;       /* "52:54:00:12:34:56" */
    const char *client_id; /* hexadecimal digits */
    const char *hostname;
    int64_t expires; /* seconds since 1970; of a free address: since when it is unused */
};

/* The texts of a row that is written. */
struct row_texts {
    char address[IPV4_TEXT_MAX];
    char mac[MAC_TEXT_MAX];
    char client_id[2 * LEASE_CLIENT_ID_MAX + 1];
};

/* Fills *ret; the row borrows from the lease and from *texts. An offer is never written: the lease is none. */
void row_from_lease(struct row *ret, struct row_texts *texts, const struct lease *lease);
/* Fills *ret, or returns -EINVAL with what is wrong with which column and leaves *ret alone. */
int row_to_lease(struct lease *ret, const struct row *row, struct diag *why);
