/* SPDX-License-Identifier: Apache-2.0 */
/* Values as JSON and YAML. */
#include "lang/template/document.h"

#include <ctype.h>
#include <strings.h>

#include "base/array.h"
#include "lang/template/float.h"
#include "lang/template/unicode.h"

struct document {
    struct text *out;
    size_t limit;
    bool is_yaml; /* where what can't be printed is escaped; in JSON, what HTML could take for markup is */
};

static bool is_full(const struct document *document)
{
    return document->out->length > document->limit;
}

/* JSON */

static void append_json_character(struct document *document, uint32_t character)
{
    static const char controls[] = "\n\r\t\"\\";
    const char *found = character > 0 && character < 0x80 ? strchr(controls, (int)character) : NULL;
    bool is_markup = character == '<' || character == '>' || character == '&';
    bool is_separator = character == 0x2028 || character == 0x2029;
    bool is_escaped = document->is_yaml ? !unicode_is_printable(character) : is_markup || is_separator;
    if (found)
        text_print(document->out, "\\%c", "nrt\"\\"[found - controls]);
    else if (character > 0xffff && is_escaped)
        text_print(document->out, "\\U%08x", character);
    else if (character < ' ' || is_escaped)
        text_print(document->out, "\\u%04x", character);
    else
        unicode_append(document->out, character);
}

static void append_json_string(struct document *document, struct bytes characters)
{
    text_append_char(document->out, '"');
    for (size_t at = 0; at < characters.size && !is_full(document);) {
        uint32_t character;
        at += unicode_decode(&character, bytes_slice(characters, at, 4));
        append_json_character(document, character);
    }
    text_append_char(document->out, '"');
}

static void append_json(struct document *document, const struct value *value);

static void append_json_list(struct document *document, const struct value *list)
{
    text_append_char(document->out, '[');
    for (size_t i = 0; i < list->list.count && !is_full(document); i++) {
        if (i > 0)
            text_append_char(document->out, ',');
        append_json(document, list->list.items[i]);
    }
    text_append_char(document->out, ']');
}

static void append_json_map(struct document *document, const struct value *map)
{
    text_append_char(document->out, '{');
    for (size_t i = 0; i < map->map.count && !is_full(document); i++) {
        if (i > 0)
            text_append_char(document->out, ',');
        append_json_string(document, bytes_of_text(map->map.members[i].key));
        text_append_char(document->out, ':');
        append_json(document, map->map.members[i].value);
    }
    text_append_char(document->out, '}');
}

static void append_json(struct document *document, const struct value *value)
{
    switch (value->kind) {
    case VALUE_NULL:
        text_append(document->out, "null");
        return;
    case VALUE_BOOL:
        text_append(document->out, value->boolean ? "true" : "false");
        return;
    case VALUE_INTEGER:
        text_print(document->out, "%lld", (long long)value->integer);
        return;
    case VALUE_NUMBER:
        float_append_json(document->out, value->number);
        return;
    case VALUE_STRING:
        append_json_string(document, bytes_of(value->string.characters, value->string.length));
        return;
    case VALUE_LIST:
        append_json_list(document, value);
        return;
    case VALUE_MAP:
        append_json_map(document, value);
        return;
    }
}

void document_append_json(struct text *ret, size_t limit, const struct value *value)
{
    struct document document = {.out = ret, .limit = limit};
    append_json(&document, value);
}

/* YAML */

/* Words that some version of YAML reads as a bool, nil or a merge. */
static bool is_reserved(struct bytes word)
{
    static const char *const reserved[] = {"null", "true", "false", "yes", "no", "on", "off", "y", "n", "~", "="};
    for (size_t i = 0; i < LENGTH(reserved); i++)
        if (word.size == strlen(reserved[i]) && strncasecmp((const char *)word.data, reserved[i], word.size) == 0)
            return true;
    return false;
}

/* What begins like a number and has only characters that some number, date or time has. */
static bool resembles_number(struct bytes word)
{
    if (!isdigit(word.data[0]) && word.data[0] != '+' && word.data[0] != '.')
        return false;
    for (size_t i = 0; i < word.size; i++)
        if (!isxdigit(word.data[i]) && !strchr("xXoO_+-.:,tTzZ ifnaN", word.data[i] ?: '#'))
            return false;
    return true;
}

/* Whether the text can stand as it is. Strict rather than clever: quoting harms nobody. */
static bool is_plain(struct bytes word)
{
    if (word.size == 0 || word.size > 1000 || strchr("-?:,[]{}#&*!|>'\"%@` <", word.data[0]) || word.data[0] == 0)
        return false;
    if (is_reserved(word) || resembles_number(word))
        return false;
    for (size_t at = 0; at < word.size;) {
        uint32_t character;
        size_t size = unicode_decode(&character, bytes_slice(word, at, 4));
        if (!unicode_is_printable(character) || character == UNICODE_REPLACEMENT)
            return false;
        at += size;
        bool ends = at == word.size || word.data[at] == ' ';
        if ((character == ':' || character == ' ') && ends && !(character == ' ' && at < word.size))
            return false;
        if (character == ' ' && at < word.size && word.data[at] == '#')
            return false;
    }
    return true;
}

/* Whether the lines of a text can stand below a "|". */
static bool is_block(struct bytes text)
{
    bool has_line = false;
    if (text.size == 0 || text.data[0] == ' ' || text.data[0] == '\n')
        return false;
    for (size_t at = 0; at < text.size;) {
        uint32_t character;
        at += unicode_decode(&character, bytes_slice(text, at, 4));
        has_line = has_line || character == '\n';
        if (character != '\n' && (!unicode_is_printable(character) || character == UNICODE_REPLACEMENT))
            return false;
    }
    return has_line;
}

static void append_yaml_indent(struct document *document, unsigned indent)
{
    text_print(document->out, "\n%*s", (int)indent, "");
}

static void append_yaml_block(struct document *document, struct bytes text, unsigned indent)
{
    bool ends = text.data[text.size - 1] == '\n';
    bool ends_twice = ends && text.data[text.size - 2] == '\n';
    text_append(document->out, ends_twice ? "|+" : ends ? "|" : "|-");
    while (text.size > 0 && !is_full(document)) {
        const uint8_t *end = memchr(text.data, '\n', text.size);
        size_t size = end ? (size_t)(end - text.data) : text.size;
        text_append_char(document->out, '\n');
        if (size > 0)
            text_print(document->out, "%*s", (int)indent, "");
        text_append_bytes(document->out, bytes_slice(text, 0, size));
        text = bytes_slice(text, size + 1, SIZE_MAX);
    }
}

static void append_yaml_word(struct document *document, struct bytes word)
{
    if (is_plain(word))
        text_append_bytes(document->out, word);
    else
        append_json_string(document, word);
}

/* YAML 1.1 knows a number with an exponent by its point: "1e+21" is text to it. */
static void append_yaml_number(struct document *document, double number)
{
    AUTO(text_finish) struct text written = {0};
    float_append_json(&written, number);
    const char *exponent = strchr(written.characters, 'e');
    size_t before = exponent ? (size_t)(exponent - written.characters) : written.length;
    text_append_bytes(document->out, bytes_slice(text_bytes(&written), 0, before));
    if (exponent && !strchr(written.characters, '.'))
        text_append(document->out, ".0");
    text_append_bytes(document->out, bytes_slice(text_bytes(&written), before, SIZE_MAX));
}

static void append_yaml(struct document *document, const struct value *value, unsigned indent);

static bool is_yaml_block(const struct value *value)
{
    return (value->kind == VALUE_LIST && value->list.count > 0) || (value->kind == VALUE_MAP && value->map.count > 0);
}

static void append_yaml_list(struct document *document, const struct value *list, unsigned indent)
{
    for (size_t i = 0; i < list->list.count && !is_full(document); i++) {
        if (i > 0)
            append_yaml_indent(document, indent);
        text_append(document->out, "- ");
        append_yaml(document, list->list.items[i], indent + 2);
    }
}

/* A list below a key stands no deeper than the key. */
static void append_yaml_map(struct document *document, const struct value *map, unsigned indent)
{
    for (size_t i = 0; i < map->map.count && !is_full(document); i++) {
        const struct value *value = map->map.members[i].value;
        unsigned inner = value->kind == VALUE_LIST ? indent : indent + 2;
        if (i > 0)
            append_yaml_indent(document, indent);
        append_yaml_word(document, bytes_of_text(map->map.members[i].key));
        text_append_char(document->out, ':');
        if (is_yaml_block(value))
            append_yaml_indent(document, inner);
        else
            text_append_char(document->out, ' ');
        append_yaml(document, value, inner);
    }
}

/* Writes the value where the cursor stands; the lines behind its first are indented. */
static void append_yaml(struct document *document, const struct value *value, unsigned indent)
{
    if (value->kind == VALUE_STRING) {
        struct bytes characters = bytes_of(value->string.characters, value->string.length);
        if (is_block(characters))
            append_yaml_block(document, characters, indent > 0 ? indent : 2);
        else
            append_yaml_word(document, characters);
        return;
    }
    if (value->kind == VALUE_NUMBER)
        append_yaml_number(document, value->number);
    else if (!is_yaml_block(value))
        append_json(document, value);
    else if (value->kind == VALUE_LIST)
        append_yaml_list(document, value, indent);
    else
        append_yaml_map(document, value, indent);
}

void document_append_yaml(struct text *ret, size_t limit, const struct value *value)
{
    struct document document = {.out = ret, .limit = limit, .is_yaml = true};
    append_yaml(&document, value, 0);
}
