/* SPDX-License-Identifier: Apache-2.0 */
/* How a file is downloaded that may be there in part or in whole already: what to ask its server for, and what the
 * server's answer means. RFC 9110 §13 and §14. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/diag.h"

#define HTTP_SIZE_UNKNOWN UINT64_MAX
/* Longest entity-tag and date that are kept, with their NUL; of longer ones none. */
#define HTTP_VALIDATOR_MAX 256
/* Header fields of one request, and the longest with its NUL. */
#define HTTP_DOWNLOAD_FIELDS_MAX 2
#define HTTP_DOWNLOAD_FIELD_MAX (HTTP_VALIDATOR_MAX + 32)

/* A file as far as it is here. */
struct http_download {
    uint64_t have;                     /* octets of it; 0: nothing is here */
    uint64_t size;                     /* of all of it */
    char etag[HTTP_VALIDATOR_MAX];     /* as its server sent them; "": none */
    char modified[HTTP_VALIDATOR_MAX]; /* Last-Modified */
};

struct http_download_fields {
    char at[HTTP_DOWNLOAD_FIELDS_MAX][HTTP_DOWNLOAD_FIELD_MAX];
    size_t count;
};

/* The head of an answer; NULL stands for "". */
struct http_download_head {
    unsigned status;
    uint64_t length; /* Content-Length, or HTTP_SIZE_UNKNOWN */
    const char *etag, *modified, *content_range;
};

enum http_download_step {
    HTTP_DOWNLOAD_ANEW,      /* the body is another file than the one begun: it is taken from its first octet */
    HTTP_DOWNLOAD_GO_ON,     /* the body is what is missing */
    HTTP_DOWNLOAD_COMPARE,   /* the body is whole, and likely that of the one begun: to be compared with what is here */
    HTTP_DOWNLOAD_UNCHANGED, /* the whole copy is still right; a body is not wanted */
    HTTP_DOWNLOAD_ASK_ANEW,  /* what was begun is of no use: forget it, and ask again */
    HTTP_DOWNLOAD_RETRY,     /* not now, for the reason */
    HTTP_DOWNLOAD_GIVE_UP,   /* not at all, for the reason */
};

/* What to send: for what was begun (part) the rest, if it is still the same file; else for a whole copy (kept) the
 * file, if it has changed; else nothing. Either may be NULL. */
void http_download_ask(struct http_download_fields *ret, const struct http_download *part,
                       const struct http_download *kept);
/* What the answer to that means; why is written for RETRY and GIVE_UP. */
enum http_download_step http_download_decide(const struct http_download *part, const struct http_download *kept,
                                             const struct http_download_head *head, struct diag *why);
/* What a download that starts ANEW is: nothing here yet, size and validators as the head has them. */
void http_download_begin(struct http_download *ret, const struct http_download_head *head);
