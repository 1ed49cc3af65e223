/* SPDX-License-Identifier: Apache-2.0 */
/* What of a file one GET or HEAD gets: all of it, a part of it, or only a status. RFC 9110 §13 and §14. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* Longest entity-tag we make, with its quotes and its NUL. */
#define HTTP_ETAG_MAX 64

/* The header fields as they were sent; NULL for one that was not. */
struct http_conditions {
    const char *if_match;
    const char *if_none_match;
    const char *if_modified_since;
    const char *if_unmodified_since;
    const char *if_range;
    const char *range;
};

/* What the file is now. */
struct http_validators {
    char etag[HTTP_ETAG_MAX]; /* strong, in quotes; "" when there is none */
    int64_t modified;         /* seconds since 1970-01-01 UTC */
    uint64_t size;            /* octets */
};

struct http_selection {
    unsigned status; /* 200, 206, 304, 412 or 416 */
    uint64_t offset; /* of the octets to send; all of the file's with 200 */
    uint64_t length; /* 0 with 304, 412 and 416 */
};

/* Evaluates the conditions in the order of RFC 9110 §13.2.2 and then Range. A field that cannot be read is as one that
 * was not sent; several ranges get the whole file, as §14.2 allows. now is of the wall clock. */
struct http_selection http_select(const struct http_conditions *conditions, const struct http_validators *file,
                                  int64_t now);
