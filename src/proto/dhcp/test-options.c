/* SPDX-License-Identifier: Apache-2.0 */
/* The table of options and the walk through options inside of options. */
#include "proto/dhcp/options.h"

#include "base/array.h"
#include "test.h"

static void options_are_found_by_code_and_by_name(void)
{
    const struct {
        uint8_t code;
        enum dhcp_option_type type;
        const char *name;
    } rows[] = {
        {1, DHCP_TYPE_IPV4, "subnet-mask"},
        {6, DHCP_TYPE_IPV4_LIST, "domain-name-servers"},
        {67, DHCP_TYPE_TEXT_NUL, "boot-file-name"},
        {119, DHCP_TYPE_DOMAIN_LIST, "domain-search"},
        {121, DHCP_TYPE_ROUTES, "classless-static-route"},
        {150, DHCP_TYPE_IPV4_LIST, "tftp-server-address"},
        {211, DHCP_TYPE_U32, "pxelinux-reboot-time"},
    };
    for (size_t i = 0; i < LENGTH(rows); i++) {
        const struct dhcp_option_info *info = dhcp_option_info(rows[i].code);
        CHECK_ROW(rows[i].name, info && info->code == rows[i].code && info->type == rows[i].type);
        CHECK_ROW(rows[i].name, dhcp_option_info_from_name(rows[i].name) == info);
        CHECK_TEXT(dhcp_option_name(rows[i].code), rows[i].name);
    }
    CHECK(!dhcp_option_info(0) && !dhcp_option_info(255) && !dhcp_option_info(230));
    CHECK(!dhcp_option_info_from_name("no-such-option"));
    CHECK_TEXT(dhcp_option_name(230), "option");
}

static void no_name_stands_for_two_options(void)
{
    for (unsigned code = 0; code < 256; code++) {
        const struct dhcp_option_info *info = dhcp_option_info((uint8_t)code);
        CHECK(!info || (info->code == code && dhcp_option_info_from_name(info->name) == info));
    }
}

static void sizes_are_as_strict_clients_check_them(void)
{
    const struct {
        uint8_t code;
        size_t good[3], bad[3];
    } rows[] = {
        {DHCP_OPTION_SUBNET_MASK, {4, 4, 4}, {0, 3, 8}},
        {DHCP_OPTION_ROUTER, {4, 8, 12}, {0, 3, 6}},
        {DHCP_OPTION_DNS, {4, 8, 256}, {0, 5, 255}},
        {DHCP_OPTION_HOSTNAME, {1, 63, 255}, {0, 0, 0}},
        {DHCP_OPTION_MTU, {2, 2, 2}, {0, 1, 4}},
        {19, {1, 1, 1}, {0, 2, 4}},
        {33, {8, 16, 24}, {0, 4, 12}},
        {25, {2, 4, 6}, {0, 1, 3}},
        {DHCP_OPTION_LEASE_TIME, {4, 4, 4}, {0, 3, 5}},
        {DHCP_OPTION_MESSAGE_TYPE, {1, 1, 1}, {0, 2, 4}},
        {DHCP_OPTION_MAX_SIZE, {2, 2, 2}, {0, 1, 4}},
        {DHCP_OPTION_CLIENT_ID, {2, 7, 255}, {0, 1, 1}},
        {DHCP_OPTION_RAPID_COMMIT, {0, 0, 0}, {1, 2, 4}},
        {DHCP_OPTION_UNDI, {3, 3, 3}, {0, 2, 4}},
        {DHCP_OPTION_MACHINE_ID, {17, 17, 17}, {0, 16, 18}},
        {DHCP_OPTION_ROUTES, {5, 6, 8}, {0, 1, 4}},
        {230, {1, 2, 300}, {0, 0, 0}},
    };
    for (size_t i = 0; i < LENGTH(rows); i++)
        for (size_t j = 0; j < 3; j++) {
            CHECK_ROW(dhcp_option_name(rows[i].code), dhcp_option_size_is_valid(rows[i].code, rows[i].good[j]));
            CHECK_ROW(dhcp_option_name(rows[i].code), !dhcp_option_size_is_valid(rows[i].code, rows[i].bad[j]));
        }
    CHECK(!dhcp_option_size_is_valid(DHCP_OPTION_PAD, 0) && !dhcp_option_size_is_valid(DHCP_OPTION_END, 1));
}

static void suboptions_are_walked_up_to_the_end(void)
{
    const uint8_t value[] = {0, 6, 1, 8, 0, 71, 2, 0x80, 0, 12, 0, 255, 6, 9};
    struct dhcp_suboption suboption;
    struct reader walk = reader_over(bytes_of(value, sizeof value));
    CHECK(dhcp_suboption_next(&suboption, &walk) && suboption.code == 6 && suboption.value.size == 1);
    CHECK(dhcp_suboption_next(&suboption, &walk) && suboption.code == 71 && suboption.value.size == 2);
    CHECK(dhcp_suboption_next(&suboption, &walk) && suboption.code == 12 && suboption.value.size == 0);
    CHECK(!dhcp_suboption_next(&suboption, &walk) && !walk.failed);
    CHECK(dhcp_suboption(bytes_of(value, sizeof value), 71).data == value + 7);
    CHECK(dhcp_suboption(bytes_of(value, sizeof value), 12).data != NULL);
    CHECK(dhcp_suboption(bytes_of(value, sizeof value), 5).data == NULL);
}

static void a_suboption_that_is_cut_ends_the_walk(void)
{
    const uint8_t value[] = {6, 1, 8, 71, 4, 0, 0};
    struct dhcp_suboption suboption;
    for (size_t size = 4; size <= sizeof value; size++) {
        struct reader walk = reader_over(bytes_of(value, size));
        CHECK(dhcp_suboption_next(&suboption, &walk) && suboption.code == 6);
        CHECK(!dhcp_suboption_next(&suboption, &walk) && walk.failed);
        CHECK(!dhcp_suboption_next(&suboption, &walk));
    }
}

int main(void)
{
    RUN(options_are_found_by_code_and_by_name);
    RUN(no_name_stands_for_two_options);
    RUN(sizes_are_as_strict_clients_check_them);
    RUN(suboptions_are_walked_up_to_the_end);
    RUN(a_suboption_that_is_cut_ends_the_walk);
    return test_result();
}
