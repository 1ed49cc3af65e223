/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/icmpv6/router.h"

#include "base/array.h"
#include "test.h"

/* As iPXE sends it: with its MAC in the option. */
static const uint8_t solicitation[] = {133, 0, 0x12, 0x34, 0, 0, 0, 0, 1, 1, 0x52, 0x54, 0, 0x12, 0x34, 0x56};

static void a_solicitation_tells_the_mac_of_who_asks(void)
{
    struct icmpv6_router_solicitation read;
    CHECK_NUMBER(icmpv6_router_solicitation_parse(&read, bytes_of(solicitation, sizeof solicitation)), ICMPV6_OK);
    char mac[MAC_TEXT_MAX];
    CHECK_TEXT(mac_to_text(mac, &read.source, ':'), "52:54:00:12:34:56");
    CHECK_NUMBER(icmpv6_router_solicitation_parse(&read, bytes_of(solicitation, 8)), ICMPV6_OK);
    CHECK_NUMBER(read.source.size, 0);
}

static void what_is_cut_short_is_refused(void)
{
    for (size_t size = 0; size < sizeof solicitation; size++) {
        struct icmpv6_router_solicitation read;
        int expected = size == 8 ? ICMPV6_OK : ICMPV6_E_MALFORMED;
        CHECK_NUMBER(icmpv6_router_solicitation_parse(&read, bytes_of(solicitation, size)), expected);
    }
}

static void what_is_no_solicitation_is_refused(void)
{
    static const uint8_t messages[][16] = {
        {134},                            /* an advertisement */
        {133, 1},                         /* a code that there is not */
        {133, 0, 0, 0, 0, 0, 0, 0, 1, 0}, /* an option without length, which would never end */
    };
    for (size_t i = 0; i < LENGTH(messages); i++) {
        struct icmpv6_router_solicitation read;
        CHECK_NUMBER(icmpv6_router_solicitation_parse(&read, bytes_of(messages[i], 16)), ICMPV6_E_MALFORMED);
    }
}

static void our_advertisement_promises_nothing(void)
{
    uint8_t memory[64];
    struct writer w = writer_over(memory, sizeof memory);
    icmpv6_router_advertisement_write(&w);
    CHECK_NUMBER(writer_size(&w), ICMPV6_ROUTER_ADVERTISEMENT_SIZE);
    CHECK_NUMBER(memory[0], 134);
    for (size_t i = 1; i < ICMPV6_ROUTER_ADVERTISEMENT_SIZE; i++)
        CHECK_NUMBER(memory[i], 0);
}

int main(void)
{
    RUN(a_solicitation_tells_the_mac_of_who_asks);
    RUN(what_is_cut_short_is_refused);
    RUN(what_is_no_solicitation_is_refused);
    RUN(our_advertisement_promises_nothing);
    return test_result();
}
