/* SPDX-License-Identifier: Apache-2.0 */
/* Configurations under the names that boot programs ask for, made for the machine that asks. */
#include "answer/http-script.h"

#include <string.h>

#include "answer/boot-plan.h"
#include "answer/http-reply.h"
#include "base/memory.h"
#include "lang/grub.h"
#include "lang/ipxe.h"
#include "lang/pxelinux.h"

/* One configuration while it is made. */
struct making {
    const struct http_request *request;
    const struct boot_plan *plan;
    const char *note; /* what is booted, for the console */
    struct diag *why;
};

/* PXELINUX ends a name at these. */
static char *escape_name(const char *name)
{
    AUTO(text_finish) struct text text = {0};
    for (; *name; name++)
        if (*name == ',' || *name == ' ')
            text_print(&text, "%%%02X", (unsigned char)*name);
        else
            text_append_char(&text, *name);
    return text_take(&text);
}

char *answer_http_pxelinux_name(const void *context, const char *url)
{
    const struct http_request *request = context;
    const char *own = boot_plan_own_path(url, request->host);
    AUTO(free) char *escaped = escape_name(own ? own : url);
    if (!own)
        return take_pointer(escaped);
    return request->by_tftp || !request->host ? memory_print("/%s", escaped)
                                              : memory_print("http://%s/%s", request->host, escaped);
}

char *answer_http_grub_name(const void *context, const char *url)
{
    const struct http_request *request = context;
    const char *own = url[0] == '(' ? NULL : boot_plan_own_path(url, request->host);
    AUTO(text_finish) struct text path = {0};
    char local[IPV4_TEXT_MAX];
    if (!own)
        grub_append_path(&path, bytes_of_text(url));
    else if (request->by_tftp)
        text_print(&path, "(tftp,%s)/%s", ipv4_to_text(local, request->local), own);
    else
        text_print(&path, "(http,%s)/%s", request->host ? request->host : "", own);
    return text_take(&path);
}

/* The first file that lies on another HTTP server; NULL: none does. */
static const char *find_foreign(const struct boot_plan *plan)
{
    if (strstr(plan->kernel, "://"))
        return plan->kernel;
    for (size_t i = 0; i < plan->initrd_count; i++)
        if (strstr(plan->initrd[i], "://"))
            return plan->initrd[i];
    return NULL;
}

static int write_pxelinux(struct text *ret, const struct making *making)
{
    const struct boot_plan *plan = making->plan;
    AUTO(text_finish) struct text note = {0};
    if (plan->kind == BOOT_PLAN_LOCAL) {
        pxelinux_write_local(ret);
        return 0;
    }
    if (plan->kind == BOOT_PLAN_EFI)
        return fail(making->why, 1, "PXELINUX cannot start the EFI program '%.200s': iPXE and GRUB can", plan->kernel);
    const char *foreign = making->request->by_tftp ? find_foreign(plan) : NULL;
    text_print(&note, "muster: %s", making->note);
    if (foreign)
        text_print(&note,
                   "; %s is not on this server and pxelinux.0 has TFTP only: use lpxelinux.0, or set 'cache.profiles'",
                   foreign);
    return pxelinux_write_boot(ret,
                               &(struct pxelinux_boot){
                                   .note = text_characters(&note),
                                   .kernel = plan->kernel,
                                   .initrd = (const char *const *)plan->initrd,
                                   .initrd_count = plan->initrd_count,
                                   .args = (const char *const *)plan->args,
                                   .args_count = plan->args_count,
                               },
                               making->why);
}

static int write_grub(struct text *ret, const struct making *making)
{
    const struct boot_plan *plan = making->plan;
    AUTO(text_finish) struct text note = {0};
    if (plan->kind == BOOT_PLAN_LOCAL) {
        grub_write_local(ret);
        return 0;
    }
    text_print(&note, "muster: %s", making->note);
    const struct grub_boot boot = answer_http_grub_boot(plan);
    grub_write_script(ret, text_characters(&note), &boot);
    return 0;
}

/* What each of them takes. iPXE has none: it is sent on to the script that it can say all about itself to. */
static const struct dialect {
    const char *program;
    char *(*name)(const void *context, const char *url);
    int (*write)(struct text *ret, const struct making *making);
    void (*refuse)(struct text *ret, const char *reason);
} dialects[] = {
    [SCRIPT_PXELINUX] = {"PXELINUX", answer_http_pxelinux_name, write_pxelinux, pxelinux_write_refusal},
    [SCRIPT_GRUB] = {"GRUB", answer_http_grub_name, write_grub, grub_write_refusal},
};

/* As labels, as if the program had sent them. */
static void note_sent(struct http_asker *asker, const struct script_name *name)
{
    char text[MAC_TEXT_MAX > UUID_TEXT_MAX ? MAC_TEXT_MAX : UUID_TEXT_MAX];
    if (name->key == SCRIPT_OF_MAC)
        labels_set(&asker->sent, "mac", mac_to_text(text, &name->mac, ':'));
    else if (name->key == SCRIPT_OF_UUID && !uuid_is_dummy(&name->uuid))
        labels_set(&asker->sent, "uuid", uuid_to_text(text, &name->uuid));
    if (name->choice)
        labels_set(&asker->sent, "profile", name->choice);
}

static bool group_wants(const struct group *group, const char *label)
{
    for (size_t i = 0; group && i < group_want_count(group); i++)
        if (text_is(group_want_at(group, i).name, label))
            return true;
    return false;
}

/* PXELINUX that asks by UUID asks by MAC address next: of a machine whose MAC is not known yet that name decides,
 * unless its group was chosen by the UUID. */
static bool is_too_early(const struct script_name *name, const struct machine *machine, const struct decision *decision)
{
    return name->key == SCRIPT_OF_UUID && machine->mac.size == 0 && !group_wants(decision->group, "uuid");
}

static void refuse_named(struct http_reply *reply, const struct http_asker *asker, const struct dialect *dialect)
{
    answer_http_refuse(reply, asker);
    text_clear(&reply->body);
    dialect->refuse(&reply->body, reply->reason.text);
    reply->status = 200;
}

/* Renders and writes; false, with the reason in the reply, when the machine cannot be given it. */
static bool write_named(struct http_reply *reply, enum script_language language, const struct decision *decision,
                        const struct http_asker *asker, const struct http_question *question)
{
    const struct dialect *dialect = &dialects[language];
    AUTO(boot_plan_finish) struct boot_plan plan = {0};
    AUTO(free) char *raw_query = answer_http_raw_query(question);
    const struct boot_plan_request request = {
        .labels = &asker->labels,
        .raw_query = raw_query,
        .host = question->request->host,
        .settings = question->settings,
        .catalog = question->catalog,
        .platform = reply->machine.platform,
    };
    if (boot_plan_render(&plan, decision, &request, &reply->reason) != 0 ||
        boot_plan_use_memdisk(&plan, dialect->program, &request, &reply->reason) != 0)
        return false;
    if (plan.kind == BOOT_PLAN_MENU) {
        answer_http_menu(reply, language, decision, asker, question);
        return true;
    }
    boot_plan_plain(&plan, &asker->labels);
    boot_plan_rename(&plan, dialect->name, question->request);
    AUTO(free) char *note = memory_print("profile '%s' of group '%s'", decision->profile->id, decision->group->id);
    const struct making making = {question->request, &plan, note, &reply->reason};
    if (dialect->write(&reply->body, &making) != 0)
        return false;
    http_reply_be_text(reply, 200, HTTP_TEXT_PLAIN);
    answer_http_note(reply, decision, NULL, question->catalog);
    return true;
}

/* GRUB is sent on to the name with the MAC address where that is not known yet. */
static bool refer_grub(struct http_reply *reply, const struct script_name *name, const struct http_question *question)
{
    if (name->language != SCRIPT_GRUB || name->key == SCRIPT_OF_MAC || reply->machine.mac.size > 0)
        return false;
    AUTO(free) char *folder = answer_http_grub_name(question->request, "/grub");
    grub_write_referral(&reply->body, folder);
    http_reply_be_text(reply, 200, HTTP_TEXT_PLAIN);
    fail(&reply->reason, 0, "GRUB is sent on to the name with its MAC address, which is not known yet");
    return true;
}

static void answer_ipxe(struct http_reply *ret, const struct http_question *question)
{
    http_machine_find(&ret->machine, question->request->client, question->fleet);
    ret->notable = true;
    ret->stage = STAGE_SCRIPT;
    ipxe_write_start(&ret->body, question->request->host);
    http_reply_be_text(ret, 200, HTTP_TEXT_PLAIN);
    fail(&ret->reason, 0, "the script that sends iPXE to the one every machine starts with");
}

void answer_http_named_script(struct http_reply *ret, const struct script_name *name,
                              const struct http_question *question)
{
    AUTO(http_asker_finish) struct http_asker asker = {0};
    struct decision decision = {0};
    if (name->language == SCRIPT_IPXE) {
        answer_ipxe(ret, question);
        return;
    }
    note_sent(&asker, name);
    int code = answer_http_decide(&decision, ret, &asker, STAGE_SCRIPT, question);
    if (refer_grub(ret, name, question))
        return;
    if (is_too_early(name, &ret->machine, &decision)) {
        http_reply_refuse(ret, 404, "which machine has this UUID is not known yet: it is asked for by its MAC next");
        return;
    }
    ret->told = name->key == SCRIPT_OF_MAC && ret->machine.mac.size > 0;
    if (code != DECISION_OK || !write_named(ret, name->language, &decision, &asker, question))
        refuse_named(ret, &asker, &dialects[name->language]);
}
