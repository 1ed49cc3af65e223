/* SPDX-License-Identifier: Apache-2.0 */
/* Groups out of documents. */
#include "config/group.h"

#include <stdlib.h>

#include "base/array.h"
#include "base/memory.h"
#include "config/group-dhcp.h"
#include "config/loader.h"
#include "config/members.h"
#include "config/menu.h"
#include "config/selector.h"

static bool read_id(void *target, const struct member_context *context, const char *name, const struct node *value)
{
    return member_read_text(&((struct group *)target)->id, context, name, value);
}

static bool read_name(void *target, const struct member_context *context, const char *name, const struct node *value)
{
    return member_read_text(&((struct group *)target)->name, context, name, value);
}

static bool read_profile(void *target, const struct member_context *context, const char *name, const struct node *value)
{
    return member_read_text(&((struct group *)target)->profile, context, name, value);
}

static bool read_selector(void *target, const struct member_context *context, const char *name,
                          const struct node *value)
{
    bool right = true;
    if (value->kind == NODE_NULL)
        return true;
    if (value->kind != NODE_MAP)
        return member_is_wrong(context, name, value, "a map of labels, each a text");
    struct member_context inside = {context->document, context->faults, "selector."};
    for (size_t i = 0; i < value->count; i++)
        right = selector_read(target, &inside, &value->members[i]) && right;
    return right;
}

static bool read_loader(void *target, const struct member_context *context, const char *name, const struct node *value)
{
    return member_read_loader(&((struct group *)target)->loader, context, name, value);
}

static bool read_metadata(void *target, const struct member_context *context, const char *name,
                          const struct node *value)
{
    return member_read_map(&((struct group *)target)->metadata, context, name, value);
}

static bool read_dhcp(void *target, const struct member_context *context, const char *name, const struct node *value)
{
    (void)name;
    return group_dhcp_read(target, context, value);
}

static bool read_menu(void *target, const struct member_context *context, const char *name, const struct node *value)
{
    return menu_read(&((struct group *)target)->menu, context, name, value);
}

static const struct member_rule group_rules[] = {
    {"menu", read_menu},         {"id", read_id},         {"name", read_name},         {"profile", read_profile},
    {"selector", read_selector}, {"loader", read_loader}, {"metadata", read_metadata}, {"dhcp", read_dhcp},
};

/* A group with a menu needs no profile beside those in it. */
static void use_menu_profile(struct group *group)
{
    const char *profile = group->menu && group->profile[0] == '\0' ? menu_profile(group->menu) : NULL;
    if (!profile)
        return;
    free(group->profile);
    group->profile = memory_text(profile);
}

struct group *group_from_document(const struct document *document, const char *id, struct faults *faults)
{
    AUTO(group_unref) struct group *group = group_create("", "");
    const struct node *root = document_root(document);
    struct member_context context = {.document = document, .faults = faults, .inside = ""};
    if (!members_read(group, root, "a group", &context, group_rules, LENGTH(group_rules)))
        return NULL;
    use_menu_profile(group);
    if (group->profile[0] == '\0') {
        document_fault(document, root, faults, FAULT_ERROR,
                       "the group has no 'profile': name the one that its machines get");
        return NULL;
    }
    if (!group_dhcp_check(group, &context))
        return NULL;
    if (group->id[0] == '\0') {
        free(group->id);
        group->id = memory_text(id);
    }
    group->source = memory_text(document_file(document));
    return take_pointer(group);
}
