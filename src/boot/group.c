/* SPDX-License-Identifier: Apache-2.0 */
/* Groups. */
#include "boot/group.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

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
    value_unref(group->metadata);
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
    copy->metadata = group->metadata ? value_ref(group->metadata) : NULL;
    return copy;
}

bool group_selects_alike(const struct group *a, const struct group *b)
{
    if (a->selector.count != b->selector.count)
        return false;
    for (size_t i = 0; i < a->selector.count; i++)
        if (strcmp(a->selector.at[i].name, b->selector.at[i].name) != 0 ||
            strcmp(a->selector.at[i].value, b->selector.at[i].value) != 0)
            return false;
    return true;
}

static bool label_is_met(const struct label *selector, const struct labels *labels)
{
    const char *value = labels_get(labels, selector->name);
    return strcmp(value ? value : "", selector->value) == 0;
}

const struct label *group_unmet_selector(const struct group *group, const struct labels *labels)
{
    for (size_t i = 0; i < group->selector.count; i++)
        if (!label_is_met(&group->selector.at[i], labels))
            return &group->selector.at[i];
    return NULL;
}

bool group_selects(const struct group *group, const struct labels *labels)
{
    return group_unmet_selector(group, labels) == NULL;
}
