/* SPDX-License-Identifier: Apache-2.0 */
/* Configurations of boot programs, over HTTP and over TFTP. */
#include "answer/tftp-web.h"

#include "base/array.h"
#include "base/memory.h"
#include "test.h"

#define MAC "52:54:00:12:34:56"
#define MACHINE ((struct ipv4){0x0a000007})
#define SERVER ((struct ipv4){0x0a000001})

static void add_profile(struct catalog *catalog, const char *id, const char *kernel, const char *initrd)
{
    struct profile *profile = profile_create(id);
    free(profile->boot.kernel);
    profile->boot.kernel = memory_text(kernel);
    profile->boot.present = true;
    profile_add_initrd(profile, initrd);
    profile_add_arg(profile, "mac=${mac:hexhyp}");
    catalog_take_profile(catalog, profile);
}

static void add_group(struct catalog *catalog, const char *id, const char *label, const char *value)
{
    struct group *group = group_create(id, id);
    labels_set(&group->selector, label, value);
    catalog_take_group(catalog, group);
}

static struct catalog *catalog_new(void)
{
    struct catalog *catalog = catalog_create();
    add_profile(catalog, "ours", "/assets/vmlinuz", "--name main assets/a,b c.gz");
    add_profile(catalog, "theirs", "http://10.0.0.9/vmlinuz", "http://10.0.0.1:8080/assets/i.gz");
    add_group(catalog, "ours", "mac", MAC);
    add_group(catalog, "theirs", "uuid", "03020100-0504-0706-0809-0a0b0c0d0e0f");
    add_group(catalog, "lost", "mac", "52:54:00:00:00:99");
    struct profile *disk = profile_create("disk");
    disk->loader = LOADER_CHOICE_NONE;
    catalog_take_profile(catalog, disk);
    add_group(catalog, "disk", "mac", "52:54:00:00:00:88");
    catalog_seal(catalog);
    return catalog;
}

static const struct http_file files[] = {{.path = "/boot/0/vmlinuz", .file = "/tmp/k", .stage = STAGE_KERNEL}};
static const struct http_settings settings = {.has_assets = true, .files = files, .file_count = LENGTH(files)};

static struct http_reply get(const char *target)
{
    AUTO(catalog_unref) struct catalog *catalog = catalog_new();
    struct http_reply reply = {0};
    const struct http_request request = {.method = "GET", .target = target, .host = "10.0.0.1:8080", .client = MACHINE};
    answer_http(&reply, &request, catalog, NULL, &settings);
    return reply;
}

static bool ask(struct answer_tftp *ret, const char *name, struct fleet *fleet)
{
    AUTO(catalog_unref) struct catalog *catalog = catalog_new();
    const struct answer_tftp_web web = {catalog, fleet, &settings, 8080};
    const struct answer_tftp_client client = {MACHINE, SERVER};
    *ret = (struct answer_tftp){0};
    return answer_tftp_web(ret, &web, &(struct answer_tftp_request){name, &client});
}

static struct fleet *fleet_new(void)
{
    struct fleet *fleet = fleet_create();
    struct machine machine = {.address = MACHINE};
    mac_from_text(&machine.mac, MAC);
    fleet_learn(fleet, &machine, (struct moment){0});
    return fleet;
}

#define OURS_BY_TFTP                                                                                                   \
    "SAY muster: profile 'ours' of group 'ours'\n"                                                                     \
    "DEFAULT muster\nPROMPT 0\nLABEL muster\n  LINUX /assets/vmlinuz\n  INITRD /assets/a%2Cb\n"                        \
    "  APPEND mac=52-54-00-12-34-56\n"

static void files_are_fetched_as_the_configuration_was(void)
{
    static const char by_http[] =
        "SAY muster: profile 'ours' of group 'ours'\nDEFAULT muster\nPROMPT 0\nLABEL muster\n"
        "  LINUX http://10.0.0.1:8080/assets/vmlinuz\n  INITRD http://10.0.0.1:8080/assets/a%2Cb\n"
        "  APPEND mac=52-54-00-12-34-56\n";
    AUTO(http_reply_finish) struct http_reply reply = get("/pxelinux.cfg/01-52-54-00-12-34-56");
    CHECK_NUMBER(reply.status, 200);
    CHECK_TEXT(text_characters(&reply.body), by_http);
    CHECK(reply.told && reply.notable && reply.stage == STAGE_SCRIPT);
    CHECK_TEXT(reply.reason.text, "profile 'ours' of group 'ours'");
    AUTO(answer_tftp_finish) struct answer_tftp answer;
    CHECK(ask(&answer, "pxelinux.cfg/01-52-54-00-12-34-56", NULL));
    CHECK_NUMBER(answer.kind, ANSWER_TFTP_CONTENT);
    CHECK_TEXT(text_characters(&answer.content), OURS_BY_TFTP);
    CHECK(answer.told && answer.machine.mac.size > 0 && answer.stage == STAGE_SCRIPT && !answer.refused);
    CHECK_TEXT(answer.reason.text, "profile 'ours' of group 'ours'");
}

static void grub_is_given_its_own_paths(void)
{
    static const struct {
        const char *target, *line;
    } rows[] = {
        {"/grub/grub.cfg-01-52-54-00-12-34-56",
         "if linux \"(http,10.0.0.1:8080)/assets/vmlinuz\" mac=52-54-00-12-34-56"},
        {"/EFI/debian/grub.cfg-01-52-54-00-12-34-56",
         "if initrd \"(http,10.0.0.1:8080)/assets/a,b\"; then\nboot\nfi\nfi\n"},
    };
    for (size_t i = 0; i < LENGTH(rows); i++) {
        AUTO(http_reply_finish) struct http_reply reply = get(rows[i].target);
        CHECK_ROW(rows[i].target, strstr(text_characters(&reply.body), rows[i].line) != NULL);
    }
    AUTO(answer_tftp_finish) struct answer_tftp answer;
    CHECK(ask(&answer, "grub/grub.cfg-01-52:54:00:12:34:56", NULL));
    CHECK(strstr(text_characters(&answer.content), "if linux \"(tftp,10.0.0.1)/assets/vmlinuz\"") != NULL);
}

static void the_first_name_asked_is_answered_for_the_machine_with_that_address(void)
{
    static const char *const names[] = {
        "pxelinux.cfg/00010203-0405-0607-0809-0a0b0c0d0eff",
        "pxelinux.cfg/0A000007",
        "x86/pxelinux.cfg/0A",
        "pxelinux.cfg/default",
        "pxelinux.cfg/default-arm-bcm283x",
    };
    AUTO(fleet_destroy) struct fleet *fleet = fleet_new();
    for (size_t i = 0; i < LENGTH(names); i++) {
        AUTO(answer_tftp_finish) struct answer_tftp answer;
        CHECK_ROW(names[i], ask(&answer, names[i], fleet));
        CHECK_TEXT(text_characters(&answer.content), OURS_BY_TFTP);
    }
    AUTO(answer_tftp_finish) struct answer_tftp grub;
    CHECK(ask(&grub, "grub/grub.cfg", fleet));
    CHECK(strstr(text_characters(&grub.content), "vmlinuz") != NULL);
}

static void a_machine_whose_mac_is_not_known_is_brought_to_say_it(void)
{
    AUTO(answer_tftp_finish) struct answer_tftp uuid;
    CHECK(ask(&uuid, "pxelinux.cfg/00010203-0405-0607-0809-0a0b0c0d0eff", NULL));
    CHECK_NUMBER(uuid.kind, ANSWER_TFTP_REFUSAL);
    CHECK_NUMBER(uuid.error, TFTP_ERROR_NOT_FOUND);
    CHECK(strstr(uuid.error_text, "asked for by its MAC next") != NULL);
    AUTO(answer_tftp_finish) struct answer_tftp grub;
    CHECK(ask(&grub, "grub/x86_64-efi/grub.cfg", NULL));
    CHECK(text_starts_with(text_characters(&grub.content),
                           "configfile \"(tftp,10.0.0.1)/grub/grub.cfg-01-${net_default_mac}\"\n"));
}

static void a_group_by_uuid_is_chosen_by_the_name_with_it(void)
{
    AUTO(answer_tftp_finish) struct answer_tftp answer;
    CHECK(ask(&answer, "pxelinux.cfg/00010203-0405-0607-0809-0a0b0c0d0e0f", NULL));
    CHECK_NUMBER(answer.kind, ANSWER_TFTP_CONTENT);
    const char *text = text_characters(&answer.content);
    CHECK(strstr(text, "SAY muster: profile 'theirs' of group 'theirs'; http://10.0.0.9/vmlinuz is\n"
                       "SAY not on this server and pxelinux.0 has TFTP only: use lpxelinux.0, or set\n"
                       "SAY 'cache.profiles'\n") != NULL);
    CHECK(strstr(text, "  LINUX http://10.0.0.9/vmlinuz\n  INITRD /assets/i.gz\n") != NULL);
}

static void a_machine_without_a_profile_is_told_so_by_its_loader(void)
{
    static const struct {
        const char *target, *words;
    } rows[] = {
        {"/pxelinux.cfg/01-52-54-00-00-00-01", "SAY no group selects ip=10.0.0.7 mac=52:54:00:00:00:01"},
        {"/pxelinux.cfg/01-52-54-00-00-00-99", "SAY group 'lost' gives profile 'lost', which is not in profiles/"},
        {"/pxelinux.cfg/default", "SAY no group selects ip=10.0.0.7"},
        {"/grub/grub.cfg-01-52-54-00-00-00-01", "echo \"no group selects ip=10.0.0.7 mac=52:54:00:00:00:01"},
    };
    for (size_t i = 0; i < LENGTH(rows); i++) {
        AUTO(http_reply_finish) struct http_reply reply = get(rows[i].target);
        CHECK_NUMBER(reply.status, 200);
        CHECK_ROW(rows[i].words, strstr(text_characters(&reply.body), rows[i].words) != NULL);
        CHECK_ROW(rows[i].target, reply.refused && reply.notable);
    }
}

static void a_machine_without_a_loader_is_left_to_its_disk(void)
{
    static const struct {
        const char *target, *start;
    } rows[] = {
        {"/pxelinux.cfg/01-52-54-00-00-00-88", "DEFAULT muster\nPROMPT 0\nLABEL muster\n  LOCALBOOT 0\n"},
        {"/grub/grub.cfg-01-52-54-00-00-00-88", "if [ \"$grub_platform\" = pc ]; then\n  set root=(hd0)\n"},
        {"/grub?mac=52:54:00:00:00:88", "if [ \"$grub_platform\" = pc ]; then\n  set root=(hd0)\n"},
        {"/ipxe?mac=52:54:00:00:00:88",
         "#!ipxe\niseq ${platform} pcbios && sanboot --no-describe --drive 0x80 ||\nexit 1\n"},
    };
    for (size_t i = 0; i < LENGTH(rows); i++) {
        AUTO(http_reply_finish) struct http_reply reply = get(rows[i].target);
        CHECK_NUMBER(reply.status, 200);
        CHECK_ROW(rows[i].target, text_starts_with(text_characters(&reply.body), rows[i].start));
        CHECK_TEXT(reply.reason.text, "profile 'disk' of group 'disk', which boots from the disk (loader 'none')");
    }
    AUTO(http_reply_finish) struct http_reply pixiecore = get("/v1/boot/52:54:00:00:00:88");
    CHECK_NUMBER(pixiecore.status, 404);
}

static void ipxe_is_sent_to_the_first_script(void)
{
    static const char script[] = "#!ipxe\nisset ${ip} || dhcp || exit 1\nchain http://10.0.0.1:8080/boot.ipxe\n";
    AUTO(http_reply_finish) struct http_reply reply = get("/autoexec.ipxe");
    CHECK_TEXT(text_characters(&reply.body), script);
    AUTO(answer_tftp_finish) struct answer_tftp answer;
    CHECK(ask(&answer, "autoexec.ipxe", NULL));
    CHECK_TEXT(text_characters(&answer.content), script);
}

static char *find_plain(void *context, const char *name)
{
    return memory_print("%s/%s", (const char *)context, name);
}

static void a_plain_file_of_that_name_wins(void)
{
    AUTO(catalog_unref) struct catalog *catalog = catalog_new();
    AUTO(http_reply_finish) struct http_reply reply = {0};
    static char root[] = "/srv/tftp";
    struct http_settings plain = settings;
    plain.find_plain = find_plain;
    plain.plain_context = root;
    answer_http(&reply, &(struct http_request){.method = "GET", .target = "/pxelinux.cfg/default"}, catalog, NULL,
                &plain);
    CHECK_NUMBER(reply.kind, HTTP_REPLY_FILE);
    CHECK_TEXT(reply.file, "/srv/tftp/pxelinux.cfg/default");
}

static void what_http_has_is_there_over_tftp(void)
{
    static const struct {
        const char *name;
        enum answer_tftp_kind kind;
        const char *file;
    } rows[] = {
        {"assets/debian/vmlinuz", ANSWER_TFTP_ASSET, "debian/vmlinuz"},
        {"assets/a%2Cb", ANSWER_TFTP_ASSET, "a,b"},
        {"assets/a b", ANSWER_TFTP_ASSET, "a b"},
        {"assets/100%", ANSWER_TFTP_ASSET, "100%"},
        {"bios/assets/vmlinuz", ANSWER_TFTP_ASSET, "vmlinuz"},
        {"boot/0/vmlinuz", ANSWER_TFTP_FILE, "/tmp/k"},
        {"bios/boot/0/vmlinuz", ANSWER_TFTP_FILE, "/tmp/k"},
        {"boot.ipxe", ANSWER_TFTP_CONTENT, NULL},
        {"ipxe?mac=" MAC, ANSWER_TFTP_CONTENT, NULL},
        {"cloud", ANSWER_TFTP_REFUSAL, NULL},
    };
    for (size_t i = 0; i < LENGTH(rows); i++) {
        AUTO(answer_tftp_finish) struct answer_tftp answer;
        CHECK_ROW(rows[i].name, ask(&answer, rows[i].name, NULL));
        CHECK_ROW(rows[i].name, answer.kind == rows[i].kind);
        CHECK_TEXT(answer.file, rows[i].file);
    }
    static const char *const nothing[] = {"ldlinux.c32", "assets", "grub/x86_64-efi/normal.mod", "pxelinux.cfg/x"};
    for (size_t i = 0; i < LENGTH(nothing); i++) {
        AUTO(answer_tftp_finish) struct answer_tftp answer;
        CHECK_ROW(nothing[i], !ask(&answer, nothing[i], NULL));
    }
}

static void what_has_a_query_is_found_below_the_folder_of_the_program(void)
{
    static const char *const names[] = {"metadata?mac=" MAC, "efi64/metadata?mac=" MAC, "boot/efi32/metadata?mac=" MAC};
    for (size_t i = 0; i < LENGTH(names); i++) {
        AUTO(answer_tftp_finish) struct answer_tftp answer;
        CHECK_ROW(names[i], ask(&answer, names[i], NULL));
        CHECK_ROW(names[i], answer.kind == ANSWER_TFTP_CONTENT);
    }
    static const char *const nothing[] = {"efi64/metadata", ("efi64/nothing?mac=" MAC), "nothing?file=/metadata"};
    for (size_t i = 0; i < LENGTH(nothing); i++) {
        AUTO(answer_tftp_finish) struct answer_tftp answer;
        CHECK_ROW(nothing[i], !ask(&answer, nothing[i], NULL));
    }
    AUTO(answer_tftp_finish) struct answer_tftp refused;
    CHECK(ask(&refused, "efi64/ignition?mac=52:54:00:00:00:0f", NULL));
    CHECK_NUMBER(refused.kind, ANSWER_TFTP_REFUSAL);
}

static void documents_do_not_leave_by_tftp_where_there_is_https_alone(void)
{
    static const struct {
        const char *name;
        enum answer_tftp_kind kind;
    } rows[] = {
        {"metadata?mac=" MAC, ANSWER_TFTP_REFUSAL},
        {"ignition?mac=" MAC, ANSWER_TFTP_REFUSAL},
        {"assets/vmlinuz", ANSWER_TFTP_ASSET},
        {"pxelinux.cfg/01-52-54-00-12-34-56", ANSWER_TFTP_CONTENT},
    };
    AUTO(catalog_unref) struct catalog *catalog = catalog_new();
    const struct answer_tftp_client client = {MACHINE, SERVER};
    for (uint16_t port = 0; port <= 8080; port += 8080) {
        const struct answer_tftp_web web = {catalog, NULL, &settings, port};
        for (size_t i = 0; i < LENGTH(rows); i++) {
            AUTO(answer_tftp_finish) struct answer_tftp answer = {0};
            CHECK_ROW(rows[i].name,
                      answer_tftp_web(&answer, &web, &(struct answer_tftp_request){rows[i].name, &client}));
            CHECK_ROW(rows[i].name, port > 0 || answer.kind == rows[i].kind);
            CHECK_ROW(rows[i].name, port > 0 || answer.kind != ANSWER_TFTP_REFUSAL ||
                                        strstr(answer.error_text, "is given by HTTPS alone") != NULL);
        }
    }
}

static void u_boot_is_told_that_it_loads_one_initrd(void)
{
    static const char *const names[] = {"assets/i.gz,/overlay?mac=" MAC, "assets/i.gz,http://10.0.0.9/j.gz"};
    for (size_t i = 0; i < LENGTH(names); i++) {
        AUTO(answer_tftp_finish) struct answer_tftp answer;
        CHECK_ROW(names[i], ask(&answer, names[i], NULL));
        CHECK_NUMBER(answer.kind, ANSWER_TFTP_REFUSAL);
        CHECK(strstr(answer.error_text, "U-Boot loads one initrd") != NULL);
    }
}

int main(void)
{
    RUN(documents_do_not_leave_by_tftp_where_there_is_https_alone);
    RUN(files_are_fetched_as_the_configuration_was);
    RUN(grub_is_given_its_own_paths);
    RUN(the_first_name_asked_is_answered_for_the_machine_with_that_address);
    RUN(a_machine_whose_mac_is_not_known_is_brought_to_say_it);
    RUN(a_group_by_uuid_is_chosen_by_the_name_with_it);
    RUN(a_machine_without_a_profile_is_told_so_by_its_loader);
    RUN(a_machine_without_a_loader_is_left_to_its_disk);
    RUN(ipxe_is_sent_to_the_first_script);
    RUN(a_plain_file_of_that_name_wins);
    RUN(what_http_has_is_there_over_tftp);
    RUN(u_boot_is_told_that_it_loads_one_initrd);
    RUN(what_has_a_query_is_found_below_the_folder_of_the_program);
    return test_result();
}
