/* SPDX-License-Identifier: Apache-2.0 */
/* What the endpoints that depend on the machine have in common: who asks, what it gets, and why it gets nothing. */
#include "answer/http-script.h"

#include <string.h>

#include "answer/http-reply.h"
#include "base/memory.h"

char *answer_http_raw_query(const struct http_question *question)
{
    struct bytes query = question->query;
    return memory_text_of(query.size > 0 ? (const char *)query.data : "", query.size);
}

/* The catalog goes first: only for a machine that none of its groups selects is the boot service asked. */
static int decide_elsewhere(struct decision *ret, struct http_reply *reply, struct http_asker *asker,
                            const struct http_question *question)
{
    const struct elsewhere *elsewhere = &question->settings->elsewhere;
    struct diag why;
    switch (elsewhere->decide(&asker->elsewhere, elsewhere->context, &reply->machine, &why)) {
    case ELSEWHERE_OK:
        *ret = (struct decision){.group = asker->elsewhere.group, .profile = asker->elsewhere.profile};
        return DECISION_OK;
    case ELSEWHERE_WAIT:
        reply->waits = true;
        break;
    case ELSEWHERE_NOTHING:
        break;
    }
    reply->reason = why;
    return DECISION_E_NO_GROUP;
}

/* What was chosen at the machine: what it says of it, else what it said before. NULL: nothing. */
static const char *find_choice(char remembered[FLEET_CHOICE_MAX], const struct http_reply *reply,
                               const struct http_asker *asker, const struct http_question *question)
{
    const char *sent = labels_get(&asker->sent, "profile");
    if (sent && *sent)
        return sent;
    bool known = reply->stage != STAGE_SCRIPT && question->fleet && reply->machine.mac.size > 0;
    return known && fleet_choice(remembered, question->fleet, &reply->machine.mac) ? remembered : NULL;
}

/* Gives the machine what was chosen from its group's menu. What it once chose may be in it no longer. */
static int choose(struct decision *decision, struct http_reply *reply, const struct http_asker *asker,
                  const struct http_question *question)
{
    char remembered[FLEET_CHOICE_MAX];
    struct diag why = {0};
    const char *choice = decision->group->menu ? find_choice(remembered, reply, asker, question) : NULL;
    int code = choice ? decision_choose(decision, question->catalog, choice, &why) : DECISION_OK;
    if (!choice || (code != DECISION_OK && reply->stage != STAGE_SCRIPT))
        return DECISION_OK;
    if (code != DECISION_OK)
        reply->reason = why;
    else if (reply->stage == STAGE_SCRIPT)
        reply->chosen = memory_text(choice);
    return code;
}

int answer_http_decide(struct decision *ret, struct http_reply *reply, struct http_asker *asker, enum stage stage,
                       const struct http_question *question)
{
    http_asker_find(asker, &reply->machine, question->query, question->request->client, question->fleet);
    reply->notable = true;
    reply->stage = stage;
    bool boots = stage == STAGE_SCRIPT;
    int code = (boots ? decide_boot : decide_group)(ret, question->catalog, &asker->labels, &reply->reason);
    if (code == DECISION_OK)
        code = choose(ret, reply, asker, question);
    if (code == DECISION_OK && boots && ret->entry)
        code = decision_check_boot(ret, &reply->reason);
    if (code == DECISION_E_NO_BOOT && decision_loader(ret, question->settings->loader) == LOADER_CHOICE_NONE)
        return DECISION_OK;
    bool asks = boots && code == DECISION_E_NO_GROUP && question->settings->elsewhere.decide;
    return asks && reply->machine.mac.size > 0 ? decide_elsewhere(ret, reply, asker, question) : code;
}

static void add_unread_mac(struct diag *reason, const struct text *unread_mac)
{
    if (unread_mac->length == 0)
        return;
    AUTO(text_finish) struct text text = {0};
    text_print(&text, "%s; its mac '", reason->text);
    text_append_shown(&text, text_bytes(unread_mac), 40);
    text_append(&text, "' is no MAC address and was left out");
    fail(reason, 0, "%s", text_characters(&text));
}

void answer_http_refuse(struct http_reply *reply, const struct http_asker *asker)
{
    add_unread_mac(&reply->reason, &asker->unread_mac);
    struct diag reason = reply->reason;
    reply->refused = true;
    http_reply_refuse(reply, 404, "%s", reason.text);
}

static void add_fault(struct text *text, const struct catalog *catalog, const char *source)
{
    const char *fault = source ? catalog_fault(catalog, source) : NULL;
    if (fault)
        text_print(text, "; %s; its last good version is used", fault);
}

void answer_http_note(struct http_reply *reply, const struct decision *decision, const char *document,
                      const struct catalog *catalog)
{
    AUTO(text_finish) struct text text = {0};
    if (document)
        text_print(&text, "%s for ", document);
    text_print(&text, "profile '%s' of group '%s'", decision->profile->id, decision->group->id);
    if (decision->entry)
        text_append(&text, ", chosen from its menu");
    if (!document && decision_loader(decision, LOADER_CHOICE_AUTO) == LOADER_CHOICE_NONE)
        text_append(&text, ", which boots from the disk (loader 'none')");
    add_fault(&text, catalog, decision->group->source);
    add_fault(&text, catalog, decision->profile->source);
    add_fault(&text, catalog, document);
    fail(&reply->reason, 0, "%s", text_characters(&text));
}
