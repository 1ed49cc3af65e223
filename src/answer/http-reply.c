/* SPDX-License-Identifier: Apache-2.0 */
/* How replies are put together. */
#include "answer/http-reply.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "proto/http/percent.h"
#include "proto/http/range.h"

void http_reply_finish(struct http_reply *reply)
{
    for (size_t i = 0; i < reply->header_count; i++)
        free(reply->headers[i].value);
    text_finish(&reply->body);
    free(reply->path);
    free(reply->file);
    free(reply->chosen);
    *reply = (struct http_reply){0};
}

void http_reply_add_header(struct http_reply *reply, const char *name, const char *value)
{
    assert(reply->header_count < HTTP_REPLY_HEADERS_MAX);
    reply->headers[reply->header_count++] = (struct http_header){.name = name, .value = memory_text(value)};
}

void http_reply_set_header(struct http_reply *reply, const char *name, const char *value)
{
    for (size_t i = 0; i < reply->header_count; i++)
        if (text_is(reply->headers[i].name, name)) {
            free(reply->headers[i].value);
            reply->headers[i].value = memory_text(value);
            return;
        }
    http_reply_add_header(reply, name, value);
}

void http_reply_be_text(struct http_reply *reply, unsigned status, const char *media_type)
{
    reply->kind = HTTP_REPLY_TEXT;
    reply->status = status;
    http_reply_set_header(reply, "Content-Type", media_type);
}

/* A document that is rendered has no date and no tag: a condition on them (If-Range) is not met. */
void http_reply_be_part(struct http_reply *reply, const struct http_request *request)
{
    uint64_t offset;
    uint64_t length;
    uint64_t size = reply->body.length;
    http_reply_add_header(reply, "Accept-Ranges", "bytes");
    if (!text_is(request->method, "GET") || request->conditions.if_range)
        return;
    enum http_range_kind kind = http_range_read(&offset, &length, request->conditions.range, size);
    if (kind == HTTP_RANGE_WHOLE)
        return;
    AUTO(free) char *range = NULL;
    if (kind == HTTP_RANGE_UNSATISFIABLE) {
        range = memory_print("bytes */%" PRIu64, size);
        http_reply_refuse(reply, 416, "the range begins behind the end of the document");
    } else {
        range = memory_print("bytes %" PRIu64 "-%" PRIu64 "/%" PRIu64, offset, offset + length - 1, size);
        memmove(reply->body.characters, reply->body.characters + offset, length);
        text_truncate(&reply->body, length);
        reply->status = 206;
    }
    http_reply_add_header(reply, "Content-Range", range);
}

void http_reply_add_reason(struct http_reply *reply)
{
    AUTO(text_finish) struct text value = {0};
    for (const char *c = reply->reason.text; *c; c++) {
        bool continues = ((unsigned char)*c & 0xc0) == 0x80;
        if ((unsigned char)*c >= ' ' && (unsigned char)*c < 0x7f)
            text_append_char(&value, *c);
        else
            text_append(&value, continues ? "" : "?");
    }
    if (value.length > 0)
        http_reply_set_header(reply, "Muster-Reason", text_characters(&value));
}

void http_reply_refuse(struct http_reply *reply, unsigned status, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    text_clear(&reply->body);
    text_append_list(&reply->body, format, arguments);
    va_end(arguments);
    fail(&reply->reason, 0, "%s", text_characters(&reply->body));
    text_append_char(&reply->body, '\n');
    http_reply_be_text(reply, status, HTTP_TEXT_PLAIN);
    http_reply_set_header(reply, "X-Content-Type-Options", "nosniff");
}

void http_reply_redirect(struct http_reply *reply, const char *path, const char *target)
{
    AUTO(text_finish) struct text location = {0};
    percent_encode_path(&location, bytes_of_text(path));
    const char *query = strchr(target, '?');
    text_append(&location, query ? query : "");
    http_reply_refuse(reply, 301, "this is at %s", text_characters(&location));
    http_reply_add_header(reply, "Location", text_characters(&location));
}
