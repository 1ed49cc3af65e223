/* SPDX-License-Identifier: Apache-2.0 */
/* One HTTP request to one reply and its reasons. Pure: what a file holds is not known here, so a reply may say which
 * file to open, and a second step, http_answer_file(), says how what was found is sent. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/auto.h"
#include "base/diag.h"
#include "base/instant.h"
#include "base/ipv4.h"
#include "base/mac.h"
#include "base/text.h"
#include "boot/catalog.h"
#include "boot/machine.h"
#include "fleet/fleet.h"
#include "proto/http/select.h"

/* One file under one path. */
struct http_file {
    const char *path; /* as asked for, decoded: "/boot/kernel" */
    const char *file; /* where it lies */
};

/* What is served beside the catalog. Borrowed. */
struct http_settings {
    const struct http_file *files; /* the images of `muster boot` and the like */
    size_t file_count;
    /* Where the boot program of that name lies, on the heap; NULL when there is none. Called from any thread; the
     * name has no slash in it. NULL: there are no boot programs. */
    char *(*find_loader)(void *context, const char *name);
    void *loader_context;
};

struct http_request {
    const char *method;
    const char *target;     /* as it was sent, not decoded: path and, behind the first '?', query */
    const char *host;       /* of the Host header, NULL without */
    const char *user_agent; /* NULL without */
    struct http_conditions conditions;
    struct ipv4 client;
};

enum http_reply_kind {
    HTTP_REPLY_TEXT,  /* the body is in the reply */
    HTTP_REPLY_FILE,  /* the content of the file at reply.file */
    HTTP_REPLY_ASSET, /* what lies at reply.file below the assets folder: a file or a folder */
};

struct http_header {
    const char *name; /* a literal */
    char *value;
};

#define HTTP_REPLY_HEADERS_MAX 8

/* Zero is no reply yet. */
struct http_reply {
    enum http_reply_kind kind;
    unsigned status;
    struct http_header headers[HTTP_REPLY_HEADERS_MAX];
    size_t header_count;
    struct text body;
    char *file;              /* for HTTP_REPLY_ASSET relative, clean, "" for the folder itself */
    uint64_t offset, length; /* the part of the file, once http_answer_file() has chosen it */
    struct machine machine;  /* the machine that asks, as far as it is known; mac.size 0: unknown */
    bool seen;               /* the request told facts of the machine: to be learned */
    bool notable;            /* a step of a boot: worth a line in the log, and in the timeline of the machine */
    enum stage stage;
    struct diag reason; /* why this reply: for the log and the timeline */
};

void http_reply_finish(struct http_reply *reply);
AUTO_DEFINE_STRUCT(http_reply_finish, struct http_reply);
