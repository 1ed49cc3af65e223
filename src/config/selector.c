/* SPDX-License-Identifier: Apache-2.0 */
/* Selectors out of documents. A plain text is what Matchbox knows, and stays what it is; lists and maps are errors
 * there, so that nothing that is in use changes its meaning. */
#include "config/selector.h"

#include <string.h>

#include "base/array.h"
#include "base/text.h"

/* One selector that is being read. */
struct selector_reading {
    const struct member_context *context; /* "selector." */
    const char *label;
};

static bool is_mac(const struct selector_reading *reading)
{
    return text_is_ignoring_case(reading->label, "mac");
}

static bool refuse_mac(const struct member_context *context, const struct node *node, const char *text)
{
    document_fault(context->document, node, context->faults, FAULT_ERROR,
                   "'%s' is no MAC address: write it as aa:bb:cc:dd:ee:ff", text);
    return false;
}

/* The text of a scalar; NULL, with a fault, for all else. */
static const char *read_text(const struct selector_reading *reading, const struct node *node, const char *wanted)
{
    const char *text = node->kind == NODE_NULL ? "" : node_text(node);
    if (!text)
        member_is_wrong(reading->context, reading->label, node, wanted);
    return text;
}

static bool read_value(struct selector *any, const struct selector_reading *reading, const struct node *node)
{
    static const char wanted[] = "a text, a list of them, or a map of any, glob, cidr and not";
    AUTO(labels_finish) struct labels normalised = {0};
    const char *text = read_text(reading, node, wanted);
    if (!text)
        return false;
    /* No machine has a mac that is none: "" is for those that do not say it. */
    if (text[0] != '\0' && !labels_set_normalised(&normalised, reading->label, text))
        return refuse_mac(reading->context, node, text);
    selector_add_value(any, text[0] != '\0' ? labels_get(&normalised, reading->label) : "");
    return true;
}

static struct selector *read_form(const struct selector_reading *reading, const struct node *node);

static bool refuse_empty(const struct selector_reading *reading, const struct node *node)
{
    document_fault(reading->context->document, node, reading->context->faults, FAULT_ERROR,
                   "'selector.%s' is empty, so that nothing is said of it", reading->label);
    return false;
}

/* One text or form, or a list of such. */
static bool read_any(struct selector *any, const struct selector_reading *reading, const struct node *node)
{
    bool right = true;
    if (node->kind == NODE_MAP) {
        struct selector *part = read_form(reading, node);
        if (part)
            selector_take_part(any, part);
        return part != NULL;
    }
    if (node->kind != NODE_LIST)
        return read_value(any, reading, node);
    for (size_t i = 0; i < node->count; i++)
        right = (node->items[i]->kind == NODE_LIST ? read_value : read_any)(any, reading, node->items[i]) && right;
    return node->count > 0 ? right : refuse_empty(reading, node);
}

/* MACs are compared in lower case with colons, so their patterns are too: "52-54-00-*" is "52:54:00:*". */
static void normalise_mac_pattern(char *pattern)
{
    bool in_class = false;
    for (; *pattern; pattern++) {
        in_class = (in_class || *pattern == '[') && *pattern != ']';
        if (*pattern == '-' && !in_class)
            *pattern = ':';
        else if (*pattern >= 'A' && *pattern <= 'F')
            *pattern = (char)(*pattern - 'A' + 'a');
    }
}

static bool read_pattern(struct selector *any, const struct selector_reading *reading, const struct node *node)
{
    AUTO(free) char *pattern = memory_text(read_text(reading, node, "a pattern such as \"web-*\", or a list of them"));
    if (!pattern)
        return false;
    if (is_mac(reading))
        normalise_mac_pattern(pattern);
    selector_take_part(any, selector_create_glob(pattern));
    return true;
}

static bool read_network(struct selector *any, const struct selector_reading *reading, const struct node *node)
{
    static const char wanted[] = "a network such as \"10.0.0.0/8\", or a list of them";
    struct ipv4_subnet network;
    const char *text = read_text(reading, node, wanted);
    if (!text)
        return false;
    if (!ipv4_subnet_from_text(&network, text)) {
        document_fault(reading->context->document, node, reading->context->faults, FAULT_ERROR,
                       "'%s' is no network: write it as 10.0.0.0/8, with zeros behind the prefix", text);
        return false;
    }
    selector_take_part(any, selector_create_cidr(network));
    return true;
}

/* One item or a list of them. */
static bool read_items(struct selector *any, const struct selector_reading *reading, const struct node *node,
                       bool (*read)(struct selector *any, const struct selector_reading *reading,
                                    const struct node *node))
{
    bool right = true;
    if (node->kind != NODE_LIST)
        return read(any, reading, node);
    for (size_t i = 0; i < node->count; i++)
        right = read(any, reading, node->items[i]) && right;
    return node->count > 0 ? right : refuse_empty(reading, node);
}

/* An any of one part stands for that part. */
static struct selector *simplify(struct selector *take_any)
{
    AUTO(selector_unref) struct selector *any = take_any;
    if (any->value_count > 0 || any->part_count != 1)
        return take_pointer(any);
    return selector_ref(any->parts[0]);
}

static struct selector *read_glob(const struct selector_reading *reading, const struct node *node)
{
    AUTO(selector_unref) struct selector *any = selector_create(SELECTOR_ANY);
    return read_items(any, reading, node, read_pattern) ? simplify(take_pointer(any)) : NULL;
}

static struct selector *read_cidr(const struct selector_reading *reading, const struct node *node)
{
    AUTO(selector_unref) struct selector *any = selector_create(SELECTOR_ANY);
    return read_items(any, reading, node, read_network) ? simplify(take_pointer(any)) : NULL;
}

static struct selector *read_one_of(const struct selector_reading *reading, const struct node *node)
{
    AUTO(selector_unref) struct selector *any = selector_create(SELECTOR_ANY);
    return read_any(any, reading, node) ? simplify(take_pointer(any)) : NULL;
}

static struct selector *read_not(const struct selector_reading *reading, const struct node *node)
{
    AUTO(selector_unref) struct selector *not = selector_create(SELECTOR_NOT);
    struct selector *part = read_one_of(reading, node);
    if (!part)
        return NULL;
    selector_take_part(not, part);
    return take_pointer(not );
}

static const struct selector_form {
    const char *name;
    struct selector *(*read)(const struct selector_reading *reading, const struct node *node);
} forms[] = {
    {"any", read_one_of},
    {"glob", read_glob},
    {"cidr", read_cidr},
    {"not", read_not},
};

static const struct selector_form *find_form(const struct selector_reading *reading, const struct node *key)
{
    const char *names[LENGTH(forms)];
    for (size_t i = 0; i < LENGTH(forms); i++) {
        names[i] = forms[i].name;
        if (text_is(key->text, names[i]))
            return &forms[i];
    }
    const char *nearest = text_nearest(key->text, names, LENGTH(names));
    document_fault(reading->context->document, key, reading->context->faults, FAULT_ERROR,
                   "'%s' is no form of a selector: any, glob, cidr and not are%s%s%s", key->text,
                   nearest ? "; is '" : "", nearest ? nearest : "", nearest ? "' meant?" : "");
    return NULL;
}

/* A map: all of its members have to be met. */
static struct selector *read_form(const struct selector_reading *reading, const struct node *node)
{
    AUTO(selector_unref) struct selector *all = selector_create(SELECTOR_ALL);
    bool right = node->count > 0 || refuse_empty(reading, node);
    for (size_t i = 0; i < node->count; i++) {
        const struct selector_form *form = find_form(reading, node->members[i].key);
        struct selector *part = form ? form->read(reading, node->members[i].value) : NULL;
        if (part)
            selector_take_part(all, part);
        right = right && part != NULL;
    }
    return right ? simplify(take_pointer(all)) : NULL;
}

/* Matchbox's: the label is that text. */
static bool read_plain(struct group *group, const struct member_context *context, const struct node_member *member)
{
    const char *text = member->value->kind == NODE_NULL ? "" : node_text(member->value);
    if (!text)
        return member_is_wrong(context, member->key->text, member->value,
                               "a text, a list of them, or a map of any, glob, cidr and not");
    if (labels_set_normalised(&group->selector, member->key->text, text))
        return true;
    return refuse_mac(context, member->value, text);
}

bool selector_read(struct group *group, const struct member_context *context, const struct node_member *member)
{
    struct selector_reading reading = {.context = context, .label = member->key->text};
    if (member->value->kind != NODE_LIST && member->value->kind != NODE_MAP)
        return read_plain(group, context, member);
    struct selector *selector = read_one_of(&reading, member->value);
    if (selector)
        group_take_condition(group, member->key->text, selector);
    return selector != NULL;
}
