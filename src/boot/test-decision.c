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

int main(void)
{
    RUN(a_refusal_names_what_is_missing_and_where);
    RUN(configs_need_no_boot_member);
    RUN(an_empty_catalog_says_what_to_do);
    return test_result();
}
