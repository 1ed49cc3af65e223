/* SPDX-License-Identifier: Apache-2.0 */
/* Text that grows while it is written. */
#include "base/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/memory.h"

/* Characters that most prints fit into, so that they are formatted once. */
enum { PRINTED_USUALLY = 128 };

void text_finish(struct text *text)
{
    free(text->characters);
    *text = (struct text){0};
}

/* Makes room for size more characters and a NUL. */
static char *text_room(struct text *text, size_t size)
{
    if (text->length + size + 1 > text->capacity) {
        size_t capacity = text->capacity > 0 ? text->capacity : 64;
        while (capacity < text->length + size + 1)
            capacity *= 2;
        text->characters = memory_resize(text->characters, capacity, 1);
        text->capacity = capacity;
    }
    return text->characters + text->length;
}

void text_append_bytes(struct text *text, struct bytes bytes)
{
    char *room = text_room(text, bytes.size);
    if (bytes.size > 0)
        memcpy(room, bytes.data, bytes.size);
    text->length += bytes.size;
    text->characters[text->length] = '\0';
}

void text_append(struct text *text, const char *characters)
{
    text_append_bytes(text, bytes_of_text(characters));
}

void text_append_char(struct text *text, char character)
{
    text_append_bytes(text, bytes_of(&character, 1));
}

void text_append_list(struct text *text, const char *format, va_list arguments)
{
    va_list again;
    va_copy(again, arguments);
    char *room = text_room(text, PRINTED_USUALLY);
    size_t left = text->capacity - text->length;
    int length = vsnprintf(room, left, format, arguments);
    if (length >= 0 && (size_t)length >= left)
        vsnprintf(text_room(text, (size_t)length), (size_t)length + 1, format, again);
    text->length += length > 0 ? (size_t)length : 0;
    text->characters[text->length] = '\0';
    va_end(again);
}

void text_print(struct text *text, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    text_append_list(text, format, arguments);
    va_end(arguments);
}

void text_truncate(struct text *text, size_t length)
{
    text->length = length;
    if (text->characters)
        text->characters[length] = '\0';
}

void text_clear(struct text *text)
{
    text_truncate(text, 0);
}

const char *text_characters(const struct text *text)
{
    return text->characters ? text->characters : "";
}

struct bytes text_bytes(const struct text *text)
{
    return bytes_of(text->characters, text->length);
}

char *text_take(struct text *text)
{
    char *characters = text->characters ? text->characters : memory_text("");
    *text = (struct text){0};
    return characters;
}

bool text_is(const char *a, const char *b)
{
    return a == b || (a && b && strcmp(a, b) == 0);
}

bool text_is_ignoring_case(const char *a, const char *b)
{
    return a == b || (a && b && strcasecmp(a, b) == 0);
}

bool text_starts_with(const char *whole, const char *prefix)
{
    return strncmp(whole, prefix, strlen(prefix)) == 0;
}

bool text_ends_with(const char *whole, const char *suffix)
{
    size_t whole_length = strlen(whole);
    size_t suffix_length = strlen(suffix);
    return whole_length >= suffix_length && strcmp(whole + whole_length - suffix_length, suffix) == 0;
}

/* How many octets the UTF-8 sequence at the start of bytes takes; 0 when it is none or not a printable one. */
static size_t utf8_sequence_size(struct bytes bytes)
{
    uint8_t first = bytes.data[0];
    size_t size = first >= 0xc2 && first <= 0xdf   ? 2
                  : (first & 0xf0) == 0xe0         ? 3
                  : first >= 0xf0 && first <= 0xf4 ? 4
                                                   : 0;
    if (size == 0 || bytes.size < size)
        return 0;
    for (size_t i = 1; i < size; i++)
        if ((bytes.data[i] & 0xc0) != 0x80)
            return 0;
    bool overlong = (first == 0xe0 && bytes.data[1] < 0xa0) || (first == 0xf0 && bytes.data[1] < 0x90);
    bool beyond = (first == 0xed && bytes.data[1] > 0x9f) || (first == 0xf4 && bytes.data[1] > 0x8f);
    bool control = first == 0xc2 && bytes.data[1] < 0xa0;
    return overlong || beyond || control ? 0 : size;
}

/* How many octets from the front on are printable ASCII. */
static size_t plain_size(struct bytes bytes)
{
    size_t size = 0;
    while (size < bytes.size && bytes.data[size] >= 0x20 && bytes.data[size] < 0x7f)
        size++;
    return size;
}

void text_append_shown(struct text *text, struct bytes bytes, size_t limit)
{
    bool cut = bytes.size > limit;
    bytes = bytes_slice(bytes, 0, limit);
    while (bytes.size > 0) {
        size_t size = plain_size(bytes);
        if (size == 0)
            size = utf8_sequence_size(bytes);
        if (size > 0)
            text_append_bytes(text, bytes_slice(bytes, 0, size));
        else
            text_print(text, "\\x%02x", bytes.data[0]);
        bytes = bytes_slice(bytes, size > 0 ? size : 1, bytes.size);
    }
    if (cut)
        text_append(text, "...");
}

/* Edits (insert, remove, replace, swap neighbours) between two short words; words over 32 characters are not compared.
 */
static size_t edit_distance(const char *a, const char *b)
{
    enum { LIMIT = 32 };
    size_t a_length = strlen(a);
    size_t b_length = strlen(b);
    if (a_length > LIMIT || b_length > LIMIT)
        return LIMIT;
    size_t rows[LIMIT + 1][LIMIT + 1];
    for (size_t i = 0; i <= a_length; i++)
        rows[i][0] = i;
    for (size_t j = 0; j <= b_length; j++)
        rows[0][j] = j;
    for (size_t i = 1; i <= a_length; i++)
        for (size_t j = 1; j <= b_length; j++) {
            size_t best = rows[i - 1][j - 1] + (a[i - 1] != b[j - 1]);
            if (rows[i - 1][j] + 1 < best)
                best = rows[i - 1][j] + 1;
            if (rows[i][j - 1] + 1 < best)
                best = rows[i][j - 1] + 1;
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] && rows[i - 2][j - 2] + 1 < best)
                best = rows[i - 2][j - 2] + 1;
            rows[i][j] = best;
        }
    return rows[a_length][b_length];
}

const char *text_nearest(const char *word, const char *const *candidates, size_t count)
{
    const char *nearest = NULL;
    size_t least = strlen(word) / 3 + 2;
    for (size_t i = 0; i < count; i++) {
        size_t distance = edit_distance(word, candidates[i]);
        if (distance < least) {
            least = distance;
            nearest = candidates[i];
        }
    }
    return nearest;
}

bool text_to_number(uint64_t *ret, const char *digits, uint64_t maximum)
{
    uint64_t number = 0;
    if (*digits == '\0')
        return false;
    for (; *digits; digits++) {
        if (*digits < '0' || *digits > '9')
            return false;
        uint64_t digit = (uint64_t)(*digits - '0');
        if (number > (maximum - digit) / 10 || maximum < digit)
            return false;
        number = number * 10 + digit;
    }
    *ret = number;
    return true;
}
