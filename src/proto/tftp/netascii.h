/* SPDX-License-Identifier: Apache-2.0 */
/* A source seen in netascii: LF becomes CR LF, CR becomes CR NUL. RFC 764, RFC 1350 §1. Its size is not known before
 * all of it was read. */
#pragma once

#include "proto/tftp/packet.h"
#include "proto/tftp/source.h"

/* Places of the plain source that are remembered: the beginnings of all blocks that may be asked for again. */
#define TFTP_NETASCII_MARKS (2 * TFTP_WINDOWSIZE_MAX)

/* One place in both texts. */
struct tftp_netascii_mark {
    uint64_t translated;
    uint64_t plain;
    bool owes;      /* the second octet of a pair comes next */
    uint8_t second; /* which is this one */
};

struct tftp_netascii {
    struct tftp_source plain;
    struct tftp_netascii_mark marks[TFTP_NETASCII_MARKS]; /* a ring; unused ones are the beginning of all */
    size_t newest;
};

/* The translation of plain. *ret must stay where it is while the source is used. */
struct tftp_source tftp_netascii_over(struct tftp_netascii *ret, struct tftp_source plain);
