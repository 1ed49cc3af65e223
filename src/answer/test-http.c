/* SPDX-License-Identifier: Apache-2.0 */
#include "answer/http.h"

#include <errno.h>

#include "base/array.h"
#include "test.h"

#define MAC "52:54:00:12:34:56"
#define CLIENT ((struct ipv4){.number = 0x0a000007})
static const struct moment now = {.wall_seconds = 1790000000};

/* A profile of two initrds, one group that gives it to MAC, one whose profile is missing to arch "mips". */
static struct catalog *catalog_new(void)
{
    struct catalog *catalog = catalog_create();
    struct profile *worker = profile_create("worker");
    free(worker->boot.kernel);
    worker->boot.kernel = memory_text("/assets/vmlinuz");
    worker->boot.present = true;
    profile_add_initrd(worker, "http://10.0.0.1/assets/initrd.gz");
    profile_add_initrd(worker, "/assets/extra.gz");
    profile_add_arg(worker, "quiet");
    catalog_take_profile(catalog, worker);
    struct group *node = group_create("node1", "worker");
    labels_set(&node->selector, "mac", MAC);
    node->metadata = value_new_map();
    value_map_take(node->metadata, "note", value_new_string("a\nFOO=b"));
    value_map_take(node->metadata, "cores", value_new_number(3));
    value_map_take(node->metadata, "big", value_new_number(1234567));
    value_map_take(node->metadata, "half", value_new_number(0.5));
    value_map_take(node->metadata, "tiny", value_new_number(0.00001));
    value_map_take(node->metadata, "up", value_new_bool(true));
    value_map_take(node->metadata, "none", value_new_null());
    value_map_take(node->metadata, "some", value_new_list());
    struct value *network = value_new_map();
    value_map_take(network, "gateway", value_new_string("10.0.0.1"));
    value_map_take(node->metadata, "network", network);
    catalog_take_group(catalog, node);
    struct group *lost = group_create("lost", "gone");
    labels_set(&lost->selector, "arch", "mips");
    catalog_take_group(catalog, lost);
    catalog_seal(catalog);
    return catalog;
}

static char *find_loader(void *context, const char *name)
{
    return text_is(name, "ipxe.efi") ? memory_print("%s/ipxe.efi", (const char *)context) : NULL;
}

static const struct http_file files[] = {{.path = "/boot/kernel", .file = "/tmp/k", .stage = STAGE_KERNEL}};
static char loaders[] = "/usr/lib/ipxe";
static const struct http_settings settings = {
    .has_assets = true,
    .files = files,
    .file_count = LENGTH(files),
    .find_loader = find_loader,
    .loader_context = loaders,
};

/* One answer; the caller finishes it. */
static struct http_reply answer(const struct http_request *request, struct fleet *fleet)
{
    AUTO(catalog_unref) struct catalog *catalog = catalog_new();
    struct http_reply reply = {0};
    answer_http(&reply, request, catalog, fleet, &settings);
    return reply;
}

static struct http_reply get(const char *target)
{
    return answer(&(struct http_request){.method = "GET", .target = target, .client = CLIENT}, NULL);
}

static const char *header(const struct http_reply *reply, const char *name)
{
    for (size_t i = 0; i < reply->header_count; i++)
        if (text_is(reply->headers[i].name, name))
            return reply->headers[i].value;
    return NULL;
}

static void every_path_has_its_answer(void)
{
    const struct {
        const char *target;
        unsigned status; /* 0: a file is to be opened */
        const char *file_or_body;
    } rows[] = {
        {"/", 200, "muster\n"},
        {"/healthz", 200, "ok\n"},
        {"/healthz?x", 200, "ok\n"},
        {"http://10.0.0.1/healthz", 200, "ok\n"},
        {"/boot/kernel", 0, "/tmp/k"},
        {"/loader/ipxe.efi", 0, "/usr/lib/ipxe/ipxe.efi"},
        {"/loader//ipxe.efi", 0, "/usr/lib/ipxe/ipxe.efi"},
        {"/assets/", 0, ""},
        {"/assets/a/b%20c", 0, "a/b c"},
        {"/assets/a/", 0, "a/"},
        {"/assets/%252e%252e/x", 0, "%2e%2e/x"},
    };
    for (size_t i = 0; i < LENGTH(rows); i++) {
        AUTO(http_reply_finish) struct http_reply reply = get(rows[i].target);
        CHECK_ROW(rows[i].target, reply.status == rows[i].status);
        CHECK_ROW(rows[i].target, (reply.kind == HTTP_REPLY_TEXT) == (rows[i].status != 0));
        CHECK_TEXT(reply.kind == HTTP_REPLY_TEXT ? text_characters(&reply.body) : reply.file, rows[i].file_or_body);
    }
}

static void what_is_not_there_says_what_is(void)
{
    const struct {
        const char *target;
        unsigned status;
        const char *words;
    } rows[] = {
        {"/ipxe/", 404, "there is nothing at /ipxe/; there is /boot.ipxe, /ipxe?mac=..., "},
        {"/x", 404, "/loader/NAME, /assets/, /boot/kernel\n"},
        {"/loader/", 404, "/loader/NAME"},
        {"/loader/a/ipxe.efi", 404, "BOOT PROGRAMS, lists them"},
        {"/loader/none", 404, "boot from its disk"},
        {"/loader/nope.efi", 404, "BOOT PROGRAMS, lists them"},
        {"/%e4%b8%ad%1", 400, "cannot be read"},
        {"/assets/%00", 400, "cannot be read"},
        {"*", 400, "cannot be read"},
    };
    for (size_t i = 0; i < LENGTH(rows); i++) {
        AUTO(http_reply_finish) struct http_reply reply = get(rows[i].target);
        CHECK_ROW(rows[i].target, reply.status == rows[i].status);
        CHECK_ROW(rows[i].target, strstr(text_characters(&reply.body), rows[i].words) != NULL);
        CHECK_TEXT(header(&reply, "Content-Type"), "text/plain; charset=utf-8");
    }
}

static void another_spelling_is_sent_to_the_one(void)
{
    const struct {
        const char *target, *location;
    } rows[] = {
        {"//ipxe?mac=a%20b", "/ipxe?mac=a%20b"},       {"/assets", "/assets/"},
        {"/assets/../groups/x", "/groups/x"},          {"/assets/%2e%2e/%2e%2e/etc/shadow", "/etc/shadow"},
        {"/assets/a%20b/../c%3f?x", "/assets/c%3F?x"}, {"//evil.example/%2e%2e", "/"},
    };
    for (size_t i = 0; i < LENGTH(rows); i++) {
        AUTO(http_reply_finish) struct http_reply reply = get(rows[i].target);
        CHECK_ROW(rows[i].target, reply.status == 301);
        CHECK_TEXT(header(&reply, "Location"), rows[i].location);
    }
}

static void files_are_only_read(void)
{
    const char *const targets[] = {"/assets/x", "/boot/kernel", "/loader/ipxe.efi"};
    for (size_t i = 0; i < LENGTH(targets); i++) {
        AUTO(http_reply_finish)
        struct http_reply reply = answer(&(struct http_request){.method = "PUT", .target = targets[i]}, NULL);
        CHECK_ROW(targets[i], reply.status == 405 && reply.kind == HTTP_REPLY_TEXT);
        CHECK_TEXT(header(&reply, "Allow"), "GET, HEAD");
    }
    AUTO(http_reply_finish)
    struct http_reply script = answer(&(struct http_request){.method = "POST", .target = "/boot.ipxe"}, NULL);
    CHECK_NUMBER(script.status, 200);
    CHECK_NUMBER(script.body.length, 132);
}

static void a_script_is_written_for_the_group_of_the_mac(void)
{
    AUTO(http_reply_finish) struct http_reply reply = get("/ipxe?uuid=&mac=52-54-00-12-34-56&mac=x&arch=x86_64");
    CHECK_NUMBER(reply.status, 200);
    CHECK_TEXT(text_characters(&reply.body),
               "#!ipxe\nkernel /assets/vmlinuz quiet\n"
               "initrd http://10.0.0.1/assets/initrd.gz\ninitrd /assets/extra.gz\nboot\n");
    CHECK_TEXT(header(&reply, "Content-Type"), "text/plain; charset=utf-8");
    CHECK_TEXT(reply.reason.text, "profile 'worker' of group 'node1'");
    CHECK(reply.notable && reply.told && reply.stage == STAGE_SCRIPT);
    CHECK_TEXT(reply.machine.arch, "x86_64");
    CHECK(ipv4_equal(reply.machine.address, CLIENT));
}

static bool names_initrds(const char *target, struct fleet *fleet)
{
    AUTO(http_reply_finish)
    struct http_reply reply =
        answer(&(struct http_request){.method = "GET", .target = target, .client = CLIENT}, fleet);
    return strstr(text_characters(&reply.body), "vmlinuz initrd=initrd.gz initrd=extra.gz quiet") != NULL;
}

static void initrds_are_named_on_machines_known_to_be_uefi(void)
{
    AUTO(fleet_destroy) struct fleet *fleet = fleet_create();
    struct machine machine = {.platform = PLATFORM_EFI, .address = {.number = 0x0a000009}};
    CHECK(!names_initrds("/ipxe?mac=" MAC, fleet));
    mac_from_text(&machine.mac, MAC);
    fleet_learn(fleet, &machine, now);
    CHECK(names_initrds("/ipxe?mac=" MAC, fleet));
    CHECK(!names_initrds("/ipxe?mac=" MAC "&platform=pcbios", fleet));
    CHECK(names_initrds("/ipxe?mac=" MAC "&platform=efi", NULL));
    CHECK(names_initrds("/ipxe?mac=" MAC "&arch=arm64", NULL));
    CHECK(!names_initrds("/ipxe?mac=" MAC "&arch=x86_64", NULL));
}

static void a_machine_that_says_no_mac_is_known_by_its_address(void)
{
    AUTO(fleet_destroy) struct fleet *fleet = fleet_create();
    struct machine machine = {.platform = PLATFORM_EFI, .address = CLIENT};
    mac_from_text(&machine.mac, MAC);
    fleet_learn(fleet, &machine, now);
    AUTO(http_reply_finish)
    struct http_reply reply =
        answer(&(struct http_request){.method = "GET", .target = "/assets/initrd.gz", .client = CLIENT}, fleet);
    CHECK(mac_equal(&reply.machine.mac, &machine.mac));
    CHECK(reply.stage == STAGE_INITRD && !reply.told);
    AUTO(http_reply_finish)
    struct http_reply script =
        answer(&(struct http_request){.method = "GET", .target = "/ipxe", .client = CLIENT}, fleet);
    CHECK(mac_equal(&script.machine.mac, &machine.mac));
    CHECK(!script.told);
}

static void a_machine_that_gets_nothing_is_told_why(void)
{
    AUTO(http_reply_finish) struct http_reply plain = get("/ipxe?mac=52:54:00:00:00:01");
    CHECK_NUMBER(plain.status, 404);
    CHECK(plain.refused && plain.notable);
    CHECK(text_starts_with(text_characters(&plain.body), "no group selects ip=10.0.0.7 mac=52:54:00:00:00:01"));
    AUTO(http_reply_finish)
    struct http_reply ipxe =
        answer(&(struct http_request){.method = "GET", .target = "/ipxe?arch=mips", .user_agent = "iPXE/1.21.1"}, NULL);
    CHECK_NUMBER(ipxe.status, 200);
    CHECK(ipxe.refused);
    CHECK(text_starts_with(text_characters(&ipxe.body), "#!ipxe\n"));
    CHECK(text_ends_with(text_characters(&ipxe.body), "exit 1\n"));
    CHECK(strstr(text_characters(&ipxe.body), "'gone'") != NULL);
    CHECK(strstr(ipxe.reason.text, "'gone'") != NULL);
}

static void a_mac_that_is_none_is_named(void)
{
    AUTO(http_reply_finish) struct http_reply reply = get("/ipxe?mac=525400123456%0a");
    CHECK_NUMBER(reply.status, 404);
    CHECK(strstr(reply.reason.text, "its mac '525400123456\\x0a' is no MAC address and was left out") != NULL);
}

static void metadata_is_sorted_and_stays_in_its_lines(void)
{
    AUTO(http_reply_finish) struct http_reply reply = get("/metadata?mac=" MAC "&x=1%0aFOO=2");
    CHECK_NUMBER(reply.status, 200);
    CHECK_TEXT(text_characters(&reply.body), "BIG=1.234567e+06\n"
                                             "CORES=3\n"
                                             "HALF=0.5\n"
                                             "MAC=52:54:00:12:34:56\n"
                                             "NETWORK_GATEWAY=10.0.0.1\n"
                                             "NOTE=a\\nFOO=b\n"
                                             "REQUEST_QUERY_MAC=52:54:00:12:34:56\n"
                                             "REQUEST_QUERY_X=1\\nFOO=2\n"
                                             "REQUEST_RAW_QUERY=mac=52:54:00:12:34:56&x=1%0aFOO=2\n"
                                             "TINY=1e-05\n"
                                             "UP=true\n");
    AUTO(http_reply_finish) struct http_reply none = get("/metadata");
    CHECK_NUMBER(none.status, 404);
}

/* Without `signs` there is nothing at the paths of signatures; with it the body is the one that is signed. */
static void a_config_can_be_had_for_signing(void)
{
    const struct {
        const char *target;
        unsigned status;
        enum http_signature signature;
        const char *media_type;
    } rows[] = {
        {"/ipxe.sig?mac=" MAC, 200, HTTP_SIGNATURE_BINARY, "application/octet-stream"},
        {"/ipxe.asc?mac=" MAC, 200, HTTP_SIGNATURE_ARMORED, "text/plain; charset=utf-8"},
        {"/boot.ipxe.0.sig", 200, HTTP_SIGNATURE_BINARY, "application/octet-stream"},
        {"/metadata.asc?mac=" MAC, 200, HTTP_SIGNATURE_ARMORED, "text/plain; charset=utf-8"},
        {"/ipxe.sig?mac=52:54:00:00:00:01", 404, HTTP_SIGNATURE_NONE, "text/plain; charset=utf-8"},
        {"/ipxe.sig.sig?mac=" MAC, 404, HTTP_SIGNATURE_NONE, "text/plain; charset=utf-8"},
        {"/healthz.sig", 404, HTTP_SIGNATURE_NONE, "text/plain; charset=utf-8"},
    };
    struct http_settings signing = settings;
    signing.signs = true;
    AUTO(catalog_unref) struct catalog *catalog = catalog_new();
    for (size_t i = 0; i < LENGTH(rows); i++) {
        struct http_request request = {.method = "GET", .target = rows[i].target, .user_agent = "iPXE/1.21.1"};
        AUTO(http_reply_finish) struct http_reply reply = {0};
        answer_http(&reply, &request, catalog, NULL, &signing);
        CHECK_ROW(rows[i].target, reply.status == rows[i].status);
        CHECK_ROW(rows[i].target, reply.signature == rows[i].signature);
        CHECK_TEXT(header(&reply, "Content-Type"), rows[i].media_type);
        AUTO(http_reply_finish) struct http_reply unsigned_reply = get(rows[i].target);
        CHECK_ROW(rows[i].target, unsigned_reply.status == 404);
    }
}

static const struct http_found found = {.inode = 0x65, .size = 10, .modified = 784111777, .modified_nanoseconds = 5};
#define ETAG "\"65-a-ae1b981bc490a05\""

/* What a file that was found is sent as; the caller finishes it. */
static struct http_reply send_file(const char *method, struct http_conditions conditions)
{
    struct http_request request = {.method = method, .target = "/loader/ipxe.efi", .conditions = conditions};
    struct http_reply reply = answer(&request, NULL);
    answer_http_file(&reply, &request, &found, now);
    return reply;
}

static void a_file_is_sent_with_what_a_client_needs_to_resume(void)
{
    AUTO(http_reply_finish) struct http_reply reply = send_file("GET", (struct http_conditions){0});
    CHECK(reply.kind == HTTP_REPLY_FILE && reply.status == 200 && reply.offset == 0 && reply.length == 10);
    CHECK_TEXT(header(&reply, "Content-Type"), "application/efi");
    CHECK_TEXT(header(&reply, "Last-Modified"), "Sun, 06 Nov 1994 08:49:37 GMT");
    CHECK_TEXT(header(&reply, "ETag"), ETAG);
    CHECK_TEXT(header(&reply, "Accept-Ranges"), "bytes");
    CHECK(reply.notable);
}

static void a_part_of_a_file_says_which(void)
{
    AUTO(http_reply_finish)
    struct http_reply part = send_file("GET", (struct http_conditions){.range = "bytes=2-4", .if_range = ETAG});
    CHECK(part.status == 206 && part.offset == 2 && part.length == 3 && !part.notable);
    CHECK_TEXT(header(&part, "Content-Range"), "bytes 2-4/10");
    AUTO(http_reply_finish) struct http_reply none = send_file("GET", (struct http_conditions){.range = "bytes=10-"});
    CHECK(none.status == 416 && none.kind == HTTP_REPLY_TEXT);
    CHECK_TEXT(header(&none, "Content-Range"), "bytes */10");
    AUTO(http_reply_finish) struct http_reply head = send_file("HEAD", (struct http_conditions){.range = "bytes=2-4"});
    CHECK(head.status == 200 && head.length == 10 && !head.notable);
}

static void a_client_that_has_the_file_gets_no_body(void)
{
    AUTO(http_reply_finish) struct http_reply same = send_file("GET", (struct http_conditions){.if_none_match = ETAG});
    CHECK(same.status == 304 && same.length == 10);
    CHECK_TEXT(header(&same, "ETag"), ETAG);
    AUTO(http_reply_finish) struct http_reply other = send_file("GET", (struct http_conditions){.if_match = "\"1\""});
    CHECK_NUMBER(other.status, 412);
}

static void what_cannot_be_opened_says_why(void)
{
    const struct {
        int error;
        unsigned status;
    } rows[] = {{ENOENT, 404}, {ENOTDIR, 404}, {EACCES, 403}, {EINVAL, 403}, {EMFILE, 503}, {EIO, 500}};
    for (size_t i = 0; i < LENGTH(rows); i++) {
        AUTO(http_reply_finish) struct http_reply reply = get("/assets/x");
        answer_http_no_file(&reply, rows[i].error);
        CHECK_NUMBER(reply.status, rows[i].status);
        CHECK(reply.kind == HTTP_REPLY_TEXT && reply.body.length > 0);
    }
}

static void a_folder_is_listed_safely(void)
{
    AUTO(http_reply_finish) struct http_reply reply = get("/assets/");
    char names[][24] = {"sub/", "a&b <i>.txt", "x:y", "\"q\""};
    char *entries[] = {names[0], names[1], names[2], names[3]};
    answer_http_folder(&reply, entries, LENGTH(entries));
    CHECK_TEXT(text_characters(&reply.body),
               "<!doctype html>\n<meta name=\"viewport\" content=\"width=device-width\">\n<pre>\n"
               "<a href=\"./%22q%22\">&#34;q&#34;</a>\n"
               "<a href=\"./a&amp;b%20%3Ci%3E.txt\">a&amp;b &lt;i&gt;.txt</a>\n"
               "<a href=\"./sub/\">sub/</a>\n"
               "<a href=\"./x:y\">x:y</a>\n"
               "</pre>\n");
}

static void a_folder_has_a_slash_and_a_file_has_none(void)
{
    const struct {
        const char *target, *location;
    } rows[] = {{"/assets/a?x", "/assets/a/?x"}, {"/assets/a/b/", "/assets/a/b"}};
    for (size_t i = 0; i < LENGTH(rows); i++) {
        struct http_request request = {.method = "GET", .target = rows[i].target};
        AUTO(http_reply_finish) struct http_reply reply = answer(&request, NULL);
        answer_http_respell(&reply, &request);
        CHECK_NUMBER(reply.status, 301);
        CHECK_TEXT(header(&reply, "Location"), rows[i].location);
    }
}

int main(void)
{
    RUN(every_path_has_its_answer);
    RUN(what_is_not_there_says_what_is);
    RUN(another_spelling_is_sent_to_the_one);
    RUN(files_are_only_read);
    RUN(a_script_is_written_for_the_group_of_the_mac);
    RUN(initrds_are_named_on_machines_known_to_be_uefi);
    RUN(a_machine_that_says_no_mac_is_known_by_its_address);
    RUN(a_machine_that_gets_nothing_is_told_why);
    RUN(a_mac_that_is_none_is_named);
    RUN(metadata_is_sorted_and_stays_in_its_lines);
    RUN(a_config_can_be_had_for_signing);
    RUN(a_file_is_sent_with_what_a_client_needs_to_resume);
    RUN(a_part_of_a_file_says_which);
    RUN(a_client_that_has_the_file_gets_no_body);
    RUN(what_cannot_be_opened_says_why);
    RUN(a_folder_is_listed_safely);
    RUN(a_folder_has_a_slash_and_a_file_has_none);
    return test_result();
}
