/* SPDX-License-Identifier: Apache-2.0 */
/* Menus of groups: shown, chosen from, remembered. */
#include "answer/tftp-web.h"

#include "base/array.h"
#include "base/memory.h"
#include "test.h"

#define MAC "52:54:00:12:34:56"
#define MACHINE ((struct ipv4){0x0a000007})

static void add_profile(struct catalog *catalog, const char *id)
{
    struct profile *profile = profile_create(id);
    free(profile->boot.kernel);
    profile->boot.kernel = memory_print("/assets/%s/vmlinuz", id);
    profile->boot.present = true;
    profile->generic_id = (free(profile->generic_id), memory_print("%s.txt", id));
    catalog_take_document(catalog, CATALOG_GENERIC, profile->generic_id, bytes_of_text(id));
    catalog_take_profile(catalog, profile);
}

static void add_entry(struct menu *menu, const char *profile, const char *password)
{
    menu_take_entry(menu, &(struct menu_entry){.profile = memory_text(profile), .password = memory_text(password)});
}

/* A menu of "one", the default, "two", "rescue" with a password, "gone" that is not there, and the disk. */
static struct catalog *catalog_new(void)
{
    struct catalog *catalog = catalog_create();
    add_profile(catalog, "one");
    add_profile(catalog, "two");
    add_profile(catalog, "rescue");
    add_profile(catalog, "secret");
    struct group *group = group_create("lab", "one");
    group->menu = menu_create();
    add_entry(group->menu, "one", NULL);
    add_entry(group->menu, "two", NULL);
    add_entry(group->menu, "rescue", "geheim");
    add_entry(group->menu, "gone", NULL);
    add_entry(group->menu, NULL, NULL);
    menu_complete(group->menu);
    catalog_take_group(catalog, group);
    catalog_seal(catalog);
    return catalog;
}

static char *find_loader(void *context, const char *name)
{
    (void)context;
    return text_is(name, "menu.c32") ? memory_text("/usr/lib/syslinux/menu.c32") : NULL;
}

static const struct http_settings settings = {.find_loader = find_loader};

static struct http_reply get_with(const char *target, struct fleet *fleet, const char *authorization)
{
    AUTO(catalog_unref) struct catalog *catalog = catalog_new();
    struct http_reply reply = {0};
    const struct http_request request = {.method = "GET",
                                         .target = target,
                                         .host = "10.0.0.1:8080",
                                         .user_agent = "iPXE/1.21",
                                         .authorization = authorization,
                                         .client = MACHINE};
    answer_http(&reply, &request, catalog, fleet, &settings);
    return reply;
}

static struct http_reply get(const char *target)
{
    return get_with(target, NULL, NULL);
}

static bool has(const struct http_reply *reply, const char *words)
{
    return strstr(text_characters(&reply->body), words) != NULL;
}

static void each_boot_program_is_shown_the_same_menu(void)
{
    static const struct {
        const char *target, *words;
    } rows[] = {
        {"/ipxe?mac=" MAC "&note=a%20b",
         "chain --autofree ipxe?mac=52%3A54%3A00%3A12%3A34%3A56&note=a%20b&profile=two "},
        {"/ipxe?mac=" MAC, "http://${username:uristring}:${password:uristring}@10.0.0.1:8080/ipxe?"},
        {"/pxelinux.cfg/01-52-54-00-12-34-56",
         "CONFIG http://10.0.0.1:8080/pxelinux.cfg/01-52-54-00-12-34-56/profile/two\n"},
        {"/pxelinux.cfg/01-52-54-00-12-34-56", "LABEL 3\n  MENU LABEL rescue\n  MENU PASSWD $5$"},
        {"/grub/grub.cfg-01-52-54-00-12-34-56",
         "configfile \"(http,10.0.0.1:8080)/grub/grub.cfg-01-52-54-00-12-34-56/profile/two\"\n"},
        {"/grub?mac=" MAC, "password_pbkdf2 rescue grub.pbkdf2.sha512.10000."},
    };
    for (size_t i = 0; i < LENGTH(rows); i++) {
        AUTO(http_reply_finish) struct http_reply reply = get(rows[i].target);
        CHECK_NUMBER(reply.status, 200);
        CHECK_ROW(rows[i].words, has(&reply, rows[i].words));
        CHECK_ROW(rows[i].target, has(&reply, "Local disk") && !has(&reply, "geheim"));
        CHECK_TEXT(reply.reason.text, "the menu of group 'lab'");
        CHECK(!reply.chosen);
    }
}

static void what_is_chosen_is_given(void)
{
    static const char *const targets[] = {
        "/ipxe?mac=" MAC "&profile=two",
        "/pxelinux.cfg/01-52-54-00-12-34-56/profile/two",
        "/pxelinux.cfg/01-52-54-00-12-34-56/profile/%74wo",
        "/grub/grub.cfg-01-52-54-00-12-34-56/profile/two",
        "/grub?mac=" MAC "&profile=two",
    };
    for (size_t i = 0; i < LENGTH(targets); i++) {
        AUTO(http_reply_finish) struct http_reply reply = get(targets[i]);
        CHECK_NUMBER(reply.status, 200);
        CHECK_ROW(targets[i], has(&reply, "/assets/two/vmlinuz"));
        CHECK_TEXT(reply.chosen, "two");
        CHECK_TEXT(reply.reason.text, "profile 'two' of group 'lab', chosen from its menu");
    }
}

static void what_the_menu_does_not_list_cannot_be_chosen(void)
{
    static const struct {
        const char *target, *reason;
    } rows[] = {
        {"/ipxe?mac=" MAC "&profile=secret", "'secret' is not in the menu of group 'lab'"},
        {"/ipxe?mac=" MAC "&profile=gone", "profile 'gone' of the menu of group 'lab' is not there"},
        {"/grub/grub.cfg-01-52-54-00-12-34-56/profile/secret", "'secret' is not in the menu of group 'lab'"},
    };
    for (size_t i = 0; i < LENGTH(rows); i++) {
        AUTO(http_reply_finish) struct http_reply reply = get(rows[i].target);
        CHECK_TEXT(reply.reason.text, rows[i].reason);
        CHECK_ROW(rows[i].target, reply.refused && !reply.chosen && !has(&reply, "/assets/"));
    }
}

static void configs_are_those_of_what_was_chosen_last(void)
{
    AUTO(fleet_destroy) struct fleet *fleet = fleet_create();
    struct mac mac;
    mac_from_text(&mac, MAC);
    AUTO(http_reply_finish) struct http_reply before = get_with("/generic?mac=" MAC, fleet, NULL);
    CHECK_TEXT(text_characters(&before.body), "one");
    fleet_choose(fleet, &mac, "two", (struct moment){0});
    AUTO(http_reply_finish) struct http_reply after = get_with("/generic?mac=" MAC, fleet, NULL);
    CHECK_TEXT(text_characters(&after.body), "two");
    AUTO(http_reply_finish) struct http_reply menu = get_with("/ipxe?mac=" MAC, fleet, NULL);
    CHECK(has(&menu, "choose"));
    fleet_choose(fleet, &mac, "secret", (struct moment){0});
    AUTO(http_reply_finish) struct http_reply other = get_with("/generic?mac=" MAC, fleet, NULL);
    CHECK_TEXT(text_characters(&other.body), "one");
}

static void a_password_is_asked_for_over_http(void)
{
    AUTO(http_reply_finish) struct http_reply reply = get("/ipxe?mac=" MAC "&profile=rescue");
    CHECK_NUMBER(reply.status, 401);
    CHECK(!has(&reply, "/assets/") && !reply.chosen);
    CHECK_TEXT(reply.headers[reply.header_count - 2].name, "WWW-Authenticate");
    AUTO(http_reply_finish)
    struct http_reply wrong =
        get_with("/ipxe?mac=" MAC "&profile=rescue", NULL, "Digest username=\"muster\", response=\"\"");
    CHECK_NUMBER(wrong.status, 401);
    CHECK_TEXT(wrong.reason.text, "the menu of group 'lab' asks for a password, and this was not it");
}

static void who_knows_no_menus_gets_the_default(void)
{
    AUTO(http_reply_finish) struct http_reply reply = get("/v1/boot/" MAC);
    CHECK_NUMBER(reply.status, 200);
    CHECK(has(&reply, "\"kernel\":\"/assets/one/vmlinuz\""));
}

int main(void)
{
    RUN(each_boot_program_is_shown_the_same_menu);
    RUN(what_is_chosen_is_given);
    RUN(what_the_menu_does_not_list_cannot_be_chosen);
    RUN(configs_are_those_of_what_was_chosen_last);
    RUN(a_password_is_asked_for_over_http);
    RUN(who_knows_no_menus_gets_the_default);
    return test_result();
}
