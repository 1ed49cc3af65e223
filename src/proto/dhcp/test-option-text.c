/* SPDX-License-Identifier: Apache-2.0 */
/* Options as people write them. */
#include "proto/dhcp/option-text.h"

#include "base/array.h"
#include "base/text.h"
#include "test.h"

/* The value in hexadecimal digits, or what is wrong. */
static const char *value_of(const char *name, const char *first, const char *second)
{
    static char said[2 * DHCP_OPTION_VALUE_MAX + 1];
    uint8_t value[DHCP_OPTION_VALUE_MAX];
    size_t size = 0;
    uint8_t code;
    const char *const texts[] = {first, second};
    struct diag why;
    if (!dhcp_option_code_from_text(&code, name))
        return "no option";
    if (dhcp_option_value_from_texts(value, &size, dhcp_option_type(code), texts, second ? 2 : 1, &why) != 0) {
        snprintf(said, sizeof said, "%s", why.text);
        return said;
    }
    for (size_t i = 0; i < size; i++)
        snprintf(said + 2 * i, 3, "%02x", value[i]);
    if (!dhcp_option_size_is_valid(code, size))
        return "a size that clients refuse";
    return said;
}

static void a_value_is_written_as_its_type_wants(void)
{
    const struct {
        const char *name, *first, *second, *value;
    } rows[] = {
        {"ntp", "10.0.0.1", "10.0.0.2", "0a0000010a000002"},
        {"42", "10.0.0.1", NULL, "0a000001"},
        {"interface-mtu", "9000", NULL, "2328"},
        {"mtu", "65536", NULL, "it must be a number from 0 to 65535, not '65536'"},
        {"mtu", "1500", "1400", "it must be a number from 0 to 65535, one of them"},
        {"time-offset", "-3600", NULL, "fffff1f0"},
        {"time-offset", "-2147483649", NULL, "it must be a number from -2147483648 to 2147483647, not '-2147483649'"},
        {"ip-forwarding", "true", NULL, "01"},
        {"ip-forwarding", "maybe", NULL, "it must be true or false, not 'maybe'"},
        {"search", "a.b", "cd.", "016101620002636400"},
        {"search", "a..b", NULL, "it must be names such as lab.example, not 'a..b'"},
        {"routes", "10.0.0.0/8 via 10.77.0.1", "default via 10.77.0.2", "080a0a4d0001000a4d0002"},
        {"routes", "10.17.0.0/17 10.77.0.1", NULL, "110a11000a4d0001"},
        {"routes", "10.0.0.1/8 via 10.77.0.1", NULL,
         "it must be routes such as '10.78.0.0/16 via 10.77.0.1', not '10.0.0.1/8 via 10.77.0.1'"},
        {"static-routes", "10.1.0.0 10.0.0.1", NULL, "0a0100000a000001"},
        {"tftp-servers", "10.0.0.1", NULL, "0a000001"},
        {"tftp-server", "ab", NULL, "616200"},
        {"hostname", "node", NULL, "6e6f6465"},
        {"hostname", "", NULL, "it must be a text, not ''"},
        {"208", "0xf100747e", NULL, "it must be a number from 0 to 4294967295, not '0xf100747e'"},
        {"208", "4043338878", NULL, "f100747e"},
        {"reboot-time", "30", NULL, "0000001e"},
        {"43", "01:02:ff", NULL, "0102ff"},
        {"224", "0x0102", NULL, "0102"},
        {"224", "hello", NULL, "it must be octets such as 01:a0:ff, not 'hello'"},
        {"rapid-commit", "", NULL, "it has no value that could be given"},
        {"256", "", NULL, "no option"},
        {"0", "", NULL, "no option"},
        {"nothing", "", NULL, "no option"},
    };
    for (size_t i = 0; i < LENGTH(rows); i++) {
        const char *said = value_of(rows[i].name, rows[i].first, rows[i].second);
        CHECK_TEXT(said, rows[i].value);
    }
}

static void a_name_of_two_labels_is_two_labels(void)
{
    CHECK_TEXT(value_of("search", "lab.example", NULL), "036c6162076578616d706c6500");
}

static void a_value_that_fits_no_reply_is_refused(void)
{
    char text[DHCP_OPTION_VALUE_MAX + 2];
    memset(text, 'x', sizeof text);
    text[sizeof text - 1] = '\0';
    CHECK_TEXT(value_of("hostname", text, NULL), "it is longer than 1024 octets");
}

static void every_type_of_the_table_has_a_form(void)
{
    static const char *const samples[] = {"1", "10.0.0.1", "10.0.0.0 10.0.0.1", "0.0.0.0/0 via 10.0.0.1", "true", "00"};
    for (unsigned code = 1; code < 255; code++) {
        bool any = false;
        for (size_t i = 0; i < LENGTH(samples); i++) {
            uint8_t value[DHCP_OPTION_VALUE_MAX];
            size_t size;
            any |=
                dhcp_option_value_from_texts(value, &size, dhcp_option_type((uint8_t)code), &samples[i], 1, NULL) == 0;
        }
        CHECK_ROW(dhcp_option_name((uint8_t)code), any || dhcp_option_type((uint8_t)code) == DHCP_TYPE_EMPTY);
    }
}

int main(void)
{
    RUN(a_value_is_written_as_its_type_wants);
    RUN(a_name_of_two_labels_is_two_labels);
    RUN(a_value_that_fits_no_reply_is_refused);
    RUN(every_type_of_the_table_has_a_form);
    return test_result();
}
