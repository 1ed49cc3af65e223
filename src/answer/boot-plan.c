/* SPDX-License-Identifier: Apache-2.0 */
/* What one machine boots. */
#include "answer/boot-plan.h"

#include <stdlib.h>
#include <string.h>

#include "answer/document.h"
#include "answer/http-args.h"
#include "answer/overlay.h"
#include "base/memory.h"
#include "lang/ipxe.h"

static void texts_free(char **texts, size_t count)
{
    for (size_t i = 0; i < count; i++)
        free(texts[i]);
    free(texts);
}

void boot_plan_finish(struct boot_plan *plan)
{
    free(plan->kernel);
    texts_free(plan->initrd, plan->initrd_count);
    texts_free(plan->args, plan->args_count);
    *plan = (struct boot_plan){0};
}

/* How the lines of one profile become those of one machine. */
struct rendering {
    const struct value *data; /* NULL: the lines are no templates */
    const struct profile *profile;
    const struct boot_plan_request *request;
    struct diag *why;
};

/* The line on the heap, or NULL. A reason begins with the profile's document. */
static char *render_line(const struct rendering *rendering, const char *line, const char *name)
{
    const struct boot_plan_request *request = rendering->request;
    AUTO(text_finish) struct text text = {0};
    struct diag why = {0};
    if (!rendering->data)
        return memory_text(line);
    if (http_args_render(&text, line, name, rendering->data, request->settings, request->host, &why) == 0)
        return text_take(&text);
    fail(rendering->why, 0, "%s, boot.%s",
         rendering->profile->source ? rendering->profile->source : rendering->profile->id, why.text);
    return NULL;
}

static bool render_lines(char ***ret, size_t *ret_count, const struct rendering *rendering, char **lines, size_t count,
                         const char *name)
{
    *ret = memory_new(count + 1, sizeof **ret);
    for (*ret_count = 0; *ret_count < count; (*ret_count)++) {
        char *line = render_line(rendering, lines[*ret_count], name);
        if (!line)
            return false;
        (*ret)[*ret_count] = line;
    }
    return true;
}

/* What the machine will ask for is rendered already here, so that it is told what is wrong with it where it can say so,
 * instead of finding one initrd missing. */
static bool add_overlay(struct boot_plan *plan, const struct decision *decision,
                        const struct boot_plan_request *request, const struct document_request *query, struct diag *why)
{
    AUTO(text_finish) struct text archive = {0};
    AUTO(text_finish) struct text entry = {0};
    if (decision->profile->overlay.count == 0)
        return true;
    if (overlay_render(&archive, request->catalog, decision->group, decision->profile, query, why) != 0)
        return false;
    text_append(&entry, "--name " OVERLAY_NAME " ");
    overlay_append_path(&entry, request->labels);
    boot_plan_add_initrd(plan, text_characters(&entry));
    return true;
}

int boot_plan_render(struct boot_plan *ret, const struct decision *decision, const struct boot_plan_request *request,
                     struct diag *why)
{
    const struct profile *profile = decision->profile;
    AUTO(value_unref) struct value *data = NULL;
    if (decision_loader(decision, request->settings->loader) == LOADER_CHOICE_NONE) {
        ret->kind = BOOT_PLAN_LOCAL;
        return 0;
    }
    const struct document_request query = {request->labels, request->labels,
                                           request->raw_query ? request->raw_query : ""};
    if (profile->boot.args_are_templates)
        data = document_data(decision->group, profile, &query);
    struct rendering rendering = {.data = data, .profile = profile, .request = request, .why = why};
    ret->kind = BOOT_PLAN_LINUX;
    ret->args_are_pairs = profile->boot.args_are_pairs;
    ret->kernel = render_line(&rendering, profile->boot.kernel, "kernel");
    bool right = ret->kernel && render_lines(&ret->initrd, &ret->initrd_count, &rendering, profile->boot.initrd,
                                             profile->boot.initrd_count, "initrd");
    right = right && render_lines(&ret->args, &ret->args_count, &rendering, profile->boot.args,
                                  profile->boot.args_count, "args");
    return right && add_overlay(ret, decision, request, &query, why) ? 0 : 1;
}

void boot_plan_add_initrd(struct boot_plan *plan, const char *entry)
{
    plan->initrd = memory_resize(plan->initrd, plan->initrd_count + 1, sizeof *plan->initrd);
    plan->initrd[plan->initrd_count++] = memory_text(entry);
}

static const char *setting_of(const void *context, const char *name)
{
    return labels_get(context, text_is(name, "buildarch") ? "arch" : name);
}

static void expand(char **line, const struct labels *labels)
{
    AUTO(text_finish) struct text text = {0};
    ipxe_expand(&text, *line, setting_of, labels);
    free(*line);
    *line = text_take(&text);
}

static void cut_to_url(char **entry)
{
    struct bytes url = ipxe_entry_url(NULL, *entry);
    char *cut = memory_text_of(url.size > 0 ? (const char *)url.data : "", url.size);
    free(*entry);
    *entry = cut;
}

static void add_first_arg(struct boot_plan *plan, const char *arg)
{
    plan->args = memory_resize(plan->args, plan->args_count + 1, sizeof *plan->args);
    memmove(plan->args + 1, plan->args, plan->args_count * sizeof *plan->args);
    plan->args[0] = memory_text(arg);
    plan->args_count++;
}

void boot_plan_plain(struct boot_plan *plan, const struct labels *labels)
{
    const char *rest = "";
    if (plan->kind == BOOT_PLAN_LOCAL)
        return;
    expand(&plan->kernel, labels);
    for (size_t i = 0; i < plan->initrd_count; i++) {
        expand(&plan->initrd[i], labels);
        cut_to_url(&plan->initrd[i]);
    }
    for (size_t i = 0; i < plan->args_count; i++)
        expand(&plan->args[i], labels);
    ipxe_entry_url(&rest, plan->kernel);
    rest += strspn(rest, " \t");
    if (*rest != '\0')
        add_first_arg(plan, rest);
    cut_to_url(&plan->kernel);
}

static void rename_one(char **url, char *(*name_of)(const void *context, const char *url), const void *context)
{
    char *name = name_of(context, *url);
    free(*url);
    *url = name;
}

void boot_plan_rename(struct boot_plan *plan, char *(*name_of)(const void *context, const char *url),
                      const void *context)
{
    if (plan->kind == BOOT_PLAN_LOCAL)
        return;
    rename_one(&plan->kernel, name_of, context);
    for (size_t i = 0; i < plan->initrd_count; i++)
        rename_one(&plan->initrd[i], name_of, context);
}

const char *boot_plan_own_path(const char *url, const char *host)
{
    if (text_starts_with(url, "http://")) {
        const char *authority = url + strlen("http://");
        size_t length = strcspn(authority, "/?");
        bool ours = host && strlen(host) == length && strncasecmp(authority, host, length) == 0;
        url = ours ? authority + length : NULL;
    } else if (strcspn(url, ":") < strcspn(url, "/?")) {
        url = NULL;
    }
    return url ? url + strspn(url, "/") : NULL;
}
