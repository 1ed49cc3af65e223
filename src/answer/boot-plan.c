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
#include "proto/http/url.h"

#define MEMDISK "memdisk"

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
    overlay_append_path(&entry, request->labels, request->platform);
    boot_plan_add_initrd(plan, text_characters(&entry));
    return true;
}

/* What of the profile is for this machine. */
static int choose_kind(struct boot_plan *ret, const char **ret_source, const struct profile *profile,
                       const struct boot_plan_request *request, struct diag *why)
{
    enum platform platform = request->platform;
    bool has_kernel = profile->boot.kernel[0] != '\0';
    bool has_iso = profile->boot.iso[0] != '\0';
    bool has_efi = profile->boot.efi[0] != '\0';
    if (profile->boot.script && !request->takes_script)
        return fail(why, 1, "profile '%s' is an iPXE script, which no other boot program can run", profile->id);
    if (has_efi && !has_kernel && !has_iso && platform == PLATFORM_BIOS)
        return fail(why, 1, "profile '%s' has an EFI program ('boot.efi') and nothing for this machine, which has BIOS",
                    profile->id);
    if (profile->boot.script) {
        ret->kind = BOOT_PLAN_SCRIPT;
        *ret_source = profile->boot.script;
    } else if (has_efi && (platform == PLATFORM_EFI || (!has_kernel && !has_iso))) {
        ret->kind = BOOT_PLAN_EFI;
        *ret_source = profile->boot.efi;
    } else if (has_iso) {
        ret->kind = BOOT_PLAN_IMAGE;
        ret->in_memory = profile->boot.memdisk && platform != PLATFORM_EFI;
        *ret_source = profile->boot.iso;
    } else {
        ret->kind = BOOT_PLAN_LINUX;
        *ret_source = profile->boot.kernel;
    }
    return 0;
}

/* What goes with a kernel alone. */
static bool render_initrds(struct boot_plan *ret, const struct rendering *rendering, const struct decision *decision,
                           const struct document_request *query)
{
    const struct profile *profile = rendering->profile;
    return render_lines(&ret->initrd, &ret->initrd_count, rendering, profile->boot.initrd, profile->boot.initrd_count,
                        "initrd") &&
           add_overlay(ret, decision, rendering->request, query, rendering->why);
}

/* Whether the entry's URL leads to another server, where we can fetch what it names. One with iPXE's settings in it is
 * known to the machine alone. */
static bool is_foreign(const char *url, const char *host)
{
    return http_url_is_absolute(url) && !strstr(url, "${") && !boot_plan_own_path(url, host);
}

/* Puts in place of the entry's URL where we give that file on. */
static bool fetch_entry(char **entry, const struct boot_plan_request *request, const char *role, struct diag *why)
{
    const struct elsewhere *elsewhere = &request->settings->elsewhere;
    const char *rest = "";
    struct bytes part = ipxe_entry_url(&rest, *entry);
    AUTO(free) char *url = memory_text_of(part.size > 0 ? (const char *)part.data : "", part.size);
    if (!is_foreign(url, request->host))
        return true;
    AUTO(free) char *path = elsewhere->image_path(elsewhere->context, role, url, why);
    if (!path)
        return false;
    size_t flags = (size_t)((const char *)part.data - *entry);
    char *fetched = memory_print("%.*s%s%s", (int)flags, *entry, path, rest);
    free(*entry);
    *entry = fetched;
    return true;
}

/* What profiles name on other servers is fetched once for all machines where the operator wants it so. */
static bool fetch_entries(struct boot_plan *plan, const struct boot_plan_request *request, struct diag *why)
{
    if (!request->settings->elsewhere.images_of_profiles)
        return true;
    bool right = fetch_entry(&plan->kernel, request, "kernel", why);
    for (size_t i = 0; i < plan->initrd_count && right; i++)
        right = fetch_entry(&plan->initrd[i], request, "initrd", why);
    return right;
}

/* What is booted whatever the profile says: a menu to choose from, the disk. Else BOOT_PLAN_LINUX. */
static enum boot_plan_kind kind_of(const struct decision *decision, const struct boot_plan_request *request)
{
    const struct group *group = decision->group;
    if (group->menu && !decision->entry && group->loader != LOADER_CHOICE_NONE)
        return BOOT_PLAN_MENU;
    bool is_disk = decision->entry && !decision->entry->profile;
    bool is_none = decision_loader(decision, request->settings->loader) == LOADER_CHOICE_NONE;
    return is_disk || is_none ? BOOT_PLAN_LOCAL : BOOT_PLAN_LINUX;
}

int boot_plan_render(struct boot_plan *ret, const struct decision *decision, const struct boot_plan_request *request,
                     struct diag *why)
{
    const struct profile *profile = decision->profile;
    AUTO(value_unref) struct value *data = NULL;
    ret->kind = kind_of(decision, request);
    if (ret->kind != BOOT_PLAN_LINUX)
        return 0;
    const struct document_request query = {request->labels, request->labels,
                                           request->raw_query ? request->raw_query : ""};
    if (profile->boot.args_are_templates)
        data = document_data(decision->group, profile, &query);
    struct rendering rendering = {.data = data, .profile = profile, .request = request, .why = why};
    static const char *const names[] = {
        [BOOT_PLAN_LINUX] = "kernel",
        [BOOT_PLAN_EFI] = "efi",
        [BOOT_PLAN_IMAGE] = "iso",
        [BOOT_PLAN_SCRIPT] = "script",
    };
    const char *source = NULL;
    if (choose_kind(ret, &source, profile, request, why) != 0)
        return 1;
    ret->args_are_pairs = profile->boot.args_are_pairs;
    ret->kernel = render_line(&rendering, source, names[ret->kind]);
    bool right = ret->kernel && render_lines(&ret->args, &ret->args_count, &rendering, profile->boot.args,
                                             profile->boot.args_count, "args");
    if (right && ret->kind == BOOT_PLAN_LINUX)
        right = render_initrds(ret, &rendering, decision, &query);
    return right && (ret->kind == BOOT_PLAN_SCRIPT || fetch_entries(ret, request, why)) ? 0 : 1;
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
    if (plan->kind != BOOT_PLAN_LINUX)
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
    if (plan->kind != BOOT_PLAN_LINUX)
        return;
    rename_one(&plan->kernel, name_of, context);
    for (size_t i = 0; i < plan->initrd_count; i++)
        rename_one(&plan->initrd[i], name_of, context);
}

/* MEMDISK finds out what a disk image is by its size; an ISO it must be told of. With raw it does not need the BIOS to
 * reach high memory, which many fail at. */
static const char *memdisk_args(const char *image)
{
    struct bytes url = ipxe_entry_url(NULL, image);
    size_t path_size = 0;
    while (path_size < url.size && !strchr("?#", url.data[path_size]))
        path_size++;
    bool is_iso = path_size >= 4 && strncasecmp((const char *)url.data + path_size - 4, ".iso", 4) == 0;
    return is_iso ? "iso raw" : "raw";
}

int boot_plan_use_memdisk(struct boot_plan *plan, const char *loader, const struct boot_plan_request *request,
                          struct diag *why)
{
    const struct http_settings *settings = request->settings;
    if (plan->kind != BOOT_PLAN_IMAGE)
        return 0;
    if (request->platform == PLATFORM_EFI)
        return fail(why, 1, "%s cannot boot an image ('boot.iso') on UEFI: iPXE can, and HTTP Boot with loader 'uki'",
                    loader);
    AUTO(free) char *file = settings->find_loader ? settings->find_loader(settings->loader_context, MEMDISK) : NULL;
    if (settings->find_loader && !file)
        return fail(why, 1, "boot program '" MEMDISK "' is not on this host: install the package 'syslinux-common'");
    if (plan->args_count == 0)
        add_first_arg(plan, memdisk_args(plan->kernel));
    boot_plan_add_initrd(plan, plan->kernel);
    free(plan->kernel);
    plan->kernel = memory_text("/loader/" MEMDISK);
    plan->kind = BOOT_PLAN_LINUX;
    plan->in_memory = true;
    return 0;
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
