/* SPDX-License-Identifier: Apache-2.0 */
/* The line of a transfer that is over, for each way to end. */
#include "serve/tftp-words.h"

#include <errno.h>

#include "base/array.h"
#include "test.h"

static const struct tftp_transfer sent = {
    .state = TFTP_TRANSFER_DONE,
    .blksize = 1468,
    .windowsize = 4,
    .source = {.size_is_known = true, .size = 1000000},
    .acked = 682,
    .highest = 682,
    .last = 682,
    .oack_is_sent = true,
    .heard = true,
};

static void each_end_has_its_words_and_weight(void)
{
    const struct {
        enum tftp_transfer_state state;
        uint64_t acked, resent;
        int read_error, send_error;
        const char *words;
        enum log_level level;
    } rows[] = {
        {TFTP_TRANSFER_DONE, 682, 0, 0, 0, "'f' sent: 1000000 octets in 0.500 s (2.0 MB/s), blksize 1468, windowsize 4",
         LOG_LEVEL_INFO},
        {TFTP_TRANSFER_DONE, 682, 7, 0, 0,
         "'f' sent: 1000000 octets in 0.500 s (2.0 MB/s), blksize 1468, windowsize 4, 7 sent again (1.0 %)",
         LOG_LEVEL_INFO},
        {TFTP_TRANSFER_UNCONFIRMED, 680, 5, 0, 0,
         "'f' sent: 998240 octets in 0.500 s (2.0 MB/s), blksize 1468, windowsize 4, 5 sent again (0.7 %), the last "
         "acknowledgement never came",
         LOG_LEVEL_INFO},
        {TFTP_TRANSFER_PROBED, 0, 0, 0, 0, "'f' was asked for its size or options only", LOG_LEVEL_DEBUG},
        {TFTP_TRANSFER_ABORTED, 17, 0, 0, 0,
         "'f' not sent: the client ended the transfer after block 17 of 682: no space (disk full)", LOG_LEVEL_WARNING},
        {TFTP_TRANSFER_BROKEN, 17, 0, ESTALE, 0,
         "'f' not sent: the file was written to meanwhile, after block 17 of 682", LOG_LEVEL_ERROR},
        {TFTP_TRANSFER_BROKEN, 17, 0, EIO, 0, "'f' not sent: Input/output error after block 17 of 682",
         LOG_LEVEL_ERROR},
        {TFTP_TRANSFER_CANCELLED, 17, 0, 0, 0, "'f' not sent: the service stopped after block 17 of 682",
         LOG_LEVEL_WARNING},
        {TFTP_TRANSFER_SILENT, 17, 0, 0, 0, "'f' not sent: the client stopped answering after block 17 of 682",
         LOG_LEVEL_WARNING},
        {TFTP_TRANSFER_SILENT, 0, 0, 0, 0,
         "'f' not sent: the client stopped answering after block 0 of 682; does its network carry blocks of 1468 "
         "octets?",
         LOG_LEVEL_WARNING},
        {TFTP_TRANSFER_SILENT, 17, 0, 0, ENETUNREACH,
         "'f' not sent: sending fails with 'Network is unreachable', and the client stopped answering after block 17 "
         "of 682",
         LOG_LEVEL_WARNING},
    };
    for (size_t i = 0; i < LENGTH(rows); i++) {
        struct tftp_transfer transfer = sent;
        transfer.state = rows[i].state;
        transfer.acked = rows[i].acked;
        transfer.resent = rows[i].resent;
        transfer.read_error = rows[i].read_error;
        transfer.error = TFTP_ERROR_DISK_FULL;
        struct tftp_end end = {.name = "f", .transfer = &transfer, .client_error = "no space"};
        end.send_error = rows[i].send_error;
        end.span = SECOND / 2;
        AUTO(text_finish) struct text text = {0};
        CHECK_ROW(rows[i].words, tftp_end_describe(&text, &end) == rows[i].level);
        CHECK_TEXT(text_characters(&text), rows[i].words);
    }
}

static void a_client_that_never_answered_may_be_behind_a_firewall(void)
{
    struct tftp_transfer transfer = {.state = TFTP_TRANSFER_SILENT, .blksize = 512, .windowsize = 1};
    AUTO(text_finish) struct text text = {0};
    CHECK(tftp_end_describe(&text, &(struct tftp_end){.name = "f", .transfer = &transfer}) == LOG_LEVEL_WARNING);
    CHECK_TEXT(text_characters(&text), "'f' not sent: the client never answered; does a firewall drop what does not "
                                       "come from port 69?");
}

int main(void)
{
    RUN(each_end_has_its_words_and_weight);
    RUN(a_client_that_never_answered_may_be_behind_a_firewall);
    return test_result();
}
