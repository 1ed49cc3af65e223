/* SPDX-License-Identifier: Apache-2.0 */
/* Metadata as lines of NAME=value. */
#include "lang/metadata.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"

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

/* Whether a quote of this kind is left open: of a value that begins with one, systemd reads on into the next line. */
static bool leaves_open(struct bytes value, uint8_t quote)
{
    size_t blanks = 0;
    size_t count = 0;
    while (blanks < value.size && (value.data[blanks] == ' ' || value.data[blanks] == '\t'))
        blanks++;
    if (blanks == value.size || (value.data[blanks] != '"' && value.data[blanks] != '\''))
        return false;
    for (size_t i = 0; i < value.size; i++)
        count += value.data[i] == quote;
    return count % 2 == 1;
}

static size_t backslashes_at_end(struct bytes value)
{
    size_t count = 0;
    while (count < value.size && value.data[value.size - 1 - count] == '\\')
        count++;
    return count;
}

/* The value as it is but for what would end its line or join the next one to it: a line break is shown as \n, other
 * control characters as \xNN, a quote that is not closed and a backslash at the end get a backslash before them. */
static void append_value(struct text *text, struct bytes value)
{
    bool opens[256] = {['"'] = leaves_open(value, '"'), ['\''] = leaves_open(value, '\'')};
    for (size_t i = 0; i < value.size; i++) {
        uint8_t octet = value.data[i];
        if (octet == '\n')
            text_append(text, "\\n");
        else if (octet < ' ' && octet != '\t')
            text_print(text, "\\x%02x", octet);
        else if (opens[octet])
            text_print(text, "\\%c", octet);
        else
            text_append_char(text, (char)octet);
    }
    if (backslashes_at_end(value) % 2 == 1)
        text_append_char(text, '\\');
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
    for (size_t i = 0; i < map->map.count && depth < METADATA_DEPTH_MAX; i++) {
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

void metadata_write(struct text *ret, const struct value *map)
{
    AUTO(lines_finish) struct lines lines = {0};
    add_lines(&lines, "", map, 0);
    if (lines.count > 0)
        qsort(lines.at, lines.count, sizeof *lines.at, compare_lines);
    for (size_t i = 0; i < lines.count; i++) {
        text_append(ret, lines.at[i]);
        text_append_char(ret, '\n');
    }
}
