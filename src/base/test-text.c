/* SPDX-License-Identifier: Apache-2.0 */
#include "base/text.h"

#include "base/array.h"
#include "base/diag.h"
#include "test.h"

static void a_text_grows_as_it_is_written(void)
{
    AUTO(text_finish) struct text text = {0};
    CHECK_TEXT(text_characters(&text), "");
    for (int i = 0; i < 1000; i++)
        text_print(&text, "%d,", i % 10);
    CHECK_NUMBER(text.length, 2000);
    CHECK(text_ends_with(text_characters(&text), "7,8,9,"));
    text_clear(&text);
    CHECK_TEXT(text_characters(&text), "");
}

static void a_print_of_any_length_fits(void)
{
    for (int length = 0; length < 600; length++) {
        AUTO(text_finish) struct text text = {0};
        text_append(&text, "before ");
        text_print(&text, "%0*d", length, 7);
        CHECK_NUMBER(text.length, 7 + (length > 0 ? length : 1));
        CHECK_NUMBER(strlen(text_characters(&text)), text.length);
        CHECK(text_ends_with(text_characters(&text), "7"));
    }
}

static void a_taken_text_is_the_callers(void)
{
    struct text text = {0};
    text_append(&text, "mine");
    AUTO(free) char *taken = text_take(&text);
    CHECK_TEXT(taken, "mine");
    AUTO(free) char *nothing = text_take(&text);
    CHECK_TEXT(nothing, "");
}

static void what_is_shown_is_printable_whatever_the_bytes(void)
{
    const struct {
        const char *bytes, *shown;
    } rows[] = {
        {"undionly.kpxe", "undionly.kpxe"},
        {"a\nb\x1b[2J", "a\\x0ab\\x1b[2J"},
        {"\xe4\xb8\xad", "\xe4\xb8\xad"},
        {"\xc2\x9b", "\\xc2\\x9b"},
        {"\xe4\xb8", "\\xe4\\xb8"},
        {"\xed\xa0\x80", "\\xed\\xa0\\x80"},
        {"0123456789012345", "0123456789012..."},
    };
    for (size_t i = 0; i < LENGTH(rows); i++) {
        AUTO(text_finish) struct text text = {0};
        text_append_shown(&text, bytes_of_text(rows[i].bytes), 13);
        CHECK_TEXT(text_characters(&text), rows[i].shown);
    }
}

static void the_nearest_word_is_the_one_meant(void)
{
    const char *const keys[] = {"interfaces", "subnets", "reservations", "dhcp", "http", "tftp"};
    CHECK_TEXT(text_nearest("interface", keys, LENGTH(keys)), "interfaces");
    CHECK_TEXT(text_nearest("dchp", keys, LENGTH(keys)), "dhcp");
    CHECK_TEXT(text_nearest("subnet", keys, LENGTH(keys)), "subnets");
    CHECK(text_nearest("colour", keys, LENGTH(keys)) == NULL);
}

static void a_number_is_digits_within_its_bound(void)
{
    uint64_t number = 7;
    CHECK(text_to_number(&number, "65535", 65535) && number == 65535);
    CHECK(text_to_number(&number, "18446744073709551615", UINT64_MAX) && number == UINT64_MAX);
    const char *refused[] = {"", "-1", "+1", " 1", "1 ", "65536", "0x10", "99999999999999999999999"};
    for (size_t i = 0; i < LENGTH(refused); i++)
        CHECK_ROW(refused[i], !text_to_number(&number, refused[i], 65535));
    CHECK(!text_to_number(&number, "9", 5));
}

static void a_fault_says_where(void)
{
    struct faults faults = {0};
    faults_add(&faults, FAULT_ERROR, "muster.yaml", 3, 7, "unknown key '%s'", "prot");
    faults_add(&faults, FAULT_WARNING, "groups", 0, 0, "none");
    AUTO(free) char *first = fault_to_text(&faults.at[0]);
    AUTO(free) char *second = fault_to_text(&faults.at[1]);
    CHECK_TEXT(first, "muster.yaml:3:7: error: unknown key 'prot'");
    CHECK_TEXT(second, "groups: warning: none");
    CHECK_NUMBER(faults.errors, 1);
    faults_finish(&faults);
    faults_finish(&faults);
}

int main(void)
{
    RUN(a_text_grows_as_it_is_written);
    RUN(a_print_of_any_length_fits);
    RUN(a_taken_text_is_the_callers);
    RUN(what_is_shown_is_printable_whatever_the_bytes);
    RUN(the_nearest_word_is_the_one_meant);
    RUN(a_number_is_digits_within_its_bound);
    RUN(a_fault_says_where);
    return test_result();
}
