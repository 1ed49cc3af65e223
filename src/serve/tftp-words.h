/* SPDX-License-Identifier: Apache-2.0 */
/* The one line that the log and the machine's timeline say of a transfer that is over. */
#pragma once

#include "base/instant.h"
#include "base/text.h"
#include "io/log.h"
#include "proto/tftp/transfer.h"

struct tftp_end {
    const char *name;
    const char *reason;                   /* why the client got it; "" or NULL: the name says it all */
    bool refused;                         /* it was told that there is nothing to boot for it */
    const struct tftp_transfer *transfer; /* over */
    const char *client_error;             /* the words of the client's ERROR, fit to be shown; "" for none */
    int send_error;                       /* the last errno of sending; 0: none */
    instant span;                         /* from the request to the end */
};

/* Appends what happened, and says how much it matters to an operator. */
enum log_level tftp_end_describe(struct text *text, const struct tftp_end *end);
