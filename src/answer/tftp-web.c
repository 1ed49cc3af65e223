/* SPDX-License-Identifier: Apache-2.0 */
/* HTTP's names over TFTP. */
#include "answer/tftp-web.h"

#include <ctype.h>
#include <string.h>

#include "base/memory.h"

enum { HTTP_PORT = 80 };

static bool is_escaped(const char *text)
{
    return text[0] == '%' && isxdigit((unsigned char)text[1]) && isxdigit((unsigned char)text[2]);
}

/* The name as the target of a request. It may be a URL's path, as a configuration gives it, or a file's name as a
 * person does, with characters that no URL has. */
static void append_target(struct text *ret, const char *name)
{
    text_append_char(ret, '/');
    for (; *name; name++)
        if (*name == '%' ? !is_escaped(name) : (*name <= ' ' || *name == 0x7f || *name == '#'))
            text_print(ret, "%%%02X", (unsigned char)*name);
        else
            text_append_char(ret, *name);
}

/* Where in the name one of assets or images begins that a program looks for below its own folder; NULL: nowhere. */
static const char *find_below(const char *name, const struct http_settings *settings)
{
    const char *assets = strstr(name, "/assets/");
    const char *image = strstr(name, ELSEWHERE_IMAGE_PATH);
    if (assets && settings->has_assets)
        return assets + 1;
    if (image && settings->elsewhere.image_path)
        return image + 1;
    for (size_t i = 0; i < settings->file_count; i++)
        if (text_ends_with(name, settings->files[i].path))
            return name + strlen(name) - strlen(settings->files[i].path) + 1;
    return NULL;
}

static void ask(struct http_reply *ret, const struct answer_tftp_web *web, const char *name,
                const struct answer_tftp_client *client)
{
    AUTO(text_finish) struct text target = {0};
    char local[IPV4_TEXT_MAX];
    ipv4_to_text(local, client->local);
    AUTO(free)
    char *host = web->http_port == HTTP_PORT ? memory_text(local) : memory_print("%s:%u", local, web->http_port);
    append_target(&target, name);
    answer_http(ret,
                &(struct http_request){
                    .method = "GET",
                    .target = text_characters(&target),
                    .host = web->http_port > 0 ? host : NULL,
                    .client = client->address,
                    .by_tftp = true,
                    .local = client->local,
                },
                web->catalog, web->fleet, web->settings);
}

/* A reply that says why there is nothing is worth more than that there is nothing; one that is about a path that means
 * nothing is not. */
static bool says_why(const struct http_reply *reply)
{
    return reply->refused || reply->notable;
}

static bool means_nothing(const struct http_reply *reply)
{
    return reply->kind == HTTP_REPLY_TEXT && reply->status == 404 && !reply->waits && !says_why(reply);
}

/* The name without its first folder; NULL: there is none, or no query, which only names have that we gave. */
static const char *behind_folder(const char *name)
{
    size_t path = strcspn(name, "?");
    const char *slash = memchr(name, '/', path);
    return slash && name[path] == '?' ? slash + 1 : NULL;
}

/* syslinux.efi 6.04 puts its own folder before each name that it is given, also before one that begins with a slash. */
static void ask_in_any_folder(struct http_reply *ret, const struct answer_tftp_web *web, const char *name,
                              const struct answer_tftp_client *client)
{
    ask(ret, web, name, client);
    for (name = behind_folder(name); name && means_nothing(ret); name = behind_folder(name)) {
        http_reply_finish(ret);
        ask(ret, web, name, client);
    }
}

static void take_reply(struct answer_tftp *ret, struct http_reply *reply)
{
    static const enum answer_tftp_kind kinds[] = {
        [HTTP_REPLY_TEXT] = ANSWER_TFTP_CONTENT,
        [HTTP_REPLY_FILE] = ANSWER_TFTP_FILE,
        [HTTP_REPLY_ASSET] = ANSWER_TFTP_ASSET,
        [HTTP_REPLY_IMAGE] = ANSWER_TFTP_IMAGE,
    };
    ret->kind = reply->waits ? ANSWER_TFTP_LATER : kinds[reply->kind];
    ret->content = reply->body;
    reply->body = (struct text){0};
    ret->file = take_pointer(reply->file);
    ret->machine = reply->machine;
    ret->chosen = take_pointer(reply->chosen);
    ret->told = reply->told;
    ret->refused = reply->refused;
    ret->stage = reply->stage;
    ret->reason = reply->reason;
}

/* What is made of a machine's documents may hold secrets: where an operator has it fetched by HTTPS alone, it does not
 * leave in the clear by TFTP. */
static bool is_secret(const struct http_reply *reply, const struct answer_tftp_web *web)
{
    bool is_document = reply->stage == STAGE_CONFIG || reply->stage == STAGE_INITRD;
    return web->http_port == 0 && reply->kind == HTTP_REPLY_TEXT && is_document;
}

/* PXELINUX's list of initrds, whose names have no comma of their own, as U-Boot asks for it: as if it were one file. */
static bool is_list(const char *name)
{
    return strstr(name, ",/") || strstr(name, ",http");
}

bool answer_tftp_web(struct answer_tftp *ret, const struct answer_tftp_web *web,
                     const struct answer_tftp_request *request)
{
    AUTO(http_reply_finish) struct http_reply reply = {0};
    if (is_list(request->name)) {
        answer_tftp_refuse(ret, TFTP_ERROR_NOT_FOUND,
                           "U-Boot loads one initrd: the profile must have no other, and no overlay");
        return true;
    }
    const char *below = find_below(request->name, web->settings);
    ask_in_any_folder(&reply, web, below ? below : request->name, request->client);
    if (reply.signature != HTTP_SIGNATURE_NONE)
        return false;
    if (is_secret(&reply, web)) {
        answer_tftp_refuse(ret, TFTP_ERROR_ACCESS, "'%.*s' is given by HTTPS alone", 128, request->name);
        return true;
    }
    if (reply.waits || reply.kind != HTTP_REPLY_TEXT || reply.status == 200) {
        take_reply(ret, &reply);
        return true;
    }
    if (!says_why(&reply))
        return false;
    answer_tftp_refuse(ret, TFTP_ERROR_NOT_FOUND, "%s", reply.reason.text);
    return true;
}
