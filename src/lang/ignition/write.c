/* SPDX-License-Identifier: Apache-2.0 */
/* A config as JSON, the way Butane writes it: without what is empty, names that must be there always. */
#include <inttypes.h>

#include "base/text.h"
#include "lang/ignition/draft.h"
#include "lang/json.h"

struct writing {
    struct text *out;
    const struct draft *draft;
    bool pretty;
};

static void append_line(const struct writing *writing, unsigned depth)
{
    if (writing->pretty)
        text_print(writing->out, "\n%*s", (int)(2 * depth), "");
}

static bool write_item(const struct writing *writing, const struct item *item, unsigned depth);

/* Nothing where it has no items. */
static bool write_list(const struct writing *writing, const struct item *list, unsigned depth)
{
    text_append_char(writing->out, '[');
    for (size_t i = 0; i < list->list.count; i++) {
        text_append(writing->out, i > 0 ? "," : "");
        append_line(writing, depth + 1);
        if (!write_item(writing, list->list.items[i], depth + 1))
            text_append(writing->out, "{}");
    }
    append_line(writing, depth);
    text_append_char(writing->out, ']');
    return list->list.count > 0;
}

static bool is_written_empty(const struct writing *writing, const struct field *field)
{
    return field->is_always || (field->is_always_until_3_2 && writing->draft->minor <= 2);
}

/* A number of 0 is as none: partitions are then numbered as they come. */
static bool is_absent_number(const struct field *field, const struct item *item)
{
    return item && item->kind == ITEM_INTEGER && item->integer == 0 && strcmp(field->ignition, "number") == 0;
}

static bool write_value(const struct writing *writing, const struct field *field, const struct item *item,
                        unsigned depth)
{
    if (item && !is_absent_number(field, item))
        return write_item(writing, item, depth);
    if (!is_written_empty(writing, field))
        return false;
    text_append(writing->out, "\"\"");
    return true;
}

/* The member's name and value; false, and nothing written, where there is none. */
static bool write_member(const struct writing *writing, const struct field *field, const struct item *item,
                         bool is_first, unsigned depth)
{
    size_t start = writing->out->length;
    if (!field->ignition)
        return false;
    text_append(writing->out, is_first ? "" : ",");
    append_line(writing, depth + 1);
    json_append_string(writing->out, bytes_of_text(field->ignition));
    text_append(writing->out, writing->pretty ? ": " : ":");
    if (write_value(writing, field, item, depth + 1))
        return true;
    text_truncate(writing->out, start);
    return false;
}

static bool write_map(const struct writing *writing, const struct item *map, unsigned depth)
{
    size_t start = writing->out->length;
    bool is_empty = true;
    text_append_char(writing->out, '{');
    for (size_t i = 0; i < map->map.schema->count; i++)
        is_empty =
            !write_member(writing, &map->map.schema->fields[i], map->map.members[i], is_empty, depth) && is_empty;
    append_line(writing, depth);
    text_append_char(writing->out, '}');
    if (is_empty)
        text_truncate(writing->out, start);
    return !is_empty;
}

/* False, and nothing written, where it is empty. */
static bool write_item(const struct writing *writing, const struct item *item, unsigned depth)
{
    size_t start = writing->out->length;
    bool written = true;
    switch (item->kind) {
    case ITEM_BOOL:
        text_append(writing->out, item->boolean ? "true" : "false");
        break;
    case ITEM_INTEGER:
        text_print(writing->out, "%" PRId64, item->integer);
        break;
    case ITEM_TEXT:
        json_append_string(writing->out, item->text);
        break;
    case ITEM_LIST:
        written = write_list(writing, item, depth);
        break;
    case ITEM_MAP:
        written = write_map(writing, item, depth);
        break;
    }
    if (!written)
        text_truncate(writing->out, start);
    return written;
}

void draft_write(struct text *ret, const struct draft *draft, bool pretty)
{
    struct writing writing = {.out = ret, .draft = draft, .pretty = pretty};
    write_item(&writing, draft->root, 0);
}
