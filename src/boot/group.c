/* SPDX-License-Identifier: Apache-2.0 */
/* Groups. */
#include "boot/group.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/text.h"

/* As much of a name or value as words show. Octets. */
#define SHOWN_TEXT_MAX 64

struct group *group_create(const char *id, const char *profile)
{
    struct group *group = MEMORY_NEW(struct group);
    group->references = 1;
    group->id = memory_text(id);
    group->name = memory_text("");
    group->profile = memory_text(profile);
    return group;
}

struct group *group_ref(const struct group *group)
{
    struct group *counted = (struct group *)group;
    __atomic_add_fetch(&counted->references, 1, __ATOMIC_RELAXED);
    return counted;
}

void group_unref(struct group *group)
{
    if (!group || __atomic_sub_fetch(&group->references, 1, __ATOMIC_ACQ_REL) > 0)
        return;
    free(group->id);
    free(group->name);
    free(group->profile);
    free(group->source);
    labels_finish(&group->selector);
    for (size_t i = 0; i < group->condition_count; i++) {
        free(group->conditions[i].name);
        selector_unref(group->conditions[i].selector);
    }
    free(group->conditions);
    free(group->order);
    value_unref(group->metadata);
    menu_unref(group->menu);
    lease_options_finish(&group->dhcp.terms.options);
    free(group);
}

struct group *group_copy_as(const struct group *group, const char *id)
{
    struct group *copy = group_create(id, group->profile);
    free(copy->name);
    copy->name = memory_text(group->name);
    copy->source = memory_text(group->source);
    for (size_t i = 0; i < group->selector.count; i++)
        labels_set(&copy->selector, group->selector.at[i].name, group->selector.at[i].value);
    for (size_t i = 0; i < group->condition_count; i++)
        group_take_condition(copy, group->conditions[i].name, selector_ref(group->conditions[i].selector));
    copy->loader = group->loader;
    copy->menu = group->menu ? menu_ref(group->menu) : NULL;
    copy->metadata = group->metadata ? value_ref(group->metadata) : NULL;
    copy->dhcp = group->dhcp;
    copy->dhcp.terms.options = (struct lease_options){0};
    lease_options_put_all(&copy->dhcp.terms.options, &group->dhcp.terms.options);
    return copy;
}

void group_take_condition(struct group *group, const char *name, struct selector *take_selector)
{
    *ARRAY_ADD(group->conditions, group->condition_count, group->condition_capacity) =
        (struct group_condition){.name = memory_text(name), .selector = take_selector};
}

size_t group_want_count(const struct group *group)
{
    return group->selector.count + group->condition_count;
}

struct group_want group_want_at(const struct group *group, size_t index)
{
    if (index < group->selector.count) {
        const struct label *label = &group->selector.at[index];
        return (struct group_want){.name = label->name, .value = label->value};
    }
    const struct group_condition *condition = &group->conditions[index - group->selector.count];
    return (struct group_want){.name = condition->name, .selector = condition->selector};
}

bool group_want_is_met(struct group_want want, const struct labels *labels)
{
    const char *value = labels_get(labels, want.name);
    if (!value)
        value = "";
    return want.value ? strcmp(value, want.value) == 0 : selector_is_met(want.selector, value);
}

void group_want_append_words(struct text *text, struct group_want want)
{
    text_append_shown(text, bytes_of_text(want.name), SHOWN_TEXT_MAX);
    if (want.value) {
        text_append_char(text, '=');
        text_append_shown(text, bytes_of_text(want.value), SHOWN_TEXT_MAX);
        return;
    }
    text_append(text, " to be ");
    selector_append_words(text, want.selector);
}

bool group_find_unmet(struct group_want *ret, const struct group *group, const struct labels *labels)
{
    for (size_t i = 0; i < group_want_count(group); i++) {
        *ret = group_want_at(group, i);
        if (!group_want_is_met(*ret, labels))
            return true;
    }
    return false;
}

bool group_selects(const struct group *group, const struct labels *labels)
{
    struct group_want unmet;
    return !group_find_unmet(&unmet, group, labels);
}

bool group_names_machines(const struct group *group)
{
    for (size_t i = 0; i < group_want_count(group); i++) {
        struct group_want want = group_want_at(group, i);
        bool says_something = want.selector || want.value[0] != '\0';
        if (says_something && (text_is(want.name, "mac") || text_is(want.name, "uuid")))
            return true;
    }
    return false;
}

static void set_machine(struct reservation *reservation, enum reservation_kind kind, struct bytes id)
{
    reservation->kind = kind;
    reservation->id_size = (uint8_t)id.size;
    memcpy(reservation->id, id.data, id.size);
}

bool group_machine(struct reservation *ret, const struct group *group)
{
    const char *mac_text = labels_get(&group->selector, "mac");
    const char *uuid_text = labels_get(&group->selector, "uuid");
    struct mac mac;
    struct uuid uuid;
    if (mac_text && mac_from_text(&mac, mac_text))
        set_machine(ret, RESERVATION_MAC, bytes_of(mac.octets, mac.size));
    else if (uuid_text && uuid_from_text(&uuid, uuid_text))
        set_machine(ret, RESERVATION_UUID, bytes_of(uuid.octets, sizeof uuid.octets));
    else
        return false;
    return true;
}

static int compare_texts(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static char *want_to_text(struct group_want want)
{
    struct text text = {0};
    text_print(&text, "%s=%s", want.name, want.value ? want.value : "");
    if (!want.value)
        selector_append_text(&text, want.selector);
    return text_take(&text);
}

/* A selector as Matchbox writes it to order those of equal number: its "name=value" texts, sorted as texts (which is
 * not the order of the names: "a-b=1" stands before "a=1"), with commas between them. */
void group_note_order(struct group *group)
{
    struct text text = {0};
    size_t count = group_want_count(group);
    if (group->order)
        return;
    char **wants = memory_new(count, sizeof *wants);
    for (size_t i = 0; i < count; i++)
        wants[i] = want_to_text(group_want_at(group, i));
    qsort(wants, count, sizeof *wants, compare_texts);
    for (size_t i = 0; i < count; i++) {
        text_append(&text, i > 0 ? "," : "");
        text_append(&text, wants[i]);
        free(wants[i]);
    }
    free(wants);
    group->order = text_take(&text);
}

static int compare_numbers(size_t a, size_t b)
{
    return a > b ? -1 : a < b;
}

static unsigned group_exactness(const struct group *group)
{
    unsigned sum = (unsigned)group->selector.count * SELECTOR_EXACTNESS_OF_TEXT;
    for (size_t i = 0; i < group->condition_count; i++)
        sum += selector_exactness(group->conditions[i].selector);
    return sum;
}

static unsigned group_detail(const struct group *group)
{
    unsigned sum = 0;
    for (size_t i = 0; i < group->condition_count; i++)
        sum += selector_detail(group->conditions[i].selector);
    return sum;
}

int group_compare(const struct group *a, const struct group *b)
{
    int order = compare_numbers(group_want_count(a), group_want_count(b));
    if (order == 0 && a->condition_count + b->condition_count > 0)
        order = compare_numbers(group_exactness(a), group_exactness(b));
    if (order == 0 && a->condition_count + b->condition_count > 0)
        order = compare_numbers(group_detail(a), group_detail(b));
    if (order == 0)
        order = strcmp(b->order, a->order);
    return order != 0 ? order : strcmp(a->id, b->id);
}

bool group_selects_alike(const struct group *a, const struct group *b)
{
    if (a->selector.count != b->selector.count || a->condition_count != b->condition_count)
        return false;
    for (size_t i = 0; i < a->selector.count; i++)
        if (strcmp(a->selector.at[i].name, b->selector.at[i].name) != 0 ||
            strcmp(a->selector.at[i].value, b->selector.at[i].value) != 0)
            return false;
    return a->condition_count == 0 || strcmp(a->order, b->order) == 0;
}
