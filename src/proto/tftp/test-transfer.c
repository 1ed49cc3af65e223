/* SPDX-License-Identifier: Apache-2.0 */
/* The transfer engine, step by step: one peer, played by the test, and time as the test says. */
#include "proto/tftp/transfer.h"

#include <errno.h>

#include "base/array.h"
#include "test.h"

/* --- a content, a transfer and what it sent ------------------------------------------------------------------------
 */

struct content {
    uint64_t size;
    uint64_t there; /* octets that can be read; fewer than size: the file was cut meanwhile */
    int error;      /* instead of any content */
};

static struct content content;
static struct tftp_transfer transfer;
static instant now;
static uint8_t memory[256 * 1024];
static struct tftp_packet sent[512]; /* by the last act */
static size_t sent_count;

static uint8_t octet_at(uint64_t offset)
{
    return (uint8_t)(offset * 31 + (offset >> 8) * 7 + (offset >> 16));
}

static int64_t read_content(void *context, uint64_t offset, void *buffer, size_t size)
{
    const struct content *from = context;
    if (from->error)
        return -from->error;
    uint64_t left = offset < from->there ? from->there - offset : 0;
    size_t count = left < size ? (size_t)left : size;
    for (size_t i = 0; i < count; i++)
        ((uint8_t *)buffer)[i] = octet_at(offset + i);
    return (int64_t)count;
}

/* Takes what the transfer has to send now. */
static void pump(void)
{
    struct tftp_run run;
    size_t used = 0;
    sent_count = 0;
    while (tftp_transfer_next(&run, &transfer, memory + used, sizeof memory - used, now)) {
        for (size_t at = 0; at < run.datagrams.size; at += run.segment)
            CHECK(tftp_packet_parse(&sent[sent_count++], bytes_slice(run.datagrams, at, run.segment)) == 0);
        used += run.datagrams.size;
    }
}

/* Starts a transfer of size octets; options is a run of names and values, each with a NUL. */
static void start_limited(uint64_t size, struct bytes options, struct tftp_limits limits)
{
    uint8_t datagram[256];
    struct writer w = writer_over(datagram, sizeof datagram);
    write_u16be(&w, TFTP_READ);
    write_text_nul(&w, "file");
    write_text_nul(&w, "octet");
    write_bytes(&w, options);
    struct tftp_packet packet;
    CHECK(tftp_packet_parse(&packet, writer_bytes(&w)) == 0);
    content = (struct content){.size = size, .there = size};
    struct tftp_source source = {.read = read_content, .context = &content, .size_is_known = true, .size = size};
    now = 1000 * SECOND;
    tftp_transfer_init(&transfer, &packet.request, source, &limits, now);
    pump();
}

static void start(uint64_t size, struct bytes options)
{
    start_limited(size, options, (struct tftp_limits){.blksize_max = 1468, .windowsize_max = 64});
}

#define OPTIONS(literal) bytes_of(literal, sizeof(literal) - 1)
#define NO_OPTIONS ((struct bytes){0})

static void ack(uint64_t block)
{
    struct tftp_packet packet = {.opcode = TFTP_ACK, .ack.block = (uint16_t)block};
    tftp_transfer_receive(&transfer, &packet, now);
    pump();
}

static void send_error(uint16_t code)
{
    struct tftp_packet packet = {.opcode = TFTP_ERROR, .error.code = code};
    tftp_transfer_receive(&transfer, &packet, now);
    pump();
}

static void wait_for(instant span)
{
    now += span;
    tftp_transfer_tick(&transfer, now);
    pump();
}

/* The blocks sent last were first to last, in order, with their content. */
static bool sent_blocks(uint64_t first, uint64_t last)
{
    if (sent_count != last - first + 1)
        return false;
    for (uint64_t i = 0; i < sent_count; i++) {
        const struct tftp_packet *packet = &sent[i];
        uint64_t offset = (first + i - 1) * transfer.blksize;
        if (packet->opcode != TFTP_DATA || packet->data.block != (uint16_t)(first + i))
            return false;
        for (size_t j = 0; j < packet->data.data.size; j++)
            if (packet->data.data.data[j] != octet_at(offset + j))
                return false;
    }
    return true;
}

static bool oack_is(struct bytes options)
{
    return transfer.oack_size == options.size + 2 &&
           bytes_equal(bytes_slice(bytes_of(transfer.oack, transfer.oack_size), 2, 96), options);
}

/* --- negotiation
 * -------------------------------------------------------------------------------------------------------- */

static void without_options_the_first_block_comes_at_once(void)
{
    start(1000, NO_OPTIONS);
    CHECK(sent_blocks(1, 1) && sent[0].data.data.size == 512);
    ack(1);
    CHECK(sent_blocks(2, 2) && sent[0].data.data.size == 488);
    ack(2);
    CHECK(sent_count == 0 && transfer.state == TFTP_TRANSFER_DONE);
    CHECK_NUMBER(tftp_transfer_octets(&transfer), 1000);
}

static void an_oack_is_never_more_than_was_asked(void)
{
    const struct {
        const char *what;
        struct bytes asked, agreed;
    } rows[] = {
        {"as EDK2 asks", OPTIONS("tsize\0000\0blksize\0001468\0windowsize\0004\0"),
         OPTIONS("tsize\000100000\0blksize\0001468\0windowsize\0004\0")},
        {"the client's own spelling and order", OPTIONS("WindowSize\00016\0BLKSIZE\0001024\0TimeOut\0003\0"),
         OPTIONS("WindowSize\00016\0BLKSIZE\0001024\0TimeOut\0003\0")},
        {"more than the path carries", OPTIONS("blksize\00065464\0"), OPTIONS("blksize\0001468\0")},
        {"more than RFC 2348 allows", OPTIONS("blksize\00099999\0"), OPTIONS("blksize\0001468\0")},
        {"the smallest", OPTIONS("blksize\0008\0windowsize\0001\0"), OPTIONS("blksize\0008\0windowsize\0001\0")},
        {"more blocks than we send at once", OPTIONS("windowsize\00065535\0"), OPTIONS("windowsize\00064\0")},
        {"what cannot be is not agreed to", OPTIONS("blksize\0007\0tsize\0000\0timeout\0000\0windowsize\0000\0"),
         OPTIONS("tsize\000100000\0")},
        {"what is no number is not agreed to", OPTIONS("blksize\0001k\0tsize\0000\0timeout\000256\0windowsize\000-1\0"),
         OPTIONS("tsize\000100000\0")},
        {"options we do not know", OPTIONS("multicast\0\0tsize\0000\0"), OPTIONS("tsize\000100000\0")},
    };
    for (size_t i = 0; i < LENGTH(rows); i++) {
        start(100000, rows[i].asked);
        CHECK_ROW(rows[i].what, oack_is(rows[i].agreed));
        CHECK_ROW(rows[i].what, sent_count == 1 && sent[0].opcode == TFTP_OACK);
    }
}

static void options_that_are_all_refused_leave_a_plain_transfer(void)
{
    start(100, OPTIONS("blksize\0001\0foo\0bar\0"));
    CHECK(sent_blocks(1, 1) && transfer.oack_size == 0);
}

static void the_first_block_waits_for_the_ack_of_the_oack(void)
{
    start(10000, OPTIONS("blksize\0001024\0"));
    CHECK(sent_count == 1 && sent[0].opcode == TFTP_OACK);
    ack(1);
    CHECK(sent_count == 0);
    ack(0);
    CHECK(sent_blocks(1, 1) && sent[0].data.data.size == 1024);
}

static void a_size_beyond_32_bits_is_told_whole(void)
{
    start(5000000000, OPTIONS("tsize\0000\0"));
    CHECK(oack_is(OPTIONS("tsize\0005000000000\0")));
}

static void a_size_that_is_not_known_is_not_told(void)
{
    start(1300, NO_OPTIONS);
    struct tftp_packet packet;
    CHECK(tftp_packet_parse(&packet, OPTIONS("\0\1f\0netascii\0tsize\0000\0blksize\000600\0")) == 0);
    struct tftp_source source = {.read = read_content, .context = &content};
    struct tftp_limits limits = {.blksize_max = 1468, .windowsize_max = 8};
    tftp_transfer_init(&transfer, &packet.request, source, &limits, now);
    pump();
    CHECK(oack_is(OPTIONS("blksize\000600\0")));
    ack(0);
    ack(1);
    ack(2);
    CHECK(sent_blocks(3, 3) && sent[0].data.data.size == 100);
    ack(3);
    CHECK(transfer.state == TFTP_TRANSFER_DONE);
}

static void a_probe_for_the_size_is_a_success(void)
{
    static const uint16_t codes[] = {0, 8};
    for (size_t i = 0; i < LENGTH(codes); i++) {
        start(10000, OPTIONS("tsize\0000\0"));
        send_error(codes[i]);
        CHECK(transfer.state == TFTP_TRANSFER_PROBED && sent_count == 0);
    }
    start(10000, OPTIONS("tsize\0000\0"));
    ack(0);
    send_error(0);
    CHECK(transfer.state == TFTP_TRANSFER_ABORTED);
    start(10000, OPTIONS("tsize\0000\0"));
    send_error(3);
    CHECK(transfer.state == TFTP_TRANSFER_ABORTED && transfer.error == TFTP_ERROR_DISK_FULL);
}

/* --- blocks
 * --------------------------------------------------------------------------------------------------------------- */

static void a_file_of_whole_blocks_ends_with_an_empty_one(void)
{
    start(1024, NO_OPTIONS);
    ack(1);
    ack(2);
    CHECK(sent_blocks(3, 3) && sent[0].data.data.size == 0);
    ack(3);
    CHECK(transfer.state == TFTP_TRANSFER_DONE);
    start(0, NO_OPTIONS);
    CHECK(sent_blocks(1, 1) && sent[0].data.data.size == 0);
    ack(1);
    CHECK(transfer.state == TFTP_TRANSFER_DONE);
}

static void block_numbers_wrap_to_zero(void)
{
    start(8 * 140000 + 3, OPTIONS("blksize\0008\0"));
    ack(0);
    for (uint64_t block = 1; block <= 140001; block++) {
        if (!sent_blocks(block, block))
            break;
        ack(block);
    }
    CHECK_NUMBER(transfer.acked, 140001);
    CHECK(transfer.state == TFTP_TRANSFER_DONE);
}

static void a_window_wraps_too(void)
{
    start(8 * 70000, OPTIONS("blksize\0008\0windowsize\00060\0"));
    ack(0);
    uint64_t block = 0;
    while (!tftp_transfer_is_over(&transfer) && sent_count > 0 && sent_blocks(block + 1, block + sent_count)) {
        block += sent_count;
        ack(block);
    }
    CHECK_NUMBER(block, 70001);
}

/* --- what is sent again, and what is not
 * ------------------------------------------------------------------------------ */

static void a_repeated_ack_sends_nothing(void)
{
    start(100000, NO_OPTIONS);
    ack(1);
    for (int i = 0; i < 100; i++) {
        now += 10 * MILLISECOND;
        ack(1);
        CHECK_NUMBER(sent_count, 0);
    }
    ack(2);
    CHECK(sent_blocks(3, 3));
    CHECK_NUMBER(transfer.resent, 0);
}

static void an_ack_of_what_was_never_sent_is_ignored(void)
{
    start(100000, NO_OPTIONS);
    ack(2);
    ack(65535);
    ack(40000);
    CHECK(sent_count == 0 && transfer.acked == 0);
}

static void a_repeated_request_sends_what_is_pending_and_no_more(void)
{
    start(100000, OPTIONS("tsize\0000\0"));
    tftp_transfer_repeat(&transfer, now);
    pump();
    CHECK(sent_count == 1 && sent[0].opcode == TFTP_OACK);
    ack(0);
    tftp_transfer_repeat(&transfer, now);
    pump();
    CHECK_NUMBER(sent_count, 0);
    start(100000, NO_OPTIONS);
    tftp_transfer_repeat(&transfer, now);
    pump();
    CHECK(sent_blocks(1, 1));
}

static void silence_is_met_with_patience_that_ends(void)
{
    start(100000, NO_OPTIONS);
    ack(1);
    unsigned tries = 0;
    instant began = now;
    while (!tftp_transfer_is_over(&transfer) && tries < 1000) {
        wait_for(transfer.deadline - now);
        tries += sent_blocks(2, 2);
    }
    CHECK(transfer.state == TFTP_TRANSFER_SILENT);
    CHECK(tries >= TFTP_TRIES);
    CHECK(now - began >= TFTP_PATIENCE && now - began <= TFTP_PATIENCE + TFTP_WAIT_MAX);
    CHECK_NUMBER(transfer.resent, tries);
}

static void a_client_never_heard_gets_some_tries(void)
{
    start(100, NO_OPTIONS);
    unsigned tries = 0;
    for (; !tftp_transfer_is_over(&transfer) && tries<1000; tries += sent_count> 0)
        wait_for(transfer.deadline - now);
    CHECK(transfer.state == TFTP_TRANSFER_SILENT);
    CHECK_NUMBER(tries, TFTP_TRIES);
}

static void the_wait_is_as_long_as_asked(void)
{
    start(100000, OPTIONS("timeout\0003\0"));
    for (int i = 0; i < 3; i++) {
        CHECK_NUMBER(transfer.deadline - now, 3 * SECOND);
        wait_for(3 * SECOND);
        CHECK(sent_count == 1 && sent[0].opcode == TFTP_OACK);
    }
    ack(0);
    now += MILLISECOND;
    ack(1);
    CHECK_NUMBER(transfer.deadline - now, 3 * SECOND);
}

static void a_long_wait_does_not_make_patience_endless(void)
{
    const struct {
        struct bytes options;
        instant wait;
        unsigned repeats; /* before it is over */
    } rows[] = {
        {OPTIONS("timeout\00010\0"), 10 * SECOND, 5},
        {OPTIONS("timeout\00050\0"), 50 * SECOND, 2},
        {OPTIONS("timeout\000255\0"), 255 * SECOND, 1},
    };
    for (size_t i = 0; i < LENGTH(rows); i++) {
        start(100000, rows[i].options);
        unsigned repeats = 0;
        for (wait_for(rows[i].wait); sent_count > 0; wait_for(rows[i].wait))
            repeats++;
        CHECK_NUMBER(repeats, rows[i].repeats);
        CHECK(transfer.state == TFTP_TRANSFER_SILENT);
    }
}

static void the_wait_is_learned_from_round_trips(void)
{
    start(100000, NO_OPTIONS);
    CHECK_NUMBER(transfer.deadline - now, TFTP_WAIT_FIRST);
    for (uint64_t block = 1; block < 50; block++) {
        now += 2 * MILLISECOND;
        ack(block);
    }
    CHECK_NUMBER(transfer.deadline - now, TFTP_WAIT_MIN);
    for (uint64_t block = 50; block < 150; block++) {
        now += 900 * MILLISECOND;
        ack(block);
    }
    CHECK(transfer.deadline - now > 890 * MILLISECOND && transfer.deadline - now < 2 * SECOND);
    wait_for(transfer.deadline - now);
    CHECK(transfer.deadline - now > 1780 * MILLISECOND);
}

static void all_but_the_last_ack_is_as_good_as_done(void)
{
    start(600, NO_OPTIONS);
    ack(1);
    unsigned tries = 0;
    instant began = now;
    for (; !tftp_transfer_is_over(&transfer) && tries<1000; tries += sent_count> 0)
        wait_for(transfer.deadline - now);
    CHECK(transfer.state == TFTP_TRANSFER_UNCONFIRMED);
    CHECK_NUMBER(tries, TFTP_TRIES);
    CHECK(now - began < 40 * SECOND);
}

/* --- windows
 * ------------------------------------------------------------------------------------------------------------ */

static void start_window(unsigned round_trip_milliseconds)
{
    start(512 * 1000, OPTIONS("windowsize\0008\0"));
    now += round_trip_milliseconds * MILLISECOND;
    ack(0);
}

static void a_window_goes_out_at_once(void)
{
    start_window(10);
    CHECK(sent_blocks(1, 8));
    now += 10 * MILLISECOND;
    ack(8);
    CHECK(sent_blocks(9, 16));
}

static void a_gap_is_filled_at_once_and_once(void)
{
    start_window(10);
    now += 10 * MILLISECOND;
    ack(4);
    CHECK(sent_blocks(5, 8)); /* a burst half as long, the rest after pauses */
    ack(4);
    ack(4);
    CHECK_NUMBER(sent_count, 0);
    wait_for(TFTP_BURST_PAUSE);
    CHECK(sent_blocks(9, 12));
    now += 10 * MILLISECOND;
    ack(12);
    CHECK(sent_blocks(13, 17)); /* what was sent twice is there: the burst grows again */
    wait_for(TFTP_BURST_PAUSE);
    CHECK(sent_blocks(18, 20));
    now += 10 * MILLISECOND;
    ack(20);
    CHECK(sent_blocks(21, 26));
}

static void a_missing_first_block_is_seen_from_a_late_repeated_ack(void)
{
    start_window(10);
    now += 10 * MILLISECOND;
    ack(8);
    now += MILLISECOND;
    ack(8); /* an echo of the window before */
    CHECK_NUMBER(sent_count, 0);
    now += 9 * MILLISECOND;
    ack(8);
    CHECK(sent_blocks(9, 12));
    ack(8);
    CHECK_NUMBER(sent_count, 0);
}

static void a_client_that_acknowledges_each_block_is_not_flooded(void)
{
    start_window(10);
    uint64_t blocks = sent_count;
    uint64_t acked = 0;
    for (int round = 0; round < 40; round++) {
        uint64_t highest = transfer.highest;
        now += 10 * MILLISECOND;
        for (; acked < highest; blocks += sent_count)
            ack(++acked);
        wait_for(TFTP_BURST_PAUSE);
        blocks += sent_count;
    }
    CHECK(acked > 50 && blocks < 2 * acked);
}

static void a_late_ack_of_the_whole_window_counts_after_a_restart(void)
{
    start_window(10);
    wait_for(transfer.deadline - now);
    CHECK(sent_blocks(1, 4));
    ack(8);
    CHECK_NUMBER(transfer.acked, 8);
    CHECK(sent_count > 0 && sent[0].data.block == 9);
}

static void what_is_not_answered_in_time_stalls(void)
{
    start(100000, NO_OPTIONS);
    CHECK(!tftp_transfer_is_stalled(&transfer, now + TFTP_STALL_MIN));
    CHECK(tftp_transfer_is_stalled(&transfer, now + TFTP_STALL_MIN + 1));
    for (uint64_t block = 1; block < 50; block++) {
        now += 50 * MILLISECOND;
        ack(block);
    }
    CHECK(!tftp_transfer_is_stalled(&transfer, now + 150 * MILLISECOND));
    CHECK(tftp_transfer_is_stalled(&transfer, now + 250 * MILLISECOND));
    CHECK(!tftp_transfer_is_stalled(&transfer, now + TFTP_STALL_MAX + 1));
}

static void what_is_stalled_can_be_hurried(void)
{
    start(100000, NO_OPTIONS);
    tftp_transfer_hurry(&transfer, now);
    pump();
    CHECK_NUMBER(sent_count, 0);
    now += TFTP_STALL_MIN + 1;
    tftp_transfer_hurry(&transfer, now);
    pump();
    CHECK(sent_blocks(1, 1) && transfer.tries == 0);
}

static void an_oack_is_repeated_late_or_when_asked_for(void)
{
    start(100000, OPTIONS("tsize\0000\0"));
    CHECK_NUMBER(transfer.deadline - now, TFTP_WAIT_OFFER);
    now += 5 * SECOND;
    tftp_transfer_hurry(&transfer, now);
    tftp_transfer_tick(&transfer, now);
    pump();
    CHECK_NUMBER(sent_count, 0);
    ack(0);
    CHECK(sent_blocks(1, 1));
    start(100000, OPTIONS("tsize\0000\0"));
    wait_for(TFTP_WAIT_OFFER);
    CHECK(sent_count == 1 && sent[0].opcode == TFTP_OACK);
    CHECK_NUMBER(transfer.deadline - now, 2 * TFTP_WAIT_FIRST);
    start(100000, OPTIONS("tsize\0000\0"));
    tftp_transfer_repeat(&transfer, now);
    pump();
    CHECK(sent_count == 1 && sent[0].opcode == TFTP_OACK);
}

static void a_client_that_repeats_itself_is_answered_before_the_next_try(void)
{
    start(100000, NO_OPTIONS);
    now += MILLISECOND;
    ack(1);
    for (int i = 0; i < 4; i++)
        wait_for(transfer.deadline - now);
    CHECK(transfer.tries == 4 && transfer.deadline - now > 2 * SECOND);
    now += TFTP_WAIT_MIN - MILLISECOND;
    ack(1);
    CHECK_NUMBER(sent_count, 0);
    now += MILLISECOND;
    ack(1);
    CHECK(sent_blocks(2, 2));
    ack(1);
    CHECK_NUMBER(sent_count, 0);
    CHECK_NUMBER(transfer.tries, 4);
}

static void a_run_fits_the_memory_given(void)
{
    start(1468 * 100, OPTIONS("blksize\0001468\0windowsize\00064\0"));
    struct tftp_packet packet = {.opcode = TFTP_ACK};
    tftp_transfer_receive(&transfer, &packet, now);
    struct tftp_run run;
    uint64_t blocks = 0;
    while (tftp_transfer_next(&run, &transfer, memory, 10000, now)) {
        CHECK_NUMBER(run.segment, 1472);
        CHECK_NUMBER(run.datagrams.size % run.segment, 0);
        blocks += run.datagrams.size / run.segment;
    }
    CHECK_NUMBER(blocks, 64);
}

/* --- content
 * ------------------------------------------------------------------------------------------------------------ */

static void content_that_became_shorter_ends_with_an_error(void)
{
    start(10000, NO_OPTIONS);
    content.there = 700;
    ack(1);
    CHECK(transfer.state == TFTP_TRANSFER_BROKEN);
    CHECK(sent_count == 1 && sent[0].opcode == TFTP_ERROR);
    CHECK(bytes_equal_text(sent[0].error.text, "the file changed while it was sent"));
    wait_for(100 * SECOND);
    CHECK_NUMBER(sent_count, 0);
}

static void content_that_cannot_be_read_ends_with_an_error(void)
{
    start(10000, NO_OPTIONS);
    content.error = EIO;
    ack(1);
    CHECK(transfer.state == TFTP_TRANSFER_BROKEN && transfer.read_error == EIO);
    CHECK(sent_count == 1 && sent[0].opcode == TFTP_ERROR);
}

static void content_that_is_not_at_hand_is_waited_for(void)
{
    start(10000, NO_OPTIONS);
    content.error = EAGAIN;
    ack(1);
    CHECK(sent_count == 0 && transfer.state == TFTP_TRANSFER_RUNNING);
    CHECK_NUMBER(transfer.deadline - now, TFTP_CONTENT_PAUSE);
    wait_for(TFTP_CONTENT_PAUSE);
    CHECK_NUMBER(sent_count, 0);
    content.error = 0;
    wait_for(TFTP_CONTENT_PAUSE);
    CHECK(sent_blocks(2, 2) && transfer.tries == 0);
    content.error = EAGAIN;
    ack(2);
    for (int i = 0; i < 100000 && !tftp_transfer_is_over(&transfer); i++)
        wait_for(TFTP_CONTENT_PAUSE);
    CHECK(transfer.state == TFTP_TRANSFER_BROKEN);
}

static void a_cancelled_transfer_tells_the_client(void)
{
    start(10000, NO_OPTIONS);
    tftp_transfer_cancel(&transfer, TFTP_ERROR_UNDEFINED);
    pump();
    CHECK(sent_count == 1 && sent[0].opcode == TFTP_ERROR);
    CHECK(transfer.state == TFTP_TRANSFER_CANCELLED && transfer.deadline == INSTANT_NEVER);
    ack(1);
    CHECK_NUMBER(sent_count, 0);
}

int main(void)
{
    RUN(without_options_the_first_block_comes_at_once);
    RUN(an_oack_is_never_more_than_was_asked);
    RUN(options_that_are_all_refused_leave_a_plain_transfer);
    RUN(the_first_block_waits_for_the_ack_of_the_oack);
    RUN(a_size_beyond_32_bits_is_told_whole);
    RUN(a_size_that_is_not_known_is_not_told);
    RUN(a_probe_for_the_size_is_a_success);
    RUN(a_file_of_whole_blocks_ends_with_an_empty_one);
    RUN(block_numbers_wrap_to_zero);
    RUN(a_window_wraps_too);
    RUN(a_repeated_ack_sends_nothing);
    RUN(an_ack_of_what_was_never_sent_is_ignored);
    RUN(a_repeated_request_sends_what_is_pending_and_no_more);
    RUN(silence_is_met_with_patience_that_ends);
    RUN(a_client_never_heard_gets_some_tries);
    RUN(the_wait_is_as_long_as_asked);
    RUN(a_long_wait_does_not_make_patience_endless);
    RUN(the_wait_is_learned_from_round_trips);
    RUN(all_but_the_last_ack_is_as_good_as_done);
    RUN(a_window_goes_out_at_once);
    RUN(a_gap_is_filled_at_once_and_once);
    RUN(a_missing_first_block_is_seen_from_a_late_repeated_ack);
    RUN(a_client_that_acknowledges_each_block_is_not_flooded);
    RUN(a_late_ack_of_the_whole_window_counts_after_a_restart);
    RUN(what_is_not_answered_in_time_stalls);
    RUN(what_is_stalled_can_be_hurried);
    RUN(an_oack_is_repeated_late_or_when_asked_for);
    RUN(a_client_that_repeats_itself_is_answered_before_the_next_try);
    RUN(a_run_fits_the_memory_given);
    RUN(content_that_became_shorter_ends_with_an_error);
    RUN(content_that_cannot_be_read_ends_with_an_error);
    RUN(content_that_is_not_at_hand_is_waited_for);
    RUN(a_cancelled_transfer_tells_the_client);
    return test_result();
}
