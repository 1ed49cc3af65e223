/* SPDX-License-Identifier: Apache-2.0 */
/* What the endpoints give that depend on the machine. */
#include "answer/http.h"

#include "base/array.h"
#include "test.h"

#define MAC "52:54:00:12:34:56"
#define CLIENT ((struct ipv4){.number = 0x0a000007})
#define IGNITION "{ \"ignition\": {\"version\": \"3.9.0\", \"new\": {}} } \n"
static const struct moment now = {.wall_seconds = 1790000000};
static const struct http_settings settings = {.has_assets = true};

static void set(char **ret, const char *text)
{
    free(*ret);
    *ret = memory_text(text);
}

static struct profile *worker_new(void)
{
    struct profile *worker = profile_create("worker");
    worker->boot.present = true;
    set(&worker->boot.kernel, "--name k http://10.0.0.1:8080/assets/vmlinuz rootflags=rw");
    profile_add_initrd(worker, "--name main assets/initrd.gz");
    profile_add_arg(worker, "url=http://h/i?uuid=${uuid}&mac=${mac:hexhyp} x");
    set(&worker->ignition_id, "worker.ign");
    set(&worker->cloud_id, "worker.yaml");
    set(&worker->generic_id, "worker.txt");
    labels_set(&worker->generics, "kickstart", "ks.cfg");
    labels_set(&worker->generics, "lost", "lost.cfg");
    worker->metadata = value_new_map();
    value_map_take(worker->metadata, "disk", value_new_string("/dev/sda"));
    value_map_take(worker->metadata, "site", value_new_string("profile"));
    return worker;
}

/* A profile whose every document is named as given. */
static struct profile *profile_new(const char *id, const char *name)
{
    struct profile *profile = profile_create(id);
    set(&profile->ignition_id, name);
    set(&profile->cloud_id, name);
    set(&profile->generic_id, name);
    return profile;
}

static void add_group(struct catalog *catalog, const char *name, const char *value, const char *profile)
{
    AUTO(free) char *id = memory_print("%s-%s", name, value);
    struct group *group = group_create(id, profile);
    labels_set(&group->selector, name, value);
    group->metadata = value_new_map();
    value_map_take(group->metadata, "site", value_new_string("group"));
    value_map_take(group->metadata, "mac", value_new_string("metadata"));
    catalog_take_group(catalog, group);
}

static struct catalog *catalog_new(void)
{
    static const struct {
        enum catalog_document_kind kind;
        const char *name, *content;
    } documents[] = {
        {CATALOG_IGNITION, "worker.ign", IGNITION},
        {CATALOG_IGNITION, "broken", "{{.x"},
        {CATALOG_IGNITION, "bad.ign", "{\n  \"ignition\": {},,\n}"},
        {CATALOG_IGNITION, "old.ign", "{\"ignitionVersion\": 1}"},
        {CATALOG_IGNITION, "butane.yaml", "variant: flatcar\nversion: 1.0.0\nstorage: {{ printf \"[]\" }}\n"},
        {CATALOG_CLOUD, "worker.yaml", "#cloud-config\nhostname: {{.request.query.h}}\n"},
        {CATALOG_CLOUD, "plain", "hello\n"},
        {CATALOG_GENERIC, "worker.txt", "{{.site}} {{.disk}} {{.mac}} {{.request.raw_query}}"},
        {CATALOG_GENERIC, "page", "<html>0123456789"},
        {CATALOG_GENERIC, "ks.cfg", "mac {{.request.query.mac}}\n"},
        {CATALOG_GENERIC, "broken", "line 1\n  {{.nope}}\n"},
    };
    struct catalog *catalog = catalog_create();
    for (size_t i = 0; i < LENGTH(documents); i++)
        catalog_take_document(catalog, documents[i].kind, documents[i].name, bytes_of_text(documents[i].content));
    catalog_note_fault(catalog, "generic/unreadable", "generic/unreadable: permission denied");
    catalog_take_profile(catalog, worker_new());
    add_group(catalog, "mac", MAC, "worker");
    const char *const names[] = {"broken", "bad.ign", "old.ign", "butane.yaml", "plain",
                                 "page",   "missing", "",        "../groups/x", "unreadable"};
    for (size_t i = 0; i < LENGTH(names); i++) {
        AUTO(free) char *id = memory_print("p%zu", i);
        catalog_take_profile(catalog, profile_new(id, names[i]));
        add_group(catalog, "os", names[i][0] ? names[i] : "none", id);
    }
    catalog_seal(catalog);
    return catalog;
}

/* One answer; the caller finishes it. */
static struct http_reply answer(const struct http_request *request, struct fleet *fleet, bool signs)
{
    struct http_settings here = settings;
    AUTO(catalog_unref) struct catalog *catalog = catalog_new();
    struct http_reply reply = {0};
    here.signs = signs;
    answer_http(&reply, request, catalog, fleet, &here);
    return reply;
}

static struct http_reply get(const char *target)
{
    return answer(&(struct http_request){.method = "GET", .target = target, .client = CLIENT, .host = "h"}, NULL,
                  false);
}

static const char *header(const struct http_reply *reply, const char *name)
{
    for (size_t i = 0; i < reply->header_count; i++)
        if (text_is(reply->headers[i].name, name))
            return reply->headers[i].value;
    return NULL;
}

static void a_machine_gets_its_documents(void)
{
    const struct {
        const char *target, *media_type, *body;
    } rows[] = {
        {"/ignition?mac=" MAC, "application/json", IGNITION},
        {"/cloud?mac=" MAC "&h=n1", "text/plain; charset=utf-8", "#cloud-config\nhostname: n1\n"},
        {"/generic?x=%20&mac=" MAC, "text/plain; charset=utf-8", "group /dev/sda " MAC " x=%20&mac=" MAC},
        {"/generic?os=page", "text/html; charset=utf-8", "<html>0123456789"},
        {"/generic/kickstart?mac=" MAC, "text/plain; charset=utf-8", "mac " MAC "\n"},
        {"/nocloud/mac/52-54-00-12-34-56/h/n2/user-data", "text/plain; charset=utf-8", "#cloud-config\nhostname: n2\n"},
        {"/nocloud/user-data?mac=" MAC "&h=n3", "text/plain; charset=utf-8", "#cloud-config\nhostname: n3\n"},
        {"/nocloud/mac/" MAC "/meta-data?mac=00:00:00:00:00:00&hostname=node", "text/plain; charset=utf-8",
         "instance-id: \"" MAC "\"\nlocal-hostname: \"node\"\n"},
        {"/nocloud/mac/" MAC "/vendor-data", "text/plain; charset=utf-8", ""},
        {"/v1/boot/" MAC, "application/json",
         "{\"kernel\":\"http://10.0.0.1:8080/assets/vmlinuz\",\"initrd\":[\"/assets/initrd.gz\"],"
         "\"cmdline\":\"rootflags=rw url=http://h/i?uuid=${uuid}\\u0026mac=52-54-00-12-34-56 x\"}"},
    };
    for (size_t i = 0; i < LENGTH(rows); i++) {
        AUTO(http_reply_finish) struct http_reply reply = get(rows[i].target);
        CHECK_ROW(rows[i].target, reply.status == 200 && !reply.refused && reply.notable);
        CHECK_TEXT(text_characters(&reply.body), rows[i].body);
        CHECK_TEXT(header(&reply, "Content-Type"), rows[i].media_type);
        CHECK_ROW(rows[i].target, strstr(header(&reply, "Muster-Reason"), "profile 'p") ||
                                      strstr(header(&reply, "Muster-Reason"), "profile 'worker'"));
    }
}

static void a_machine_is_told_why_there_is_none(void)
{
    const struct {
        const char *target, *reason;
    } rows[] = {
        {"/ignition?os=broken", "ignition/broken:1"},
        {"/ignition?os=bad.ign", "ignition/bad.ign:2:"},
        {"/ignition?os=old.ign", "ignition/old.ign: this is an Ignition config of version 1"},
        {"/ignition?os=butane.yaml", "ignition/butane.yaml:3:10: $.storage: this must be a map of keys"},
        {"/ignition?os=missing", "profile 'p6' names ignition/missing, which is not there"},
        {"/ignition?os=none", "has no \"ignition_id\""},
        {"/ignition?os=..%2fgroups%2fx", "outside of ignition/"},
        {"/generic?os=unreadable", "cannot be used: generic/unreadable: permission denied"},
        {"/generic?os=broken", "generic/broken:2:4: "},
        {"/generic/kickstart?os=page", "has nothing under 'generic' for the name 'kickstart'"},
        {"/generic/preseed?mac=" MAC, "it has 'kickstart', 'lost'"},
        {"/generic/lost?mac=" MAC, "profile 'worker' names generic/lost.cfg, which is not there"},
        {"/cloud?os=plain", "cloud/plain:1:1: this is neither a cloud-config"},
        {"/cloud?mac=" MAC "&h=%5b", "cloud/worker.yaml:"},
        {"/cloud?mac=" MAC "&h=%5b%5d", "cloud/worker.yaml:2:11: error: 'hostname' must be a text, this is a list"},
        {"/cloud?mac=" MAC, "cloud/worker.yaml:2:"},
        {"/metadata?mac=52:54:00:00:00:01", "no group selects"},
        {"/ignition?mac=x", "its mac 'x' is no MAC address"},
        {"/nocloud/mac/x/user-data", "its mac 'x' is no MAC address"},
        {"/nocloud/mac/" MAC "/other", "labels stand before them in pairs"},
        {"/nocloud/mac/" MAC "/network-config", "no network-config"},
        {"/v1/boot/52:54:00:00:00:01", "no group selects"},
        {"/grub?os=page", "no \"boot\" member"},
    };
    for (size_t i = 0; i < LENGTH(rows); i++) {
        AUTO(http_reply_finish) struct http_reply reply = get(rows[i].target);
        CHECK_ROW(rows[i].target, reply.status == 404 && reply.refused && reply.notable);
        CHECK_ROW(text_characters(&reply.body), strstr(text_characters(&reply.body), rows[i].reason) != NULL);
        CHECK_ROW(rows[i].target, strstr(reply.reason.text, rows[i].reason) != NULL);
        CHECK_ROW(rows[i].target, strstr(header(&reply, "Muster-Reason"), rows[i].reason) != NULL);
        CHECK_TEXT(header(&reply, "Content-Type"), "text/plain; charset=utf-8");
    }
}

static void pixiecore_is_told_of_a_mac_that_is_none(void)
{
    AUTO(http_reply_finish) struct http_reply reply = get("/pixiecore/v1/boot/zz");
    CHECK_NUMBER(reply.status, 400);
    CHECK_TEXT(text_characters(&reply.body), "address zz: invalid MAC address\n");
}

static void grub_gets_what_it_can_open(void)
{
    AUTO(http_reply_finish) struct http_reply reply = get("/grub?uuid=u1&mac=" MAC);
    CHECK_NUMBER(reply.status, 200);
    CHECK(strstr(text_characters(&reply.body), "\nlinux \"(http,10.0.0.1:8080)/assets/vmlinuz\" rootflags=rw "
                                               "\"url=http://h/i?uuid=u1&mac=52-54-00-12-34-56\" x\n") != NULL);
    CHECK(strstr(text_characters(&reply.body), "\ninitrd  \"assets/initrd.gz\"\n") != NULL);
    AUTO(http_reply_finish)
    struct http_reply none =
        answer(&(struct http_request){.method = "GET", .target = "/grub", .user_agent = "GRUB 2.06"}, NULL, false);
    CHECK(none.status == 200 && none.refused && text_starts_with(text_characters(&none.body), "echo 'muster"));
}

static void a_part_of_a_document_can_be_had(void)
{
    const struct {
        const char *method, *range, *if_range;
        unsigned status;
        const char *body;
    } rows[] = {
        {"GET", NULL, NULL, 200, "<html>0123456789"},
        {"GET", "bytes=6-8", NULL, 206, "012"},
        {"GET", "bytes=-2", NULL, 206, "89"},
        {"HEAD", "bytes=6-8", NULL, 200, "<html>0123456789"},
        {"GET", "bytes=6-8", "\"x\"", 200, "<html>0123456789"},
        {"GET", "bytes=99-", NULL, 416, NULL},
    };
    for (size_t i = 0; i < LENGTH(rows); i++) {
        struct http_request request = {.method = rows[i].method,
                                       .target = "/generic?os=page",
                                       .conditions = {.range = rows[i].range, .if_range = rows[i].if_range}};
        AUTO(http_reply_finish) struct http_reply reply = answer(&request, NULL, false);
        CHECK_NUMBER(reply.status, rows[i].status);
        CHECK_TEXT(header(&reply, "Accept-Ranges"), "bytes");
        if (rows[i].body)
            CHECK_TEXT(text_characters(&reply.body), rows[i].body);
        if (rows[i].status == 206)
            CHECK_TEXT(header(&reply, "Content-Type"), "text/html; charset=utf-8");
    }
    struct http_request request = {
        .method = "GET", .target = "/generic.sig?os=page", .conditions = {.range = "bytes=6-8"}};
    AUTO(http_reply_finish) struct http_reply whole = answer(&request, NULL, true);
    CHECK(whole.status == 200 && whole.signature == HTTP_SIGNATURE_BINARY && whole.body.length == 16);
}

static void every_config_can_be_had_for_signing(void)
{
    static const char *const targets[] = {
        "/grub.sig?mac=" MAC,
        "/ignition.sig?mac=" MAC,
        "/cloud.sig?h=x&mac=" MAC,
        "/generic/kickstart.sig?mac=" MAC,
        "/metadata.sig?mac=" MAC,
        "/pixiecore/v1/boot.sig/" MAC,
        "/nocloud/mac/" MAC "/meta-data.sig",
    };
    for (size_t i = 0; i < LENGTH(targets); i++) {
        const struct http_request request = {.method = "GET", .target = targets[i]};
        AUTO(http_reply_finish) struct http_reply reply = answer(&request, NULL, true);
        CHECK_ROW(targets[i], reply.status == 200 && reply.signature == HTTP_SIGNATURE_BINARY);
        AUTO(http_reply_finish) struct http_reply without = answer(&request, NULL, false);
        CHECK_ROW(targets[i], without.status == 404 && without.signature == HTTP_SIGNATURE_NONE);
    }
}

/* What is known fills in for what was not sent, in the choice; what templates call the query stays what was sent. */
static void a_machine_is_known_by_its_address(void)
{
    AUTO(fleet_destroy) struct fleet *fleet = fleet_create();
    struct machine machine = {.address = CLIENT};
    mac_from_text(&machine.mac, MAC);
    fleet_learn(fleet, &machine, now);
    const struct {
        const char *target;
        unsigned status;
        const char *body;
    } rows[] = {
        {"/generic", 200, "group /dev/sda " MAC " "},
        {"/generic?mac=52:54:00:00:00:01", 404, NULL},
        {"/generic?mac=bad", 404, NULL},
        {"/generic?MAC=bad", 404, NULL},
        {"/generic/kickstart", 200, "mac " MAC "\n"},
        {"/nocloud/meta-data", 200, "instance-id: \"" MAC "\"\n"},
        {"/metadata", 200, "DISK=/dev/sda\nMAC=" MAC "\nREQUEST_RAW_QUERY=\nSITE=group\n"},
    };
    for (size_t i = 0; i < LENGTH(rows); i++) {
        const struct http_request request = {.method = "GET", .target = rows[i].target, .client = CLIENT};
        AUTO(http_reply_finish) struct http_reply reply = answer(&request, fleet, false);
        CHECK_ROW(rows[i].target, reply.status == rows[i].status);
        if (rows[i].body)
            CHECK_TEXT(text_characters(&reply.body), rows[i].body);
    }
    const struct http_request other = {.method = "GET", .target = "/v1/boot/52:54:00:00:00:01", .client = CLIENT};
    AUTO(http_reply_finish) struct http_reply reply = answer(&other, fleet, false);
    CHECK_NUMBER(reply.status, 404);
}

/* A catalog of one group, whose profile has this Ignition document. */
static struct catalog *catalog_of_butane(const char *source)
{
    struct catalog *catalog = catalog_create();
    struct profile *profile = profile_create("p");
    struct group *group = group_create("all", "p");
    set(&profile->ignition_id, "node.bu");
    group->metadata = value_new_map();
    value_map_take(group->metadata, "site", value_new_string("here"));
    catalog_take_group(catalog, group);
    catalog_take_profile(catalog, profile);
    catalog_take_document(catalog, CATALOG_IGNITION, "node.bu", bytes_of_text(source));
    catalog_seal(catalog);
    return catalog;
}

static unsigned reads;
static unsigned reads_that_fail; /* of edited, before one succeeds */

static int read_local(void *context, struct text *ret, uint64_t *ret_stamp, const char *path, struct diag *why)
{
    (void)context;
    bool is_there = text_is(path, "motd") || (text_is(path, "edited") && reads_that_fail == 0);
    reads_that_fail -= reads_that_fail > 0;
    if (!is_there)
        return fail(why, -1, "there is no '%s'", path);
    text_append(ret, "hello");
    *ret_stamp = 5;
    reads++;
    return 0;
}

static uint64_t stamp_local(void *context, const char *path)
{
    (void)context;
    (void)path;
    return 5;
}

static const struct file_source local_files = {.read = read_local, .stamp = stamp_local};

static struct http_reply ask_ignition(const struct catalog *catalog, const char *query, const char *accept)
{
    struct http_reply reply = {0};
    struct http_settings here = settings;
    AUTO(free) char *target = memory_print("/ignition?%s", query);
    here.local_files = &local_files;
    answer_http(&reply, &(struct http_request){.method = "GET", .target = target, .accept = accept}, catalog, NULL,
                &here);
    return reply;
}

#define BUTANE "variant: flatcar\nversion: 1.1.0\nstorage:\n  files:\n    - path: /etc/{{ .site }}\n"

static void butane_is_rendered_translated_and_kept(void)
{
    AUTO(catalog_unref)
    struct catalog *catalog =
        catalog_of_butane(BUTANE "      contents: {local: motd}\n    - path: /etc/{{ .request.query.name }}\n");
    const char *const names[] = {"a", "b", "a"};
    reads = 0;
    for (size_t i = 0; i < LENGTH(names); i++) {
        AUTO(free) char *query = memory_print("name=%s", names[i]);
        AUTO(free)
        char *config =
            memory_print("{\"ignition\":{\"version\":\"3.4.0\"},\"storage\":{\"files\":[{\"path\":\"/etc/here\","
                         "\"contents\":{\"compression\":\"\",\"source\":\"data:,hello\"}},{\"path\":\"/etc/%s\"}]}}",
                         names[i]);
        AUTO(http_reply_finish) struct http_reply reply = ask_ignition(catalog, query, NULL);
        CHECK_NUMBER(reply.status, 200);
        CHECK_TEXT(header(&reply, "Content-Type"), "application/json");
        CHECK_TEXT(text_characters(&reply.body), config);
    }
    CHECK_NUMBER(reads, 2);
}

static void files_that_change_while_they_are_read_are_read_again(void)
{
    static const struct {
        unsigned fails, status;
    } rows[] = {{1, 200}, {2, 200}, {3, 404}};
    for (size_t i = 0; i < LENGTH(rows); i++) {
        AUTO(catalog_unref) struct catalog *catalog = catalog_of_butane(BUTANE "      contents: {local: edited}\n");
        reads_that_fail = rows[i].fails;
        AUTO(http_reply_finish) struct http_reply reply = ask_ignition(catalog, "", NULL);
        CHECK_NUMBER(reply.status, rows[i].status);
        CHECK(rows[i].status == 404 || strstr(text_characters(&reply.body), "\"data:,hello\"") != NULL);
    }
    reads_that_fail = 0;
}

static void what_is_wrong_with_butane_is_said_where_it_was_written(void)
{
    const struct {
        const char *source, *reason;
    } rows[] = {
        {BUTANE "      mode: {{ printf \"%d\" 4096 }}\n",
         "ignition/node.bu:6:13: $.storage.files.0.mode: illegal file mode"},
        {"{{ range list 1 2 3 }}{{ end }}" BUTANE "{{ range list 1 2 }}    - {path: x}\n{{ end }}",
         "ignition/node.bu:6:27: $.storage.files.2: duplicate entry defined: 'x' is there already in line 6, and 2 "
         "errors more"},
        {BUTANE "      contents: {local: other}\n",
         "ignition/node.bu:6:25: $.storage.files.0.contents.local: there is no 'other'"},
        {BUTANE "  - x: [\n", "ignition/node.bu:6:3: not YAML: "},
        {"{{ .site }}\n", "ignition/node.bu:1:1: $.variant: error parsing variant"},
        {"", "ignition/node.bu:1:1: $.variant: error parsing variant"},
        {"{{ .nope }}", "ignition/node.bu:1:"},
    };
    for (size_t i = 0; i < LENGTH(rows); i++) {
        AUTO(catalog_unref) struct catalog *catalog = catalog_of_butane(rows[i].source);
        AUTO(http_reply_finish) struct http_reply reply = ask_ignition(catalog, "", NULL);
        CHECK_ROW(rows[i].reason, reply.status == 404 && reply.refused);
        CHECK_ROW(reply.reason.text, strstr(reply.reason.text, rows[i].reason) != NULL);
        CHECK_ROW(reply.reason.text, text_starts_with(text_characters(&reply.body), "ignition/node.bu:"));
    }
}

static void a_client_too_old_for_its_config_is_a_trouble(void)
{
    static const struct {
        const char *accept;
        bool troubled;
    } rows[] = {
        {NULL, false},
        {"*/*", false},
        {"application/vnd.coreos.ignition+json;version=3.4.0, */*;q=0.1", false},
        {"application/vnd.coreos.ignition+json;version=3.5.0, */*;q=0.1", false},
        {"application/vnd.coreos.ignition+json;version=3.3.0, */*;q=0.1", true},
        {"application/vnd.coreos.ignition+json; version=2.3.0, */*;q=0.1", true},
    };
    AUTO(catalog_unref) struct catalog *catalog = catalog_of_butane(BUTANE);
    for (size_t i = 0; i < LENGTH(rows); i++) {
        AUTO(http_reply_finish) struct http_reply reply = ask_ignition(catalog, "", rows[i].accept);
        bool told = strstr(reply.reason.text, "this config is of version 3.4.0 and the machine's Ignition") != NULL;
        CHECK_ROW(rows[i].accept ?: "none", reply.status == 200 && reply.troubled == rows[i].troubled);
        CHECK_ROW(rows[i].accept ?: "none", told == rows[i].troubled);
    }
}

static void a_template_sees_what_a_pattern_was_met_by(void)
{
    AUTO(catalog_unref) struct catalog *catalog = catalog_create();
    struct group *group = group_create("net", "p");
    struct ipv4_subnet network = {.network = {.number = 0x0a000000}, .prefix = 8};
    struct profile *profile = profile_create("p");
    set(&profile->generic_id, "a");
    group_take_condition(group, "ip", selector_create_cidr(network));
    catalog_take_group(catalog, group);
    catalog_take_profile(catalog, profile);
    catalog_take_document(catalog, CATALOG_GENERIC, "a", bytes_of_text("{{.ip}} {{index .request.query \"ip\"}}"));
    catalog_seal(catalog);
    AUTO(http_reply_finish) struct http_reply reply = {0};
    answer_http(&reply, &(struct http_request){.method = "GET", .target = "/generic", .client = CLIENT}, catalog, NULL,
                &settings);
    CHECK_TEXT(text_characters(&reply.body), "10.0.0.7 ");
}

static void a_long_query_costs_no_more_than_its_length(void)
{
    AUTO(text_finish) struct text target = {0};
    text_append(&target, "/generic?mac=" MAC);
    for (int i = 0; target.length < (1 << 20); i++)
        text_print(&target, "&k%d=%%41%%zz&k%d=%%41", i, i);
    AUTO(http_reply_finish) struct http_reply reply = get(text_characters(&target));
    CHECK_NUMBER(reply.status, 200);
    CHECK(reply.body.length > (1 << 20) && reply.body.length < (1 << 20) + 200);
}

int main(void)
{
    RUN(a_machine_gets_its_documents);
    RUN(a_machine_is_told_why_there_is_none);
    RUN(pixiecore_is_told_of_a_mac_that_is_none);
    RUN(grub_gets_what_it_can_open);
    RUN(a_part_of_a_document_can_be_had);
    RUN(every_config_can_be_had_for_signing);
    RUN(a_machine_is_known_by_its_address);
    RUN(butane_is_rendered_translated_and_kept);
    RUN(files_that_change_while_they_are_read_are_read_again);
    RUN(what_is_wrong_with_butane_is_said_where_it_was_written);
    RUN(a_client_too_old_for_its_config_is_a_trouble);
    RUN(a_template_sees_what_a_pattern_was_met_by);
    RUN(a_long_query_costs_no_more_than_its_length);
    return test_result();
}
