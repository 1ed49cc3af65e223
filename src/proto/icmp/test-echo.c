/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/icmp/echo.h"

#include "base/array.h"
#include "test.h"

/* From 10.88.0.50 to 10.77.0.1: identifier 0x1234, sequence 2. */
static const uint8_t reply[] = {0x45, 0, 0, 36, 0xab, 0xcd, 0,    0,    64,   1,    0xba, 0x34, 10, 88, 0, 50, 10, 77,
                                0,    1, 0, 0,  0xe9, 0xc3, 0x12, 0x34, 0x00, 0x02, 1,    2,    3,  4,  0, 0,  0,  0};

static void a_reply_tells_who_answers_what(void)
{
    struct icmp_echo echo;
    struct ipv4 sender;
    CHECK_NUMBER(icmp_echo_reply_parse(&echo, &sender, bytes_of(reply, sizeof reply)), ICMP_OK);
    CHECK_NUMBER(sender.number, 0x0a580032);
    CHECK_NUMBER(echo.identifier, 0x1234);
    CHECK_NUMBER(echo.sequence, 2);
    CHECK(echo.nonce == 0x0102030400000000);
}

static void what_is_cut_short_or_goes_on_is_refused(void)
{
    uint8_t longer[sizeof reply + 2] = {0};
    memcpy(longer, reply, sizeof reply);
    for (size_t size = 0; size <= sizeof longer; size++) {
        struct icmp_echo echo;
        struct ipv4 sender;
        int expected = size == sizeof reply ? ICMP_OK : ICMP_E_MALFORMED;
        CHECK_NUMBER(icmp_echo_reply_parse(&echo, &sender, bytes_of(longer, size)), expected);
    }
}

/* Puts a message behind an IPv4 header of so many words, and reads it. */
static int read_behind(struct icmp_echo *ret, enum icmp_echo_type type, const struct icmp_echo *echo, uint8_t words)
{
    uint8_t memory[ICMP_ECHO_DATAGRAM_MAX] = {0};
    memcpy(memory, reply, 20);
    memory[0] = (uint8_t)(0x40 | words);
    struct writer w = writer_over(memory + (size_t)words * 4, ICMP_ECHO_SIZE);
    icmp_echo_write(&w, type, echo);
    CHECK(!w.failed);
    struct ipv4 sender;
    return icmp_echo_reply_parse(ret, &sender, bytes_of(memory, (size_t)words * 4 + ICMP_ECHO_SIZE));
}

static void what_is_written_is_read(void)
{
    static const struct icmp_echo echoes[] = {
        {0}, {1, 2, 3}, {0xffff, 0xffff, UINT64_MAX}, {0x8000, 63, 0x0123456789abcdef}};
    for (size_t i = 0; i < LENGTH(echoes); i++)
        for (uint8_t words = 5; words <= 15; words++) {
            struct icmp_echo read;
            CHECK_NUMBER(read_behind(&read, ICMP_ECHO_REPLY, &echoes[i], words), ICMP_OK);
            CHECK_NUMBER(read.identifier, echoes[i].identifier);
            CHECK_NUMBER(read.sequence, echoes[i].sequence);
            CHECK(read.nonce == echoes[i].nonce);
        }
}

/* A raw socket hears the questions of others too, where its filter is not in place yet. */
static void a_question_is_no_answer(void)
{
    struct icmp_echo read;
    CHECK_NUMBER(read_behind(&read, ICMP_ECHO_REQUEST, &(struct icmp_echo){1, 2, 3}, 5), ICMP_E_MALFORMED);
}

static void what_is_not_as_it_was_sent_is_refused(void)
{
    static const struct {
        size_t at;
        uint8_t value;
    } changes[] = {
        {0, 0x65},            /* IPv6 */
        {0, 0x44},            /* a header shorter than there is */
        {0, 0x4f},            /* one longer than the datagram */
        {9, 17},              /* UDP */
        {20, 3},              /* somebody is not reached, */
        {21, 1},              /* a code that there is not, both with a checksum that does not fit */
        {22, 0},   {23, 0},   /* the checksum */
        {24, 0},   {26, 1},   /* what is under it */
        {28, 0},   {35, 255}, /* the nonce */
    };
    for (size_t i = 0; i < LENGTH(changes); i++) {
        uint8_t datagram[sizeof reply];
        struct icmp_echo echo;
        struct ipv4 sender;
        memcpy(datagram, reply, sizeof reply);
        datagram[changes[i].at] = changes[i].value;
        CHECK_NUMBER(icmp_echo_reply_parse(&echo, &sender, bytes_of(datagram, sizeof datagram)), ICMP_E_MALFORMED);
    }
}

int main(void)
{
    RUN(a_reply_tells_who_answers_what);
    RUN(what_is_cut_short_or_goes_on_is_refused);
    RUN(what_is_written_is_read);
    RUN(a_question_is_no_answer);
    RUN(what_is_not_as_it_was_sent_is_refused);
    return test_result();
}
