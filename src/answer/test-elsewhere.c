/* SPDX-License-Identifier: Apache-2.0 */
/* What a boot service says becomes what its machine gets, for every boot program. */
#include "answer/elsewhere.h"

#include "answer/http.h"
#include "answer/tftp-web.h"
#include "base/array.h"
#include "base/text.h"
#include "lang/pixiecore.h"
#include "test.h"

#define MAC "52:54:00:12:34:56"

/* What the service is said to answer. */
struct service {
    enum elsewhere_result result;
    const char *json, *reason;
    unsigned asked;
};

static char *image_path(void *context, const char *role, const char *url, struct diag *why)
{
    (void)context;
    if (text_ends_with(url, "gone")) {
        fail(why, 0, "%s: the server says 404", url);
        return NULL;
    }
    return memory_print("/image/%s/<%s>", role, url);
}

static int read_answer(struct elsewhere_boot *ret, const char *json, struct diag *why)
{
    static const struct elsewhere elsewhere = {.image_path = image_path};
    AUTO(pixiecore_answer_finish) struct pixiecore_answer answer;
    if (pixiecore_read_answer(&answer, bytes_of_text(json), why) != 0)
        return -1;
    return elsewhere_boot_from_answer(ret, &elsewhere, "http://api/p/v1/boot/x", "http://api/p/v1", &answer, why);
}

static enum elsewhere_result decide(struct elsewhere_boot *ret, void *context, const struct machine *machine,
                                    struct diag *why)
{
    struct service *service = context;
    char mac[MAC_TEXT_MAX];
    service->asked++;
    CHECK_TEXT(mac_to_text(mac, &machine->mac, ':'), MAC);
    if (service->result == ELSEWHERE_OK)
        CHECK(read_answer(ret, service->json, why) == 0);
    else
        fail(why, 0, "%s", service->reason);
    return service->result;
}

/* A catalog whose one group is for another machine. */
static struct catalog *catalog_new(void)
{
    struct catalog *catalog = catalog_create();
    struct profile *profile = profile_create("own");
    struct group *group = group_create("own", "own");
    profile->boot.present = true;
    free(profile->boot.kernel);
    profile->boot.kernel = memory_text("--name k http://far/k quiet");
    profile_add_initrd(profile, "http://far/${buildarch}/i");
    profile_add_initrd(profile, "/assets/i");
    labels_set(&group->selector, "mac", "52:54:00:00:00:01");
    catalog_take_profile(catalog, profile);
    catalog_take_group(catalog, group);
    catalog_seal(catalog);
    return catalog;
}

static void get(struct http_reply *ret, struct service *service, const char *target)
{
    AUTO(catalog_unref) struct catalog *catalog = catalog_new();
    const struct http_settings settings = {
        .elsewhere = {.decide = decide, .image_path = image_path, .images_of_profiles = true, .context = service}};
    const struct http_request request = {
        .method = "GET", .target = target, .host = "muster:8080", .user_agent = "iPXE/1.21"};
    answer_http(ret, &request, catalog, NULL, &settings);
}

static void an_answer_becomes_a_profile(void)
{
    AUTO(elsewhere_boot_finish) struct elsewhere_boot boot = {0};
    CHECK(read_answer(&boot,
                      "{\"kernel\":\"/k\",\"initrd\":[\"i\",\"https://b/j\"],"
                      "\"cmdline\":\"a {{ URL \\\"x\\\" }} {{ ID \\\"http://c/y\\\" }}\"}",
                      NULL) == 0);
    CHECK_TEXT(boot.profile->boot.kernel, "/image/kernel/<http://api/k>");
    CHECK_TEXT(boot.profile->boot.initrd[0], "/image/initrd/<http://api/p/i>");
    CHECK_TEXT(boot.profile->boot.initrd[1], "/image/initrd/<https://b/j>");
    CHECK_TEXT(boot.profile->boot.args[0],
               "a {{ URL \"/image/file/<http://api/p/x>\" }} {{ URL \"/image/file/<http://c/y>\" }}");
    CHECK_TEXT(boot.group->profile, boot.profile->id);
}

static void an_answer_can_name_nothing_but_web_servers(void)
{
    static const struct {
        const char *json, *reason;
    } rows[] = {
        {"{\"kernel\":\"file:///etc/shadow\"}", "kernel 'file:///etc/shadow': only http:// and https:// URLs"},
        {"{\"kernel\":\"ftp://a/k\"}", "only http:// and https:// URLs"},
        {"{\"kernel\":\"/k\",\"initrd\":[\"file:/etc/shadow\"]}", "initrd 'file:/etc/shadow'"},
        {"{\"kernel\":\"/k\",\"cmdline\":\"{{ URL \\\"file:///etc/shadow\\\" }}\"}", "file 'file:///etc/shadow'"},
        {"{\"kernel\":\"/k k\"}", "kernel '/k k' is no URL"},
        {"{\"kernel\":\"/gone\"}", "http://api/gone: the server says 404"},
        {"{\"kernel\":\"/k\",\"cmdline\":\"{{ URL 5 }}\"}", "URL takes one text"},
        {"{\"kernel\":\"/k\",\"cmdline\":\"{{ .nope }}\"}", "cmdline:1:3"},
        {"{\"kernel\":\"/k\",\"cmdline\":\"{{ \"}", "cmdline:1"},
        {"{\"kernel\":\"/k\",\"cmdline\":\"{{ define \\\"a\\\" }}{{ URL \\\"/x\\\" }}{{ template \\\"a\\\" }}{{ end }}"
         "{{ template \\\"a\\\" }}\"}",
         "it names more than 64 files"},
    };
    for (size_t i = 0; i < LENGTH(rows); i++) {
        AUTO(elsewhere_boot_finish) struct elsewhere_boot boot = {0};
        struct diag why = {{0}};
        CHECK_ROW(rows[i].json, read_answer(&boot, rows[i].json, &why) > 0 && !boot.profile);
        CHECK_ROW(why.text, strstr(why.text, rows[i].reason) != NULL);
    }
}

static void a_machine_without_a_group_boots_what_the_service_says(void)
{
    struct service service = {.result = ELSEWHERE_OK,
                              .json =
                                  "{\"kernel\":\"/k\",\"initrd\":[\"/i\"],\"cmdline\":\"a=b u={{ URL \\\"/x\\\" }}\"}"};
    AUTO(http_reply_finish) struct http_reply ipxe = {0};
    AUTO(http_reply_finish) struct http_reply grub = {0};
    get(&ipxe, &service, "/ipxe?mac=" MAC);
    CHECK_NUMBER(ipxe.status, 200);
    CHECK_TEXT(text_characters(&ipxe.body), "#!ipxe\nkernel /image/kernel/<http://api/k> "
                                            "a=b u=http://muster:8080/image/file/<http://api/x>\n"
                                            "initrd /image/initrd/<http://api/i>\nboot\n");
    get(&grub, &service, "/grub?mac=" MAC);
    CHECK(strstr(text_characters(&grub.body), "/image/kernel/<http://api/k>") != NULL);
    CHECK_NUMBER(service.asked, 2);
}

static void an_ipxe_script_is_for_ipxe_alone(void)
{
    struct service service = {.result = ELSEWHERE_OK, .json = "{\"ipxe-script\":\"#!ipxe\\nshell\\n\"}"};
    AUTO(http_reply_finish) struct http_reply ipxe = {0};
    AUTO(http_reply_finish) struct http_reply grub = {0};
    get(&ipxe, &service, "/ipxe?mac=" MAC);
    CHECK_TEXT(text_characters(&ipxe.body), "#!ipxe\nshell\n");
    get(&grub, &service, "/grub?mac=" MAC);
    CHECK(grub.status == 404 && strstr(grub.reason.text, "an iPXE script"));
}

static void a_machine_is_shown_why_it_gets_nothing(void)
{
    struct service service = {.result = ELSEWHERE_NOTHING, .reason = "the api said no (404)"};
    AUTO(http_reply_finish) struct http_reply reply = {0};
    get(&reply, &service, "/ipxe?mac=" MAC);
    CHECK(reply.refused && !reply.waits && strstr(text_characters(&reply.body), "the api said no (404)"));
}

static void an_answer_that_is_not_there_yet_is_waited_for(void)
{
    struct service service = {.result = ELSEWHERE_WAIT, .reason = ""};
    AUTO(http_reply_finish) struct http_reply reply = {0};
    get(&reply, &service, "/ipxe?mac=" MAC);
    CHECK(reply.waits);
}

static void who_has_a_group_or_is_no_machine_is_not_asked_for(void)
{
    static const char *const targets[] = {"/ipxe?mac=52-54-00-00-00-01", "/ipxe", "/ignition?mac=" MAC, "/v1/boot/" MAC,
                                          "/metadata?mac=" MAC};
    for (size_t i = 0; i < LENGTH(targets); i++) {
        struct service service = {.result = ELSEWHERE_WAIT, .reason = ""};
        AUTO(http_reply_finish) struct http_reply reply = {0};
        get(&reply, &service, targets[i]);
        CHECK_ROW(targets[i], service.asked == 0 && !reply.waits);
    }
}

static void what_profiles_name_elsewhere_is_fetched_by_us(void)
{
    struct service service = {0};
    AUTO(http_reply_finish) struct http_reply reply = {0};
    get(&reply, &service, "/ipxe?mac=52-54-00-00-00-01");
    CHECK_TEXT(text_characters(&reply.body), "#!ipxe\nkernel --name k /image/kernel/<http://far/k> quiet\n"
                                             "initrd http://far/${buildarch}/i\ninitrd /assets/i\nboot\n");
}

static void an_image_is_asked_for_by_its_id(void)
{
    static const struct {
        const char *target, *id;
        enum stage stage;
    } rows[] = {
        {"/image/kernel/0123/vmlinuz", "0123", STAGE_KERNEL},
        {"/image/initrd/0123/a/b", "0123", STAGE_INITRD},
        {"/image/file/0123", "0123", STAGE_CONFIG},
        {"/image/other/0123", NULL, 0},
        {"/image/", NULL, 0},
    };
    for (size_t i = 0; i < LENGTH(rows); i++) {
        struct service service = {0};
        AUTO(http_reply_finish) struct http_reply reply = {0};
        get(&reply, &service, rows[i].target);
        CHECK_ROW(rows[i].target, (reply.kind == HTTP_REPLY_IMAGE) == (rows[i].id != NULL));
        if (rows[i].id) {
            CHECK_TEXT(reply.file, rows[i].id);
            CHECK_NUMBER(reply.stage, rows[i].stage);
        }
    }
}

static void over_tftp_it_is_the_same(void)
{
    static const struct {
        const char *name;
        enum elsewhere_result result;
        enum answer_tftp_kind kind;
        const char *file;
    } rows[] = {
        {"pxelinux.cfg/01-52-54-00-12-34-56", ELSEWHERE_WAIT, ANSWER_TFTP_LATER, NULL},
        {"pxelinux.cfg/01-52-54-00-12-34-56", ELSEWHERE_OK, ANSWER_TFTP_CONTENT, NULL},
        {"pxelinux.cfg/01-52-54-00-12-34-56", ELSEWHERE_NOTHING, ANSWER_TFTP_CONTENT, NULL},
        {"image/kernel/0123/k", ELSEWHERE_OK, ANSWER_TFTP_IMAGE, "0123"},
        {"bios/image/initrd/0123/i", ELSEWHERE_OK, ANSWER_TFTP_IMAGE, "0123"},
    };
    AUTO(catalog_unref) struct catalog *catalog = catalog_new();
    for (size_t i = 0; i < LENGTH(rows); i++) {
        struct service service = {.result = rows[i].result, .json = "{\"kernel\":\"/k\"}", .reason = "no"};
        const struct http_settings settings = {
            .elsewhere = {.decide = decide, .image_path = image_path, .context = &service}};
        const struct answer_tftp_web web = {.catalog = catalog, .settings = &settings, .http_port = 8080};
        const struct answer_tftp_client client = {{0x0a000007}, {0x0a000001}};
        AUTO(answer_tftp_finish) struct answer_tftp answer = {0};
        CHECK_ROW(rows[i].name, answer_tftp_web(&answer, &web, &(struct answer_tftp_request){rows[i].name, &client}));
        CHECK_ROW(rows[i].name, answer.kind == rows[i].kind);
        if (rows[i].file)
            CHECK_TEXT(answer.file, rows[i].file);
    }
}

int main(void)
{
    RUN(an_answer_becomes_a_profile);
    RUN(an_answer_can_name_nothing_but_web_servers);
    RUN(a_machine_without_a_group_boots_what_the_service_says);
    RUN(an_ipxe_script_is_for_ipxe_alone);
    RUN(a_machine_is_shown_why_it_gets_nothing);
    RUN(an_answer_that_is_not_there_yet_is_waited_for);
    RUN(who_has_a_group_or_is_no_machine_is_not_asked_for);
    RUN(what_profiles_name_elsewhere_is_fetched_by_us);
    RUN(over_tftp_it_is_the_same);
    RUN(an_image_is_asked_for_by_its_id);
    return test_result();
}
