/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/http/percent.h"

#include "base/array.h"
#include "test.h"

static void what_was_encoded_comes_back(void)
{
    const struct {
        const char *encoded, *decoded;
        bool plus_is_space;
    } rows[] = {
        {"", "", false},
        {"plain", "plain", true},
        {"a%20b", "a b", false},
        {"a+b", "a b", true},
        {"a+b", "a+b", false},
        {"%41%4a%4A", "AJJ", false},
        {"%25%32%30", "%20", false},
        {"%e4%b8%ad", "\xe4\xb8\xad", false},
    };
    for (size_t i = 0; i < LENGTH(rows); i++) {
        AUTO(text_finish) struct text text = {0};
        CHECK_ROW(rows[i].encoded, percent_decode(&text, bytes_of_text(rows[i].encoded), rows[i].plus_is_space));
        CHECK_TEXT(text_characters(&text), rows[i].decoded);
    }
}

static void half_an_escape_is_refused(void)
{
    const char *const rows[] = {"%", "%4", "a%", "%g0", "%0g", "%%41", "%-1", "% 1"};
    for (size_t i = 0; i < LENGTH(rows); i++) {
        AUTO(text_finish) struct text text = {0};
        CHECK_ROW(rows[i], !percent_decode(&text, bytes_of_text(rows[i]), true));
    }
}

static void every_octet_survives_a_path(void)
{
    uint8_t octets[256];
    for (unsigned i = 0; i < sizeof octets; i++)
        octets[i] = (uint8_t)i;
    AUTO(text_finish) struct text encoded = {0};
    AUTO(text_finish) struct text decoded = {0};
    percent_encode_path(&encoded, bytes_of(octets, sizeof octets));
    CHECK(percent_decode(&decoded, text_bytes(&encoded), false));
    CHECK(bytes_equal(text_bytes(&decoded), bytes_of(octets, sizeof octets)));
    CHECK(strpbrk(text_characters(&encoded), "?#<>\"' \r\n") == strchr(text_characters(&encoded), '\''));
}

static void what_stands_in_a_query_means_nothing_to_it_or_to_a_script(void)
{
    uint8_t octets[256];
    for (unsigned i = 0; i < sizeof octets; i++)
        octets[i] = (uint8_t)i;
    AUTO(text_finish) struct text encoded = {0};
    AUTO(text_finish) struct text decoded = {0};
    percent_encode_query(&encoded, bytes_of(octets, sizeof octets));
    CHECK(percent_decode(&decoded, text_bytes(&encoded), true));
    CHECK(bytes_equal(text_bytes(&decoded), bytes_of(octets, sizeof octets)));
    CHECK(!strpbrk(text_characters(&encoded), ":&=+;#?$ \"'\\|{}()*,/\r\n"));
}

int main(void)
{
    RUN(what_was_encoded_comes_back);
    RUN(half_an_escape_is_refused);
    RUN(every_octet_survives_a_path);
    RUN(what_stands_in_a_query_means_nothing_to_it_or_to_a_script);
    return test_result();
}
