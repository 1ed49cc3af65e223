/* SPDX-License-Identifier: Apache-2.0 */
/* An ACK that gives less time than it was built with. */
#include "answer/test-dhcp.h"

static void renew(void)
{
    ask(DHCP_REQUEST);
    asked.ciaddr.number = 0x0a4d0032;
    send();
}

static void an_ack_is_given_less_time_and_nothing_else_changes(void)
{
    start(ANSWER_DHCP_SERVER);
    ask(DHCP_REQUEST);
    dhcp_builder_put_ipv4(&asked, DHCP_OPTION_SERVER_ID, our_addresses[0].address);
    dhcp_builder_put_ipv4(&asked, DHCP_OPTION_REQUESTED_ADDRESS, (struct ipv4){0x0a4d0032});
    send();
    renew();
    struct answer_dhcp before = answer;
    answer_dhcp_shorten(&answer, 800);
    uint32_t lease = 0, renewal = 0, rebinding = 0;
    struct diag why;
    CHECK_NUMBER(dhcp_packet_parse(&reply, bytes_of(answer.reply, answer.reply_size), &why), DHCP_OK);
    CHECK(dhcp_option_u32(&lease, &reply, DHCP_OPTION_LEASE_TIME));
    CHECK(dhcp_option_u32(&renewal, &reply, DHCP_OPTION_RENEWAL_TIME));
    CHECK(dhcp_option_u32(&rebinding, &reply, DHCP_OPTION_REBINDING_TIME));
    CHECK_NUMBER(lease, 800);
    CHECK_NUMBER(renewal, 400);
    CHECK_NUMBER(rebinding, 700);
    CHECK(strstr(answer.text,
                 "ack 10.77.0.50 for 3600 s; but for 800 s, as before: the new lease could not be stored") != NULL);
    answer_dhcp_shorten(&answer, 3600);
    CHECK_NUMBER(answer.reply_size, before.reply_size);
    CHECK(memcmp(answer.reply, before.reply, before.reply_size) == 0);
    stop();
}

static void a_text_without_room_is_cut(void)
{
    start(ANSWER_DHCP_SERVER);
    renew();
    memset(answer.text, 'x', sizeof answer.text - 1);
    answer_dhcp_shorten(&answer, 800);
    CHECK_NUMBER(strlen(answer.text), sizeof answer.text - 1);
    stop();
}

int main(void)
{
    RUN(an_ack_is_given_less_time_and_nothing_else_changes);
    RUN(a_text_without_room_is_cut);
    return test_result();
}
