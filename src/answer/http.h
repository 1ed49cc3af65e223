/* SPDX-License-Identifier: Apache-2.0 */
/* One HTTP request to one reply and its reasons. Pure: what a file holds is not known here. A reply may name a file to
 * be opened, and then answer_http_file() and its like say how what was found is sent. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "answer/elsewhere.h"
#include "base/auto.h"
#include "base/diag.h"
#include "base/instant.h"
#include "base/ipv4.h"
#include "base/text.h"
#include "boot/catalog.h"
#include "boot/loader-choice.h"
#include "boot/machine.h"
#include "fleet/fleet.h"
#include "lang/files.h"
#include "proto/http/select.h"

/* One file under one path. */
struct http_file {
    const char *path;  /* as asked for, decoded: "/boot/kernel" */
    const char *file;  /* where it lies */
    const char *place; /* as the user named it, in templates too: a path or URL; NULL: templates cannot name it */
    enum stage stage;  /* of a machine's boot, when it gets this file: STAGE_KERNEL, STAGE_INITRD … */
};

/* What is served beside the catalog. Borrowed. */
struct http_settings {
    bool has_assets;               /* there is something below /assets/ */
    const struct http_file *files; /* the images of `muster boot` and the like */
    size_t file_count;
    /* Where the boot program of that name lies, on the heap; NULL when there is none. Called from any thread; the
     * name is a clean path: parts with one slash between them, none of them ".". NULL: there are no boot programs. */
    char *(*find_loader)(void *context, const char *name);
    void *loader_context;
    /* Where the administrator's own file of that name lies, which wins over a configuration made under it; on the heap,
     * NULL when there is none. The name is relative and clean. Called from any thread. NULL: there are none. */
    char *(*find_plain)(void *context, const char *name);
    void *plain_context;
    uint8_t secret[16];        /* known to this process alone */
    enum loader_choice loader; /* of machines for which neither group nor profile says one */
    struct elsewhere elsewhere;
    const struct file_source *local_files; /* what Butane configs may take contents from; NULL: nothing */
    bool signs; /* whoever sends the replies has a key: each config endpoint has its signature beside it */
};

struct http_request {
    const char *method;
    const char *target;        /* as it was sent, not decoded: path and, behind the first '?', query */
    const char *host;          /* of the Host header, NULL without */
    const char *user_agent;    /* NULL without */
    const char *accept;        /* NULL without */
    const char *authorization; /* likewise */
    int64_t seconds;           /* when it came, since 1970-01-01 UTC */
    struct http_conditions conditions;
    struct ipv4 client;
    bool by_tftp;      /* it came over TFTP, and so will what is asked for next */
    struct ipv4 local; /* our address that was asked, where by_tftp */
};

enum http_reply_kind {
    HTTP_REPLY_TEXT,  /* the body is in the reply */
    HTTP_REPLY_FILE,  /* what is at reply.file */
    HTTP_REPLY_ASSET, /* what is at reply.file below the assets folder, a file or a folder */
    HTTP_REPLY_IMAGE, /* the image from elsewhere whose id is reply.file */
};

/* What is sent instead of the body: its signature. */
enum http_signature {
    HTTP_SIGNATURE_NONE,    /* the body itself */
    HTTP_SIGNATURE_BINARY,  /* asked for with .sig */
    HTTP_SIGNATURE_ARMORED, /* asked for with .asc */
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
    char *path;              /* as it was asked for, decoded and clean; NULL when it could not be read */
    char *file;              /* for HTTP_REPLY_ASSET relative to the folder: no dots, no slash at its start */
    uint64_t offset, length; /* of the file, once answer_http_file() has chosen; with HEAD and 304 nothing is sent */
    struct machine machine;  /* the machine that asks, as far as it is known; mac.size 0: unknown */
    bool told;               /* the request told facts of it: to be learned */
    bool notable;            /* a step of its boot: for the log and its timeline */
    bool refused;            /* it gets nothing to boot */
    bool waits;              /* the boot service has not answered yet: this is not sent, but asked for again then */
    bool troubled;           /* it gets something that it will not take: the reason says so */
    char *chosen;            /* the profile that was chosen at the machine, to be remembered; NULL: none was */
    /* The body is what is to be signed, in whole, and Content-Type is the signature's. NONE for errors and redirects,
     * which nobody signs. */
    enum http_signature signature;
    enum stage stage;   /* of its boot, when notable */
    struct diag reason; /* why this reply; "" when the status says it all */
};

void http_reply_finish(struct http_reply *reply);
AUTO_DEFINE_STRUCT(http_reply_finish, struct http_reply);

/* Fills *ret, which the caller finishes. fleet may be NULL. */
void answer_http(struct http_reply *ret, const struct http_request *request, const struct catalog *catalog,
                 struct fleet *fleet, const struct http_settings *settings);

/* Completes one whose body could not be signed. */
void answer_http_unsigned(struct http_reply *reply, const struct diag *why);

/* What was found at reply.file. */
struct http_found {
    uint64_t inode;
    uint64_t size;
    int64_t modified; /* seconds since 1970-01-01 UTC */
    uint32_t modified_nanoseconds;
};

/* Completes a reply whose file is open: status, headers, and the part to send. */
void answer_http_file(struct http_reply *reply, const struct http_request *request, const struct http_found *found,
                      struct moment now);
/* Completes one whose file cannot be served, for the reason that the errno value says. */
void answer_http_no_file(struct http_reply *reply, int error);
/* Completes one whose image is being downloaded and has a size that its server does not tell. */
void answer_http_stream(struct http_reply *reply, const struct http_request *request);
/* Completes one whose image cannot be had: the id is unknown where why is NULL; is_for_now says that asking again later
 * may help. */
void answer_http_no_image(struct http_reply *reply, const struct diag *why, bool is_for_now);
/* Completes one that found a folder where the path has no slash at its end, or a file where it has: sends the client
 * to the other spelling, so that relative links hold. */
void answer_http_respell(struct http_reply *reply, const struct http_request *request);
/* Completes one that found a folder: its entries, sorted here; names of folders end in a slash. */
void answer_http_folder(struct http_reply *reply, char **entries, size_t count);
