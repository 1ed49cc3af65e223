/* SPDX-License-Identifier: Apache-2.0 */
/* A peer that may send anything at any time: what is sent stays within the window and the file, holds the file's
 * octets, is no flood, and the transfer always knows when to look again. The first octets choose the transfer, each
 * further one or two an event. */
#include "proto/tftp/transfer.h"

#include <errno.h>
#include <stdlib.h>

#include "base/reader.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct tftp_transfer transfer;
static uint64_t content_size;
static bool content_is_late;
static instant now;

static void must(bool holds)
{
    if (!holds)
        abort();
}

static int64_t read_content(void *context, uint64_t offset, void *buffer, size_t size)
{
    (void)context;
    if (content_is_late)
        return -EAGAIN;
    uint64_t left = offset < content_size ? content_size - offset : 0;
    size_t count = left < size ? (size_t)left : size;
    for (size_t i = 0; i < count; i++)
        ((uint8_t *)buffer)[i] = (uint8_t)((offset + i) * 7);
    return (int64_t)count;
}

static void check_block(struct bytes datagram)
{
    struct tftp_packet packet;
    must(tftp_packet_parse(&packet, datagram) == 0);
    if (packet.opcode != TFTP_DATA)
        return;
    uint16_t ahead = (uint16_t)(packet.data.block - (uint16_t)transfer.acked);
    must(ahead >= 1 && ahead <= transfer.windowsize);
    uint64_t offset = (transfer.acked + ahead - 1) * transfer.blksize;
    must(offset <= content_size && packet.data.data.size <= transfer.blksize);
    for (size_t i = 0; i < packet.data.data.size; i++)
        must(packet.data.data.data[i] == (uint8_t)((offset + i) * 7));
}

/* Takes what is to be sent now. */
static void pump(void)
{
    static uint8_t memory[64 * 1024];
    struct tftp_run run;
    size_t datagrams = 0;
    while (tftp_transfer_next(&run, &transfer, memory, sizeof memory, now))
        for (size_t at = 0; at < run.datagrams.size; at += run.segment, datagrams++)
            check_block(bytes_slice(run.datagrams, at, run.segment));
    must(datagrams <= (size_t)transfer.windowsize + 1);
    must(transfer.acked <= transfer.highest && transfer.next <= transfer.acked + transfer.windowsize + 1);
    must(tftp_transfer_is_over(&transfer) ? transfer.deadline == INSTANT_NEVER : transfer.deadline > now - SECOND);
    must(tftp_transfer_octets(&transfer) <= content_size);
}

static void start(struct reader *r)
{
    static const char *const blksizes[] = {"8", "512", "1468", "65464"};
    static const char *const windowsizes[] = {"1", "4", "16", "65535"};
    uint8_t choice = read_u8(r);
    content_size = read_u16be(r);
    struct tftp_packet packet = {.opcode = TFTP_READ};
    struct tftp_options *options = &packet.request.options;
    if (choice & 1)
        options->at[options->count++] = (struct tftp_option){TFTP_OPTION_BLKSIZE, bytes_of_text("blksize"),
                                                             bytes_of_text(blksizes[choice >> 4 & 3])};
    if (choice & 2)
        options->at[options->count++] = (struct tftp_option){TFTP_OPTION_WINDOWSIZE, bytes_of_text("windowsize"),
                                                             bytes_of_text(windowsizes[choice >> 6])};
    if (choice & 4)
        options->at[options->count++] =
            (struct tftp_option){TFTP_OPTION_TIMEOUT, bytes_of_text("timeout"), bytes_of_text("2")};
    struct tftp_source source = {.read = read_content, .size_is_known = !(choice & 8), .size = content_size};
    struct tftp_limits limits = {.blksize_max = 1468, .windowsize_max = 64};
    tftp_transfer_init(&transfer, &packet.request, source, &limits, now);
}

static void receive_ack(uint64_t block)
{
    struct tftp_packet packet = {.opcode = TFTP_ACK, .ack.block = (uint16_t)block};
    tftp_transfer_receive(&transfer, &packet, now);
}

static void happen(struct reader *r)
{
    struct tftp_packet packet;
    uint8_t event = read_u8(r);
    switch (event & 7) {
    case 0:
        receive_ack(transfer.next - 1);
        break;
    case 1:
        receive_ack(transfer.acked + (event >> 3));
        break;
    case 2:
        receive_ack(read_u16be(r));
        break;
    case 3:
        now += (instant)(event >> 3) * (instant)(event >> 3) * MILLISECOND;
        break;
    case 4:
        now = transfer.deadline == INSTANT_NEVER || transfer.deadline < now ? now : transfer.deadline;
        break;
    case 5:
        if (event >> 3 & 1)
            tftp_transfer_hurry(&transfer, now);
        else
            content_is_late = !content_is_late;
        break;
    case 6:
        tftp_transfer_repeat(&transfer, now);
        break;
    default:
        if (tftp_packet_parse(&packet, read_bytes(r, event >> 3)) == 0)
            tftp_transfer_receive(&transfer, &packet, now);
    }
    tftp_transfer_tick(&transfer, now);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct reader r = reader_over(bytes_of(data, size));
    now = 1000 * SECOND;
    content_is_late = false;
    start(&r);
    pump();
    while (reader_left(&r) > 0) {
        happen(&r);
        pump();
    }
    return 0;
}
