/* SPDX-License-Identifier: Apache-2.0 */
/* The overlay of one machine over HTTP. */
#include "answer/http-reply.h"
#include "answer/http-script.h"
#include "answer/overlay.h"

/* What is rendered sees all that is known of the machine: loaders that send no labels get the same files. */
void answer_http_overlay(struct http_reply *ret, const struct http_question *question)
{
    AUTO(http_asker_finish) struct http_asker asker = {0};
    AUTO(free) char *raw_query = answer_http_raw_query(question);
    struct decision decision = {0};
    const struct document_request request = {&asker.labels, &asker.labels, raw_query};
    if (answer_http_decide(&decision, ret, &asker, STAGE_INITRD, question) != DECISION_OK ||
        overlay_render(&ret->body, question->catalog, decision.group, decision.profile, &request, &ret->reason) != 0) {
        answer_http_refuse(ret, &asker);
        return;
    }
    answer_http_note(ret, &decision, "overlay", question->catalog);
    http_reply_be_text(ret, 200, "application/x-cpio");
    if (question->signature == HTTP_SIGNATURE_NONE)
        http_reply_be_part(ret, question->request);
}
