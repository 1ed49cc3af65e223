/* SPDX-License-Identifier: Apache-2.0 */
/* The overlay of one machine over HTTP. */
#include "answer/http-reply.h"
#include "answer/http-script.h"
#include "answer/overlay.h"
#include "lang/gzip.h"

/* What is rendered sees all that is known of the machine: loaders that send no labels get the same files. False, and
 * then the reply is the refusal. */
static bool render_overlay(struct http_reply *ret, struct text *archive, const struct http_question *question)
{
    AUTO(http_asker_finish) struct http_asker asker = {0};
    AUTO(free) char *raw_query = answer_http_raw_query(question);
    struct decision decision = {0};
    const struct document_request request = {&asker.labels, &asker.labels, raw_query};
    if (answer_http_decide(&decision, ret, &asker, STAGE_INITRD, question) != DECISION_OK ||
        overlay_render(archive, question->catalog, decision.group, decision.profile, &request, &ret->reason) != 0) {
        answer_http_refuse(ret, &asker);
        return false;
    }
    answer_http_note(ret, &decision, "overlay", question->catalog);
    return true;
}

static void be_archive(struct http_reply *ret, const char *media_type, const struct http_question *question)
{
    http_reply_be_text(ret, 200, media_type);
    if (question->signature == HTTP_SIGNATURE_NONE)
        http_reply_be_part(ret, question->request);
}

void answer_http_overlay(struct http_reply *ret, const struct http_question *question)
{
    AUTO(text_finish) struct text archive = {0};
    if (!render_overlay(ret, &archive, question))
        return;
    text_append_bytes(&ret->body, text_bytes(&archive));
    be_archive(ret, "application/x-cpio", question);
}

void answer_http_packed_overlay(struct http_reply *ret, const struct http_question *question)
{
    AUTO(text_finish) struct text archive = {0};
    if (!render_overlay(ret, &archive, question))
        return;
    gzip_append(&ret->body, text_bytes(&archive));
    be_archive(ret, "application/gzip", question);
}
