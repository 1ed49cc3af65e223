/* SPDX-License-Identifier: Apache-2.0 */
/* The metadata of one machine as lines of NAME=value: Matchbox's, but in the order of their names and so that no value
 * can begin a line of its own. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "answer/http-machine.h"
#include "answer/http-reply.h"
#include "answer/http-script.h"
#include "base/array.h"
#include "base/memory.h"
#include "boot/decision.h"

/* Maps inside each other that are followed. */
enum { DEPTH_MAX = 32 };

struct lines {
    char **at;
    size_t count;
    size_t capacity;
};

static void lines_finish(struct lines *lines)
{
    for (size_t i = 0; i < lines->count; i++)
        free(lines->at[i]);
    free(lines->at);
}
AUTO_DEFINE_STRUCT(lines_finish, struct lines);

static int compare_lines(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static char upper_of(char character)
{
    return character >= 'a' && character <= 'z' ? (char)(character - 'a' + 'A') : character;
}

/* The name in upper case; '_' for what would end it. */
static void append_name(struct text *text, const char *name)
{
    for (; *name; name++) {
        bool ends = (unsigned char)*name < ' ' || *name == '=' || *name == 0x7f;
        text_append_char(text, ends ? '_' : upper_of(*name));
    }
}

/* The value as it is but for control characters: a line break is shown as \n, others as \xNN. */
static void append_value(struct text *text, struct bytes value)
{
    for (size_t i = 0; i < value.size; i++) {
        uint8_t octet = value.data[i];
        if (octet == '\n')
            text_append(text, "\\n");
        else if (octet < ' ' && octet != '\t')
            text_print(text, "\\x%02x", octet);
        else
            text_append_char(text, (char)octet);
    }
}

/* As Go prints a float64 with %v: the fewest digits that give the number again, with an exponent from a million on or
 * below a ten-thousandth. */
static void append_number(struct text *text, double number)
{
    char digits[40] = "";
    int precision = 0;
    if (!isfinite(number)) {
        text_append(text, isnan(number) ? "NaN" : number > 0 ? "+Inf" : "-Inf");
        return;
    }
    for (; precision <= 17; precision++) {
        snprintf(digits, sizeof digits, "%.*e", precision, number);
        if (strtod(digits, NULL) == number)
            break;
    }
    int exponent = atoi(strchr(digits, 'e') + 1);
    if (exponent < -4 || exponent >= 6)
        text_append(text, digits);
    else
        text_print(text, "%.*f", precision > exponent ? precision - exponent : 0, number);
}

/* False for what Matchbox leaves out: lists and nulls. */
static bool append_scalar(struct text *text, const struct value *value)
{
    switch (value->kind) {
    case VALUE_BOOL:
        text_append(text, value->boolean ? "true" : "false");
        return true;
    case VALUE_INTEGER:
        text_print(text, "%lld", (long long)value->integer);
        return true;
    case VALUE_NUMBER:
        append_number(text, value->number);
        return true;
    case VALUE_STRING:
        append_value(text, bytes_of(value->string.characters, value->string.length));
        return true;
    default:
        return false;
    }
}

/* Adds a line for each value of the map, those of a map inside it with its name before theirs. */
static void add_lines(struct lines *lines, const char *prefix, const struct value *map, int depth)
{
    for (size_t i = 0; i < map->map.count && depth < DEPTH_MAX; i++) {
        const struct value_member *member = &map->map.members[i];
        AUTO(text_finish) struct text line = {0};
        text_append(&line, prefix);
        append_name(&line, member->key);
        if (member->value->kind == VALUE_MAP) {
            text_append_char(&line, '_');
            add_lines(lines, text_characters(&line), member->value, depth + 1);
            continue;
        }
        text_append_char(&line, '=');
        if (append_scalar(&line, member->value))
            *ARRAY_ADD(lines->at, lines->count, lines->capacity) = text_take(&line);
    }
}

/* What the machine asked, as templates see it too: {query: {name: value}, raw_query: text}. */
static struct value *request_of(const struct labels *labels, struct bytes raw_query)
{
    struct value *query = value_new_map();
    for (size_t i = 0; i < labels->count; i++)
        value_map_take(query, labels->at[i].name, value_new_string(labels->at[i].value));
    struct value *request = value_new_map();
    value_map_take(request, "query", query);
    value_map_take(request, "raw_query", value_new_string_of(raw_query));
    return request;
}

/* The group's metadata, over it its selectors with their names in lower case, over all the request. */
static struct value *metadata_of(const struct group *group, const struct labels *labels, struct bytes raw_query)
{
    struct value *data = value_map_merge(group->metadata, NULL);
    for (size_t i = 0; i < group->selector.count; i++) {
        AUTO(free) char *name = memory_text(group->selector.at[i].name);
        for (char *c = name; *c; c++)
            *c = *c >= 'A' && *c <= 'Z' ? (char)(*c - 'A' + 'a') : *c;
        value_map_take(data, name, value_new_string(group->selector.at[i].value));
    }
    value_map_take(data, "request", request_of(labels, raw_query));
    return data;
}

void answer_http_metadata(struct http_reply *ret, const struct http_question *question)
{
    AUTO(labels_finish) struct labels labels = {0};
    AUTO(text_finish) struct text unread_mac = {0};
    http_labels_read(&labels, &unread_mac, question->query);
    http_machine_find(&ret->machine, &labels, question->request->client, question->fleet);
    ret->notable = true;
    ret->stage = STAGE_CONFIG;
    struct decision decision = {0};
    struct diag why;
    if (decide_group(&decision, question->catalog, &labels, &why) == DECISION_E_NO_GROUP) {
        http_reply_refuse(ret, 404, "%s", why.text);
        return;
    }
    AUTO(value_unref) struct value *data = metadata_of(decision.group, &labels, question->query);
    AUTO(lines_finish) struct lines lines = {0};
    add_lines(&lines, "", data, 0);
    if (lines.count > 0)
        qsort(lines.at, lines.count, sizeof *lines.at, compare_lines);
    for (size_t i = 0; i < lines.count; i++)
        text_print(&ret->body, "%s\n", lines.at[i]);
    /* Matchbox says "plain/text", which is no media type and which no client depends on. */
    http_reply_be_text(ret, 200, HTTP_TEXT_PLAIN);
    fail(&ret->reason, 0, "metadata of group '%s'", decision.group->id);
}
