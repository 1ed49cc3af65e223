/* SPDX-License-Identifier: Apache-2.0 */
/* JSON documents. jansson reads and checks them but forgets where each value stood; since it keeps the order of
 * members, a cursor that walks the checked text beside its tree finds the places again. */
#include <jansson.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "lang/document-builder.h"

struct json_reading {
    struct document *document;
    struct faults *faults;
    const char *cursor;
    const char *end;
    struct place place; /* of the cursor */
};

static void cursor_advance(struct json_reading *reading)
{
    char passed = *reading->cursor++;
    if (passed == '\n')
        reading->place = (struct place){.line = reading->place.line + 1, .column = 1};
    else if ((passed & 0xc0) != 0x80) /* not the rest of a UTF-8 sequence */
        reading->place.column++;
}

/* Goes on to where the next key or value begins, and says where that is. */
static struct place cursor_seek(struct json_reading *reading)
{
    while (reading->cursor < reading->end && strchr(" \t\r\n,:]}", *reading->cursor))
        cursor_advance(reading);
    return reading->place;
}

static void cursor_pass_string(struct json_reading *reading)
{
    do {
        if (*reading->cursor == '\\')
            cursor_advance(reading);
        cursor_advance(reading);
    } while (*reading->cursor != '"');
    cursor_advance(reading);
}

/* Passes a scalar, or the opening bracket of a list or map. Returns its text as it is written, borrowed. */
static struct bytes cursor_pass(struct json_reading *reading)
{
    const char *start = reading->cursor;
    if (*start == '"')
        cursor_pass_string(reading);
    else if (*start == '{' || *start == '[')
        cursor_advance(reading);
    else
        while (reading->cursor < reading->end && !strchr(" \t\r\n,]}", *reading->cursor))
            cursor_advance(reading);
    return bytes_of(start, (size_t)(reading->cursor - start));
}

static int read_value(struct node **ret, struct json_reading *reading, json_t *json, unsigned depth);

static int read_list(struct node *list, struct json_reading *reading, json_t *json, unsigned depth)
{
    size_t index;
    json_t *item;
    json_array_foreach(json, index, item)
    {
        struct node *node;
        int code = read_value(&node, reading, item, depth + 1);
        if (code != DOCUMENT_OK)
            return code;
        node_add_item(list, node);
    }
    return DOCUMENT_OK;
}

static int read_map(struct node *map, struct json_reading *reading, json_t *json, unsigned depth)
{
    const char *name;
    json_t *member;
    json_object_foreach(json, name, member)
    {
        struct place place = cursor_seek(reading);
        struct node *key = document_add_scalar(reading->document, NODE_TEXT, place, memory_text(name));
        struct node *value;
        cursor_pass(reading);
        int code = read_value(&value, reading, member, depth + 1);
        if (code != DOCUMENT_OK)
            return code;
        node_add_member(map, key, value);
    }
    return DOCUMENT_OK;
}

static struct node *read_scalar(struct json_reading *reading, json_t *json, struct place place, struct bytes written)
{
    if (json_is_string(json))
        return document_add_scalar(reading->document, NODE_TEXT, place,
                                   memory_text_of(json_string_value(json), json_string_length(json)));
    enum node_kind kind = json_is_number(json) ? NODE_NUMBER : json_is_boolean(json) ? NODE_BOOL : NODE_NULL;
    struct node *node =
        document_add_scalar(reading->document, kind, place, memory_text_of((const char *)written.data, written.size));
    node->number = json_number_value(json);
    node->boolean = json_is_true(json);
    return node;
}

static int read_value(struct node **ret, struct json_reading *reading, json_t *json, unsigned depth)
{
    struct place place = cursor_seek(reading);
    struct bytes written = cursor_pass(reading);
    if (depth > DOCUMENT_DEPTH_MAX)
        return document_fault_at(reading->document, place, reading->faults, "more than %d levels inside each other",
                                 DOCUMENT_DEPTH_MAX);
    if (json_is_array(json)) {
        *ret = document_add_node(reading->document, NODE_LIST, place);
        return read_list(*ret, reading, json, depth);
    }
    if (json_is_object(json)) {
        *ret = document_add_node(reading->document, NODE_MAP, place);
        return read_map(*ret, reading, json, depth);
    }
    *ret = read_scalar(reading, json, place, written);
    return document_check_count(reading->document, *ret, reading->faults);
}

/* jansson counts the column behind the token that it names as "near 'token'"; people look for its start. */
static unsigned error_column(const json_error_t *error)
{
    const char *near = strstr(error->text, " near '");
    size_t token = near ? strlen(near) - strlen(" near ''") : 0;
    size_t column = error->column > 0 ? (size_t)error->column : 1;
    return (unsigned)(token > 0 && token <= column ? column - token + 1 : column);
}

static int fail_syntax(const struct document *document, const json_error_t *error, struct faults *faults)
{
    struct place place = {.line = error->line > 0 ? (unsigned)error->line : 1, .column = error_column(error)};
    AUTO(text_finish) struct text shown = {0};
    text_append_shown(&shown, bytes_of_text(error->text), sizeof error->text);
    return document_fault_at(document, place, faults, "not JSON: %s", text_characters(&shown));
}

int document_read_json(struct node **ret, struct document *document, struct bytes source, struct faults *faults)
{
    json_error_t error;
    json_t *json =
        json_loadb((const char *)source.data, source.size, JSON_REJECT_DUPLICATES | JSON_DECODE_INT_AS_REAL, &error);
    if (!json)
        return fail_syntax(document, &error, faults);
    struct json_reading reading = {
        .document = document,
        .faults = faults,
        .cursor = (const char *)source.data,
        .end = (const char *)source.data + source.size,
        .place = {.line = 1, .column = 1},
    };
    int code = read_value(ret, &reading, json, 1);
    json_decref(json);
    return code;
}
