/* SPDX-License-Identifier: Apache-2.0 */
/* Passwords over HTTP. */
#include "answer/http-login.h"

#include <inttypes.h>
#include <stdlib.h>

#include "answer/http-reply.h"
#include "lang/template/sha256.h"
#include "proto/http/digest.h"

/* Seconds that a nonce counts at least; it counts twice as long at most. */
#define NONCE_SECONDS 300

/* The nonce of that span of time, which nobody else can tell. */
static void append_nonce(struct text *ret, const struct http_settings *settings, int64_t span)
{
    uint8_t digest[SHA256_SIZE];
    AUTO(text_finish) struct text seed = {0};
    text_append_bytes(&seed, bytes_of(settings->secret, sizeof settings->secret));
    text_print(&seed, "%" PRId64, span);
    sha256(digest, text_bytes(&seed));
    for (size_t i = 0; i < 16; i++)
        text_print(ret, "%02x", digest[i]);
}

static bool is_right(const struct http_question *question, const char *password, int64_t span)
{
    const struct http_request *request = question->request;
    AUTO(text_finish) struct text nonce = {0};
    append_nonce(&nonce, question->settings, span);
    return http_digest_is_right(request->authorization, request->method, request->target, text_characters(&nonce),
                                password);
}

bool http_login_check(struct http_reply *reply, const struct decision *decision, const struct http_question *question)
{
    const char *password = decision->entry ? menu_password(decision->group->menu, decision->entry) : NULL;
    int64_t span = question->request->seconds / NONCE_SECONDS;
    if (!password || is_right(question, password, span) || is_right(question, password, span - 1))
        return true;
    AUTO(text_finish) struct text nonce = {0};
    AUTO(text_finish) struct text challenge = {0};
    append_nonce(&nonce, question->settings, span);
    http_digest_append_challenge(&challenge, text_characters(&nonce));
    bool tried = question->request->authorization;
    free(reply->chosen);
    reply->chosen = NULL;
    http_reply_refuse(reply, 401, "the menu of group '%s' asks for a password%s", decision->group->id,
                      tried ? ", and this was not it" : "");
    http_reply_add_header(reply, "WWW-Authenticate", text_characters(&challenge));
    return false;
}
