/* SPDX-License-Identifier: Apache-2.0 */
/* One HTTP request to one reply: the paths there are. */
#include "answer/http.h"

#include <string.h>

#include "answer/http-machine.h"
#include "answer/http-reply.h"
#include "answer/http-script.h"
#include "base/array.h"
#include "base/memory.h"
#include "lang/ipxe.h"
#include "proto/http/path.h"

static void answer_home(struct http_reply *ret, const struct http_question *question)
{
    (void)question;
    text_append(&ret->body, "muster\n");
    http_reply_be_text(ret, 200, HTTP_TEXT_PLAIN);
}

static void answer_health(struct http_reply *ret, const struct http_question *question)
{
    (void)question;
    text_append(&ret->body, "ok\n");
    http_reply_be_text(ret, 200, HTTP_TEXT_PLAIN);
}

static void answer_bootstrap(struct http_reply *ret, const struct http_question *question)
{
    http_machine_find(&ret->machine, &(struct labels){0}, question->request->client, question->fleet);
    text_append(&ret->body, ipxe_bootstrap);
    http_reply_be_text(ret, 200, HTTP_TEXT_PLAIN);
    ret->notable = true;
    ret->stage = STAGE_SCRIPT;
    fail(&ret->reason, 0, "the script every machine starts with");
}

/* Those with one answer, whatever the method: Matchbox takes any. */
static const struct route {
    const char *path;
    void (*answer)(struct http_reply *ret, const struct http_question *question);
    bool is_config; /* what machines act on: it can be had signed */
} routes[] = {
    {"/", answer_home, false},
    {"/healthz", answer_health, false},
    {"/boot.ipxe", answer_bootstrap, true},
    {"/boot.ipxe.0", answer_bootstrap, true},
    {"/ipxe", answer_http_script, true},
    {"/metadata", answer_http_metadata, true},
};

static const struct route *route_of(const char *path)
{
    for (size_t i = 0; i < LENGTH(routes); i++)
        if (text_is(routes[i].path, path))
            return &routes[i];
    return NULL;
}

static const struct {
    const char *ending;
    enum http_signature signature;
    const char *media_type;
} signatures[] = {
    {".sig", HTTP_SIGNATURE_BINARY, "application/octet-stream"},
    {".asc", HTTP_SIGNATURE_ARMORED, HTTP_TEXT_PLAIN},
};

/* Answers "/ipxe.sig" as "/ipxe" is, and has it signed. False when the path is none of that kind. */
static bool answer_signed(struct http_reply *ret, const struct http_question *question)
{
    for (size_t i = 0; i < LENGTH(signatures); i++) {
        if (!text_ends_with(ret->path, signatures[i].ending))
            continue;
        AUTO(free) char *path = memory_text_of(ret->path, strlen(ret->path) - strlen(signatures[i].ending));
        const struct route *route = route_of(path);
        if (!route || !route->is_config)
            return false;
        if (!question->settings->signs) {
            http_reply_refuse(ret, 404,
                              "nothing is signed here: give a key ring with --key-ring-path or 'sign: key_ring:'");
            return true;
        }
        struct http_question inner = *question;
        inner.signature = signatures[i].signature;
        route->answer(ret, &inner);
        if (ret->status == 200) {
            ret->signature = inner.signature;
            http_reply_set_header(ret, "Content-Type", signatures[i].media_type);
        }
        return true;
    }
    return false;
}

void answer_http_unsigned(struct http_reply *reply, const struct diag *why)
{
    reply->signature = HTTP_SIGNATURE_NONE;
    while (reply->header_count > 0)
        free(reply->headers[--reply->header_count].value);
    http_reply_refuse(reply, 500, "%s", why->text);
}

static void answer_unknown(struct http_reply *ret, const struct http_settings *settings)
{
    AUTO(text_finish) struct text text = {0};
    text_append(&text, "there is nothing at ");
    text_append_shown(&text, bytes_of_text(ret->path), 200);
    text_append(&text, "; there is /boot.ipxe, /ipxe?mac=..., /metadata?mac=..., /healthz");
    if (settings->find_loader)
        text_append(&text, ", /loader/NAME");
    if (settings->has_assets)
        text_append(&text, ", /assets/");
    for (size_t i = 0; i < settings->file_count && i < 16; i++)
        text_print(&text, ", %s", settings->files[i].path);
    http_reply_refuse(ret, 404, "%s", text_characters(&text));
}

/* Sends what lies at take_file, or says that files are only read. */
static void answer_file(struct http_reply *ret, const struct http_question *question, enum http_reply_kind kind,
                        char *take_file, enum stage stage)
{
    ret->file = take_file;
    const char *method = question->request->method;
    if (!text_is(method, "GET") && !text_is(method, "HEAD")) {
        http_reply_refuse(ret, 405, "a file is asked for with GET or HEAD");
        http_reply_add_header(ret, "Allow", "GET, HEAD");
        return;
    }
    ret->kind = kind;
    ret->stage = stage;
    http_machine_find(&ret->machine, &(struct labels){0}, question->request->client, question->fleet);
}

static bool names_path(const char *url, const char *path)
{
    const char *found = strstr(url, path);
    return found && strchr("? \t", found[strlen(path)]);
}

/* Whether some profile boots this path, and as what. Walks all profiles: asked once a file. */
static enum stage stage_of_asset(const struct catalog *catalog, const char *path)
{
    for (size_t i = 0; i < catalog_profile_count(catalog); i++) {
        const struct profile *profile = catalog_profile_at(catalog, i);
        if (names_path(profile->boot.kernel, path))
            return STAGE_KERNEL;
        for (size_t j = 0; j < profile->boot.initrd_count; j++)
            if (names_path(profile->boot.initrd[j], path))
                return STAGE_INITRD;
    }
    return STAGE_CONFIG;
}

static bool answer_extra(struct http_reply *ret, const struct http_question *question)
{
    const struct http_settings *settings = question->settings;
    for (size_t i = 0; i < settings->file_count; i++) {
        const struct http_file *file = &settings->files[i];
        if (!text_is(file->path, ret->path))
            continue;
        answer_file(ret, question, HTTP_REPLY_FILE, memory_text(file->file), file->stage);
        return true;
    }
    return false;
}

static void answer_loader(struct http_reply *ret, const struct http_question *question, const char *name)
{
    const struct http_settings *settings = question->settings;
    bool named = settings->find_loader && *name && !strchr(name, '/');
    char *file = named ? settings->find_loader(settings->loader_context, name) : NULL;
    if (file)
        answer_file(ret, question, HTTP_REPLY_FILE, file, STAGE_LOADER);
    else if (named)
        http_reply_refuse(ret, 404, "there is no boot program of that name on this host; `muster doctor` lists them");
    else
        answer_unknown(ret, settings);
}

static void answer_asset(struct http_reply *ret, const struct http_question *question, const char *name)
{
    if (!question->settings->has_assets) {
        http_reply_refuse(ret, 404, "no folder is set for /assets/");
        return;
    }
    answer_file(ret, question, HTTP_REPLY_ASSET, memory_text(name), STAGE_CONFIG);
    if (ret->kind == HTTP_REPLY_ASSET && ret->machine.mac.size > 0 && !question->request->conditions.range)
        ret->stage = stage_of_asset(question->catalog, ret->path);
}

/* What is behind the prefix; NULL when the path does not begin with it. */
static const char *behind(const char *path, const char *prefix)
{
    return text_starts_with(path, prefix) ? path + strlen(prefix) : NULL;
}

static void answer_path(struct http_reply *ret, const struct http_question *question)
{
    const struct route *route = route_of(ret->path);
    const char *loader = behind(ret->path, "/loader/");
    const char *asset = behind(ret->path, "/assets/");
    if (route)
        route->answer(ret, question);
    else if (answer_signed(ret, question) || answer_extra(ret, question))
        return;
    else if (text_is(ret->path, "/assets"))
        http_reply_redirect(ret, "/assets/", question->request->target);
    else if (asset)
        answer_asset(ret, question, asset);
    else if (loader)
        answer_loader(ret, question, loader);
    else
        answer_unknown(ret, question->settings);
}

void answer_http(struct http_reply *ret, const struct http_request *request, const struct catalog *catalog,
                 struct fleet *fleet, const struct http_settings *settings)
{
    struct http_target target;
    AUTO(text_finish) struct text path = {0};
    bool moved = false;
    if (http_target_split(&target, bytes_of_text(request->target)) != HTTP_PATH_OK ||
        http_path_clean(&path, &moved, target.path) != HTTP_PATH_OK) {
        http_reply_refuse(ret, 400, "the path of this request cannot be read");
        return;
    }
    ret->path = text_take(&path);
    if (moved) {
        http_reply_redirect(ret, ret->path, request->target);
        return;
    }
    answer_path(ret, &(struct http_question){
                         .request = request,
                         .query = target.query,
                         .catalog = catalog,
                         .fleet = fleet,
                         .settings = settings,
                     });
}
