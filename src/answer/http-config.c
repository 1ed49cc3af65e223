/* SPDX-License-Identifier: Apache-2.0 */
/* The config documents of one machine, and its metadata. */
#include <string.h>

#include "answer/document.h"
#include "answer/http-reply.h"
#include "answer/http-script.h"
#include "base/memory.h"
#include "lang/ignition.h"
#include "lang/metadata.h"
#include "proto/http/sniff.h"

/* Renders one document into the reply; false, and then the reply is the refusal. */
static bool answer_document(struct http_reply *ret, const struct decision *decision, const struct http_asker *asker,
                            const struct labels *query, const struct http_question *question,
                            enum catalog_document_kind kind, const char *name)
{
    AUTO(free) char *raw_query = answer_http_raw_query(question);
    const struct document_request request = {&asker->labels, query, raw_query, question->settings->local_files};
    if (document_render(&ret->body, question->catalog, decision->group, decision->profile, &request, kind, name,
                        &ret->reason) != 0) {
        answer_http_refuse(ret, asker);
        return false;
    }
    AUTO(free) char *source = memory_print("%s/%s", catalog_document_folder(kind), name);
    answer_http_note(ret, decision, source, question->catalog);
    return true;
}

/* Ignition refuses a config that is newer than itself, and the machine then stays where it is: whoever looks for the
 * reason finds it here. It is given all the same: the header may say less than the client knows. */
static void note_old_client(struct http_reply *ret, const char *accept)
{
    struct ignition_version client = ignition_version_accepted(accept);
    if (client.major == 0)
        return;
    struct ignition_version config = ignition_version_of(text_bytes(&ret->body));
    if (config.major == client.major && config.minor <= client.minor)
        return;
    struct diag reason = ret->reason;
    ret->troubled = true;
    fail(&ret->reason, 0,
         "%.700s; this config is of version %u.%u.0 and the machine's Ignition says that it reads %u.%u.0 at most, "
         "so it will refuse it: %s",
         reason.text, config.major, config.minor, client.major, client.minor,
         config.major < client.major ? "write the config in version 3, which is another format"
                                     : "boot a newer image, or write an older version of Butane's variant");
}

void answer_http_ignition(struct http_reply *ret, const struct http_question *question)
{
    AUTO(http_asker_finish) struct http_asker asker = {0};
    struct decision decision = {0};
    if (answer_http_decide(&decision, ret, &asker, STAGE_CONFIG, question) != DECISION_OK)
        answer_http_refuse(ret, &asker);
    else if (answer_document(ret, &decision, &asker, &asker.sent, question, CATALOG_IGNITION,
                             decision.profile->ignition_id)) {
        http_reply_be_text(ret, 200, "application/json");
        note_old_client(ret, question->request->accept);
    }
}

/* Documents of people's own kinds say by their content what they are, and can be read in parts. */
static void be_content(struct http_reply *ret, const struct http_question *question)
{
    http_reply_be_text(ret, 200, http_sniff(text_bytes(&ret->body)));
    if (question->signature == HTTP_SIGNATURE_NONE)
        http_reply_be_part(ret, question->request);
}

void answer_http_cloud(struct http_reply *ret, const struct http_question *question)
{
    AUTO(http_asker_finish) struct http_asker asker = {0};
    struct decision decision = {0};
    if (answer_http_decide(&decision, ret, &asker, STAGE_CONFIG, question) != DECISION_OK)
        answer_http_refuse(ret, &asker);
    else if (answer_document(ret, &decision, &asker, &asker.sent, question, CATALOG_CLOUD, decision.profile->cloud_id))
        be_content(ret, question);
}

void answer_http_generic(struct http_reply *ret, const struct http_question *question)
{
    AUTO(http_asker_finish) struct http_asker asker = {0};
    struct decision decision = {0};
    if (answer_http_decide(&decision, ret, &asker, STAGE_CONFIG, question) != DECISION_OK)
        answer_http_refuse(ret, &asker);
    else if (answer_document(ret, &decision, &asker, &asker.sent, question, CATALOG_GENERIC,
                             decision.profile->generic_id))
        be_content(ret, question);
}

/* "'kickstart', 'preseed'": what there is instead. */
static void append_names(struct text *text, const struct labels *generics)
{
    for (size_t i = 0; i < generics->count && i < 16; i++)
        text_print(text, "%s'%s'", i > 0 ? ", " : "", generics->at[i].name);
}

static void refuse_unknown_generic(struct http_reply *ret, const struct http_asker *asker,
                                   const struct profile *profile, const char *name)
{
    AUTO(text_finish) struct text text = {0};
    text_print(&text, "profile '%s' has nothing under 'generic' for the name '", profile->id);
    text_append_shown(&text, bytes_of_text(name), 80);
    text_append(&text, profile->generics.count > 0 ? "'; it has " : "'");
    append_names(&text, &profile->generics);
    fail(&ret->reason, 0, "%s", text_characters(&text));
    answer_http_refuse(ret, asker);
}

/* Installers send no labels of their own: their templates see what we know of the machine. */
void answer_http_named_generic(struct http_reply *ret, const struct http_question *question)
{
    AUTO(http_asker_finish) struct http_asker asker = {0};
    struct decision decision = {0};
    if (answer_http_decide(&decision, ret, &asker, STAGE_CONFIG, question) != DECISION_OK) {
        answer_http_refuse(ret, &asker);
        return;
    }
    const char *name = labels_get(&decision.profile->generics, question->rest);
    if (!name)
        refuse_unknown_generic(ret, &asker, decision.profile, question->rest);
    else if (answer_document(ret, &decision, &asker, &asker.labels, question, CATALOG_GENERIC, name))
        be_content(ret, question);
}

/* For metadata the group is enough. */
void answer_http_metadata(struct http_reply *ret, const struct http_question *question)
{
    AUTO(http_asker_finish) struct http_asker asker = {0};
    struct decision decision = {0};
    if (answer_http_decide(&decision, ret, &asker, STAGE_CONFIG, question) == DECISION_E_NO_GROUP) {
        answer_http_refuse(ret, &asker);
        return;
    }
    AUTO(free) char *raw_query = answer_http_raw_query(question);
    const struct document_request request = {&asker.labels, &asker.sent, raw_query, NULL};
    AUTO(value_unref) struct value *data = document_data(decision.group, decision.profile, &request);
    metadata_write(&ret->body, data);
    /* Matchbox says "plain/text", which is no media type and which no client depends on. */
    http_reply_be_text(ret, 200, HTTP_TEXT_PLAIN);
    fail(&ret->reason, 0, "metadata of group '%s'", decision.group->id);
}
