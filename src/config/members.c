/* SPDX-License-Identifier: Apache-2.0 */
/* Members of maps, by a table. */
#include "config/members.h"

#include <stdlib.h>

#include "base/memory.h"
#include "base/text.h"

bool member_is_wrong(const struct member_context *context, const char *name, const struct node *value,
                     const char *wanted)
{
    document_fault(context->document, value, context->faults, FAULT_ERROR, "'%s%s' must be %s, this is %s",
                   context->inside, name, wanted, node_kind_to_text(value->kind));
    return false;
}

bool member_read_text(char **ret, const struct member_context *context, const char *name, const struct node *value)
{
    const char *text = node_text(value);
    if (value->kind == NODE_NULL)
        return true;
    if (!text)
        return member_is_wrong(context, name, value, "a text");
    free(*ret);
    *ret = memory_text(text);
    return true;
}

bool member_read_bool(bool *ret, const struct member_context *context, const char *name, const struct node *value)
{
    if (value->kind == NODE_NULL)
        return true;
    if (value->kind != NODE_BOOL)
        return member_is_wrong(context, name, value, "true or false");
    *ret = value->boolean;
    return true;
}

bool member_read_map(struct value **ret, const struct member_context *context, const char *name,
                     const struct node *value)
{
    if (value->kind == NODE_NULL)
        return true;
    if (value->kind != NODE_MAP)
        return member_is_wrong(context, name, value, "a map of keys");
    value_unref(*ret);
    *ret = value_from_node(value);
    return true;
}

static const struct member_rule *find_rule(const char *name, const struct member_rule *rules, size_t rule_count)
{
    for (size_t i = 0; i < rule_count; i++)
        if (text_is_ignoring_case(rules[i].name, name))
            return &rules[i];
    return NULL;
}

static void warn_of_slip(const struct node *key, const struct member_context *context, const struct member_rule *rules,
                         size_t rule_count)
{
    const char **names = memory_new(rule_count, sizeof *names);
    for (size_t i = 0; i < rule_count; i++)
        names[i] = rules[i].name;
    const char *nearest = text_nearest(key->text, names, rule_count);
    if (nearest)
        document_fault(context->document, key, context->faults, FAULT_WARNING,
                       "unknown key '%s%s' is ignored; is '%s%s' meant?", context->inside, key->text, context->inside,
                       nearest);
    free(names);
}

/* The member before this one that the same rule reads; NULL when there is none. */
static const struct node *find_earlier(const struct node *map, size_t index, const struct member_rule *rule)
{
    for (size_t i = 0; i < index; i++)
        if (text_is_ignoring_case(map->members[i].key->text, rule->name))
            return map->members[i].key;
    return NULL;
}

static bool read_member(void *target, const struct node *map, size_t index, const struct member_context *context,
                        const struct member_rule *rules, size_t rule_count)
{
    const struct node *key = map->members[index].key;
    const struct member_rule *rule = find_rule(key->text, rules, rule_count);
    if (!rule) {
        warn_of_slip(key, context, rules, rule_count);
        return true;
    }
    const struct node *earlier = find_earlier(map, index, rule);
    if (earlier) {
        document_fault(context->document, key, context->faults, FAULT_ERROR, "'%s%s' is there twice, first in line %u",
                       context->inside, rule->name, earlier->line);
        return false;
    }
    return rule->read(target, context, rule->name, map->members[index].value);
}

bool members_read(void *target, const struct node *map, const char *what, const struct member_context *context,
                  const struct member_rule *rules, size_t rule_count)
{
    bool right = true;
    if (map->kind != NODE_MAP) {
        document_fault(context->document, map, context->faults, FAULT_ERROR, "%s must be a map of keys, this is %s",
                       what, node_kind_to_text(map->kind));
        return false;
    }
    for (size_t i = 0; i < map->count; i++)
        right = read_member(target, map, i, context, rules, rule_count) && right;
    return right;
}
