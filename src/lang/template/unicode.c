/* SPDX-License-Identifier: Apache-2.0 */
/* Characters of UTF-8 text. */
#include "lang/template/unicode.h"

#include "base/array.h"
#include "lang/template/unicode-ranges.h"

/* How many octets follow a first octet, and the least character such a sequence may stand for. */
static const struct {
    uint8_t mask;
    uint8_t lead;
    uint8_t size;
    uint32_t least;
} sequences[] = {
    {.mask = 0xe0, .lead = 0xc0, .size = 2, .least = 0x80},
    {.mask = 0xf0, .lead = 0xe0, .size = 3, .least = 0x800},
    {.mask = 0xf8, .lead = 0xf0, .size = 4, .least = 0x10000},
};

static size_t decode_sequence(uint32_t *ret, struct bytes text)
{
    uint8_t first = text.data[0];
    for (size_t i = 0; i < LENGTH(sequences); i++) {
        if ((first & sequences[i].mask) != sequences[i].lead)
            continue;
        if (text.size < sequences[i].size)
            return 0;
        uint32_t character = first & (uint8_t)~sequences[i].mask;
        for (size_t at = 1; at < sequences[i].size; at++) {
            if ((text.data[at] & 0xc0) != 0x80)
                return 0;
            character = character << 6 | (text.data[at] & 0x3f);
        }
        if (character < sequences[i].least || !unicode_is_valid(character))
            return 0;
        *ret = character;
        return sequences[i].size;
    }
    return 0;
}

size_t unicode_decode(uint32_t *ret, struct bytes text)
{
    *ret = UNICODE_REPLACEMENT;
    if (text.size == 0)
        return 0;
    if (text.data[0] < 0x80) {
        *ret = text.data[0];
        return 1;
    }
    size_t size = decode_sequence(ret, text);
    return size > 0 ? size : 1;
}

void unicode_append(struct text *ret, uint32_t character)
{
    if (!unicode_is_valid(character))
        character = UNICODE_REPLACEMENT;
    if (character < 0x80) {
        text_append_char(ret, (char)character);
        return;
    }
    size_t size = character < 0x800 ? 2 : character < 0x10000 ? 3 : 4;
    uint8_t octets[4];
    for (size_t at = size - 1; at > 0; at--) {
        octets[at] = (uint8_t)(0x80 | (character & 0x3f));
        character >>= 6;
    }
    octets[0] = (uint8_t)(sequences[size - 2].lead | character);
    text_append_bytes(ret, bytes_of(octets, size));
}

size_t unicode_count(struct bytes text)
{
    size_t count = 0;
    uint32_t character;
    for (size_t at = 0; at < text.size; count++)
        at += unicode_decode(&character, bytes_slice(text, at, 4));
    return count;
}

bool unicode_is_valid(uint32_t character)
{
    return character <= UNICODE_MAX && (character < 0xd800 || character > 0xdfff);
}

static bool is_in(uint32_t character, const struct unicode_range *ranges, size_t count)
{
    size_t low = 0;
    size_t high = count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (ranges[middle].last < character)
            low = middle + 1;
        else
            high = middle;
    }
    return low < count && ranges[low].first <= character;
}

bool unicode_is_word(uint32_t character)
{
    if (character < 0x80)
        return character == '_' || (character >= '0' && character <= '9') || (character >= 'A' && character <= 'Z') ||
               (character >= 'a' && character <= 'z');
    return is_in(character, unicode_words, LENGTH(unicode_words));
}

bool unicode_is_printable(uint32_t character)
{
    if (character < 0x80)
        return character >= ' ' && character < 0x7f;
    return is_in(character, unicode_printables, LENGTH(unicode_printables));
}

bool unicode_is_space(uint32_t character)
{
    static const struct unicode_range spaces[] = {
        {'\t', '\r'},     {' ', ' '},       {0x85, 0x85},     {0xa0, 0xa0},     {0x1680, 0x1680},
        {0x2000, 0x200a}, {0x2028, 0x2029}, {0x202f, 0x202f}, {0x205f, 0x205f}, {0x3000, 0x3000}};
    return is_in(character, spaces, LENGTH(spaces));
}

/* The run that holds the character. Runs of every second letter interleave with their other case, so the search
 * goes through all. */
static const struct unicode_case *case_of(uint32_t character)
{
    for (size_t i = 0; i < LENGTH(unicode_cases); i++)
        if (character >= unicode_cases[i].first && character <= unicode_cases[i].last &&
            (character - unicode_cases[i].first) % unicode_cases[i].stride == 0)
            return &unicode_cases[i];
    return NULL;
}

uint32_t unicode_to_upper(uint32_t character)
{
    if (character < 0x80)
        return character >= 'a' && character <= 'z' ? character - 'a' + 'A' : character;
    const struct unicode_case *run = case_of(character);
    return run ? (uint32_t)((int32_t)character + run->upper) : character;
}

uint32_t unicode_to_lower(uint32_t character)
{
    if (character < 0x80)
        return character >= 'A' && character <= 'Z' ? character - 'A' + 'a' : character;
    const struct unicode_case *run = case_of(character);
    return run ? (uint32_t)((int32_t)character + run->lower) : character;
}
