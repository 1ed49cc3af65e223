/* SPDX-License-Identifier: Apache-2.0 */
/* Any lines as a request: method, target, host, user agent, Range, If-None-Match. Every answer is whole: a status, a
 * text or a file below its folder, headers without line breaks. */
#include "answer/http.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "proto/cpio/newc.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { LINES = 6 };

static char *take_line(struct bytes *rest)
{
    const uint8_t *end = rest->size > 0 ? memchr(rest->data, '\n', rest->size) : NULL;
    size_t size = end ? (size_t)(end - rest->data) : rest->size;
    char *line = memory_text_of(size > 0 ? (const char *)rest->data : "", size);
    *rest = bytes_slice(*rest, size + 1, rest->size);
    return line;
}

static const char ignition[] = "{\"ignition\": {\"version\": \"3.4.0\"}}";

/* A file whose content the machine's labels write. */
static void add_overlay(struct profile *profile)
{
    struct overlay_file file = {
        .path = memory_text("etc/labels"),
        .kind = OVERLAY_CONTENT,
        .text = memory_text("{{ range $k, $v := .request.query }}{{ $k }} {{ $v }}\n{{ end }}"),
        .mode = 0644,
    };
    overlay_take_file(&profile->overlay, &file);
}

static void add_menu(struct catalog *catalog)
{
    struct group *group = group_create("menu", "worker");
    labels_set(&group->selector, "menu", "yes");
    group->menu = menu_create();
    menu_take_entry(group->menu, &(struct menu_entry){.profile = memory_text("worker")});
    menu_take_entry(group->menu, &(struct menu_entry){.title = memory_text("the disk")});
    menu_complete(group->menu);
    catalog_take_group(catalog, group);
}

static struct catalog *catalog_new(void)
{
    struct catalog *catalog = catalog_create();
    struct profile *profile = profile_create("worker");
    add_overlay(profile);
    profile->boot.present = true;
    profile->boot.args_are_templates = true;
    profile_add_initrd(profile, "/assets/initrd.gz");
    profile_add_arg(profile, "x={{ index .request.query \"x\" }} y=${y}");
    free(profile->ignition_id);
    profile->ignition_id = memory_text("a.ign");
    free(profile->cloud_id);
    profile->cloud_id = memory_text("a.yaml");
    free(profile->generic_id);
    profile->generic_id = memory_text("a.txt");
    labels_set(&profile->generics, "ks", "a.txt");
    catalog_take_document(catalog, CATALOG_IGNITION, "a.ign", bytes_of_text(ignition));
    catalog_take_document(catalog, CATALOG_CLOUD, "a.yaml",
                          bytes_of_text("#cloud-config\nhostname: {{ index .request.query \"h\" }}\n"));
    catalog_take_document(catalog, CATALOG_GENERIC, "a.txt",
                          bytes_of_text("{{ range $k, $v := .request.query }}{{ $k }} {{ $v }}\n{{ end }}"));
    catalog_take_profile(catalog, profile);
    struct group *group = group_create("node", "worker");
    labels_set(&group->selector, "arch", "arm64");
    catalog_take_group(catalog, group);
    add_menu(catalog);
    catalog_seal(catalog);
    return catalog;
}

static char *find_loader(void *context, const char *name)
{
    (void)context;
    if (*name == '\0' || *name == '/' || strstr(name, "//") || strstr(name, "/../"))
        abort();
    return strlen(name) % 2 ? memory_text(name) : NULL;
}

static void check_reply(const struct http_reply *reply)
{
    if (reply->status < 200 || reply->status > 599)
        abort();
    if (reply->signature != HTTP_SIGNATURE_NONE && reply->status != 200)
        abort();
    for (size_t i = 0; i < reply->header_count; i++)
        if (strpbrk(reply->headers[i].value, "\r\n"))
            abort();
}

/* Whatever the content, the archive has the file and its folder. */
static void check_archive(struct bytes archive)
{
    struct cpio_entry entry;
    static const char *const paths[] = {"etc", "etc/labels"};
    for (size_t i = 0; i < 2; i++)
        if (cpio_entry_next(&entry, &archive) != 0 || !text_is(entry.path, paths[i]))
            abort();
    if (cpio_entry_next(&entry, &archive) != CPIO_E_END)
        abort();
}

/* A script has no line that the machine's own labels wrote, metadata no line without a name, and an Ignition config is
 * the one there is. */
static void check_body(const struct http_reply *reply)
{
    const char *body = text_characters(&reply->body);
    if (reply->status != 200 || reply->refused || !reply->path)
        return;
    bool is_script = text_is(reply->path, "/ipxe") || text_is(reply->path, "/grub") ||
                     text_starts_with(reply->path, "/pxelinux.cfg/") || text_starts_with(reply->path, "/grub/");
    if (is_script && strstr(body, "\nevil"))
        abort();
    if (text_is(reply->path, "/overlay"))
        check_archive(text_bytes(&reply->body));
    if (text_is(reply->path, "/ignition") && !text_is(body, ignition))
        abort();
    for (const char *line = body; text_is(reply->path, "/metadata") && *line; line = strchr(line, '\n') + 1)
        if (strcspn(line, "=") > strcspn(line, "\n"))
            abort();
}

static void check_file(struct http_reply *reply, const struct http_request *request)
{
    const struct http_found found = {.inode = 1, .size = 1000, .modified = 1};
    AUTO(free) char *bounded = memory_print("/%s/", reply->file);
    if (reply->kind == HTTP_REPLY_ASSET && (strstr(bounded, "/../") || reply->file[0] == '/'))
        abort();
    answer_http_file(reply, request, &found, (struct moment){.wall_seconds = 1790000000});
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct catalog *catalog;
    static struct fleet *fleet;
    if (!catalog) {
        catalog = catalog_new();
        fleet = fleet_create();
    }
    char *lines[LINES];
    struct bytes rest = bytes_of(data, size);
    for (int i = 0; i < LINES; i++)
        lines[i] = take_line(&rest);
    const struct http_settings settings = {.has_assets = true, .find_loader = find_loader, .signs = size % 2};
    const struct http_request request = {.method = lines[0],
                                         .target = lines[1],
                                         .host = lines[2],
                                         .user_agent = lines[3],
                                         .conditions = {.range = lines[4], .if_none_match = lines[5]}};
    AUTO(http_reply_finish) struct http_reply reply = {0};
    answer_http(&reply, &request, catalog, fleet, &settings);
    if (reply.kind != HTTP_REPLY_TEXT)
        check_file(&reply, &request);
    check_reply(&reply);
    check_body(&reply);
    for (int i = 0; i < LINES; i++)
        free(lines[i]);
    return 0;
}
