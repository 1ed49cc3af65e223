/* SPDX-License-Identifier: Apache-2.0 */
#include "boot/decision.h"

#include "base/array.h"
#include "base/memory.h"
#include "test.h"

static void add_group(struct catalog *catalog, const char *id, const char *profile, const struct label *selector,
                      size_t count)
{
    struct group *group = group_create(id, profile);
    group->source = memory_print("groups/%s.json", id);
    for (size_t i = 0; i < count; i++)
        labels_set(&group->selector, selector[i].name, selector[i].value);
    catalog_take_group(catalog, group);
}

static void add_profile(struct catalog *catalog, const char *id, bool boots)
{
    struct profile *profile = profile_create(id);
    profile->source = memory_print("profiles/%s.json", id);
    profile->boot.present = boots;
    catalog_take_profile(catalog, profile);
}

static struct label label(const char *name, const char *value)
{
    return (struct label){.name = (char *)name, .value = (char *)value};
}

static struct catalog *a_catalog(void)
{
    struct catalog *catalog = catalog_create();
    const struct label node1[] = {label("mac", "52:54:00:00:00:01"), label("os", "installed")};
    const struct label node2[] = {label("mac", "52:54:00:00:00:02")};
    const struct label node3[] = {label("mac", "52:54:00:00:00:03")};
    add_group(catalog, "node1", "worker", node1, LENGTH(node1));
    add_group(catalog, "node2", "wroker", node2, LENGTH(node2));
    add_group(catalog, "node3", "config-only", node3, LENGTH(node3));
    add_profile(catalog, "worker", true);
    add_profile(catalog, "config-only", false);
    catalog_seal(catalog);
    return catalog;
}

static void a_refusal_names_what_is_missing_and_where(void)
{
    const struct {
        struct label labels[3];
        int code;
        const char *why;
    } rows[] = {
        {{label("mac", "52:54:00:00:00:01"), label("os", "installed")}, DECISION_OK, ""},
        {{label("mac", "52:54:00:00:00:01"), label("serial", "")},
         DECISION_E_NO_GROUP,
         "no group selects mac=52:54:00:00:00:01; closest is group 'node1' (groups/node1.json), which wants "
         "os=installed but this machine has no label 'os'"},
        {{label("mac", "52:54:00:00:00:09"), label("os", "installed")},
         DECISION_E_NO_GROUP,
         "no group selects mac=52:54:00:00:00:09 os=installed; closest is group 'node1' (groups/node1.json), which "
         "wants mac=52:54:00:00:00:01 but this machine's is '52:54:00:00:00:09'"},
        {{label("uuid", "x\n")},
         DECISION_E_NO_GROUP,
         "no group selects uuid=x\\x0a; none of the 3 groups wants anything that this machine has, and there is no "
         "group without a selector, which would be for every machine"},
        {{label("mac", "52:54:00:00:00:02")},
         DECISION_E_NO_PROFILE,
         "group 'node2' (groups/node2.json) gives profile 'wroker', which is not in profiles/"},
        {{label("mac", "52:54:00:00:00:03")},
         DECISION_E_NO_BOOT,
         "profile 'config-only' (profiles/config-only.json), which group 'node3' (groups/node3.json) gives, has no "
         "\"boot\" member: nothing says which kernel to boot"},
    };
    AUTO(catalog_unref) struct catalog *catalog = a_catalog();
    for (size_t i = 0; i < LENGTH(rows); i++) {
        AUTO(labels_finish) struct labels labels = {0};
        for (size_t j = 0; j < LENGTH(rows[i].labels) && rows[i].labels[j].name; j++)
            labels_set(&labels, rows[i].labels[j].name, rows[i].labels[j].value);
        struct decision decision;
        struct diag why = {0};
        CHECK_NUMBER(decide_boot(&decision, catalog, &labels, &why), rows[i].code);
        CHECK_TEXT(why.text, rows[i].why);
        CHECK((decision.group == NULL) == (rows[i].code == DECISION_E_NO_GROUP));
        CHECK((decision.profile == NULL) ==
              (rows[i].code == DECISION_E_NO_GROUP || rows[i].code == DECISION_E_NO_PROFILE));
    }
}

static void the_reason_says_which_selector_failed_in_words(void)
{
    AUTO(catalog_unref) struct catalog *catalog = catalog_create();
    struct group *group = group_create("web", "worker");
    labels_set(&group->selector, "os", "installed");
    group_take_condition(group, "hostname", selector_create_glob("web-*"));
    catalog_take_group(catalog, group);
    catalog_seal(catalog);
    AUTO(labels_finish) struct labels labels = {0};
    struct decision decision;
    struct diag why;
    labels_set(&labels, "os", "installed");
    labels_set(&labels, "hostname", "db-1");
    CHECK_NUMBER(decide_group(&decision, catalog, &labels, &why), DECISION_E_NO_GROUP);
    CHECK_TEXT(why.text,
               "no group selects hostname=db-1 os=installed; closest is group 'web', which wants hostname to be "
               "like 'web-*' but this machine's is 'db-1'");
}

static void metadata_is_the_profiles_under_the_groups_under_the_labels(void)
{
    struct profile *profile = profile_create("p");
    struct group *group = group_create("g", "p");
    static const char *const keys[] = {"profile", "group", "label", "hostname"};
    profile->metadata = value_new_map();
    group->metadata = value_new_map();
    for (size_t i = 0; i < LENGTH(keys); i++) {
        value_map_take(profile->metadata, keys[i], value_new_string("from profile"));
        if (i > 0)
            value_map_take(group->metadata, keys[i], value_new_string("from group"));
    }
    labels_set(&group->selector, "LABEL", "from label");
    group_take_condition(group, "hostname", selector_create_glob("*"));
    struct decision decision = {.group = group, .profile = profile};
    AUTO(labels_finish) struct labels labels = {0};
    labels_set(&labels, "hostname", "web-1");
    static const char *const expected[] = {"from profile", "from group", "from label", "web-1"};
    AUTO(value_unref) struct value *metadata = decision_metadata(&decision, &labels);
    for (size_t i = 0; i < LENGTH(keys); i++)
        CHECK_TEXT(value_map_get(metadata, keys[i])->string.characters, expected[i]);
    group_unref(group);
    profile_unref(profile);
}

static void configs_need_no_boot_member(void)
{
    AUTO(catalog_unref) struct catalog *catalog = a_catalog();
    AUTO(labels_finish) struct labels labels = {0};
    labels_set(&labels, "mac", "52:54:00:00:00:03");
    struct decision decision;
    CHECK_NUMBER(decide_group(&decision, catalog, &labels, NULL), DECISION_OK);
    CHECK_TEXT(decision.profile->id, "config-only");
}

static void an_empty_catalog_says_what_to_do(void)
{
    AUTO(catalog_unref) struct catalog *catalog = catalog_create();
    catalog_seal(catalog);
    struct labels labels = {0};
    struct decision decision;
    struct diag why;
    CHECK_NUMBER(decide_boot(&decision, catalog, &labels, &why), DECISION_E_NO_GROUP);
    CHECK_TEXT(why.text,
               "no group selects a machine without labels: there are no groups; put one in groups/ of the data "
               "directory (without a selector it is for every machine)");
    CHECK_NUMBER(decide_boot(&decision, catalog, &labels, NULL), DECISION_E_NO_GROUP);
}

static void a_groups_loader_holds_before_its_profiles(void)
{
    AUTO(group_unref) struct group *group = group_create("g", "p");
    AUTO(profile_unref) struct profile *profile = profile_create("p");
    struct decision decision = {group, profile};
    CHECK_NUMBER(decision_loader(&(struct decision){0}, LOADER_CHOICE_GRUB), LOADER_CHOICE_GRUB);
    CHECK_NUMBER(decision_loader(&decision, LOADER_CHOICE_GRUB), LOADER_CHOICE_GRUB);
    profile->loader = LOADER_CHOICE_SHIM;
    CHECK_NUMBER(decision_loader(&decision, LOADER_CHOICE_GRUB), LOADER_CHOICE_SHIM);
    group->loader = LOADER_CHOICE_AUTO;
    CHECK_NUMBER(decision_loader(&decision, LOADER_CHOICE_GRUB), LOADER_CHOICE_AUTO);
    AUTO(group_unref) struct group *copy = group_copy_as(group, "h");
    CHECK_NUMBER(copy->loader, LOADER_CHOICE_AUTO);
}

static void every_loader_is_read_by_the_name_it_is_shown_by(void)
{
    enum loader_choice choice = LOADER_CHOICE_UNSET;
    for (size_t i = 0; loader_choice_name_at(i); i++) {
        CHECK_ROW(loader_choice_name_at(i), loader_choice_from_text(&choice, loader_choice_name_at(i)));
        enum loader_choice again = LOADER_CHOICE_UNSET;
        CHECK_ROW(loader_choice_name_at(i), loader_choice_from_text(&again, loader_choice_to_text(choice)));
        CHECK_NUMBER(again, choice);
    }
    CHECK_TEXT(loader_choice_to_text(LOADER_CHOICE_NONE), "none");
    CHECK_TEXT(loader_choice_to_text(LOADER_CHOICE_UNSET), "");
    CHECK(!loader_choice_from_text(&choice, ""));
}

int main(void)
{
    RUN(a_refusal_names_what_is_missing_and_where);
    RUN(the_reason_says_which_selector_failed_in_words);
    RUN(metadata_is_the_profiles_under_the_groups_under_the_labels);
    RUN(configs_need_no_boot_member);
    RUN(an_empty_catalog_says_what_to_do);
    RUN(a_groups_loader_holds_before_its_profiles);
    RUN(every_loader_is_read_by_the_name_it_is_shown_by);
    return test_result();
}
