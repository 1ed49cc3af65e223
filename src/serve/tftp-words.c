/* SPDX-License-Identifier: Apache-2.0 */
/* How a transfer ended, in words. */
#include "serve/tftp-words.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

/* "2 sent again (0.3 %)": what was lost on the way, as far as a sender can know. */
static void append_loss(struct text *text, const struct tftp_transfer *transfer)
{
    uint64_t sent = transfer->highest + transfer->oack_is_sent + transfer->resent;
    if (transfer->resent > 0)
        text_print(text, ", %" PRIu64 " sent again (%.1f %%)", transfer->resent,
                   100.0 * (double)transfer->resent / (double)sent);
}

/* "1044480 octets in 0.812 s (1.3 MB/s), blksize 1468, windowsize 4, 2 sent again (0.3 %)" */
static void append_figures(struct text *text, const struct tftp_end *end)
{
    const struct tftp_transfer *transfer = end->transfer;
    double seconds = (double)end->span / (double)SECOND;
    double octets = (double)tftp_transfer_octets(transfer);
    text_print(text, "%.0f octets in %.3f s (%.1f MB/s), blksize %u", octets, seconds,
               seconds > 0 ? octets / seconds / 1e6 : 0.0, transfer->blksize);
    if (transfer->windowsize > 1)
        text_print(text, ", windowsize %u", transfer->windowsize);
    append_loss(text, transfer);
}

static void append_place(struct text *text, const struct tftp_transfer *transfer)
{
    text_print(text, "after block %" PRIu64, transfer->acked);
    if (transfer->last > 0)
        text_print(text, " of %" PRIu64, transfer->last);
}

static enum log_level describe_sent(struct text *text, const struct tftp_end *end)
{
    text_print(text, "'%s' sent: ", end->name);
    append_figures(text, end);
    if (end->transfer->state == TFTP_TRANSFER_UNCONFIRMED)
        text_append(text, ", the last acknowledgement never came");
    if (end->reason && end->reason[0] != '\0')
        text_print(text, ": %s", end->reason);
    return end->refused ? LOG_LEVEL_WARNING : LOG_LEVEL_INFO;
}

static enum log_level describe_abort(struct text *text, const struct tftp_end *end)
{
    text_print(text, "'%s' not sent: the client ended the transfer ", end->name);
    append_place(text, end->transfer);
    text_print(text, ": %s (%s)", end->client_error, tftp_error_to_text((uint16_t)end->transfer->error));
    return LOG_LEVEL_WARNING;
}

static enum log_level describe_break(struct text *text, const struct tftp_end *end)
{
    int error = end->transfer->read_error;
    bool has_changed = error == 0 || error == ESTALE;
    text_print(text, "'%s' not sent: %s ", end->name,
               has_changed ? "the file was written to meanwhile," : strerror(error));
    append_place(text, end->transfer);
    return LOG_LEVEL_ERROR;
}

static enum log_level describe_stop(struct text *text, const struct tftp_end *end)
{
    text_print(text, "'%s' not sent: the service stopped ", end->name);
    append_place(text, end->transfer);
    return LOG_LEVEL_WARNING;
}

/* A client that takes the OACK but no block of that size often sits behind a path that carries less than its own
 * network does. */
static bool are_blocks_too_long(const struct tftp_transfer *transfer)
{
    return transfer->acked == 0 && transfer->oack_is_sent && transfer->blksize > TFTP_BLKSIZE_DEFAULT;
}

static enum log_level describe_silence(struct text *text, const struct tftp_end *end)
{
    const struct tftp_transfer *transfer = end->transfer;
    text_print(text, "'%s' not sent: ", end->name);
    if (end->send_error)
        text_print(text, "sending fails with '%s', and the client ", strerror(end->send_error));
    else
        text_append(text, "the client ");
    if (!transfer->heard) {
        text_append(text, "never answered; does a firewall drop what does not come from port 69?");
        return LOG_LEVEL_WARNING;
    }
    text_append(text, "stopped answering ");
    append_place(text, transfer);
    if (are_blocks_too_long(transfer))
        text_print(text, "; does its network carry blocks of %u octets?", transfer->blksize);
    return LOG_LEVEL_WARNING;
}

enum log_level tftp_end_describe(struct text *text, const struct tftp_end *end)
{
    switch (end->transfer->state) {
    case TFTP_TRANSFER_DONE:
    case TFTP_TRANSFER_UNCONFIRMED:
        return describe_sent(text, end);
    case TFTP_TRANSFER_PROBED:
        text_print(text, "'%s' was asked for its size or options only", end->name);
        return LOG_LEVEL_DEBUG;
    case TFTP_TRANSFER_ABORTED:
        return describe_abort(text, end);
    case TFTP_TRANSFER_BROKEN:
        return describe_break(text, end);
    case TFTP_TRANSFER_CANCELLED:
        return describe_stop(text, end);
    default:
        return describe_silence(text, end);
    }
}
