/* SPDX-License-Identifier: Apache-2.0 */
/* Menus out of groups. */
#include "base/array.h"
#include "base/memory.h"
#include "base/text.h"
#include "config/group.h"
#include "test.h"

static struct group *group_of(const char *source, struct faults *faults)
{
    AUTO(document_destroy) struct document *document = NULL;
    if (document_parse(&document, "g.yaml", bytes_of_text(source), DOCUMENT_YAML, faults) != DOCUMENT_OK)
        return NULL;
    return group_from_document(document, "g", faults);
}

static void a_list_of_profiles_is_a_menu(void)
{
    struct faults faults = {0};
    AUTO(group_unref) struct group *group = group_of("menu: [debian, fedora, local]\n", &faults);
    CHECK(group && faults.count == 0);
    CHECK_TEXT(group->profile, "debian");
    CHECK_NUMBER((long long)group->menu->entry_count, 3);
    CHECK_NUMBER(group->menu->timeout, MENU_TIMEOUT_DEFAULT);
    CHECK_TEXT(group->menu->title, "What shall this machine boot?");
    CHECK_TEXT(group->menu->entries[1].title, "fedora");
    CHECK(!group->menu->entries[2].profile);
    CHECK_TEXT(group->menu->entries[2].title, "Local disk");
    faults_finish(&faults);
}

static void a_map_says_more(void)
{
    struct faults faults = {0};
    AUTO(group_unref)
    struct group *group =
        group_of("profile: base\nmenu:\n  title: Lab\n  timeout: 0\n  default: local\n  password: master\n"
                 "  entries:\n  - {profile: a, title: The first, password: own}\n"
                 "  - {profile: b, label: The second}\n  - {local: true, title: Disk}\n",
                 &faults);
    CHECK(group && faults.count == 0);
    const struct menu *menu = group->menu;
    CHECK_TEXT(group->profile, "base");
    CHECK_TEXT(menu->title, "Lab");
    CHECK_NUMBER(menu->timeout, 0);
    CHECK_NUMBER((long long)menu->fallback, 2);
    CHECK_TEXT(menu->entries[1].title, "The second");
    CHECK_TEXT(menu_password(menu, &menu->entries[0]), "own");
    CHECK_TEXT(menu_password(menu, &menu->entries[1]), "master");
    CHECK(!menu_password(menu, &menu->entries[2]));
    CHECK_TEXT(menu_profile(menu), "a");
    AUTO(group_unref) struct group *copy = group_copy_as(group, "other");
    CHECK(copy->menu == menu);
    faults_finish(&faults);
}

static void what_is_wrong_is_said_at_its_place(void)
{
    static const struct {
        const char *source, *fault;
    } rows[] = {
        {"menu: 5\n", "g.yaml:1:7: error: 'menu' must be a list of profiles, or a map, this is a number"},
        {"menu: []\n", "g.yaml:1:7: error: 'menu' must be a list of profiles, this is a list"},
        {"menu: {title: t}\n", "g.yaml:1:7: error: the menu has no 'entries': list its profiles"},
        {"menu: [a, a]\n", "g.yaml:1:11: error: this entry is in the menu already"},
        {"menu: [a, local, {local: true}]\n", "g.yaml:1:18: error: this entry is in the menu already"},
        {"menu: [a, [b]]\n",
         "g.yaml:1:11: error: an entry of the menu must be the name of a profile, or a map with its 'profile'"},
        {"menu: [{title: x}]\n",
         "g.yaml:1:8: error: an entry of the menu must have either a 'profile' or 'local: true'"},
        {"menu: [{profile: a, local: true}]\n",
         "g.yaml:1:8: error: an entry of the menu must have either a 'profile' or 'local: true'"},
        {"menu: {entries: [a], default: b}\n", "g.yaml:1:31: error: the default 'b' is not in the menu"},
        {"menu: {entries: [{profile: a, password: x}]}\n",
         "g.yaml:1:7: error: the default entry is booted when nobody is there, and can have no password"},
        {"menu: {entries: [a], password: ''}\n", "g.yaml:1:32: error: the password of the menu is empty"},
        {"menu: {entries: [a], timeout: -1}\n",
         "g.yaml:1:31: error: 'menu.timeout' must be a number of seconds, at most 86400, this is a number"},
        {"menu: [local]\n", "g.yaml:1:1: error: the group has no 'profile': name the one that its machines get"},
    };
    for (size_t i = 0; i < LENGTH(rows); i++) {
        struct faults faults = {0};
        AUTO(group_unref) struct group *group = group_of(rows[i].source, &faults);
        AUTO(free) char *fault = faults.count > 0 ? fault_to_text(&faults.at[0]) : NULL;
        CHECK(!group);
        CHECK_TEXT(fault, rows[i].fault);
        faults_finish(&faults);
    }
}

int main(void)
{
    RUN(a_list_of_profiles_is_a_menu);
    RUN(a_map_says_more);
    RUN(what_is_wrong_is_said_at_its_place);
    return test_result();
}
