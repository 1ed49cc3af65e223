/* SPDX-License-Identifier: Apache-2.0 */
/* The boot script of one machine: iPXE's, GRUB's, Pixiecore's. */
#include "answer/http-script.h"

#include <string.h>

#include "answer/boot-plan.h"
#include "answer/http-login.h"
#include "answer/http-reply.h"
#include "answer/overlay.h"
#include "base/memory.h"
#include "lang/grub.h"
#include "lang/ipxe.h"
#include "lang/pixiecore.h"

/* Loaders show nothing of a reply that is not 200 but its number, if that: they get the reason as a script. Where a
 * signature is asked for nobody must get one of that script. */
static void refuse_script(struct http_reply *reply, const struct http_asker *asker,
                          const struct http_question *question, const char *loader,
                          void (*write)(struct text *ret, const char *reason))
{
    const char *user_agent = question->request->user_agent;
    answer_http_refuse(reply, asker);
    if (!user_agent || !text_starts_with(user_agent, loader) || question->signature != HTTP_SIGNATURE_NONE)
        return;
    text_clear(&reply->body);
    write(&reply->body, reply->reason.text);
    reply->status = 200;
}

/* loader is what needs MEMDISK to boot an image; NULL: it is iPXE, which does as the profile says. */
static bool render(struct boot_plan *ret, const struct decision *decision, struct http_reply *reply,
                   const struct http_asker *asker, const struct http_question *question, const char *loader)
{
    AUTO(free) char *raw_query = answer_http_raw_query(question);
    const struct boot_plan_request request = {
        .labels = &asker->labels,
        .raw_query = raw_query,
        .host = question->request->host,
        .settings = question->settings,
        .catalog = question->catalog,
        .platform = reply->machine.platform,
        .takes_script = !loader,
    };
    if (boot_plan_render(ret, decision, &request, &reply->reason) != 0)
        return false;
    return (!loader && !ret->in_memory) || boot_plan_use_memdisk(ret, loader, &request, &reply->reason) == 0;
}

/* Chooses and renders; false when the machine gets nothing, for the reason in the reply. */
static bool find_boot(struct boot_plan *ret, struct decision *ret_decision, struct http_reply *reply,
                      struct http_asker *asker, const struct http_question *question, const char *loader)
{
    int code = answer_http_decide(ret_decision, reply, asker, STAGE_SCRIPT, question);
    reply->told = labels_get(&asker->sent, "mac") != NULL && reply->machine.mac.size > 0;
    return code == DECISION_OK && render(ret, ret_decision, reply, asker, question, loader);
}

static void write_ipxe(struct text *ret, const struct boot_plan *plan, const char *added, enum platform platform)
{
    switch (plan->kind) {
    case BOOT_PLAN_EFI:
        ipxe_write_chain(ret, plan->kernel, (const char *const *)plan->args, plan->args_count);
        break;
    case BOOT_PLAN_IMAGE:
        ipxe_write_sanboot(ret, plan->kernel);
        break;
    case BOOT_PLAN_SCRIPT:
        text_append(ret, plan->kernel);
        break;
    case BOOT_PLAN_LOCAL:
    case BOOT_PLAN_MENU: /* has a writer of its own */
        ipxe_write_local(ret);
        break;
    case BOOT_PLAN_LINUX:
        ipxe_write_boot(ret, &(struct ipxe_boot){
                                 .kernel = plan->kernel,
                                 .initrd = (const char *const *)plan->initrd,
                                 .initrd_count = plan->initrd_count,
                                 .args = (const char *const *)plan->args,
                                 .args_count = plan->args_count,
                                 .added = added,
                                 .efi = platform == PLATFORM_EFI,
                             });
    }
}

void answer_http_script(struct http_reply *ret, const struct http_question *question)
{
    AUTO(http_asker_finish) struct http_asker asker = {0};
    AUTO(boot_plan_finish) struct boot_plan plan = {0};
    struct decision decision = {0};
    if (!find_boot(&plan, &decision, ret, &asker, question, NULL)) {
        refuse_script(ret, &asker, question, "iPXE/", ipxe_write_refusal);
        return;
    }
    if (!http_login_check(ret, &decision, question))
        return;
    if (plan.kind == BOOT_PLAN_MENU) {
        answer_http_menu(ret, SCRIPT_IPXE, &decision, &asker, question);
        return;
    }
    write_ipxe(&ret->body, &plan, decision.profile->overlay.count > 0 ? OVERLAY_NAME : NULL, ret->machine.platform);
    http_reply_be_text(ret, 200, HTTP_TEXT_PLAIN);
    answer_http_note(ret, &decision, NULL, question->catalog);
}

/* GRUB would look for an overlay's path where its own configuration lies. */
static char *grub_path(const void *context, const char *url)
{
    AUTO(text_finish) struct text path = {0};
    const char *host = context;
    if (overlay_is_at(url))
        text_print(&path, host ? "(http,%s)/%s" : "%s/%s", host ? host : "", url);
    else
        grub_append_path(&path, bytes_of_text(url));
    return text_take(&path);
}

struct grub_boot answer_http_grub_boot(const struct boot_plan *plan)
{
    return (struct grub_boot){
        .method = plan->kind == BOOT_PLAN_EFI ? GRUB_CHAIN
                  : plan->in_memory           ? GRUB_REAL_MODE
                                              : GRUB_LINUX,
        .kernel = plan->kernel,
        .initrd = (const char *const *)plan->initrd,
        .initrd_count = plan->initrd_count,
        .args = (const char *const *)plan->args,
        .args_count = plan->args_count,
    };
}

static void write_grub(struct text *ret, const struct boot_plan *plan, const char *note)
{
    const struct grub_boot boot = answer_http_grub_boot(plan);
    if (plan->kind == BOOT_PLAN_LOCAL)
        grub_write_local(ret);
    else if (boot.method == GRUB_LINUX)
        grub_write_boot(ret, &boot);
    else
        grub_write_script(ret, note, &boot);
}

void answer_http_grub(struct http_reply *ret, const struct http_question *question)
{
    AUTO(http_asker_finish) struct http_asker asker = {0};
    AUTO(boot_plan_finish) struct boot_plan plan = {0};
    struct decision decision = {0};
    if (!find_boot(&plan, &decision, ret, &asker, question, "GRUB")) {
        refuse_script(ret, &asker, question, "GRUB", grub_write_refusal);
        return;
    }
    if (plan.kind == BOOT_PLAN_MENU) {
        answer_http_menu(ret, SCRIPT_GRUB, &decision, &asker, question);
        return;
    }
    boot_plan_plain(&plan, &asker.labels);
    boot_plan_rename(&plan, grub_path, question->request->host);
    AUTO(free) char *note = memory_print("muster: profile '%s'", decision.profile->id);
    write_grub(&ret->body, &plan, note);
    http_reply_be_text(ret, 200, HTTP_TEXT_PLAIN);
    answer_http_note(ret, &decision, NULL, question->catalog);
}

/* Pixiecore resolves a URL without a host from the API's server; a relative one is meant from its root, where iPXE is
 * given its script. */
static char *rooted_url(const void *context, const char *url)
{
    bool is_one = url[0] == '/' || url[0] == '\0' || strstr(url, "://");
    (void)context;
    return memory_print("%s%s", is_one ? "" : "/", url);
}

/* What a machine boots that shows no menu: the default of its menu. */
static bool find_default(struct boot_plan *ret, struct decision *decision, struct http_reply *reply,
                         struct http_asker *asker, const struct http_question *question)
{
    if (!find_boot(ret, decision, reply, asker, question, "Pixiecore"))
        return false;
    if (ret->kind != BOOT_PLAN_MENU)
        return true;
    const struct menu *menu = decision->group->menu;
    decision->entry = &menu->entries[menu->fallback];
    if (decision->entry->profile &&
        (decision_choose(decision, question->catalog, decision->entry->profile, &reply->reason) != DECISION_OK ||
         decision_check_boot(decision, &reply->reason) != DECISION_OK))
        return false;
    return render(ret, decision, reply, asker, question, "Pixiecore");
}

/* The MAC is the last part of the path, as bootcfg takes it; the machine is not the one that asks. */
void answer_http_pixiecore(struct http_reply *ret, const struct http_question *question)
{
    AUTO(http_asker_finish) struct http_asker asker = {0};
    AUTO(boot_plan_finish) struct boot_plan plan = {0};
    struct decision decision = {0};
    const char *slash = strrchr(question->rest, '/');
    const char *mac = slash ? slash + 1 : question->rest;
    if (!labels_set_normalised(&asker.sent, "mac", mac)) {
        AUTO(text_finish) struct text shown = {0};
        text_append_shown(&shown, bytes_of_text(mac), 40);
        http_reply_refuse(ret, 400, "address %s: invalid MAC address", text_characters(&shown));
        return;
    }
    struct http_request request = *question->request;
    struct http_question inner = *question;
    struct http_settings own = *question->settings;
    request.client = (struct ipv4){0};
    inner.request = &request;
    /* A boot service asks none: two that ask each other would never end. */
    own.elsewhere.decide = NULL;
    inner.settings = &own;
    inner.query = (struct bytes){0};
    if (!find_default(&plan, &decision, ret, &asker, &inner)) {
        answer_http_refuse(ret, &asker);
        return;
    }
    ret->told = false;
    if (plan.kind == BOOT_PLAN_LOCAL) {
        fail(&ret->reason, 0, "profile '%s' of group '%s' is booted from the disk (loader 'none')",
             decision.profile->id, decision.group->id);
        answer_http_refuse(ret, &asker);
        return;
    }
    boot_plan_plain(&plan, &asker.labels);
    boot_plan_rename(&plan, rooted_url, NULL);
    pixiecore_write_boot(&ret->body, &(struct pixiecore_boot){
                                         .kernel = plan.kernel,
                                         .initrd = (const char *const *)plan.initrd,
                                         .initrd_count = plan.initrd_count,
                                         .args = (const char *const *)plan.args,
                                         .args_count = plan.args_count,
                                         .args_are_pairs = plan.args_are_pairs,
                                     });
    http_reply_be_text(ret, 200, "application/json");
    answer_http_note(ret, &decision, NULL, question->catalog);
}
