/* SPDX-License-Identifier: Apache-2.0 */
/* The one pair of ICMP messages that tells whether an address is in use. */
#include "proto/icmp/echo.h"

#include "base/reader.h"

#define PROTOCOL_ICMP 1
#define IPV4_HEADER_WORDS_MIN 5

/* RFC 1071: the complement of the sum of all words. Zero over a message that has its checksum in it. */
static uint16_t checksum(struct bytes message)
{
    uint32_t sum = 0;
    struct reader r = reader_over(message);
    while (reader_left(&r) > 1)
        sum += read_u16be(&r);
    while (sum >> 16)
        sum = (sum & 0xffff) + (sum >> 16);
    return (uint16_t)~sum;
}

static void write_message(struct writer *w, enum icmp_echo_type type, uint16_t sum, const struct icmp_echo *echo)
{
    write_u8(w, (uint8_t)type);
    write_u8(w, 0);
    write_u16be(w, sum);
    write_u16be(w, echo->identifier);
    write_u16be(w, echo->sequence);
    write_u32be(w, (uint32_t)(echo->nonce >> 32));
    write_u32be(w, (uint32_t)echo->nonce);
}

void icmp_echo_write(struct writer *w, enum icmp_echo_type type, const struct icmp_echo *echo)
{
    uint8_t memory[ICMP_ECHO_SIZE];
    struct writer unsummed = writer_over(memory, sizeof memory);
    write_message(&unsummed, type, 0, echo);
    write_message(w, type, checksum(writer_bytes(&unsummed)), echo);
}

/* The sender of an IPv4 datagram that carries ICMP, whose message it leaves to be read; else unset. RFC 791 §3.1 */
static struct ipv4 read_ipv4_header(struct reader *r)
{
    uint8_t version_and_words = read_u8(r);
    size_t words = version_and_words & 0x0f;
    read_bytes(r, 8); /* service, length, fragment, time to live */
    uint8_t protocol = read_u8(r);
    read_bytes(r, 2); /* its checksum */
    struct ipv4 sender = {read_u32be(r)};
    read_bytes(r, 4); /* for us */
    if (version_and_words >> 4 != 4 || words < IPV4_HEADER_WORDS_MIN || protocol != PROTOCOL_ICMP)
        return (struct ipv4){0};
    read_bytes(r, (words - IPV4_HEADER_WORDS_MIN) * 4);
    return sender;
}

int icmp_echo_reply_parse(struct icmp_echo *ret, struct ipv4 *ret_sender, struct bytes datagram)
{
    struct reader r = reader_over(datagram);
    struct ipv4 sender = read_ipv4_header(&r);
    struct bytes message = read_rest(&r);
    if (!ipv4_is_set(sender) || message.size != ICMP_ECHO_SIZE || checksum(message) != 0)
        return ICMP_E_MALFORMED;
    r = reader_over(message);
    uint8_t type = read_u8(&r);
    uint8_t code = read_u8(&r);
    read_u16be(&r); /* the checksum */
    if (type != ICMP_ECHO_REPLY || code != 0)
        return ICMP_E_MALFORMED;
    ret->identifier = read_u16be(&r);
    ret->sequence = read_u16be(&r);
    ret->nonce = (uint64_t)read_u32be(&r) << 32;
    ret->nonce |= read_u32be(&r);
    *ret_sender = sender;
    return ICMP_OK;
}
