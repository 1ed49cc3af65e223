/* SPDX-License-Identifier: Apache-2.0 */
/* Menus out of groups. */
#include "config/menu.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/memory.h"
#include "base/text.h"

/* A profile's name in a list by which the machine's disk is meant. */
#define LOCAL "local"
/* Longest wait: a day. */
#define TIMEOUT_MAX 86400

struct reading {
    struct menu *menu;
    char *fallback;                   /* as it is given; NULL: the first */
    const struct node *fallback_node; /* where */
};

/* An entry while its members are read. */
struct entry_reading {
    struct menu_entry entry;
    bool local;
};

static bool read_entry_profile(void *target, const struct member_context *context, const char *name,
                               const struct node *value)
{
    return member_read_text(&((struct entry_reading *)target)->entry.profile, context, name, value);
}

static bool read_entry_title(void *target, const struct member_context *context, const char *name,
                             const struct node *value)
{
    return member_read_text(&((struct entry_reading *)target)->entry.title, context, name, value);
}

static bool read_entry_password(void *target, const struct member_context *context, const char *name,
                                const struct node *value)
{
    return member_read_text(&((struct entry_reading *)target)->entry.password, context, name, value);
}

static bool read_entry_local(void *target, const struct member_context *context, const char *name,
                             const struct node *value)
{
    return member_read_bool(&((struct entry_reading *)target)->local, context, name, value);
}

static bool wrong(const struct member_context *context, const struct node *value, const char *words)
{
    document_fault(context->document, value, context->faults, FAULT_ERROR, "%s", words);
    return false;
}

/* An entry given by its profile's name alone. */
static bool read_short_entry(struct entry_reading *ret, const struct member_context *context, const struct node *value)
{
    const char *text = node_text(value);
    if (!text || *text == '\0')
        return wrong(context, value, "an entry of the menu must be the name of a profile, or a map with its 'profile'");
    if (!text_is(text, LOCAL))
        ret->entry.profile = memory_text(text);
    ret->local = !ret->entry.profile;
    return true;
}

static bool read_long_entry(struct entry_reading *ret, const struct member_context *context, const struct node *value)
{
    static const struct member_rule rules[] = {
        {"profile", read_entry_profile}, {"title", read_entry_title},       {"label", read_entry_title},
        {"local", read_entry_local},     {"password", read_entry_password},
    };
    struct member_context inside = {context->document, context->faults, "menu.entries[]."};
    if (!members_read(ret, value, "an entry of the menu", &inside, rules, LENGTH(rules)))
        return false;
    bool named = ret->entry.profile && ret->entry.profile[0] != '\0';
    if (named == ret->local)
        return wrong(context, value, "an entry of the menu must have either a 'profile' or 'local: true'");
    if (ret->entry.password && ret->entry.password[0] == '\0')
        return wrong(context, value, "the password of this entry is empty");
    return true;
}

static bool is_there_twice(const struct menu *menu, const struct menu_entry *entry)
{
    for (size_t i = 0; i < menu->entry_count; i++)
        if (text_is(menu->entries[i].profile, entry->profile))
            return true;
    return false;
}

static bool read_entry(struct menu *menu, const struct member_context *context, const struct node *value)
{
    struct entry_reading reading = {0};
    bool right = value->kind == NODE_MAP ? read_long_entry(&reading, context, value)
                                         : read_short_entry(&reading, context, value);
    if (right && is_there_twice(menu, &reading.entry))
        right = wrong(context, value, "this entry is in the menu already");
    if (right) {
        menu_take_entry(menu, &reading.entry);
        return true;
    }
    free(reading.entry.profile);
    free(reading.entry.title);
    free(reading.entry.password);
    return false;
}

static bool read_entries(void *target, const struct member_context *context, const char *name, const struct node *value)
{
    struct reading *reading = target;
    bool right = true;
    if (value->kind != NODE_LIST || value->count == 0)
        return member_is_wrong(context, name, value, "a list of profiles");
    if (value->count > MENU_ENTRIES_MAX)
        return wrong(context, value, "a menu has at most 64 entries");
    for (size_t i = 0; i < value->count; i++)
        right = read_entry(reading->menu, context, value->items[i]) && right;
    return right;
}

static bool read_title(void *target, const struct member_context *context, const char *name, const struct node *value)
{
    return member_read_text(&((struct reading *)target)->menu->title, context, name, value);
}

static bool read_password(void *target, const struct member_context *context, const char *name,
                          const struct node *value)
{
    struct menu *menu = ((struct reading *)target)->menu;
    if (!member_read_text(&menu->password, context, name, value))
        return false;
    return !menu->password || menu->password[0] != '\0' || wrong(context, value, "the password of the menu is empty");
}

static bool read_timeout(void *target, const struct member_context *context, const char *name, const struct node *value)
{
    uint64_t seconds;
    const char *text = value->kind == NODE_NUMBER ? value->text : node_text(value);
    if (value->kind == NODE_NULL)
        return true;
    if (!text || !text_to_number(&seconds, text, TIMEOUT_MAX))
        return member_is_wrong(context, name, value, "a number of seconds, at most 86400");
    ((struct reading *)target)->menu->timeout = (unsigned)seconds;
    return true;
}

static bool read_default(void *target, const struct member_context *context, const char *name, const struct node *value)
{
    struct reading *reading = target;
    reading->fallback_node = value;
    return member_read_text(&reading->fallback, context, name, value);
}

/* The default entry must be one that boots without anybody. */
static bool find_default(struct reading *reading, const struct member_context *context, const struct node *value)
{
    struct menu *menu = reading->menu;
    const char *wanted = reading->fallback;
    const struct menu_entry *entry = wanted ? menu_find(menu, wanted) : &menu->entries[0];
    if (!entry && text_is(wanted, LOCAL))
        entry = menu_find(menu, NULL);
    const struct node *place = reading->fallback_node ? reading->fallback_node : value;
    if (!entry) {
        document_fault(context->document, place, context->faults, FAULT_ERROR, "the default '%s' is not in the menu",
                       wanted);
        return false;
    }
    if (entry->password)
        return wrong(context, place, "the default entry is booted when nobody is there, and can have no password");
    menu->fallback = (size_t)(entry - menu->entries);
    return true;
}

static bool read_map(struct reading *reading, const struct member_context *context, const struct node *value)
{
    static const struct member_rule rules[] = {
        {"title", read_title},       {"timeout", read_timeout}, {"default", read_default},
        {"password", read_password}, {"entries", read_entries},
    };
    struct member_context inside = {context->document, context->faults, "menu."};
    if (!members_read(reading, value, "a menu", &inside, rules, LENGTH(rules)))
        return false;
    return reading->menu->entry_count > 0 || wrong(context, value, "the menu has no 'entries': list its profiles");
}

bool menu_read(struct menu **ret, const struct member_context *context, const char *name, const struct node *value)
{
    AUTO(menu_unref) struct menu *menu = menu_create();
    struct reading reading = {.menu = menu};
    if (value->kind == NODE_NULL)
        return true;
    bool right = value->kind == NODE_LIST  ? read_entries(&reading, context, name, value)
                 : value->kind == NODE_MAP ? read_map(&reading, context, value)
                                           : member_is_wrong(context, name, value, "a list of profiles, or a map");
    right = right && find_default(&reading, context, value);
    free(reading.fallback);
    if (!right)
        return false;
    menu_complete(menu);
    menu_unref(*ret);
    *ret = take_pointer(menu);
    return true;
}
