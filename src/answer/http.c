/* SPDX-License-Identifier: Apache-2.0 */
/* One HTTP request to one reply: the paths there are. */
#include "answer/http.h"

#include <string.h>

#include "answer/dhcp.h"
#include "answer/http-machine.h"
#include "answer/http-reply.h"
#include "answer/http-script.h"
#include "base/array.h"
#include "base/memory.h"
#include "lang/ipxe.h"
#include "proto/http/path.h"
#include "proto/http/query.h"

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

/* Labels that one first script can ask for: more than there are. */
#define ASKED_MAX 16

/* The labels in a list with commas between them, borrowed from it, which is cut into pieces. False, with the reason,
 * for one that iPXE cannot be asked for. */
static bool read_asked(const char *ret[ASKED_MAX], size_t *ret_count, char *list, struct diag *why)
{
    char *rest;
    for (char *name = strtok_r(list, ",", &rest); name; name = strtok_r(NULL, ",", &rest)) {
        if (!ipxe_label_is_known(name))
            return fail(why, false, "'%.40s' is no label that iPXE can be asked for", name);
        if (*ret_count == ASKED_MAX)
            return fail(why, false, "a list of more than %d labels", ASKED_MAX);
        ret[(*ret_count)++] = name;
    }
    return true;
}

/* "/boot.ipxe" as Matchbox has it; "?ask=platform,product" asks the machine for more. */
static void answer_bootstrap(struct http_reply *ret, const struct http_question *question)
{
    AUTO(text_finish) struct text name = {0};
    AUTO(text_finish) struct text list = {0};
    const char *asked[ASKED_MAX];
    size_t count = 0;
    struct bytes query = question->query;
    http_machine_find(&ret->machine, question->request->client, question->fleet);
    ret->notable = true;
    ret->stage = STAGE_SCRIPT;
    while (http_query_next(&name, &list, &query))
        if (text_is(text_characters(&name), "ask"))
            break;
        else
            text_clear(&list);
    if (list.length > 0 && !read_asked(asked, &count, list.characters, &ret->reason)) {
        struct diag reason = ret->reason;
        http_reply_refuse(ret, 404, "%s", reason.text);
        return;
    }
    ipxe_write_bootstrap(&ret->body, asked, count);
    http_reply_be_text(ret, 200, HTTP_TEXT_PLAIN);
    fail(&ret->reason, 0, "the script every machine starts with");
}

/* Those that are not files, answered whatever the method: Matchbox takes any. One that ends in a slash has whatever is
 * behind it. */
static const struct route {
    const char *path;
    void (*answer)(struct http_reply *ret, const struct http_question *question);
    bool is_config; /* what machines act on: it can be had signed, under the same path with an ending */
    enum http_signature signature;
} routes[] = {
    {"/", answer_home, false, HTTP_SIGNATURE_NONE},
    {"/healthz", answer_health, false, HTTP_SIGNATURE_NONE},
    {"/boot.ipxe", answer_bootstrap, true, HTTP_SIGNATURE_NONE},
    {"/boot.ipxe.0", answer_bootstrap, true, HTTP_SIGNATURE_NONE},
    {"/ipxe", answer_http_script, true, HTTP_SIGNATURE_NONE},
    {"/grub", answer_http_grub, true, HTTP_SIGNATURE_NONE},
    {"/ignition", answer_http_ignition, true, HTTP_SIGNATURE_NONE},
    {"/cloud", answer_http_cloud, true, HTTP_SIGNATURE_NONE},
    {"/generic", answer_http_generic, true, HTTP_SIGNATURE_NONE},
    {"/generic/", answer_http_named_generic, true, HTTP_SIGNATURE_NONE},
    {"/overlay", answer_http_overlay, true, HTTP_SIGNATURE_NONE},
    {"/overlay.gz", answer_http_packed_overlay, true, HTTP_SIGNATURE_NONE},
    {"/metadata", answer_http_metadata, true, HTTP_SIGNATURE_NONE},
    {"/nocloud/", answer_http_nocloud, true, HTTP_SIGNATURE_NONE},
    {"/pixiecore/v1/boot/", answer_http_pixiecore, false, HTTP_SIGNATURE_NONE},
    {"/pixiecore/v1/boot.sig/", answer_http_pixiecore, false, HTTP_SIGNATURE_BINARY},
    {"/pixiecore/v1/boot.asc/", answer_http_pixiecore, false, HTTP_SIGNATURE_ARMORED},
    {"/v1/boot/", answer_http_pixiecore, false, HTTP_SIGNATURE_NONE},
};

/* What is behind the prefix; NULL when the path does not begin with it. */
static const char *behind(const char *path, const char *prefix)
{
    return text_starts_with(path, prefix) ? path + strlen(prefix) : NULL;
}

/* What the route leaves of the path; NULL when it is not its path. */
static const char *rest_of(const struct route *route, const char *path)
{
    const char *rest = behind(path, route->path);
    bool is_folder = text_ends_with(route->path, "/") && route->path[1] != '\0';
    return rest && (*rest != '\0') == is_folder ? rest : NULL;
}

static const struct route *route_of(const char **ret_rest, const char *path, bool signs)
{
    for (size_t i = 0; i < LENGTH(routes); i++) {
        *ret_rest = rest_of(&routes[i], path);
        if (*ret_rest && (signs || routes[i].signature == HTTP_SIGNATURE_NONE))
            return &routes[i];
    }
    return NULL;
}

static const struct ending {
    const char *text;
    enum http_signature signature;
    const char *media_type;
} endings[] = {
    {".sig", HTTP_SIGNATURE_BINARY, "application/octet-stream"},
    {".asc", HTTP_SIGNATURE_ARMORED, HTTP_TEXT_PLAIN},
};

static void answer_route(struct http_reply *ret, const struct route *route, const char *rest,
                         enum http_signature signature, const struct http_question *question)
{
    struct http_question inner = *question;
    inner.rest = rest;
    inner.signature = signature;
    route->answer(ret, &inner);
    for (size_t i = 0; i < LENGTH(endings) && ret->status == 200; i++)
        if (endings[i].signature == signature) {
            ret->signature = signature;
            http_reply_set_header(ret, "Content-Type", endings[i].media_type);
        }
}

/* Answers "/ipxe.sig" as "/ipxe" is, and has it signed. False when the path is none of that kind. */
static bool answer_signed(struct http_reply *ret, const struct http_question *question)
{
    for (size_t i = 0; i < LENGTH(endings); i++) {
        if (!text_ends_with(ret->path, endings[i].text))
            continue;
        const char *rest;
        AUTO(free) char *path = memory_text_of(ret->path, strlen(ret->path) - strlen(endings[i].text));
        const struct route *route = route_of(&rest, path, true);
        if (!route || !route->is_config)
            return false;
        if (question->settings->signs)
            answer_route(ret, route, rest, endings[i].signature, question);
        else
            http_reply_refuse(ret, 404,
                              "nothing is signed here: give a key ring with --key-ring-path or 'sign: key_ring:'");
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

static bool answer_plain(struct http_reply *ret, const struct http_question *question)
{
    const char *rest;
    const struct route *route = route_of(&rest, ret->path, question->settings->signs);
    if (route)
        answer_route(ret, route, rest, route->signature, question);
    return route != NULL;
}

static void answer_unknown(struct http_reply *ret, const struct http_settings *settings)
{
    AUTO(text_finish) struct text text = {0};
    text_append(&text, "there is nothing at ");
    text_append_shown(&text, bytes_of_text(ret->path), 200);
    text_append(&text,
                "; there is /boot.ipxe, /ipxe?mac=..., /grub?mac=..., /ignition?mac=..., /cloud?mac=..., "
                "/generic?mac=..., /generic/NAME?mac=..., /overlay?mac=..., /metadata?mac=..., /nocloud/user-data, "
                "/v1/boot/MAC, /healthz");
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
    http_machine_find(&ret->machine, question->request->client, question->fleet);
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
        if (names_path(profile->boot.kernel, path) || names_path(profile->boot.efi, path) ||
            names_path(profile->boot.iso, path))
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
    bool named = settings->find_loader && *name;
    char *file = named ? settings->find_loader(settings->loader_context, name) : NULL;
    if (file)
        answer_file(ret, question, HTTP_REPLY_FILE, file, STAGE_LOADER);
    else if (text_is(name, ANSWER_DHCP_NO_LOADER))
        http_reply_refuse(ret, 404, "there is no program: the machine is to boot from its disk (loader 'none')");
    else if (named)
        http_reply_refuse(ret, 404,
                          "there is no boot program of that name on this host; muster(8), BOOT PROGRAMS, lists them");
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

/* A name by which a boot program asks for its configuration, beside itself wherever that is. */
static bool answer_named_script(struct http_reply *ret, const struct http_question *question)
{
    struct script_name name;
    const struct http_settings *settings = question->settings;
    if (!script_name_parse(&name, ret->path + 1))
        return false;
    char *plain = settings->find_plain ? settings->find_plain(settings->plain_context, ret->path + 1) : NULL;
    if (plain)
        answer_file(ret, question, HTTP_REPLY_FILE, plain, STAGE_SCRIPT);
    else
        answer_http_named_script(ret, &name, question);
    return true;
}

/* "/image/kernel/ID/vmlinuz": the role says which step of its boot the machine takes, the name is for people. */
static void answer_image(struct http_reply *ret, const struct http_question *question, const char *rest)
{
    static const struct {
        const char *role;
        enum stage stage;
    } rows[] = {{"kernel/", STAGE_KERNEL}, {"initrd/", STAGE_INITRD}, {"file/", STAGE_CONFIG}};
    for (size_t i = 0; i < LENGTH(rows) && question->settings->elsewhere.image_path; i++) {
        const char *id = behind(rest, rows[i].role);
        if (!id)
            continue;
        answer_file(ret, question, HTTP_REPLY_IMAGE, memory_text_of(id, strcspn(id, "/")), rows[i].stage);
        return;
    }
    answer_unknown(ret, question->settings);
}

static void answer_path(struct http_reply *ret, const struct http_question *question)
{
    const char *loader = behind(ret->path, "/loader/");
    const char *asset = behind(ret->path, "/assets/");
    const char *image = behind(ret->path, "/images/");
    const char *elsewhere = behind(ret->path, ELSEWHERE_IMAGE_PATH);
    if (answer_signed(ret, question) || answer_plain(ret, question) || answer_extra(ret, question))
        return;
    if (text_is(ret->path, "/assets"))
        http_reply_redirect(ret, "/assets/", question->request->target);
    else if (asset || image)
        answer_asset(ret, question, asset ? asset : image);
    else if (answer_named_script(ret, question))
        return;
    else if (elsewhere)
        answer_image(ret, question, elsewhere);
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
    /* shim 16.1 asks for "/loader//grubx64.efi", and follows no redirection. */
    if (moved && !behind(ret->path, "/loader/")) {
        http_reply_redirect(ret, ret->path, request->target);
        return;
    }
    answer_path(ret, &(struct http_question){
                         .request = request,
                         .query = target.query,
                         .rest = "",
                         .catalog = catalog,
                         .fleet = fleet,
                         .settings = settings,
                     });
    if (ret->kind == HTTP_REPLY_TEXT)
        http_reply_add_reason(ret);
}
