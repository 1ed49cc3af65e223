/* SPDX-License-Identifier: Apache-2.0 */
/* The boot script of one machine. */
#include "answer/http-script.h"

#include <stdlib.h>
#include <string.h>

#include "answer/http-args.h"
#include "answer/http-machine.h"
#include "answer/http-reply.h"
#include "base/memory.h"
#include "boot/decision.h"
#include "lang/ipxe.h"

void http_args_finish(struct http_args *args)
{
    for (size_t i = 0; i < args->count; i++)
        free(args->at[i]);
    free(args->at);
    *args = (struct http_args){0};
}

static int add_arg(struct http_args *args, const struct profile *profile, const char *arg,
                   const struct http_question *question, struct diag *why)
{
    AUTO(text_finish) struct text rendered = {0};
    if (!profile->boot.args_are_templates)
        text_append(&rendered, arg);
    else if (http_args_render(&rendered, arg, question->settings, question->request->host, why) != 0)
        return 1;
    args->at[args->count++] = text_take(&rendered);
    return 0;
}

int answer_http_args(struct http_args *ret, const struct profile *profile, const struct http_question *question,
                     struct diag *why)
{
    ret->at = memory_new(profile->boot.args_count + 1, sizeof *ret->at);
    int error = 0;
    for (size_t i = 0; i < profile->boot.args_count && !error; i++)
        error = add_arg(ret, profile, profile->boot.args[i], question, why);
    return error;
}

static int write_boot(struct text *ret, const struct profile *profile, const struct machine *machine,
                      const struct http_question *question, struct diag *why)
{
    AUTO(http_args_finish) struct http_args args = {0};
    int error = answer_http_args(&args, profile, question, why);
    if (error)
        return error;
    ipxe_write_boot(ret, &(struct ipxe_boot){
                             .kernel = profile->boot.kernel,
                             .initrd = (const char *const *)profile->boot.initrd,
                             .initrd_count = profile->boot.initrd_count,
                             .args = (const char *const *)args.at,
                             .args_count = args.count,
                             .efi = machine->platform == PLATFORM_EFI,
                         });
    return 0;
}

/* iPXE shows nothing of a reply that is not 200 but its number: it gets the reason as a script. Where it asked for a
 * signature it must not get one of that script. */
static void refuse_script(struct http_reply *reply, const struct http_question *question)
{
    const char *user_agent = question->request->user_agent;
    reply->refused = true;
    if (!user_agent || !text_starts_with(user_agent, "iPXE/") || question->signature != HTTP_SIGNATURE_NONE) {
        struct diag reason = reply->reason;
        http_reply_refuse(reply, 404, "%s", reason.text);
        return;
    }
    ipxe_write_refusal(&reply->body, reply->reason.text);
    http_reply_be_text(reply, 200, HTTP_TEXT_PLAIN);
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

void answer_http_script(struct http_reply *ret, const struct http_question *question)
{
    AUTO(labels_finish) struct labels labels = {0};
    AUTO(text_finish) struct text unread_mac = {0};
    http_labels_read(&labels, &unread_mac, question->query);
    http_machine_find(&ret->machine, &labels, question->request->client, question->fleet);
    ret->told = labels_get(&labels, "mac") != NULL && ret->machine.mac.size > 0;
    ret->notable = true;
    ret->stage = STAGE_SCRIPT;
    struct decision decision = {0};
    if (decide_boot(&decision, question->catalog, &labels, &ret->reason) != DECISION_OK) {
        add_unread_mac(&ret->reason, &unread_mac);
        refuse_script(ret, question);
    } else if (write_boot(&ret->body, decision.profile, &ret->machine, question, &ret->reason) != 0) {
        refuse_script(ret, question);
    } else {
        http_reply_be_text(ret, 200, HTTP_TEXT_PLAIN);
        fail(&ret->reason, 0, "profile '%s' of group '%s'", decision.profile->id, decision.group->id);
    }
}
