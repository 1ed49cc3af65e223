/* SPDX-License-Identifier: Apache-2.0 */
#include "boot/catalog.h"

#include <string.h>

#include "base/array.h"
#include "test.h"

/* Labels are written "a=1 b=2". */
static void labels_from_words(struct labels *ret, const char *labels)
{
    AUTO(free) char *words = memory_text(labels);
    char *rest = words;
    for (char *word = strtok_r(words, " ", &rest); word; word = strtok_r(NULL, " ", &rest)) {
        char *value = strchr(word, '=');
        *value = '\0';
        labels_set(ret, word, value + 1);
    }
}

static void add_group(struct catalog *catalog, const char *id, const char *selector)
{
    struct group *group = group_create(id, "profile");
    labels_from_words(&group->selector, selector);
    CHECK_ROW(id, catalog_take_group(catalog, group));
}

static const char *selected(const struct catalog *catalog, const char *words)
{
    AUTO(labels_finish) struct labels labels = {0};
    labels_from_words(&labels, words);
    const struct group *group = catalog_select(catalog, &labels);
    return group ? group->id : "(none)";
}

static void groups_stand_in_matchbox_order(void)
{
    AUTO(catalog_unref) struct catalog *catalog = catalog_create();
    add_group(catalog, "default", "");
    add_group(catalog, "a", "a=1");
    add_group(catalog, "b", "b=1");
    add_group(catalog, "two", "a=1 b=1");
    add_group(catalog, "dash", "a-b=1");
    add_group(catalog, "same-2", "z=1");
    add_group(catalog, "same-1", "z=1");
    catalog_seal(catalog);
    const char *const order[] = {"two", "same-1", "same-2", "b", "a", "dash", "default"};
    CHECK_NUMBER(catalog_group_count(catalog), LENGTH(order));
    for (size_t i = 0; i < LENGTH(order); i++)
        CHECK_TEXT(catalog_group_at(catalog, i)->id, order[i]);
}

static void the_text_of_several_selectors_is_sorted_as_text(void)
{
    AUTO(catalog_unref) struct catalog *catalog = catalog_create();
    add_group(catalog, "plain", "a=1 b=1");    /* "a=1,b=1" */
    add_group(catalog, "dashed", "a=1 a-b=1"); /* "a-b=1,a=1": not in the order of the names */
    catalog_seal(catalog);
    CHECK_TEXT(catalog_group_at(catalog, 0)->id, "plain");
    CHECK_TEXT(selected(catalog, "a=1 b=1 a-b=1"), "plain");
}

static void selection_follows_matchbox(void)
{
    AUTO(catalog_unref) struct catalog *catalog = catalog_create();
    add_group(catalog, "install", "");
    add_group(catalog, "installed", "os=installed");
    add_group(catalog, "node1", "mac=52:54:00:00:00:01 os=installed");
    add_group(catalog, "absent", "os=installed rack=");
    catalog_seal(catalog);
    const struct {
        const char *labels, *group;
    } rows[] = {
        {"", "install"},
        {"mac=52:54:00:00:00:01", "install"},
        {"os=installed", "absent"},
        {"os=installed rack=", "absent"},
        {"os=installed rack=7", "installed"},
        {"os=Installed", "install"},
        {"OS=installed", "install"},
        {"mac=52:54:00:00:00:01 os=installed rack=7", "node1"},
        {"mac=52:54:00:00:00:01 os=installed", "absent"},
    };
    for (size_t i = 0; i < LENGTH(rows); i++)
        CHECK_TEXT(selected(catalog, rows[i].labels), rows[i].group);
}

static void a_selector_of_an_empty_value_meets_a_missing_label(void)
{
    AUTO(catalog_unref) struct catalog *catalog = catalog_create();
    add_group(catalog, "without-x", "x=");
    catalog_seal(catalog);
    CHECK_TEXT(selected(catalog, ""), "without-x");
    CHECK_TEXT(selected(catalog, "x="), "without-x");
    CHECK_TEXT(selected(catalog, "x=1"), "(none)");
}

static void an_id_is_taken_once(void)
{
    AUTO(catalog_unref) struct catalog *catalog = catalog_create();
    CHECK(catalog_take_group(catalog, group_create("a", "p")));
    AUTO(group_unref) struct group *second = group_create("a", "q");
    CHECK(!catalog_take_group(catalog, second));
    CHECK(catalog_take_profile(catalog, profile_create("p")));
    CHECK(catalog_take_profile(catalog, profile_create("b")));
    AUTO(profile_unref) struct profile *again = profile_create("p");
    CHECK(!catalog_take_profile(catalog, again));
    catalog_seal(catalog);
    CHECK_NUMBER(catalog_group_count(catalog), 1);
    CHECK_NUMBER(catalog_profile_count(catalog), 2);
    CHECK_TEXT(catalog_profile_at(catalog, 0)->id, "b");
    CHECK_TEXT(catalog_profile(catalog, "p")->id, "p");
    CHECK(catalog_profile(catalog, "nobody") == NULL);
}

static void other_forms_rank_behind_a_text(void)
{
    static const char *const networks[] = {"10.0.0.0/8", "10.1.0.0/16"};
    AUTO(catalog_unref) struct catalog *catalog = catalog_create();
    for (size_t i = 0; i < LENGTH(networks); i++) {
        struct group *group = group_create(networks[i], "p");
        struct ipv4_subnet network = {0};
        CHECK(ipv4_subnet_from_text(&network, networks[i]));
        group_take_condition(group, "ip", selector_create_cidr(network));
        catalog_take_group(catalog, group);
    }
    struct group *list = group_create("list", "p");
    struct group *not_list = group_create("not", "p");
    struct selector *any = selector_create(SELECTOR_ANY);
    struct selector *not = selector_create(SELECTOR_NOT);
    selector_add_value(any, "10.1.0.1");
    selector_add_value(any, "10.1.0.2");
    selector_take_part(not, selector_ref(any));
    group_take_condition(list, "ip", any);
    group_take_condition(not_list, "ip", not );
    catalog_take_group(catalog, list);
    catalog_take_group(catalog, not_list);
    add_group(catalog, "text", "ip=10.1.0.1");
    add_group(catalog, "two", "ip=10.1.0.1 os=x");
    add_group(catalog, "default", "");
    catalog_seal(catalog);
    static const char *const order[] = {"two", "text", "list", "10.1.0.0/16", "10.0.0.0/8", "not", "default"};
    for (size_t i = 0; i < LENGTH(order); i++)
        CHECK_TEXT(catalog_group_at(catalog, i)->id, order[i]);
    CHECK_TEXT(selected(catalog, "ip=10.1.0.1 os=x"), "two");
    CHECK_TEXT(selected(catalog, "ip=10.1.0.1"), "text");
    CHECK_TEXT(selected(catalog, "ip=10.1.0.2"), "list");
    CHECK_TEXT(selected(catalog, "ip=10.1.0.3"), "10.1.0.0/16");
    CHECK_TEXT(selected(catalog, "ip=10.2.0.1"), "10.0.0.0/8");
    CHECK_TEXT(selected(catalog, "ip=11.0.0.1"), "not");
    CHECK_TEXT(selected(catalog, ""), "not");
}

static void documents_are_found_by_kind_and_name(void)
{
    AUTO(catalog_unref) struct catalog *catalog = catalog_create();
    struct bytes content = bytes_of("a\0b", 3);
    CHECK(catalog_take_document(catalog, CATALOG_IGNITION, "site/worker.ign", content));
    CHECK(!catalog_take_document(catalog, CATALOG_IGNITION, "site/worker.ign", content));
    CHECK(catalog_take_document(catalog, CATALOG_CLOUD, "site/worker.ign", bytes_of_text("cloud")));
    CHECK(catalog_take_document(catalog, CATALOG_GENERIC, "..hidden", bytes_of(NULL, 0)));
    catalog_seal(catalog);
    const struct catalog_document *document = catalog_document(catalog, CATALOG_IGNITION, "site/worker.ign");
    CHECK(bytes_equal(document->content, content));
    CHECK_TEXT(document->name, "site/worker.ign");
    CHECK_TEXT(document->source, "ignition/site/worker.ign");
    CHECK(bytes_equal_text(catalog_document(catalog, CATALOG_CLOUD, "site/worker.ign")->content, "cloud"));
    CHECK(catalog_document(catalog, CATALOG_GENERIC, "..hidden")->content.size == 0);
    CHECK(catalog_document(catalog, CATALOG_GENERIC, "site/worker.ign") == NULL);
    CHECK(catalog_document(catalog, CATALOG_GENERIC, "../cloud/site/worker.ign") == NULL);
}

static void a_document_stays_in_its_folder(void)
{
    static const char *const names[] = {"", "/etc/passwd", "..", "../x", "a/../../x", "a/..", "../../groups/x.json"};
    AUTO(catalog_unref) struct catalog *catalog = catalog_create();
    for (size_t i = 0; i < LENGTH(names); i++)
        CHECK_ROW(names[i], !catalog_take_document(catalog, CATALOG_GENERIC, names[i], bytes_of_text("x")));
}

static void *make_copy(const struct catalog_document *document)
{
    return memory_text_of((const char *)document->content.data, document->content.size);
}

static void what_is_made_of_a_document_is_kept_with_it(void)
{
    AUTO(catalog_unref) struct catalog *catalog = catalog_create();
    catalog_take_document(catalog, CATALOG_GENERIC, "a", bytes_of_text("content"));
    catalog_seal(catalog);
    const struct catalog_document *document = catalog_document(catalog, CATALOG_GENERIC, "a");
    const void *made = catalog_document_make(document, make_copy, free);
    CHECK_TEXT(made, "content");
    CHECK(catalog_document_make(document, make_copy, free) == made);
}

static void a_fault_is_found_by_its_source(void)
{
    AUTO(catalog_unref) struct catalog *catalog = catalog_create();
    catalog_note_fault(catalog, "groups/b.json", "first");
    catalog_note_fault(catalog, "groups/b.json", "second");
    catalog_note_fault(catalog, "groups/a.json", "other");
    catalog_seal(catalog);
    const char *source;
    CHECK_TEXT(catalog_fault(catalog, "groups/b.json"), "first");
    CHECK(catalog_fault(catalog, "groups/c.json") == NULL);
    CHECK_NUMBER(catalog_fault_count(catalog), 2);
    CHECK_TEXT(catalog_fault_at(&source, catalog, 0), "other");
    CHECK_TEXT(source, "groups/a.json");
}

static void an_empty_catalog_selects_nothing(void)
{
    AUTO(catalog_unref) struct catalog *catalog = catalog_create();
    catalog_seal(catalog);
    CHECK_TEXT(selected(catalog, "mac=52:54:00:00:00:01"), "(none)");
    CHECK(catalog_profile(catalog, "") == NULL);
}

static uint64_t random_state = 88172645463325252u;

static uint32_t random_below(uint32_t bound)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return (uint32_t)(random_state >> 32) % bound;
}

/* A selector of any form, up to depth levels deep, of which labels at random meet many. */
static struct selector *selector_at_random(uint32_t depth)
{
    static const char *const values[] = {"", "1", "2", "1,b=1", "=", "10.0.0.1", "10.1.2.3", "11.0.0.1"};
    static const char *const patterns[] = {"*", "1*", "*1", "?", "[12]", "10.*", "*.1", "1*1", "", "[!1]*", "\\="};
    static const uint8_t prefixes[] = {0, 1, 8, 16, 32};
    uint32_t kind = random_below(depth > 0 ? 5 : 3);
    if (kind == 0)
        return selector_create_glob(patterns[random_below(LENGTH(patterns))]);
    if (kind == 1) {
        struct ipv4_subnet network = {.network = {0x0a000001}, .prefix = prefixes[random_below(LENGTH(prefixes))]};
        network.network.number &= ipv4_subnet_mask(network).number;
        return selector_create_cidr(network);
    }
    struct selector *selector = selector_create(kind == 3 ? SELECTOR_NOT : kind == 4 ? SELECTOR_ALL : SELECTOR_ANY);
    for (uint32_t i = random_below(4); i > 0 && kind == 2; i--)
        selector_add_value(selector, values[random_below(LENGTH(values))]);
    for (uint32_t i = random_below(3); i > 0 && depth > 0; i--)
        selector_take_part(selector, selector_at_random(depth - 1));
    return selector;
}

/* At most limit labels of few names and fewer values, the empty one among them, so that many of them meet. */
static void labels_at_random(struct labels *labels, uint32_t limit)
{
    static const char *const names[] = {"a", "b", "c", "a-b", "mac", ""};
    static const char *const values[] = {"", "1", "2", "1,b=1", "=", "1", "10.0.0.1", "10.1.2.3", "11.0.0.1"};
    for (uint32_t count = random_below(limit + 1); count > 0; count--)
        labels_set(labels, names[random_below(LENGTH(names))], values[random_below(LENGTH(values))]);
}

static const struct group *select_by_walking(const struct catalog *catalog, const struct labels *labels)
{
    for (size_t i = 0; i < catalog_group_count(catalog); i++)
        if (group_selects(catalog_group_at(catalog, i), labels))
            return catalog_group_at(catalog, i);
    return NULL;
}

static void check_index_against_walk(void)
{
    AUTO(catalog_unref) struct catalog *catalog = catalog_create();
    for (uint32_t count = random_below(60); count > 0; count--) {
        char id[16];
        snprintf(id, sizeof id, "g%u", count);
        struct group *group = group_create(id, "p");
        labels_at_random(&group->selector, 3);
        for (uint32_t i = random_below(3); i > 0; i--)
            group_take_condition(group, i == 1 ? "a" : "ip", selector_at_random(2));
        catalog_take_group(catalog, group);
    }
    catalog_seal(catalog);
    for (int i = 0; i < 50; i++) {
        AUTO(labels_finish) struct labels labels = {0};
        labels_at_random(&labels, 6);
        if (random_below(2))
            labels_set(&labels, "ip", random_below(2) ? "10.0.0.1" : "10.1.2.3");
        CHECK(catalog_select(catalog, &labels) == select_by_walking(catalog, &labels));
    }
}

static void the_index_selects_what_a_walk_selects(void)
{
    for (int i = 0; i < 400; i++)
        check_index_against_walk();
}

int main(void)
{
    RUN(groups_stand_in_matchbox_order);
    RUN(the_text_of_several_selectors_is_sorted_as_text);
    RUN(selection_follows_matchbox);
    RUN(a_selector_of_an_empty_value_meets_a_missing_label);
    RUN(an_id_is_taken_once);
    RUN(other_forms_rank_behind_a_text);
    RUN(documents_are_found_by_kind_and_name);
    RUN(a_document_stays_in_its_folder);
    RUN(what_is_made_of_a_document_is_kept_with_it);
    RUN(a_fault_is_found_by_its_source);
    RUN(an_empty_catalog_selects_nothing);
    RUN(the_index_selects_what_a_walk_selects);
    return test_result();
}
