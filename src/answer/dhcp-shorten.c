/* SPDX-License-Identifier: Apache-2.0 */
/* An ACK that gives less time than it was built with. */
#include <stdio.h>
#include <string.h>

#include "answer/dhcp.h"
#include "base/reader.h"
#include "base/writer.h"
#include "proto/dhcp/packet.h"

static void put_seconds(struct answer_dhcp *answer, size_t at, uint32_t seconds)
{
    struct writer w = writer_over(answer->reply + at, sizeof seconds);
    write_u32be(&w, seconds);
}

/* RFC 2131 §4.4.5: T1 and T2 at a half and seven eighths of the lease. */
static void shorten_option(struct answer_dhcp *answer, uint8_t code, size_t at, uint32_t seconds)
{
    if (code == DHCP_OPTION_LEASE_TIME)
        put_seconds(answer, at, seconds);
    else if (code == DHCP_OPTION_RENEWAL_TIME)
        put_seconds(answer, at, seconds / 2);
    else if (code == DHCP_OPTION_REBINDING_TIME)
        put_seconds(answer, at, seconds - seconds / 8);
}

static void add_words(struct answer_dhcp *answer, uint32_t seconds)
{
    size_t length = strlen(answer->text);
    snprintf(answer->text + length, sizeof answer->text - length,
             "; but for %u s, as before: the new lease could not be stored", seconds);
}

void answer_dhcp_shorten(struct answer_dhcp *answer, uint32_t seconds)
{
    struct bytes reply = bytes_of(answer->reply, answer->reply_size);
    struct reader r = reader_over(bytes_slice(reply, DHCP_HEADER_SIZE, reply.size));
    while (reader_left(&r) > 0) {
        uint8_t code = read_u8(&r);
        if (code == DHCP_OPTION_END)
            break;
        if (code == DHCP_OPTION_PAD)
            continue;
        size_t size = read_u8(&r);
        size_t at = reply.size - reader_left(&r);
        read_bytes(&r, size);
        if (size == sizeof seconds && !r.failed)
            shorten_option(answer, code, at, seconds);
    }
    answer->weight = ANSWER_TROUBLE;
    add_words(answer, seconds);
}
