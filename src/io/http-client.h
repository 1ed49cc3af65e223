/* SPDX-License-Identifier: Apache-2.0 */
/* An HTTP client for many requests at once, on one thread of its own. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/diag.h"
#include "base/instant.h"

/* Most header fields of a request. */
#define HTTP_CLIENT_HEADERS_MAX 8
/* Content-Length where there is none. */
#define HTTP_CLIENT_LENGTH_UNKNOWN UINT64_MAX

struct http_client;

/* The head of the last response, redirects being followed. Texts are "" where the field is missing; borrowed. */
struct http_client_head {
    unsigned status;
    uint64_t length; /* of the body, or HTTP_CLIENT_LENGTH_UNKNOWN */
    const char *etag, *last_modified, *content_range, *content_type;
};

/* One GET. The calls come from the client's thread, done always and last; they may make further requests. */
struct http_client_request {
    const char *url; /* copied, as are the header fields: "If-Range: \"abc\"" */
    const char *headers[HTTP_CLIENT_HEADERS_MAX];
    size_t header_count;
    instant delay;        /* begins that much later */
    instant head_timeout; /* for the head to have come, from its beginning; 0: none */
    instant timeout;      /* for all of it, from the call and its delay on; 0: as long as something comes */
    /* false ends the request: done() gets -ECANCELED. */
    bool (*head)(void *context, const struct http_client_head *head);
    bool (*body)(void *context, struct bytes octets);
    /* 0 when the body is whole, or a negative errno with the reason: -ECANCELED as above or because the client stops,
     * -ETIMEDOUT, -EIO … */
    void (*done)(void *context, int result, const struct diag *why);
    void *context;
};

/* Starts the thread; at most that many requests run at one time, others wait. 0 or a negative errno with the reason,
 * -ENOENT where libcurl is not installed. */
int http_client_start(struct http_client **ret, unsigned running_max, struct diag *why);
/* From any thread. After http_client_stop() began it is cancelled at once. */
void http_client_get(struct http_client *client, const struct http_client_request *request);
/* Cancels all requests and returns when the last done() has. NULL is left alone. */
void http_client_stop(struct http_client *client);
