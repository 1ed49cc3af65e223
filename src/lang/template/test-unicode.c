/* SPDX-License-Identifier: Apache-2.0 */
#include "lang/template/unicode.h"

#include "base/array.h"
#include "test.h"

static void characters_are_decoded_and_written_again(void)
{
    for (uint32_t character = 0; character <= UNICODE_MAX; character++) {
        AUTO(text_finish) struct text text = {0};
        unicode_append(&text, character);
        uint32_t decoded;
        size_t size = unicode_decode(&decoded, text_bytes(&text));
        if (size != text.length || decoded != (unicode_is_valid(character) ? character : UNICODE_REPLACEMENT))
            CHECK_NUMBER(decoded, character);
    }
}

static void invalid_octets_stand_for_the_replacement_one_by_one(void)
{
    static const char *const rows[] = {
        "\x80", "\xff",     "\xc0\x80",     "\xe0\x80\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80",
        "\xc3", "\xe2\x82", "\xf0\x9f\x98", "\xc3(",        "\xe2(\x82"};
    for (size_t i = 0; i < LENGTH(rows); i++) {
        uint32_t character;
        CHECK_NUMBER(unicode_decode(&character, bytes_of_text(rows[i])), 1);
        CHECK_NUMBER(character, UNICODE_REPLACEMENT);
    }
    uint32_t character;
    CHECK_NUMBER(unicode_decode(&character, (struct bytes){0}), 0);
}

static void characters_are_known_by_what_they_are(void)
{
    static const struct {
        uint32_t character;
        bool word, printable, space;
    } rows[] = {
        {'a', true, true, false},      {'_', true, true, false},        {'0', true, true, false},
        {'-', false, true, false},     {' ', false, true, true},        {'\n', false, false, true},
        {0x7f, false, false, false},   {0xe9, true, true, false},       {0xa0, false, false, true},
        {0xad, false, false, false},   {0x65e5, true, true, false},     {0x2028, false, false, true},
        {0x20ac, false, true, false},  {0x1f600, false, true, false},   {0x0663, true, true, false},
        {0xfeff, false, false, false}, {0x10ffff, false, false, false},
    };
    for (size_t i = 0; i < LENGTH(rows); i++) {
        CHECK(unicode_is_word(rows[i].character) == rows[i].word);
        CHECK(unicode_is_printable(rows[i].character) == rows[i].printable);
        CHECK(unicode_is_space(rows[i].character) == rows[i].space);
    }
}

static void letters_have_their_other_case(void)
{
    static const struct {
        uint32_t lower, upper;
    } rows[] = {{'a', 'A'},     {'z', 'Z'},     {0xe9, 0xc9},   {0xff, 0x178},     {0x3b1, 0x391},
                {0x434, 0x414}, {0x101, 0x100}, {0x561, 0x531}, {0x10428, 0x10400}};
    for (size_t i = 0; i < LENGTH(rows); i++) {
        CHECK_NUMBER(unicode_to_upper(rows[i].lower), rows[i].upper);
        CHECK_NUMBER(unicode_to_lower(rows[i].upper), rows[i].lower);
        CHECK_NUMBER(unicode_to_lower(rows[i].lower), rows[i].lower);
    }
    CHECK_NUMBER(unicode_to_upper('1'), '1');
    CHECK_NUMBER(unicode_to_upper(0x65e5), 0x65e5);
}

int main(void)
{
    RUN(characters_are_decoded_and_written_again);
    RUN(invalid_octets_stand_for_the_replacement_one_by_one);
    RUN(characters_are_known_by_what_they_are);
    RUN(letters_have_their_other_case);
    return test_result();
}
