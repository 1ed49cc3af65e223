/* SPDX-License-Identifier: Apache-2.0 */
/* How replies are put together. Within answer/ only. */
#pragma once

#include "answer/http.h"

#define HTTP_TEXT_PLAIN "text/plain; charset=utf-8"

void http_reply_add_header(struct http_reply *reply, const char *name, const char *value);
/* The same where it may be there already. */
void http_reply_set_header(struct http_reply *reply, const char *name, const char *value);
/* A reply of text whose body the caller has written or writes. */
void http_reply_be_text(struct http_reply *reply, unsigned status, const char *media_type);
/* Makes a reply of text the part of its body that the request asks for, 206, where it asks for one; or 416. */
void http_reply_be_part(struct http_reply *reply, const struct http_request *request);
/* Adds what the reason is as a header field, in printable ASCII. */
void http_reply_add_reason(struct http_reply *reply);
/* A refusal: the reason is the body. The sentence ends without a full stop. */
void http_reply_refuse(struct http_reply *reply, unsigned status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* 301 to a decoded path, with the request's query kept. */
void http_reply_redirect(struct http_reply *reply, const char *path, const char *target);
