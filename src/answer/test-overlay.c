/* SPDX-License-Identifier: Apache-2.0 */
/* The overlay of one machine: what is in it, where it is asked for, and that it is whole or not there. */
#include "answer/http.h"
#include "answer/overlay.h"

#include "base/array.h"
#include "base/memory.h"
#include "lang/gzip.h"
#include "proto/cpio/newc.h"
#include "test.h"

#define MAC "52:54:00:12:34:56"
#define QUERY_MAC "52%3A54%3A00%3A12%3A34%3A56"
#define BINARY "\0\xff{\0"

static void set(char **ret, const char *text)
{
    free(*ret);
    *ret = memory_text(text);
}

static void add_file(struct profile *profile, const char *path, enum overlay_kind kind,
                     enum catalog_document_kind document, const char *text)
{
    struct overlay_file file = {.path = memory_text(path), .kind = kind, .document = document, .mode = 0644};
    file.text = memory_text(text);
    overlay_take_file(&profile->overlay, &file);
}

static struct profile *profile_new(const char *id)
{
    struct profile *profile = profile_create(id);
    profile->source = memory_print("profiles/%s.yaml", id);
    profile->boot.present = true;
    set(&profile->boot.kernel, "/assets/vmlinuz");
    profile_add_initrd(profile, "/assets/initrd.gz");
    return profile;
}

static struct profile *worker_new(void)
{
    struct profile *worker = profile_new("worker");
    set(&worker->cloud_id, "worker.yaml");
    add_file(worker, "usr/share/oem/cloud-config.yml", OVERLAY_DOCUMENT, CATALOG_CLOUD, "");
    add_file(worker, "etc/hostname", OVERLAY_CONTENT, 0, "{{.host}} {{.mac}} {{index .request.query \"os\"}}");
    add_file(worker, "etc/binary", OVERLAY_DOCUMENT, CATALOG_GENERIC, "binary");
    add_file(worker, "etc/mtab", OVERLAY_LINK, 0, "../proc/mounts");
    add_file(worker, "var/lib/x", OVERLAY_DIRECTORY, 0, "");
    return worker;
}

/* A profile whose overlay has one good file, and one that is not. */
static void add_broken(struct catalog *catalog, const char *id, enum overlay_kind kind, const char *text)
{
    struct profile *profile = profile_new(id);
    struct group *group = group_create(id, id);
    add_file(profile, "good", OVERLAY_CONTENT, 0, "good");
    add_file(profile, "bad", kind, CATALOG_CLOUD, text);
    labels_set(&group->selector, "os", id);
    catalog_take_profile(catalog, profile);
    catalog_take_group(catalog, group);
}

static struct catalog *catalog_new(void)
{
    struct catalog *catalog = catalog_create();
    struct group *group = group_create("g", "worker");
    struct profile *plain = profile_new("plain");
    struct group *plain_group = group_create("plain", "plain");
    labels_set(&group->selector, "mac", MAC);
    labels_set(&plain_group->selector, "os", "plain");
    group->metadata = value_new_map();
    value_map_take(group->metadata, "host", value_new_string("node1"));
    catalog_take_document(catalog, CATALOG_CLOUD, "worker.yaml", bytes_of_text("#cloud-config\nhostname: {{.host}}\n"));
    catalog_take_document(catalog, CATALOG_CLOUD, "plain.yaml", bytes_of_text("hello\n"));
    catalog_take_document(catalog, CATALOG_GENERIC, "binary", bytes_of(BINARY, sizeof BINARY - 1));
    catalog_take_profile(catalog, worker_new());
    catalog_take_profile(catalog, plain);
    catalog_take_group(catalog, group);
    catalog_take_group(catalog, plain_group);
    add_broken(catalog, "template", OVERLAY_CONTENT, "{{.nothing}}");
    add_broken(catalog, "parse", OVERLAY_CONTENT, "{{");
    add_broken(catalog, "missing", OVERLAY_DOCUMENT, "nothing.yaml");
    add_broken(catalog, "none", OVERLAY_DOCUMENT, "");
    add_broken(catalog, "link", OVERLAY_LINK, "{{.request.query.to}}");
    add_broken(catalog, "unfit", OVERLAY_DOCUMENT, "plain.yaml");
    struct profile *named = profile_new("named");
    struct group *named_group = group_create("named", "named");
    add_file(named, "etc/file", OVERLAY_CONTENT, 0, "good");
    add_file(named, "etc/{{.request.query.name}}", OVERLAY_LINK, 0, "{{.request.query.to}}");
    labels_set(&named_group->selector, "os", "named");
    catalog_take_profile(catalog, named);
    catalog_take_group(catalog, named_group);
    struct profile *names = profile_new("names");
    struct group *names_group = group_create("names", "names");
    profile_add_arg(names, "initrd=main");
    add_file(names, "good", OVERLAY_CONTENT, 0, "good");
    labels_set(&names_group->selector, "os", "names");
    catalog_take_profile(catalog, names);
    catalog_take_group(catalog, names_group);
    catalog_seal(catalog);
    return catalog;
}

/* One answer; the caller finishes it. */
static struct http_reply answer(const struct http_request *request)
{
    static const struct http_settings settings = {.signs = true};
    AUTO(catalog_unref) struct catalog *catalog = catalog_new();
    struct http_reply reply = {0};
    answer_http(&reply, request, catalog, NULL, &settings);
    return reply;
}

static struct http_reply get(const char *target)
{
    return answer(&(struct http_request){.method = "GET", .target = target, .host = "h:8080", .user_agent = "iPXE/1"});
}

static const char *header(const struct http_reply *reply, const char *name)
{
    for (size_t i = 0; i < reply->header_count; i++)
        if (text_is(reply->headers[i].name, name))
            return reply->headers[i].value;
    return NULL;
}

static void a_machine_gets_the_files_of_its_profile(void)
{
    static const struct {
        const char *path;
        struct bytes content;
    } files[] = {
        {"usr", {0}},
        {"usr/share", {0}},
        {"usr/share/oem", {0}},
        {"usr/share/oem/cloud-config.yml", {(const uint8_t *)"#cloud-config\nhostname: node1\n", 30}},
        {"etc", {0}},
        {"etc/hostname", {(const uint8_t *)"node1 " MAC " a&b", 27}},
        {"etc/binary", {(const uint8_t *)BINARY, sizeof BINARY - 1}},
        {"etc/mtab", {(const uint8_t *)"../proc/mounts", 14}},
        {"var", {0}},
        {"var/lib", {0}},
        {"var/lib/x", {0}},
    };
    AUTO(http_reply_finish) struct http_reply reply = get("/overlay?mac=52-54-00-12-34-56&os=a%26b");
    CHECK_NUMBER(reply.status, 200);
    CHECK_TEXT(header(&reply, "Content-Type"), "application/x-cpio");
    CHECK_TEXT(reply.reason.text, "overlay for profile 'worker' of group 'g'");
    CHECK_NUMBER(reply.stage, STAGE_INITRD);
    struct bytes rest = text_bytes(&reply.body);
    struct cpio_entry entry;
    for (size_t i = 0; i < LENGTH(files); i++) {
        CHECK_ROW(files[i].path, cpio_entry_next(&entry, &rest) == 0);
        CHECK_TEXT(entry.path, files[i].path);
        CHECK_ROW(files[i].path, bytes_equal(entry.content, files[i].content));
    }
    CHECK_NUMBER(cpio_entry_next(&entry, &rest), CPIO_E_END);
}

static void paths_and_links_may_be_rendered_too(void)
{
    static const struct {
        const char *query, *reason; /* NULL: it is there */
    } rows[] = {
        {"name=a&to=b", NULL},
        {"name=../x&to=b",
         "profiles/named.yaml, overlay etc/{{.request.query.name}}: path 'etc/../x' leads out by '..'"},
        {"name=a%0ab&to=b",
         "profiles/named.yaml, overlay etc/{{.request.query.name}}: path 'etc/a\\x0ab' has a control "
         "character in it"},
        {"name=file&to=b", "profiles/named.yaml, overlay etc/{{.request.query.name}}: path 'etc/file' is there twice"},
        {"name=a&to=",
         "profiles/named.yaml, overlay etc/{{.request.query.name}}: link 'etc/a' points to nothing that can "
         "be named"},
        {"to=b", "profiles/named.yaml, overlay etc/{{.request.query.name}}: path:1:14: there is no \"name\" here"},
    };
    for (size_t i = 0; i < LENGTH(rows); i++) {
        AUTO(free) char *target = memory_print("/overlay?os=named&%s", rows[i].query);
        AUTO(http_reply_finish) struct http_reply reply = get(target);
        CHECK_ROW(target, (reply.status == 200) == !rows[i].reason);
        CHECK_ROW(reply.reason.text, !rows[i].reason || text_starts_with(reply.reason.text, rows[i].reason));
        CHECK_ROW(target, rows[i].reason || memmem(reply.body.characters, reply.body.length, "etc/a\0b", 7));
    }
}

static void an_overlay_is_the_same_each_time(void)
{
    AUTO(http_reply_finish) struct http_reply first = get("/overlay?mac=" QUERY_MAC "&os=");
    AUTO(http_reply_finish) struct http_reply second = get("/overlay?os=&mac=" MAC);
    CHECK(first.body.length > 0 && bytes_equal(text_bytes(&first.body), text_bytes(&second.body)));
}

static void an_overlay_is_given_in_part_and_signed_as_a_whole(void)
{
    const struct http_request request = {
        .method = "GET", .target = "/overlay?os=&mac=" MAC, .conditions = {.range = "bytes=0-5"}};
    struct http_request signed_request = request;
    signed_request.target = "/overlay.sig?os=&mac=" MAC;
    AUTO(http_reply_finish) struct http_reply part = answer(&request);
    AUTO(http_reply_finish) struct http_reply signature = answer(&signed_request);
    CHECK_NUMBER(part.status, 206);
    CHECK_TEXT(text_characters(&part.body), "070701");
    CHECK_NUMBER(signature.status, 200);
    CHECK_NUMBER(signature.signature, HTTP_SIGNATURE_BINARY);
    CHECK(signature.body.length % CPIO_BLOCK_SIZE == 0);
}

static void it_is_there_packed_too(void)
{
    AUTO(http_reply_finish) struct http_reply plain = get("/overlay?os=&mac=" MAC);
    AUTO(http_reply_finish) struct http_reply packed = get("/overlay.gz?os=&mac=" MAC);
    AUTO(text_finish) struct text expected = {0};
    gzip_append(&expected, text_bytes(&plain.body));
    CHECK_NUMBER(packed.status, 200);
    CHECK_TEXT(header(&packed, "Content-Type"), "application/gzip");
    CHECK(bytes_equal(text_bytes(&packed.body), text_bytes(&expected)));
}

static void each_loader_takes_it_as_one_more_initrd(void)
{
    static const struct {
        const char *target, *has;
    } rows[] = {
        {"/ipxe?mac=" MAC "&os=a%26b",
         "\ninitrd /assets/initrd.gz\ninitrd --name overlay.cpio overlay?mac=" QUERY_MAC "&os=a%26b\nboot\n"},
        {"/ipxe?mac=" MAC "&os=&platform=efi",
         "\nkernel /assets/vmlinuz initrd=initrd.gz initrd=overlay.cpio\ninitrd --name initrd.gz /assets/initrd.gz\n"
         "initrd --name overlay.cpio overlay.gz?mac=" QUERY_MAC "&os=&platform=efi\nboot\n"},
        {"/ipxe?mac=" MAC "&os=&arch=x86_64", "initrd --name overlay.cpio overlay.gz?"},
        {"/ipxe?mac=" MAC "&os=&arch=i386", "initrd --name overlay.cpio overlay?"},
        {"/ipxe?mac=" MAC "&os=&arch=x86_64&platform=pcbios", "initrd --name overlay.cpio overlay?"},
        {"/ipxe?mac=" MAC "&os=&x=$%7bnet0/mac%7d", "&x=%24%7Bnet0%2Fmac%7D\nboot\n"},
        {"/grub?mac=" MAC "&os=", "\ninitrd  \"/assets/initrd.gz\" \"(http,h:8080)/overlay?mac=" QUERY_MAC "&os=\"\n"},
        {"/v1/boot/" MAC, "\"initrd\":[\"/assets/initrd.gz\",\"/overlay?mac=" QUERY_MAC "\"]"},
    };
    for (size_t i = 0; i < LENGTH(rows); i++) {
        AUTO(http_reply_finish) struct http_reply reply = get(rows[i].target);
        CHECK_ROW(rows[i].target, reply.status == 200);
        CHECK_ROW(text_characters(&reply.body), strstr(text_characters(&reply.body), rows[i].has) != NULL);
    }
}

static void a_profile_that_names_its_initrds_has_the_overlay_named_behind_them(void)
{
    AUTO(http_reply_finish) struct http_reply reply = get("/ipxe?os=names&arch=arm64");
    AUTO(http_reply_finish) struct http_reply bios = get("/ipxe?os=names");
    CHECK_TEXT(text_characters(&reply.body), "#!ipxe\nkernel /assets/vmlinuz initrd=main initrd=overlay.cpio\n"
                                             "initrd /assets/initrd.gz\n"
                                             "initrd --name overlay.cpio overlay.gz?arch=arm64&os=names\nboot\n");
    CHECK(strstr(text_characters(&bios.body), "initrd=main initrd=overlay.cpio\n") != NULL);
}

static void a_profile_without_an_overlay_is_as_it_was(void)
{
    AUTO(http_reply_finish) struct http_reply reply = get("/ipxe?os=plain");
    AUTO(http_reply_finish) struct http_reply overlay = get("/overlay?os=plain");
    CHECK_TEXT(text_characters(&reply.body), "#!ipxe\nkernel /assets/vmlinuz\ninitrd /assets/initrd.gz\nboot\n");
    CHECK_NUMBER(overlay.status, 404);
    CHECK_TEXT(text_characters(&overlay.body), "profile 'plain' lists no files: it has no \"overlay\"\n");
}

static void an_overlay_is_whole_or_not_there(void)
{
    static const struct {
        const char *os, *reason;
    } rows[] = {
        {"template", "profiles/template.yaml, overlay bad: content:1:2: there is no \"nothing\" here"},
        {"parse", "profiles/parse.yaml, overlay bad: content:1:2: the action is not closed"},
        {"missing",
         "profiles/missing.yaml, overlay bad: profile 'missing' names cloud/nothing.yaml, which is not there"},
        {"none",
         "profiles/none.yaml, overlay bad: profile 'none' (profiles/none.yaml) names no cloud document: it has no "
         "\"cloud_id\""},
        {"link", "profiles/link.yaml, overlay bad: link:1:10: there is no \"to\" here"},
        {"unfit", "profiles/unfit.yaml, overlay bad: cloud/plain.yaml"},
    };
    for (size_t i = 0; i < LENGTH(rows); i++) {
        AUTO(free) char *target = memory_print("/overlay?os=%s", rows[i].os);
        AUTO(free) char *script_target = memory_print("/ipxe?os=%s", rows[i].os);
        AUTO(http_reply_finish) struct http_reply reply = get(target);
        AUTO(http_reply_finish) struct http_reply script = get(script_target);
        CHECK_NUMBER(reply.status, 404);
        CHECK_ROW(reply.reason.text, text_starts_with(reply.reason.text, rows[i].reason));
        CHECK_ROW(rows[i].os, memchr(reply.body.characters, 0, reply.body.length) == NULL);
        CHECK_ROW(rows[i].os, script.refused && strstr(text_characters(&script.body), "overlay bad") != NULL);
        CHECK_ROW(rows[i].os, strstr(text_characters(&script.body), "\nkernel") == NULL);
    }
}

int main(void)
{
    RUN(a_machine_gets_the_files_of_its_profile);
    RUN(paths_and_links_may_be_rendered_too);
    RUN(an_overlay_is_the_same_each_time);
    RUN(an_overlay_is_given_in_part_and_signed_as_a_whole);
    RUN(it_is_there_packed_too);
    RUN(each_loader_takes_it_as_one_more_initrd);
    RUN(a_profile_that_names_its_initrds_has_the_overlay_named_behind_them);
    RUN(a_profile_without_an_overlay_is_as_it_was);
    RUN(an_overlay_is_whole_or_not_there);
    return test_result();
}
