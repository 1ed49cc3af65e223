/* SPDX-License-Identifier: Apache-2.0 */
/* Any datagram: is refused, or read; and what is built from it reads the same again. */
#include "proto/tftp/packet.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uint8_t first[1 << 17];
    static uint8_t second[1 << 17];
    struct tftp_packet packet;
    if (size > 65536 || tftp_packet_parse(&packet, bytes_of(data, size)) != 0)
        return 0;
    struct writer once = writer_over(first, sizeof first);
    tftp_packet_build(&once, &packet);
    struct tftp_packet again;
    struct writer twice = writer_over(second, sizeof second);
    if (once.failed || tftp_packet_parse(&again, writer_bytes(&once)) != 0)
        abort();
    tftp_packet_build(&twice, &again);
    if (!bytes_equal(writer_bytes(&once), writer_bytes(&twice)))
        abort();
    return 0;
}
