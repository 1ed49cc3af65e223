/* SPDX-License-Identifier: Apache-2.0 */
/* The endpoints that depend on the machine: its boot script and its metadata. Within answer/ only. */
#pragma once

#include "answer/http.h"
#include "base/bytes.h"
#include "boot/profile.h"

/* All that an endpoint works on. */
struct http_question {
    const struct http_request *request;
    struct bytes query;
    const struct catalog *catalog;
    struct fleet *fleet;
    const struct http_settings *settings;
    enum http_signature signature; /* the answer is wanted signed: its whole body or a plain refusal */
};

void answer_http_script(struct http_reply *ret, const struct http_question *question);
void answer_http_metadata(struct http_reply *ret, const struct http_question *question);

/* The arguments of a kernel, on the heap. Zero is none. */
struct http_args {
    char **at;
    size_t count;
};

void http_args_finish(struct http_args *args);
AUTO_DEFINE_STRUCT(http_args_finish, struct http_args);

/* The profile's arguments, rendered for this request when they are templates. 0, or positive with the reason. */
int answer_http_args(struct http_args *ret, const struct profile *profile, const struct http_question *question,
                     struct diag *why);
