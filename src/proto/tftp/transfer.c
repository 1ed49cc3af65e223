/* SPDX-License-Identifier: Apache-2.0 */
/* The sender's side of a transfer. */
#include "proto/tftp/transfer.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>

#include "base/text.h"

static uint64_t smaller(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

static uint64_t larger(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

static instant larger_span(instant a, instant b)
{
    return a > b ? a : b;
}

/* --- negotiation: RFC 2347, 2348, 2349, 7440 ------------------------------------------------------------------- */

/* The number of an option that was asked for within its bounds; else it is as if it was not asked for. */
static bool option_number(uint64_t *ret, const struct tftp_option *option, uint64_t minimum, uint64_t maximum)
{
    char digits[24];
    if (option->value.size >= sizeof digits)
        return false;
    snprintf(digits, sizeof digits, "%.*s", (int)option->value.size, (const char *)option->value.data);
    return text_to_number(ret, digits, maximum) && *ret >= minimum;
}

/* Agrees to one option, or does not: yields the value to answer with. Never more than was asked for: EDK2 ends the
 * transfer over a larger blksize or windowsize and over another timeout. */
static bool option_agree(uint64_t *ret, struct tftp_transfer *transfer, const struct tftp_option *option,
                         const struct tftp_limits *limits)
{
    switch (option->code) {
    case TFTP_OPTION_BLKSIZE:
        if (!option_number(ret, option, TFTP_BLKSIZE_MIN, UINT32_MAX))
            return false;
        *ret = smaller(*ret, smaller(limits->blksize_max, TFTP_BLKSIZE_MAX));
        transfer->blksize = (uint16_t)*ret;
        return true;
    case TFTP_OPTION_TIMEOUT:
        if (!option_number(ret, option, 1, 255))
            return false;
        transfer->wait_asked = (instant)*ret * SECOND;
        return true;
    case TFTP_OPTION_TSIZE:
        *ret = transfer->source.size;
        return transfer->source.size_is_known;
    case TFTP_OPTION_WINDOWSIZE:
        if (!option_number(ret, option, 1, UINT16_MAX))
            return false;
        *ret = smaller(*ret, smaller(limits->windowsize_max, TFTP_WINDOWSIZE_MAX));
        transfer->windowsize = (uint16_t)*ret;
        return true;
    default:
        return false;
    }
}

static void negotiate(struct tftp_transfer *transfer, const struct tftp_options *asked,
                      const struct tftp_limits *limits)
{
    struct tftp_packet packet = {.opcode = TFTP_OACK};
    char digits[TFTP_OPTION_COUNT][24];
    for (size_t i = 0; i < asked->count; i++) {
        uint64_t number;
        if (!option_agree(&number, transfer, &asked->at[i], limits))
            continue;
        struct tftp_option *agreed = &packet.oack.at[packet.oack.count++];
        *agreed = asked->at[i];
        snprintf(digits[i], sizeof digits[i], "%llu", (unsigned long long)number);
        agreed->value = bytes_of_text(digits[i]);
    }
    if (packet.oack.count == 0)
        return;
    struct writer w = writer_over(transfer->oack, sizeof transfer->oack);
    tftp_packet_build(&w, &packet);
    assert(!w.failed);
    transfer->oack_size = (uint8_t)writer_size(&w);
}

/* --- rounds ------------------------------------------------------------------------------------------------------- */

/* The last block that the window, and the file as far as it is known, let us send. */
static uint64_t window_end(const struct tftp_transfer *transfer)
{
    uint64_t end = transfer->acked + transfer->windowsize;
    return transfer->last > 0 ? smaller(end, transfer->last) : end;
}

static void allow_burst(struct tftp_transfer *transfer)
{
    transfer->allowed = transfer->next - 1 + transfer->burst;
}

/* Whether blocks sent twice are under way: what comes in may then speak of either. */
static bool is_recovering(const struct tftp_transfer *transfer)
{
    return transfer->acked < transfer->recovered;
}

/* A new window opens behind all that was acknowledged. */
static void start_round(struct tftp_transfer *transfer)
{
    if (!is_recovering(transfer) && transfer->burst < transfer->windowsize)
        transfer->burst++;
    transfer->flight_is_new = true;
    allow_burst(transfer);
}

/* Sends again from behind the last acknowledged block, in bursts half as long. */
static void go_back(struct tftp_transfer *transfer)
{
    transfer->next = transfer->acked + 1;
    transfer->recovered = transfer->highest;
    transfer->flight_is_new = true;
    transfer->burst = transfer->burst > 1 ? transfer->burst / 2 : 1;
    allow_burst(transfer);
}

/* RFC 6298 §2, from an answer to what was sent once. */
static void learn_round_trip(struct tftp_transfer *transfer, instant seen)
{
    if (seen <= 0)
        return;
    if (transfer->round_trip_min == 0 || seen < transfer->round_trip_min)
        transfer->round_trip_min = seen;
    if (transfer->round_trip == 0) {
        transfer->round_trip = seen;
        transfer->variation = seen / 2;
        return;
    }
    instant difference = seen > transfer->round_trip ? seen - transfer->round_trip : transfer->round_trip - seen;
    transfer->variation += (difference - transfer->variation) / 4;
    transfer->round_trip += (seen - transfer->round_trip) / 8;
}

/* How long the answer to what was sent once is waited for. */
static instant wait_first(const struct tftp_transfer *transfer)
{
    if (transfer->wait_asked > 0)
        return transfer->wait_asked;
    if (transfer->state == TFTP_TRANSFER_OFFERED && transfer->tries == 0)
        return TFTP_WAIT_OFFER;
    instant span = transfer->round_trip > 0 ? transfer->round_trip + 4 * transfer->variation : TFTP_WAIT_FIRST;
    return larger_span(span, TFTP_WAIT_MIN);
}

/* How long the next answer is waited for. */
static instant wait_span(const struct tftp_transfer *transfer)
{
    instant span = wait_first(transfer);
    if (transfer->wait_asked > 0)
        return span;
    for (unsigned i = 0; i < transfer->tries && span < TFTP_WAIT_MAX; i++)
        span *= 2;
    return span < TFTP_WAIT_MAX ? span : TFTP_WAIT_MAX;
}

static void end_transfer(struct tftp_transfer *transfer, enum tftp_transfer_state state)
{
    transfer->state = state;
    transfer->owes_oack = false;
    transfer->deadline = INSTANT_NEVER;
}

static void break_transfer(struct tftp_transfer *transfer, int read_error)
{
    end_transfer(transfer, TFTP_TRANSFER_BROKEN);
    transfer->read_error = read_error;
    transfer->error = TFTP_ERROR_UNDEFINED;
    transfer->owes_error = true;
}

void tftp_transfer_init(struct tftp_transfer *ret, const struct tftp_request *request, struct tftp_source source,
                        const struct tftp_limits *limits, instant now)
{
    assert(limits->blksize_max >= TFTP_BLKSIZE_MIN && limits->windowsize_max >= 1);
    *ret = (struct tftp_transfer){
        .source = source,
        .state = TFTP_TRANSFER_RUNNING,
        .blksize = TFTP_BLKSIZE_DEFAULT,
        .windowsize = 1,
        .next = 1,
        .progress_at = now,
        .heard_at = now,
        .sent_at = now,
        .flight_at = now,
        .flight_is_new = true,
        .deadline = now,
    };
    negotiate(ret, &request->options, limits);
    if (ret->source.size_is_known)
        ret->last = ret->source.size / ret->blksize + 1;
    ret->burst = ret->windowsize;
    allow_burst(ret);
    if (ret->oack_size > 0) {
        ret->state = TFTP_TRANSFER_OFFERED;
        ret->owes_oack = true;
    }
}

/* --- what comes in ---------------------------------------------------------------------------------------------- */

static void note_progress(struct tftp_transfer *transfer, instant now)
{
    transfer->tries = 0;
    transfer->progress_at = now;
}

/* Long enough after this flight for an acknowledgement to speak of it, not of the one before. */
static bool is_about_this_flight(const struct tftp_transfer *transfer, instant now)
{
    instant round_trip = transfer->round_trip_min > 0 ? transfer->round_trip_min : TFTP_WAIT_MIN;
    return !transfer->flight_is_new && now - transfer->flight_at >= round_trip;
}

/* An acknowledgement of what was acknowledged before. To a window it says that its first block is missing, if it is no
 * echo of an earlier one. Where several tries were lost already it says that the client waits, sooner than the next try
 * would come. */
static void receive_repeated_ack(struct tftp_transfer *transfer, instant now)
{
    bool window_is_open = transfer->windowsize > 1 && transfer->next > transfer->acked + 1;
    bool is_overdue = transfer->tries > 0 && now - transfer->sent_at >= wait_first(transfer);
    if (is_overdue || (window_is_open && is_about_this_flight(transfer, now)))
        go_back(transfer);
}

/* Goes on behind a part of the window that was acknowledged. The rest was lost, or, where the window was sent twice
 * already, may be on its way: then the window only moves. */
static void receive_gap(struct tftp_transfer *transfer, bool is_sent, instant now)
{
    if (!is_recovering(transfer) || transfer->round_trip_min == 0 || is_about_this_flight(transfer, now))
        go_back(transfer);
    else if (is_sent)
        allow_burst(transfer);
}

static void receive_progress(struct tftp_transfer *transfer, uint16_t blocks, instant now)
{
    bool is_sent = transfer->next > window_end(transfer);
    transfer->acked += blocks;
    transfer->next = larger(transfer->next, transfer->acked + 1);
    bool is_whole = transfer->next == transfer->acked + 1;
    if (transfer->acked > transfer->recovered)
        learn_round_trip(transfer, now - (is_whole ? transfer->sent_at : transfer->flight_at));
    note_progress(transfer, now);
    if (transfer->last > 0 && transfer->acked >= transfer->last)
        end_transfer(transfer, TFTP_TRANSFER_DONE);
    else if (is_whole)
        start_round(transfer);
    else
        receive_gap(transfer, is_sent, now);
}

static void receive_ack(struct tftp_transfer *transfer, uint16_t block, instant now)
{
    if (transfer->state == TFTP_TRANSFER_OFFERED) {
        if (block != 0)
            return;
        transfer->state = TFTP_TRANSFER_RUNNING;
        transfer->owes_oack = false;
        if (!transfer->oack_is_resent)
            learn_round_trip(transfer, now - transfer->sent_at);
        note_progress(transfer, now);
        return;
    }
    /* Block numbers wrap to 0; the difference in 16 bits says how far ahead the acknowledged one is. */
    uint16_t ahead = (uint16_t)(block - (uint16_t)transfer->acked);
    if (ahead == 0)
        receive_repeated_ack(transfer, now);
    else if (ahead <= transfer->highest - transfer->acked)
        receive_progress(transfer, ahead, now);
}

/* An ERROR in answer to the OACK is how ROMs end a question for the size (8 "User aborted the transfer", 0 "TFTP
 * Aborted") and how a client refuses options before it asks again without them. */
static void receive_error(struct tftp_transfer *transfer, uint16_t code)
{
    bool is_probe =
        transfer->state == TFTP_TRANSFER_OFFERED && (code == TFTP_ERROR_UNDEFINED || code == TFTP_ERROR_OPTION);
    transfer->error = (enum tftp_error)code;
    end_transfer(transfer, is_probe ? TFTP_TRANSFER_PROBED : TFTP_TRANSFER_ABORTED);
}

void tftp_transfer_receive(struct tftp_transfer *transfer, const struct tftp_packet *packet, instant now)
{
    if (tftp_transfer_is_over(transfer))
        return;
    transfer->heard = true;
    transfer->heard_at = now;
    if (packet->opcode == TFTP_ACK)
        receive_ack(transfer, packet->ack.block, now);
    else if (packet->opcode == TFTP_ERROR)
        receive_error(transfer, packet->error.code);
}

void tftp_transfer_repeat(struct tftp_transfer *transfer, instant now)
{
    (void)now;
    if (transfer->state == TFTP_TRANSFER_OFFERED)
        transfer->owes_oack = true;
    else if (transfer->state == TFTP_TRANSFER_RUNNING && !transfer->heard)
        go_back(transfer);
}

/* --- time -----------------------------------------------------------------------------------------------------------
 */

static bool is_all_sent(const struct tftp_transfer *transfer)
{
    return transfer->last > 0 && transfer->highest >= transfer->last && window_end(transfer) == transfer->last;
}

static bool is_patience_over(const struct tftp_transfer *transfer, instant now)
{
    instant silence = now - transfer->progress_at;
    if (transfer->tries < TFTP_TRIES)
        return transfer->tries > 0 && silence >= TFTP_PATIENCE_MAX;
    return !transfer->heard || is_all_sent(transfer) || silence >= TFTP_PATIENCE;
}

static void wait_is_over(struct tftp_transfer *transfer, instant now)
{
    if (is_patience_over(transfer, now)) {
        bool is_as_good_as_done = transfer->heard && is_all_sent(transfer);
        end_transfer(transfer, is_as_good_as_done ? TFTP_TRANSFER_UNCONFIRMED : TFTP_TRANSFER_SILENT);
        return;
    }
    transfer->tries++;
    if (transfer->state == TFTP_TRANSFER_OFFERED)
        transfer->owes_oack = true;
    else
        go_back(transfer);
}

void tftp_transfer_tick(struct tftp_transfer *transfer, instant now)
{
    if (tftp_transfer_is_over(transfer) || now < transfer->deadline)
        return;
    if (transfer->state == TFTP_TRANSFER_OFFERED || transfer->next > window_end(transfer))
        wait_is_over(transfer, now);
    else if (now - transfer->progress_at >= TFTP_PATIENCE_MAX)
        break_transfer(transfer, ETIMEDOUT);
    else
        allow_burst(transfer);
}

void tftp_transfer_hurry(struct tftp_transfer *transfer, instant now)
{
    if (tftp_transfer_is_stalled(transfer, now))
        go_back(transfer);
}

void tftp_transfer_cancel(struct tftp_transfer *transfer, enum tftp_error error)
{
    if (tftp_transfer_is_over(transfer))
        return;
    end_transfer(transfer, TFTP_TRANSFER_CANCELLED);
    transfer->error = error;
    transfer->owes_error = true;
}

/* --- what goes out --------------------------------------------------------------------------------------------------
 */

static const char *error_text(const struct tftp_transfer *transfer)
{
    if (transfer->state == TFTP_TRANSFER_CANCELLED)
        return "the server ends this transfer";
    return transfer->read_error == 0 || transfer->read_error == ESTALE ? "the file changed while it was sent"
                                                                       : "the file cannot be read any further";
}

static void next_error(struct tftp_run *ret, struct tftp_transfer *transfer, struct writer *w)
{
    struct tftp_packet packet = {
        .opcode = TFTP_ERROR,
        .error = {.code = (uint16_t)transfer->error, .text = bytes_of_text(error_text(transfer))},
    };
    transfer->owes_error = false;
    tftp_packet_build(w, &packet);
    *ret = (struct tftp_run){.datagrams = writer_bytes(w), .segment = writer_size(w)};
}

static void next_oack(struct tftp_run *ret, struct tftp_transfer *transfer, struct writer *w, instant now)
{
    write_bytes(w, bytes_of(transfer->oack, transfer->oack_size));
    transfer->owes_oack = false;
    transfer->resent += transfer->oack_is_sent;
    transfer->oack_is_resent = transfer->oack_is_sent;
    transfer->oack_is_sent = true;
    transfer->sent_at = now;
    transfer->deadline = now + wait_span(transfer);
    *ret = (struct tftp_run){.datagrams = writer_bytes(w), .segment = writer_size(w)};
}

/* Reads the content of the next block and writes its datagram. False: it cannot be had now, or never. */
static bool write_block(struct writer *w, struct tftp_transfer *transfer)
{
    uint64_t block = transfer->next;
    uint64_t offset = (block - 1) * transfer->blksize;
    struct tftp_source *source = &transfer->source;
    int64_t got = source->read(source->context, offset, w->cursor + TFTP_HEADER_SIZE, transfer->blksize);
    if (got < 0) {
        if (got != -EAGAIN)
            break_transfer(transfer, (int)-got);
        return false;
    }
    if (source->size_is_known && (uint64_t)got != smaller(transfer->blksize, source->size - offset)) {
        break_transfer(transfer, 0);
        return false;
    }
    if (got < transfer->blksize && !source->size_is_known) {
        source->size_is_known = true;
        source->size = offset + (uint64_t)got;
        transfer->last = block;
    }
    write_u16be(w, TFTP_DATA);
    write_u16be(w, (uint16_t)block);
    w->cursor += got;
    return true;
}

static bool may_send_block(const struct tftp_transfer *transfer)
{
    return transfer->state == TFTP_TRANSFER_RUNNING &&
           transfer->next <= smaller(transfer->allowed, window_end(transfer));
}

/* When to look again: for the answer when the window is sent, for its rest else. */
static void set_deadline(struct tftp_transfer *transfer, bool sent_some, instant now)
{
    if (transfer->next > window_end(transfer))
        transfer->deadline = now + wait_span(transfer);
    else
        transfer->deadline = now + (sent_some ? TFTP_BURST_PAUSE : TFTP_CONTENT_PAUSE);
}

static void note_sent(struct tftp_transfer *transfer, instant now)
{
    transfer->sent_at = now;
    if (transfer->flight_is_new)
        transfer->flight_at = now;
    transfer->flight_is_new = false;
}

static bool next_blocks(struct tftp_run *ret, struct tftp_transfer *transfer, struct writer *w, instant now)
{
    size_t segment = TFTP_HEADER_SIZE + (size_t)transfer->blksize;
    while (may_send_block(transfer) && writer_left(w) >= segment && write_block(w, transfer)) {
        transfer->resent += transfer->next <= transfer->highest;
        transfer->highest = larger(transfer->highest, transfer->next);
        transfer->next++;
    }
    if (transfer->owes_error) {
        *w = writer_over(w->start, (size_t)(w->end - w->start));
        next_error(ret, transfer, w);
        return true;
    }
    bool sent_some = writer_size(w) > 0;
    if (sent_some)
        note_sent(transfer, now);
    set_deadline(transfer, sent_some, now);
    *ret = (struct tftp_run){.datagrams = writer_bytes(w), .segment = segment};
    return sent_some;
}

bool tftp_transfer_next(struct tftp_run *ret, struct tftp_transfer *transfer, void *memory, size_t size, instant now)
{
    struct writer w = writer_over(memory, size);
    if (transfer->owes_error)
        next_error(ret, transfer, &w);
    else if (transfer->owes_oack)
        next_oack(ret, transfer, &w, now);
    else if (may_send_block(transfer))
        return next_blocks(ret, transfer, &w, now);
    else
        return false;
    return true;
}

bool tftp_transfer_is_over(const struct tftp_transfer *transfer)
{
    return transfer->state >= TFTP_TRANSFER_DONE;
}

bool tftp_transfer_is_stalled(const struct tftp_transfer *transfer, instant now)
{
    instant span = larger_span(TFTP_STALL_MIN, 4 * transfer->round_trip);
    bool is_gone = now - transfer->heard_at > TFTP_STALL_MAX;
    return transfer->state == TFTP_TRANSFER_RUNNING && !is_gone && now - transfer->sent_at > span;
}

uint64_t tftp_transfer_octets(const struct tftp_transfer *transfer)
{
    uint64_t octets = transfer->acked * transfer->blksize;
    return transfer->source.size_is_known ? smaller(octets, transfer->source.size) : octets;
}
