/* SPDX-License-Identifier: Apache-2.0 */
/* Option 82. */
#include "proto/dhcp/relay.h"

#include "base/array.h"
#include "test.h"

/* circuit "eth0", remote "r", link 10.9.0.0, subscriber "s", flags unicast, server 10.9.0.1, vendor 9. */
static const uint8_t whole[] = {1, 4,   'e', 't', 'h',  '0', 2, 1,  'r', 5, 4, 10, 9, 0, 0,  6,
                                1, 's', 10,  1,   0x80, 11,  4, 10, 9,   0, 1, 9,  2, 0, 255};

static void what_a_relay_tells_is_read(void)
{
    struct dhcp_relay relay = dhcp_relay_from_option(bytes_of(whole, sizeof whole));
    CHECK(bytes_equal_text(relay.circuit_id, "eth0"));
    CHECK(bytes_equal_text(relay.remote_id, "r"));
    CHECK(bytes_equal_text(relay.subscriber_id, "s"));
    CHECK_NUMBER(relay.link_selection.number, 0x0a090000);
    CHECK_NUMBER(relay.server_id_override.number, 0x0a090001);
    CHECK(relay.has_flags && relay.client_sent_unicast && !relay.is_malformed);
}

static void nothing_told_is_nothing_known(void)
{
    struct dhcp_relay relay = dhcp_relay_from_option((struct bytes){0});
    CHECK(relay.circuit_id.size == 0 && relay.remote_id.size == 0 && relay.subscriber_id.size == 0);
    CHECK(!ipv4_is_set(relay.link_selection) && !ipv4_is_set(relay.server_id_override));
    CHECK(!relay.has_flags && !relay.client_sent_unicast && !relay.is_malformed);
}

static void values_of_the_wrong_size_are_not_used(void)
{
    const uint8_t wrong[] = {5, 3, 10, 9, 0, 11, 5, 10, 9, 0, 1, 1, 10, 2, 0x80, 0};
    struct dhcp_relay relay = dhcp_relay_from_option(bytes_of(wrong, sizeof wrong));
    CHECK(!ipv4_is_set(relay.link_selection) && !ipv4_is_set(relay.server_id_override));
    CHECK(!relay.has_flags && !relay.client_sent_unicast && !relay.is_malformed);
}

static void a_cut_option_keeps_what_is_whole(void)
{
    /* Prefixes that end between suboptions. */
    const size_t ends[] = {0, 6, 9, 15, 18, 21, 27, sizeof whole};
    size_t next = 0;
    for (size_t size = 0; size <= sizeof whole; size++) {
        struct dhcp_relay relay = dhcp_relay_from_option(bytes_of(whole, size));
        bool is_whole = next < LENGTH(ends) && ends[next] == size;
        next += is_whole;
        CHECK(relay.is_malformed == !is_whole);
        CHECK(relay.circuit_id.size == (size >= 6 ? 4 : 0));
    }
}

static void codes_0_and_255_are_suboptions_like_others(void)
{
    const uint8_t value[] = {0, 1, 'a', 255, 1, 'b', 1, 1, 'c'};
    struct dhcp_relay relay = dhcp_relay_from_option(bytes_of(value, sizeof value));
    CHECK(bytes_equal_text(relay.circuit_id, "c"));
}

int main(void)
{
    RUN(what_a_relay_tells_is_read);
    RUN(nothing_told_is_nothing_known);
    RUN(values_of_the_wrong_size_are_not_used);
    RUN(a_cut_option_keeps_what_is_whole);
    RUN(codes_0_and_255_are_suboptions_like_others);
    return test_result();
}
