/* SPDX-License-Identifier: Apache-2.0 */
/* A document read by the schema. Scalars of Butane are read as go-yaml does: any of them is a text where a text is
 * wanted, "yes" and "off" are bools where a bool is, and "0644" is octal. */
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/text.h"
#include "lang/ignition/draft.h"

/* Longest spelling of a number that is read, separators included. */
#define NUMBER_TEXT_MAX 64

static const struct origin *new_origin(struct draft *draft, const struct origin *parent, const char *key, size_t index,
                                       const struct node *node)
{
    struct origin *origin = arena_new(&draft->arena, sizeof *origin);
    *origin = (struct origin){
        .parent = parent,
        .key = key,
        .index = (unsigned)index,
        .line = node->line,
        .column = node->column,
    };
    return origin;
}

static bool is_one_of(const char *text, const char *const *words, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(text, words[i]) == 0)
            return true;
    return false;
}

/* Whether the node is a bool. YAML 1.1's other words for it count where a bool is wanted, quoted ones too. */
static bool bool_from_node(bool *ret, const struct draft *draft, const struct node *node)
{
    static const char *const yes[] = {"y", "Y", "yes", "Yes", "YES", "on", "On", "ON"};
    static const char *const no[] = {"n", "N", "no", "No", "NO", "off", "Off", "OFF"};
    if (node->kind == NODE_BOOL) {
        *ret = node->boolean;
        return true;
    }
    if (node->kind != NODE_TEXT || draft->names != DRAFT_BUTANE)
        return false;
    *ret = is_one_of(node->text, yes, LENGTH(yes));
    return *ret || is_one_of(node->text, no, LENGTH(no));
}

/* "0644", "0o644", "0b11", "0x1f" and decimals, all with a sign; NULL in *ret_rest where it ends well. */
static int64_t integer_from_digits(const char **ret_rest, const char *text)
{
    const char *digits = text + (*text == '+' || *text == '-');
    int base = 10;
    if (digits[0] == '0' && digits[1] != '\0') {
        base = strchr("xX", digits[1]) ? 16 : strchr("bB", digits[1]) ? 2 : 8;
        digits += strchr("xXbBoO", digits[1]) ? 2 : 1;
    }
    char *end;
    errno = 0;
    int64_t integer = strtoll(digits, &end, base);
    bool is_number = errno == 0 && end > digits && *end == '\0' && *digits != '-' && *digits != '+' && *digits != ' ';
    *ret_rest = is_number ? NULL : end;
    return *text == '-' ? -integer : integer;
}

/* In YAML a float that is whole is an integer too: 1e3, and 08, which is no octal. Go's encoding/json takes digits
 * only: Ignition refuses 420.0. */
static bool integer_from_number(int64_t *ret, const struct draft *draft, const struct node *node)
{
    if (node->kind != NODE_NUMBER || node->number != floor(node->number) || fabs(node->number) > 9e15)
        return false;
    if (draft->names == DRAFT_IGNITION && strpbrk(node->text, ".eE"))
        return false;
    *ret = (int64_t)node->number;
    return true;
}

static bool integer_from_node(int64_t *ret, const struct draft *draft, const struct node *node)
{
    char digits[NUMBER_TEXT_MAX];
    size_t size = 0;
    if (draft->names != DRAFT_BUTANE || !node->plain || !node->text || strlen(node->text) >= sizeof digits)
        return integer_from_number(ret, draft, node);
    for (const char *c = node->text; *c; c++)
        if (*c != '_' || c == node->text)
            digits[size++] = *c;
    digits[size] = '\0';
    const char *rest;
    int64_t integer = integer_from_digits(&rest, digits);
    if (rest)
        return integer_from_number(ret, draft, node);
    *ret = integer;
    return true;
}

static struct item *refuse(struct draft *draft, const struct origin *origin, const struct node *node,
                           const char *wanted)
{
    bool quoted = node->kind == NODE_TEXT && node->text && !node->plain && node->text[0] >= '0' && node->text[0] <= '9';
    report_add(draft->report, FAULT_ERROR, origin, NULL, "this must be %s, and it is %s%s", wanted,
               node_kind_to_text(node->kind), quoted ? ": write it without quotes" : "");
    return NULL;
}

static struct item *read_bool(struct draft *draft, const struct origin *origin, const struct node *node)
{
    bool boolean;
    if (!bool_from_node(&boolean, draft, node))
        return refuse(draft, origin, node, "true or false");
    return draft_new_bool(draft, origin, boolean);
}

static struct item *read_integer(struct draft *draft, const struct origin *origin, const struct node *node)
{
    int64_t integer;
    if (!integer_from_node(&integer, draft, node))
        return refuse(draft, origin, node, "a whole number");
    return draft_new_integer(draft, origin, integer);
}

static struct item *read_text(struct draft *draft, const struct origin *origin, const struct node *node)
{
    const char *text = node_text(node);
    if (!text)
        return refuse(draft, origin, node, "a text");
    /* Contents of files may hold anything; all else goes where a NUL would end it. */
    if (memchr(text, '\0', node->size) && !text_is(origin->key, "inline"))
        return refuse(draft, origin, node, "a text without a NUL in it");
    return draft_new_text_of(draft, origin, bytes_of(text, node->size));
}

static struct item *read_map(struct draft *draft, const struct schema *schema, const struct origin *origin,
                             const struct node *node);

static struct item *read_item(struct draft *draft, const struct field *field, const struct origin *origin,
                              const struct node *node)
{
    if (field->kind == FIELD_MAPS)
        return read_map(draft, field->inner, origin, node);
    /* An item of a list of texts that is nothing is an empty one. */
    return node->kind == NODE_NULL ? draft_new_text(draft, origin, "") : read_text(draft, origin, node);
}

static struct item *read_list(struct draft *draft, const struct field *field, const struct origin *origin,
                              const struct node *node)
{
    if (node->kind != NODE_LIST)
        return refuse(draft, origin, node, "a list");
    struct item *list = draft_new_list(draft, origin);
    for (size_t i = 0; i < node->count; i++) {
        const struct origin *place = new_origin(draft, origin, NULL, i, node->items[i]);
        struct item *item = read_item(draft, field, place, node->items[i]);
        if (item)
            draft_add(draft, list, item);
    }
    return list;
}

static struct item *read_member(struct draft *draft, const struct field *field, const struct origin *origin,
                                const struct node *node)
{
    switch (field->kind) {
    case FIELD_BOOL:
        return read_bool(draft, origin, node);
    case FIELD_INTEGER:
        return read_integer(draft, origin, node);
    case FIELD_TEXT:
        return read_text(draft, origin, node);
    case FIELD_MAP:
        return read_map(draft, field->inner, origin, node);
    case FIELD_TEXTS:
    case FIELD_MAPS:
        break;
    }
    return read_list(draft, field, origin, node);
}

static const char *field_name(const struct draft *draft, const struct field *field)
{
    return draft->names == DRAFT_BUTANE ? field->butane : field->ignition;
}

/* Go's encoding/json takes a name in any case; yaml does not. */
static bool is_called(const struct draft *draft, const struct field *field, const char *key)
{
    const char *name = field_name(draft, field);
    return name && (strcmp(name, key) == 0 || (draft->names == DRAFT_IGNITION && text_is_ignoring_case(name, key)));
}

static const struct field *find_field(const struct draft *draft, const struct schema *schema, const char *key)
{
    for (size_t i = 0; i < schema->count; i++)
        if (is_called(draft, &schema->fields[i], key))
            return &schema->fields[i];
    return NULL;
}

/* Whoever misspells a field gets a machine without it. */
static void warn_unknown(struct draft *draft, const struct schema *schema, const struct field *later,
                         const struct origin *origin)
{
    const char *names[16];
    size_t count = 0;
    for (size_t i = 0; i < schema->count && count < LENGTH(names); i++)
        if (field_is_known(&schema->fields[i], draft))
            names[count++] = field_name(draft, &schema->fields[i]);
    const char *nearest = text_nearest(origin->key, names, count);
    if (later)
        report_add(draft->report, FAULT_WARNING, origin, NULL,
                   "unused key %s: %s does not know it, a later version or another variant does", origin->key,
                   draft->title);
    else if (nearest)
        report_add(draft->report, FAULT_WARNING, origin, NULL, "unused key %s: is '%s' meant?", origin->key, nearest);
    else
        report_add(draft->report, FAULT_WARNING, origin, NULL, "unused key %s", origin->key);
}

static struct item *read_map(struct draft *draft, const struct schema *schema, const struct origin *origin,
                             const struct node *node)
{
    struct item *map = draft_new_map(draft, origin, schema);
    if (node->kind == NODE_NULL)
        return map;
    if (node->kind != NODE_MAP)
        return refuse(draft, origin, node, "a map of keys");
    for (size_t i = 0; i < node->count; i++) {
        const struct node_member *member = &node->members[i];
        const struct field *field = find_field(draft, schema, member->key->text);
        bool known = field && field_is_known(field, draft);
        const struct origin *place = new_origin(draft, origin, known ? field_name(draft, field) : member->key->text, 0,
                                                known ? member->value : member->key);
        if (!known)
            warn_unknown(draft, schema, field, place);
        else if (member->value->kind != NODE_NULL)
            map->map.members[field - schema->fields] = read_member(draft, field, place, member->value);
    }
    return map;
}

void draft_read(struct draft *draft, const struct schema *schema, const struct node *node)
{
    const struct origin *origin = new_origin(draft, NULL, NULL, 0, node);
    draft->root = read_map(draft, schema, origin, node);
    if (!draft->root)
        draft->root = draft_new_map(draft, origin, schema);
}
