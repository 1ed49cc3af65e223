/* SPDX-License-Identifier: Apache-2.0 */
/* A boot service's answer as a profile, so that every loader gets it as it gets any other. */
#include "answer/elsewhere.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/memory.h"
#include "base/text.h"
#include "lang/pixiecore.h"
#include "lang/template.h"
#include "proto/http/url.h"

#define GROUP "api"
/* Files that a command line may name: more than fit into one. */
#define FILES_MAX 64
/* Octets of a message or URL that are shown. */
#define SHOWN_MAX 200

void elsewhere_boot_finish(struct elsewhere_boot *boot)
{
    group_unref(boot->group);
    profile_unref(boot->profile);
    *boot = (struct elsewhere_boot){0};
}

/* Where the file of that URL is on our service; NULL with the reason. No answer may name a file of this host. */
static char *path_of(const struct elsewhere *elsewhere, const char *role, const char *base, const char *reference,
                     struct diag *why)
{
    AUTO(text_finish) struct text url = {0};
    AUTO(text_finish) struct text shown = {0};
    AUTO(text_finish) struct text without_password = {0};
    http_url_append_shown(&without_password, reference);
    text_append_shown(&shown, text_bytes(&without_password), SHOWN_MAX);
    switch (http_url_resolve(&url, base, reference)) {
    case HTTP_URL_OK:
        return elsewhere->image_path(elsewhere->context, role, text_characters(&url), why);
    case HTTP_URL_E_SCHEME:
        fail(why, 0, "%s '%s': only http:// and https:// URLs can be booted from an api", role,
             text_characters(&shown));
        return NULL;
    default:
        fail(why, 0, "%s '%s' is no URL", role, text_characters(&shown));
        return NULL;
    }
}

/* What the functions of a cmdline's template work on. */
struct naming {
    const struct elsewhere *elsewhere;
    const char *base;
    unsigned named; /* files, so far */
};

/* The host by which the machine finds us is known only when it asks: what is rendered here is rendered once more then,
 * and names the file by its path on our service. */
static struct value *name_file(void *context, const struct value *const *arguments, size_t count, struct diag *why)
{
    struct naming *naming = context;
    if (naming->named++ == FILES_MAX) {
        fail(why, -1, "it names more than %d files", FILES_MAX);
        return NULL;
    }
    if (count != 1 || arguments[0]->kind != VALUE_STRING) {
        fail(why, -1, "URL takes one text: the URL of a file");
        return NULL;
    }
    AUTO(free) char *path = path_of(naming->elsewhere, "file", naming->base, arguments[0]->string.characters, why);
    AUTO(free) char *text = path ? memory_print("{{ URL \"%s\" }}", path) : NULL;
    return text ? value_new_string(text) : NULL;
}

static const struct template_function functions[] = {
    {"URL", name_file},
    {"ID", name_file},
};

static int add_cmdline(struct profile *profile, struct naming *naming, const char *cmdline, struct diag *why)
{
    AUTO(template_destroy) struct template *template = NULL;
    AUTO(text_finish) struct text text = {0};
    AUTO(value_unref) struct value *none = value_new_map();
    if (template_parse(&template, "cmdline", bytes_of_text(cmdline), functions, LENGTH(functions), why) !=
            TEMPLATE_OK ||
        template_render(&text, template, none, naming, why) != TEMPLATE_OK)
        return 1;
    profile->boot.args_are_templates = true;
    if (text.length > 0)
        profile_add_arg(profile, text_characters(&text));
    return 0;
}

static int fill(struct profile *profile, struct naming *naming, const struct pixiecore_answer *answer, struct diag *why)
{
    char *kernel = path_of(naming->elsewhere, "kernel", naming->base, answer->kernel, why);
    if (!kernel)
        return 1;
    free(profile->boot.kernel);
    profile->boot.kernel = kernel;
    for (size_t i = 0; i < answer->initrd_count; i++) {
        AUTO(free) char *path = path_of(naming->elsewhere, "initrd", naming->base, answer->initrd[i], why);
        if (!path)
            return 1;
        profile_add_initrd(profile, path);
    }
    return add_cmdline(profile, naming, answer->cmdline, why);
}

/* What the service wants a person to read. */
static void set_message(struct profile *profile, const char *message)
{
    AUTO(text_finish) struct text shown = {0};
    text_append_shown(&shown, bytes_of_text(message), SHOWN_MAX);
    free(profile->name);
    profile->name = text_take(&shown);
}

int elsewhere_boot_from_answer(struct elsewhere_boot *ret, const struct elsewhere *elsewhere, const char *url,
                               const char *base, const struct pixiecore_answer *answer, struct diag *why)
{
    AUTO(profile_unref) struct profile *profile = profile_create(url);
    struct naming naming = {.elsewhere = elsewhere, .base = base};
    profile->boot.present = true;
    set_message(profile, answer->message);
    if (answer->script)
        profile->boot.script = memory_text(answer->script);
    else if (fill(profile, &naming, answer, why) != 0)
        return 1;
    *ret = (struct elsewhere_boot){.group = group_create(GROUP, url), .profile = take_pointer(profile)};
    return 0;
}
