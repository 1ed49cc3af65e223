/* SPDX-License-Identifier: Apache-2.0 */
/* The decision for one machine and, when it gets nothing, the words for it. */
#include "boot/decision.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/text.h"

/* As much of one label's value, and of all labels, as a reason shows. Octets. */
#define SHOWN_VALUE_MAX 64
#define SHOWN_LABELS_MAX 400

static void text_append_value(struct text *text, const char *value)
{
    text_append_shown(text, bytes_of_text(value), SHOWN_VALUE_MAX);
}

static void text_append_label(struct text *text, const struct label *label)
{
    text_append_value(text, label->name);
    text_append_char(text, '=');
    text_append_value(text, label->value);
}

/* The labels that say something, space between them: who the machine is, for whoever reads the reason. */
static void text_append_labels(struct text *text, const struct labels *labels)
{
    size_t start = text->length;
    for (size_t i = 0; i < labels->count; i++) {
        if (labels->at[i].value[0] == '\0')
            continue;
        if (text->length - start > SHOWN_LABELS_MAX) {
            text_append(text, " ...");
            return;
        }
        text_append(text, text->length > start ? " " : "");
        text_append_label(text, &labels->at[i]);
    }
    if (text->length == start)
        text_append(text, "a machine without labels");
}

/* "'node1' (groups/node1.json)" */
static void text_append_document(struct text *text, const char *id, const char *source)
{
    text_append(text, "'");
    text_append_value(text, id);
    text_append(text, "'");
    if (source)
        text_print(text, " (%s)", source);
}

struct closeness {
    const struct group *group;
    size_t met; /* selectors of a non-empty value that the machine has */
    size_t unmet;
};

static struct closeness group_closeness(const struct group *group, const struct labels *labels)
{
    struct closeness closeness = {.group = group};
    for (size_t i = 0; i < group_want_count(group); i++) {
        struct group_want want = group_want_at(group, i);
        if (!group_want_is_met(want, labels))
            closeness.unmet++;
        else if (labels_get(labels, want.name) && (!want.value || want.value[0] != '\0'))
            closeness.met++;
    }
    return closeness;
}

/* The group most of whose selectors are met, of those the one that fails the fewest, of those the first. Its group is
 * NULL when no group has anything in common with the machine. Walks all groups: for reasons only. */
static struct closeness catalog_closest(const struct catalog *catalog, const struct labels *labels)
{
    struct closeness closest = {0};
    for (size_t i = 0; i < catalog_group_count(catalog); i++) {
        struct closeness next = group_closeness(catalog_group_at(catalog, i), labels);
        if (next.met > closest.met || (next.met > 0 && next.met == closest.met && next.unmet < closest.unmet))
            closest = next;
    }
    return closest;
}

void decision_append_unmet(struct text *text, struct group_want want, const struct labels *labels)
{
    const char *value = labels_get(labels, want.name);
    text_append(text, "wants ");
    group_want_append_words(text, want);
    if (!value) {
        text_append(text, " but this machine has no label '");
        text_append_value(text, want.name);
        text_append(text, "'");
        return;
    }
    text_append(text, " but this machine's is '");
    text_append_value(text, value);
    text_append(text, "'");
}

static void text_append_closest(struct text *text, const struct group *group, const struct labels *labels)
{
    struct group_want unmet;
    if (!group_find_unmet(&unmet, group, labels))
        return;
    text_append(text, "; closest is group ");
    text_append_document(text, group->id, group->source);
    text_append(text, ", which ");
    decision_append_unmet(text, unmet, labels);
}

/* The group that was meant may be in a document that cannot be used. */
static void text_append_broken_groups(struct text *text, const struct catalog *catalog)
{
    for (size_t i = 0; i < catalog_fault_count(catalog); i++) {
        const char *source;
        const char *fault = catalog_fault_at(&source, catalog, i);
        if (!text_starts_with(source, "groups/"))
            continue;
        text_print(text, "; broken: %s", fault);
        return;
    }
}

static void text_append_no_group(struct text *text, const struct catalog *catalog, const struct labels *labels)
{
    text_append(text, "no group selects ");
    text_append_labels(text, labels);
    if (catalog_group_count(catalog) == 0) {
        text_append(text, ": there are no groups; put one in groups/ of the data directory (without a selector it is "
                          "for every machine)");
        return;
    }
    struct closeness closest = catalog_closest(catalog, labels);
    if (closest.group)
        text_append_closest(text, closest.group, labels);
    else
        text_print(text,
                   "; none of the %zu groups wants anything that this machine has, and there is no group without "
                   "a selector, which would be for every machine",
                   catalog_group_count(catalog));
}

static int fail_no_group(struct diag *why, const struct catalog *catalog, const struct labels *labels)
{
    if (!why)
        return DECISION_E_NO_GROUP;
    AUTO(text_finish) struct text text = {0};
    text_append_no_group(&text, catalog, labels);
    text_append_broken_groups(&text, catalog);
    return fail(why, DECISION_E_NO_GROUP, "%s", text_characters(&text));
}

/* What is wrong with the profile's document; NULL when there is none or nothing is. */
static const char *profile_fault(const struct catalog *catalog, const char *id)
{
    static const char *const endings[] = {".json", ".yaml", ".yml"};
    for (size_t i = 0; i < LENGTH(endings); i++) {
        AUTO(free) char *source = memory_print("profiles/%s%s", id, endings[i]);
        const char *fault = catalog_fault(catalog, source);
        if (fault)
            return fault;
    }
    return NULL;
}

static int fail_no_profile(struct diag *why, const struct catalog *catalog, const struct group *group)
{
    const char *fault = profile_fault(catalog, group->profile);
    AUTO(text_finish) struct text text = {0};
    text_append(&text, "group ");
    text_append_document(&text, group->id, group->source);
    text_append(&text, " gives profile '");
    text_append_value(&text, group->profile);
    text_append(&text, fault ? "', which cannot be used: " : "', which is not in profiles/");
    text_append(&text, fault ? fault : "");
    return fail(why, DECISION_E_NO_PROFILE, "%s", text_characters(&text));
}

static int fail_no_boot(struct diag *why, const struct decision *decision)
{
    AUTO(text_finish) struct text text = {0};
    text_append(&text, "profile ");
    text_append_document(&text, decision->profile->id, decision->profile->source);
    text_append(&text, ", which group ");
    text_append_document(&text, decision->group->id, decision->group->source);
    text_append(&text, " gives, has no \"boot\" member: nothing says which kernel to boot");
    return fail(why, DECISION_E_NO_BOOT, "%s", text_characters(&text));
}

int decide_group(struct decision *ret, const struct catalog *catalog, const struct labels *labels, struct diag *why)
{
    *ret = (struct decision){.group = catalog_select(catalog, labels)};
    if (!ret->group)
        return fail_no_group(why, catalog, labels);
    ret->profile = catalog_profile(catalog, ret->group->profile);
    return ret->profile ? DECISION_OK : fail_no_profile(why, catalog, ret->group);
}

int decide_boot(struct decision *ret, const struct catalog *catalog, const struct labels *labels, struct diag *why)
{
    int code = decide_group(ret, catalog, labels, why);
    if (code != DECISION_OK)
        return code;
    return ret->group->menu ? DECISION_OK : decision_check_boot(ret, why);
}

int decision_check_boot(const struct decision *decision, struct diag *why)
{
    return decision->profile->boot.present ? DECISION_OK : fail_no_boot(why, decision);
}

int decision_choose(struct decision *decision, const struct catalog *catalog, const char *profile, struct diag *why)
{
    const struct menu *menu = decision->group->menu;
    const struct menu_entry *entry = menu ? menu_find(menu, profile) : NULL;
    const struct profile *chosen = catalog_profile(catalog, profile);
    AUTO(text_finish) struct text shown = {0};
    text_append_value(&shown, profile);
    if (!entry)
        return fail(why, DECISION_E_NO_ENTRY, "'%s' is not in the menu of group '%s'", text_characters(&shown),
                    decision->group->id);
    if (!chosen)
        return fail(why, DECISION_E_NO_PROFILE, "profile '%s' of the menu of group '%s' is not there",
                    text_characters(&shown), decision->group->id);
    decision->entry = entry;
    decision->profile = chosen;
    return DECISION_OK;
}

static void metadata_take_want(struct value *metadata, struct group_want want, const struct labels *labels)
{
    const char *value = want.value ? want.value : labels_get(labels, want.name);
    AUTO(free) char *name = memory_text(want.name);
    for (char *c = name; *c; c++)
        *c = *c >= 'A' && *c <= 'Z' ? (char)(*c - 'A' + 'a') : *c;
    if (value)
        value_map_take(metadata, name, value_new_string(value));
}

enum loader_choice decision_loader(const struct decision *decision, enum loader_choice fallback)
{
    if (decision->group && decision->group->loader != LOADER_CHOICE_UNSET)
        return decision->group->loader;
    if (decision->profile && decision->profile->loader != LOADER_CHOICE_UNSET)
        return decision->profile->loader;
    return fallback;
}

struct value *decision_metadata(const struct decision *decision, const struct labels *labels)
{
    const struct group *group = decision->group;
    struct value *metadata = value_map_merge(decision->profile ? decision->profile->metadata : NULL, group->metadata);
    for (size_t i = 0; i < group_want_count(group); i++)
        metadata_take_want(metadata, group_want_at(group, i), labels);
    return metadata;
}
