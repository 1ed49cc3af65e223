/* SPDX-License-Identifier: Apache-2.0 */
/* Text as a Go constant. */
#include "lang/template/quote.h"

#include "lang/template/unicode.h"

static void append_escape(struct text *ret, uint32_t character)
{
    static const char controls[] = "\a\b\f\n\r\t\v";
    const char *found = character > 0 && character < 0x80 ? strchr(controls, (int)character) : NULL;
    if (found)
        text_print(ret, "\\%c", "abfnrtv"[found - controls]);
    else if (character < ' ' || character == 0x7f)
        text_print(ret, "\\x%02x", character);
    else if (character < 0x10000)
        text_print(ret, "\\u%04x", character);
    else
        text_print(ret, "\\U%08x", character);
}

static void append_character(struct text *ret, uint32_t character, char quote, bool ascii_only)
{
    if (character == (uint8_t)quote || character == '\\') {
        text_append_char(ret, '\\');
        text_append_char(ret, (char)character);
    } else if (unicode_is_printable(character) && (character < 0x80 || !ascii_only)) {
        unicode_append(ret, character);
    } else {
        append_escape(ret, character);
    }
}

void quote_append(struct text *ret, struct bytes characters, bool ascii_only)
{
    text_append_char(ret, '"');
    for (size_t at = 0; at < characters.size;) {
        uint32_t character;
        size_t size = unicode_decode(&character, bytes_slice(characters, at, 4));
        if (size == 1 && character == UNICODE_REPLACEMENT)
            text_print(ret, "\\x%02x", characters.data[at]);
        else
            append_character(ret, character, '"', ascii_only);
        at += size;
    }
    text_append_char(ret, '"');
}

void quote_append_character(struct text *ret, uint32_t character, bool ascii_only)
{
    if (!unicode_is_valid(character))
        character = UNICODE_REPLACEMENT;
    text_append_char(ret, '\'');
    append_character(ret, character, '\'', ascii_only);
    text_append_char(ret, '\'');
}

bool quote_can_be_raw(struct bytes characters)
{
    for (size_t at = 0; at < characters.size;) {
        uint32_t character;
        size_t size = unicode_decode(&character, bytes_slice(characters, at, 4));
        bool is_invalid = size == 1 && character == UNICODE_REPLACEMENT;
        bool is_control = (character < ' ' && character != '\t') || character == 0x7f;
        if (is_invalid || is_control || character == '`' || character == 0xfeff)
            return false;
        at += size;
    }
    return true;
}
