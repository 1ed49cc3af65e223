/* SPDX-License-Identifier: Apache-2.0 */
#include "boot/selector.h"

#include "base/array.h"
#include "test.h"

static void a_pattern_is_met_by_the_whole_text(void)
{
    const struct {
        const char *pattern, *text;
        bool met;
    } rows[] = {
        {"web-*", "web-1", true},
        {"web-*", "web-", true},
        {"web-*", "web", false},
        {"web-*", "a-web-1", false},
        {"*", "", true},
        {"?*", "", false},
        {"?*", "x", true},
        {"*-db", "a-db", true},
        {"*-db", "a-db-2", false},
        {"a*b*c", "aXbYbZc", true},
        {"a*b*c", "aXbYbZ", false},
        {"node[0-9]", "node7", true},
        {"node[0-9]", "nodex", false},
        {"node[!0-9]", "nodex", true},
        {"node[!0-9]", "node7", false},
        {"[]a]", "]", true},
        {"[a", "[a", true},
        {"[a", "a", false},
        {"a\\*", "a*", true},
        {"a\\*", "ab", false},
        {"a\\", "a\\", true},
        {"a?c", "abc", true},
        {"a?c", "ac", false},
        {"", "", true},
        {"", "x", false},
        {"Web", "web", false},
        {"[a-]", "-", true},
        {"*****x", "aaaaaaaax", true},
    };
    for (size_t i = 0; i < LENGTH(rows); i++) {
        AUTO(selector_unref) struct selector *glob = selector_create_glob(rows[i].pattern);
        CHECK_ROW(rows[i].pattern, selector_is_met(glob, rows[i].text) == rows[i].met);
    }
}

static void a_hostile_pattern_ends_soon(void)
{
    char text[4096];
    memset(text, 'a', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    AUTO(selector_unref) struct selector *glob = selector_create_glob("*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*b");
    CHECK(!selector_is_met(glob, text));
}

static struct selector *network(const char *text)
{
    struct ipv4_subnet subnet;
    CHECK_ROW(text, ipv4_subnet_from_text(&subnet, text));
    return selector_create_cidr(subnet);
}

static void a_network_is_met_by_its_addresses(void)
{
    const struct {
        const char *network, *text;
        bool met;
    } rows[] = {
        {"10.0.0.0/8", "10.255.255.255", true}, {"10.0.0.0/8", "11.0.0.0", false}, {"10.0.0.0/8", "", false},
        {"10.0.0.0/8", "10.0.0.1x", false},     {"10.0.0.1/32", "10.0.0.1", true}, {"10.0.0.1/32", "10.0.0.2", false},
        {"0.0.0.0/0", "8.8.8.8", true},         {"0.0.0.0/0", "web", false},
    };
    for (size_t i = 0; i < LENGTH(rows); i++) {
        AUTO(selector_unref) struct selector *cidr = network(rows[i].network);
        CHECK_ROW(rows[i].text, selector_is_met(cidr, rows[i].text) == rows[i].met);
    }
}

/* (10.0.0.0/8 and not 'a' nor 'b') or 'x' */
static struct selector *a_nested_selector(void)
{
    struct selector *any = selector_create(SELECTOR_ANY);
    struct selector *all = selector_create(SELECTOR_ALL);
    struct selector *not = selector_create(SELECTOR_NOT);
    struct selector *values = selector_create(SELECTOR_ANY);
    selector_add_value(values, "10.0.0.2");
    selector_add_value(values, "10.0.0.1");
    selector_add_value(values, "10.0.0.2");
    selector_take_part(not, values);
    selector_take_part(all, network("10.0.0.0/8"));
    selector_take_part(all, not );
    selector_add_value(any, "x");
    selector_take_part(any, all);
    return any;
}

static void forms_stand_inside_each_other(void)
{
    AUTO(selector_unref) struct selector *selector = a_nested_selector();
    CHECK(selector_is_met(selector, "x"));
    CHECK(selector_is_met(selector, "10.0.0.3"));
    CHECK(!selector_is_met(selector, "10.0.0.1"));
    CHECK(!selector_is_met(selector, "10.0.0.2"));
    CHECK(!selector_is_met(selector, ""));
    AUTO(text_finish) struct text words = {0};
    selector_append_words(&words, selector);
    CHECK_TEXT(text_characters(&words), "one of 'x', in 10.0.0.0/8 and not one of '10.0.0.1', '10.0.0.2'");
}

static void words_are_bounded(void)
{
    AUTO(selector_unref) struct selector *any = selector_create(SELECTOR_ANY);
    for (unsigned i = 0; i < 5000; i++) {
        AUTO(free) char *value = memory_print("value-%u", i);
        selector_add_value(any, value);
    }
    AUTO(text_finish) struct text words = {0};
    selector_append_words(&words, any);
    CHECK(words.length < 400);
    CHECK(text_ends_with(text_characters(&words), " ... (5000 values)"));
}

static void the_more_exact_has_the_greater_number(void)
{
    AUTO(selector_unref) struct selector *values = selector_create(SELECTOR_ANY);
    AUTO(selector_unref) struct selector *wide = network("10.0.0.0/8");
    AUTO(selector_unref) struct selector *narrow = network("10.1.0.0/16");
    AUTO(selector_unref) struct selector *glob = selector_create_glob("w\\*b[a-z]*");
    AUTO(selector_unref) struct selector *not = selector_create(SELECTOR_NOT);
    AUTO(selector_unref) struct selector *nested = a_nested_selector();
    selector_add_value(values, "a");
    CHECK_NUMBER(selector_exactness(values), 2);
    CHECK_NUMBER(selector_exactness(wide), 1);
    CHECK_NUMBER(selector_exactness(glob), 1);
    CHECK_NUMBER(selector_exactness(not ), 0);
    CHECK_NUMBER(selector_exactness(nested), 1);
    CHECK_NUMBER(selector_detail(wide), 8);
    CHECK_NUMBER(selector_detail(narrow), 16);
    CHECK_NUMBER(selector_detail(glob), 3);
}

int main(void)
{
    RUN(a_pattern_is_met_by_the_whole_text);
    RUN(a_hostile_pattern_ends_soon);
    RUN(a_network_is_met_by_its_addresses);
    RUN(forms_stand_inside_each_other);
    RUN(words_are_bounded);
    RUN(the_more_exact_has_the_greater_number);
    return test_result();
}
