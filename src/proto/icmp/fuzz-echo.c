/* SPDX-License-Identifier: Apache-2.0 */
/* Any octets as a datagram on a raw socket; what is read of one is written as it came. */
#include "proto/icmp/echo.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct icmp_echo echo;
    struct ipv4 sender;
    uint8_t memory[ICMP_ECHO_SIZE];
    struct writer w = writer_over(memory, sizeof memory);
    if (icmp_echo_reply_parse(&echo, &sender, bytes_of(data, size)) != ICMP_OK)
        return 0;
    icmp_echo_write(&w, ICMP_ECHO_REPLY, &echo);
    /* All but the checksum, of which there may be two that fit: all zeros and all ones. */
    struct bytes came = bytes_of(data + size - ICMP_ECHO_SIZE + 4, ICMP_ECHO_SIZE - 4);
    if (!ipv4_is_set(sender) || !bytes_equal(bytes_slice(writer_bytes(&w), 4, ICMP_ECHO_SIZE), came))
        abort();
    return 0;
}
