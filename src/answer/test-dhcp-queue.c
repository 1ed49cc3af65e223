/* SPDX-License-Identifier: Apache-2.0 */
/* What is dropped when more comes than can be answered, and what is not. */
#include "answer/dhcp-queue.h"

#include "base/memory.h"
#include "proto/dhcp/builder.h"
#include "test.h"

#define NOW (100 * SECOND)

static struct dhcp_queue *queue;

static void put(uint32_t client, uint32_t xid, enum dhcp_message_type type, instant when)
{
    static uint8_t memory[DHCP_REPLY_MAX];
    struct dhcp_builder builder;
    dhcp_builder_init(&builder, DHCP_BOOTREQUEST);
    builder.xid = xid;
    builder.chaddr = (struct mac){6, {2, 0, 0, (uint8_t)(client >> 16), (uint8_t)(client >> 8), (uint8_t)client}};
    dhcp_builder_put_u8(&builder, DHCP_OPTION_MESSAGE_TYPE, (uint8_t)type);
    struct dhcp_queued message = {.datagram = dhcp_builder_finish(&builder, memory), .port = 67, .arrived = when};
    dhcp_queue_put(queue, &message);
}

/* The transaction of the next message, 0 for none. */
static uint32_t take(instant now)
{
    struct dhcp_queued message;
    struct dhcp_packet packet;
    if (!dhcp_queue_take(&message, queue, now))
        return 0;
    CHECK_NUMBER(dhcp_packet_parse(&packet, message.datagram, NULL), DHCP_OK);
    return packet.xid;
}

static void check_drops(const char *expected)
{
    AUTO(text_finish) struct text said = {0};
    dhcp_queue_show_drops(&said, queue);
    CHECK_TEXT(text_characters(&said), expected);
}

static void messages_leave_in_the_order_they_came_in(void)
{
    queue = dhcp_queue_create();
    CHECK(dhcp_queue_is_empty(queue));
    put(1, 11, DHCP_DISCOVER, NOW);
    put(2, 12, DHCP_DISCOVER, NOW);
    put(1, 11, DHCP_REQUEST, NOW);
    CHECK_NUMBER(take(NOW), 11);
    CHECK_NUMBER(take(NOW), 12);
    CHECK_NUMBER(take(NOW), 11);
    CHECK_NUMBER(take(NOW), 0);
    check_drops("");
    dhcp_queue_destroy(queue);
}

static void a_message_that_waits_is_not_kept_twice(void)
{
    queue = dhcp_queue_create();
    put(1, 11, DHCP_DISCOVER, NOW);
    put(1, 11, DHCP_DISCOVER, NOW);
    put(2, 11, DHCP_DISCOVER, NOW);
    check_drops("1 that waited already");
    CHECK_NUMBER(take(NOW), 11);
    CHECK_NUMBER(take(NOW), 11);
    CHECK_NUMBER(take(NOW), 0);
    put(1, 11, DHCP_DISCOVER, NOW);
    CHECK_NUMBER(take(NOW), 11);
    dhcp_queue_destroy(queue);
}

static void a_full_queue_loses_its_oldest(void)
{
    queue = dhcp_queue_create();
    for (uint32_t i = 1; i <= DHCP_QUEUE_MAX + 10; i++)
        put(i, i, DHCP_DISCOVER, NOW);
    check_drops("10 to make room for later ones");
    CHECK_NUMBER(take(NOW), 11);
    dhcp_queue_destroy(queue);
}

static void nothing_older_than_a_second_is_answered(void)
{
    queue = dhcp_queue_create();
    put(1, 11, DHCP_DISCOVER, NOW);
    put(2, 12, DHCP_DISCOVER, NOW + SECOND / 2);
    CHECK_NUMBER(take(NOW + SECOND + 1), 12);
    check_drops("1 older than a second");
    check_drops("");
    dhcp_queue_destroy(queue);
}

static void one_client_cannot_starve_the_rest(void)
{
    queue = dhcp_queue_create();
    for (uint32_t i = 1; i <= 1000; i++)
        put(1, i, DHCP_DISCOVER, NOW);
    put(2, 5000, DHCP_DISCOVER, NOW);
    check_drops("968 of clients that ask too often (most of 02:00:00:00:00:01)");
    uint32_t last = 0;
    for (int i = 0; i <= DHCP_QUEUE_CLIENT_BURST; i++)
        last = take(NOW);
    CHECK_NUMBER(last, 5000);
    for (uint32_t i = 1; i <= 1000; i++)
        put(1, i, DHCP_DISCOVER, NOW + SECOND);
    size_t count = 0;
    while (take(NOW + SECOND))
        count++;
    CHECK_NUMBER(count, DHCP_QUEUE_CLIENT_RATE);
    dhcp_queue_destroy(queue);
}

static void what_is_no_message_is_passed_on_to_be_named(void)
{
    static const uint8_t octets[3000];
    const size_t sizes[] = {0, 1, 43, 44, 239, 240, 241, sizeof octets};
    struct dhcp_queued message;
    queue = dhcp_queue_create();
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        dhcp_queue_put(queue, &(struct dhcp_queued){.datagram = bytes_of(octets, sizes[i]), .arrived = NOW});
        CHECK(dhcp_queue_take(&message, queue, NOW));
        CHECK(message.cut == (sizes[i] > DHCP_QUEUE_DATAGRAM_MAX));
    }
    dhcp_queue_destroy(queue);
}

static void those_who_send_noise_have_one_share_together(void)
{
    queue = dhcp_queue_create();
    static const uint8_t octets[20];
    struct dhcp_queued message;
    size_t count = 0;
    for (int i = 0; i < 1000; i++)
        dhcp_queue_put(queue, &(struct dhcp_queued){.datagram = bytes_of(octets, sizeof octets), .arrived = NOW});
    put(1, 11, DHCP_DISCOVER, NOW);
    while (dhcp_queue_take(&message, queue, NOW))
        count++;
    CHECK_NUMBER(count, DHCP_QUEUE_CLIENT_BURST + 1);
    check_drops("968 of clients that ask too often (most of 00:00:00:00:00:00)");
    dhcp_queue_destroy(queue);
}

static void a_client_that_asks_again_is_still_answered_after_a_second(void)
{
    queue = dhcp_queue_create();
    put(1, 11, DHCP_DISCOVER, NOW);
    put(2, 12, DHCP_DISCOVER, NOW);
    put(1, 11, DHCP_DISCOVER, NOW + SECOND / 2);
    CHECK_NUMBER(take(NOW + SECOND + SECOND / 4), 11);
    CHECK_NUMBER(take(NOW + SECOND + SECOND / 4), 0);
    check_drops("1 that waited already, 1 older than a second");
    dhcp_queue_destroy(queue);
}

/* A machine on InfiniBand, known by its client identifier alone. */
static void put_without_chaddr(uint32_t client, uint32_t xid)
{
    static uint8_t memory[DHCP_REPLY_MAX];
    struct dhcp_builder builder;
    dhcp_builder_init(&builder, DHCP_BOOTREQUEST);
    builder.xid = xid;
    dhcp_builder_put_u32(&builder, DHCP_OPTION_CLIENT_ID, client);
    dhcp_builder_put_u8(&builder, DHCP_OPTION_MESSAGE_TYPE, DHCP_DISCOVER);
    struct dhcp_queued message = {.datagram = dhcp_builder_finish(&builder, memory), .port = 67, .arrived = NOW};
    dhcp_queue_put(queue, &message);
}

static void machines_without_a_hardware_address_are_told_apart_by_their_identifiers(void)
{
    queue = dhcp_queue_create();
    for (uint32_t i = 1; i <= 200; i++)
        put_without_chaddr(i, 1);
    check_drops("");
    for (uint32_t i = 1; i <= DHCP_QUEUE_CLIENT_BURST + 3; i++)
        put_without_chaddr(200, 1 + i);
    check_drops("4 of clients that ask too often (most of one without a hardware address)");
    dhcp_queue_destroy(queue);
}

static void the_client_of_whom_most_is_refused_is_named(void)
{
    AUTO(text_finish) struct text said = {0};
    queue = dhcp_queue_create();
    for (uint32_t i = 1; i <= 100; i++)
        put(1, i, DHCP_DISCOVER, NOW);
    for (uint32_t i = 1; i <= 200; i++)
        put(2, i, DHCP_DISCOVER, NOW);
    check_drops("236 of clients that ask too often (most of 02:00:00:00:00:02)");
    for (uint32_t i = 1; i <= 10; i++)
        put(1, 1000 + i, DHCP_DISCOVER, NOW);
    check_drops("10 of clients that ask too often (most of 02:00:00:00:00:01)");
    check_drops("");
    dhcp_queue_show_all_drops(&said, queue);
    CHECK_TEXT(text_characters(&said), "246 of clients that ask too often");
    dhcp_queue_destroy(queue);
}

int main(void)
{
    RUN(messages_leave_in_the_order_they_came_in);
    RUN(a_message_that_waits_is_not_kept_twice);
    RUN(a_full_queue_loses_its_oldest);
    RUN(nothing_older_than_a_second_is_answered);
    RUN(one_client_cannot_starve_the_rest);
    RUN(those_who_send_noise_have_one_share_together);
    RUN(a_client_that_asks_again_is_still_answered_after_a_second);
    RUN(machines_without_a_hardware_address_are_told_apart_by_their_identifiers);
    RUN(the_client_of_whom_most_is_refused_is_named);
    RUN(what_is_no_message_is_passed_on_to_be_named);
    return test_result();
}
