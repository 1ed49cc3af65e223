/* SPDX-License-Identifier: Apache-2.0 */
/* ICMP's echo, RFC 792: the question whether anybody is at an address, and the answer. */
#pragma once

#include <stdint.h>

#include "base/bytes.h"
#include "base/ipv4.h"
#include "base/writer.h"

/* Octets of such a message: header and nonce. */
#define ICMP_ECHO_SIZE 16
/* Octets of the longest IPv4 datagram that one comes in: its header with every option there can be. */
#define ICMP_ECHO_DATAGRAM_MAX (60 + ICMP_ECHO_SIZE)

enum icmp_echo_type {
    ICMP_ECHO_REPLY = 0,
    ICMP_ECHO_REQUEST = 8,
};

enum {
    ICMP_OK = 0,
    ICMP_E_MALFORMED = 1,
};

/* What a host sends back as it came. */
struct icmp_echo {
    uint16_t identifier;
    uint16_t sequence;
    uint64_t nonce; /* all of the data */
};

/* Writes the ICMP message with its checksum. */
void icmp_echo_write(struct writer *w, enum icmp_echo_type type, const struct icmp_echo *echo);
/* Reads a reply out of the IPv4 datagram that it came in, which is what a raw socket receives, and says who sent it.
 * The IPv4 header is taken to be as the kernel lets it in; the ICMP checksum is for the reader to check. Returns
 * ICMP_OK, or ICMP_E_MALFORMED and leaves both alone: also for what answers no question of ours, by its size. */
int icmp_echo_reply_parse(struct icmp_echo *ret, struct ipv4 *ret_sender, struct bytes datagram);
