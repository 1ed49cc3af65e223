/* SPDX-License-Identifier: Apache-2.0 */
/* How what was found on disk is sent. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "answer/http-reply.h"
#include "base/memory.h"
#include "proto/http/date.h"
#include "proto/http/media-type.h"
#include "proto/http/percent.h"

/* A file that is replaced has another inode, one that is rewritten another time or size: its tag changes, and a
 * download resumed with If-Range or If-Match never mixes two files. */
static struct http_validators validators_of(const struct http_found *found)
{
    struct http_validators validators = {.modified = found->modified, .size = found->size};
    uint64_t time = (uint64_t)found->modified * 1000000000u + found->modified_nanoseconds;
    snprintf(validators.etag, sizeof validators.etag, "\"%" PRIx64 "-%" PRIx64 "-%" PRIx64 "\"", found->inode,
             found->size, time);
    return validators;
}

static void add_validators(struct http_reply *reply, const struct http_validators *validators)
{
    char date[HTTP_DATE_MAX];
    http_reply_add_header(reply, "Last-Modified", http_date_write(date, validators->modified));
    http_reply_add_header(reply, "ETag", validators->etag);
    http_reply_add_header(reply, "Accept-Ranges", "bytes");
}

static void add_content_range(struct http_reply *reply, uint64_t size)
{
    AUTO(free)
    char *range = reply->status == 416 ? memory_print("bytes */%" PRIu64, size)
                                       : memory_print("bytes %" PRIu64 "-%" PRIu64 "/%" PRIu64, reply->offset,
                                                      reply->offset + reply->length - 1, size);
    http_reply_add_header(reply, "Content-Range", range);
}

/* RFC 9110 §14.2: Range is for GET alone. */
static struct http_selection selection_of(const struct http_request *request, const struct http_validators *validators,
                                          struct moment now)
{
    struct http_conditions conditions = request->conditions;
    if (!text_is(request->method, "GET"))
        conditions.range = NULL;
    return http_select(&conditions, validators, now.wall_seconds);
}

void answer_http_file(struct http_reply *reply, const struct http_request *request, const struct http_found *found,
                      struct moment now)
{
    struct http_validators validators = validators_of(found);
    struct http_selection selection = selection_of(request, &validators, now);
    reply->status = selection.status;
    reply->offset = selection.offset;
    /* RFC 9110 §8.6: the Content-Length of a 304 is that of the 200. */
    reply->length = selection.status == 304 ? found->size : selection.length;
    /* A log line for the first request of a file, not for each of the thousand parts an ISO is read in. */
    reply->notable = reply->status == 200 && text_is(request->method, "GET");
    if (reply->status == 412 || reply->status == 416) {
        bool changed = reply->status == 412;
        http_reply_refuse(reply, reply->status, "%s",
                          changed ? "the file is not the one that the request is for; it has changed"
                                  : "the range begins behind the end of the file");
    } else if (reply->status != 304) {
        http_reply_add_header(reply, "Content-Type", http_media_type(reply->path));
    }
    if (reply->status == 206 || reply->status == 416)
        add_content_range(reply, validators.size);
    add_validators(reply, &validators);
}

void answer_http_no_file(struct http_reply *reply, int error)
{
    static const struct {
        int error;
        unsigned status;
        const char *reason;
    } rows[] = {
        {ENOENT, 404, "there is no such file"},
        {ENOTDIR, 404, "there is no such file: a part of the path is a file, not a folder"},
        {ENAMETOOLONG, 404, "there is no such file: the name is longer than a name can be"},
        {ELOOP, 404, "there is no such file: its symbolic links lead in a circle"},
        {EACCES, 403, "this file may not be read by the server"},
        {EPERM, 403, "this file may not be read by the server"},
        {EINVAL, 403, "this is neither a file nor a folder"},
        {EMFILE, 503, "too many files are open"},
        {ENFILE, 503, "too many files are open"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (rows[i].error == error) {
            http_reply_refuse(reply, rows[i].status, "%s", rows[i].reason);
            return;
        }
    http_reply_refuse(reply, 500, "the file cannot be read: %s", strerror(error));
}

void answer_http_stream(struct http_reply *reply, const struct http_request *request)
{
    reply->status = 200;
    reply->notable = text_is(request->method, "GET");
    http_reply_add_header(reply, "Content-Type", http_media_type(reply->path));
}

void answer_http_no_image(struct http_reply *reply, const struct diag *why, bool is_for_now)
{
    struct diag reason = why ? *why : (struct diag){"no image has this id any more: start the machine anew"};
    http_reply_refuse(reply, why ? is_for_now ? 503 : 502 : 404, "%s", reason.text);
    /* iPXE asks again after so many seconds. */
    if (is_for_now)
        http_reply_add_header(reply, "Retry-After", "5");
}

void answer_http_respell(struct http_reply *reply, const struct http_request *request)
{
    size_t length = strlen(reply->path);
    bool has_slash = reply->path[length - 1] == '/';
    AUTO(free) char *path = has_slash ? memory_text_of(reply->path, length - 1) : memory_print("%s/", reply->path);
    http_reply_redirect(reply, path, request->target);
}

static void append_html(struct text *text, const char *characters)
{
    static const char *const entities[256] = {
        ['&'] = "&amp;", ['<'] = "&lt;", ['>'] = "&gt;", ['"'] = "&#34;", ['\''] = "&#39;",
    };
    for (; *characters; characters++) {
        const char *entity = entities[(unsigned char)*characters];
        if (entity)
            text_append(text, entity);
        else
            text_append_char(text, *characters);
    }
}

static int compare_entries(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

void answer_http_folder(struct http_reply *reply, char **entries, size_t count)
{
    if (count > 0)
        qsort(entries, count, sizeof *entries, compare_entries);
    struct text *body = &reply->body;
    text_append(body, "<!doctype html>\n<meta name=\"viewport\" content=\"width=device-width\">\n<pre>\n");
    for (size_t i = 0; i < count; i++) {
        /* "./" keeps a name with a colon from being read as a scheme. */
        text_append(body, "<a href=\"./");
        AUTO(text_finish) struct text encoded = {0};
        percent_encode_path(&encoded, bytes_of_text(entries[i]));
        append_html(body, text_characters(&encoded));
        text_append(body, "\">");
        append_html(body, entries[i]);
        text_append(body, "</a>\n");
    }
    text_append(body, "</pre>\n");
    http_reply_be_text(reply, 200, "text/html; charset=utf-8");
}
