/* SPDX-License-Identifier: Apache-2.0 */
/* One file on its way to one client: negotiation, blocks, windows, retransmission. Pure: datagrams and the time come
 * in as arguments, and the datagrams to send are asked for.
 *
 * The loop of whoever drives it: after init, receive, repeat, tick or cancel, call next() until it gives no more and
 * send what it gave; call tick() when the deadline has passed; it is finished once is_over() and next() gives nothing.
 *
 * What is sent again, and when: a block that nobody asked for twice is sent again only when its time is over, so that
 * a duplicated acknowledgement does not double the rest of the transfer (the Sorcerer's Apprentice, RFC 1123 §4.2.3.1).
 * That time doubles with each try, on a network that is full; a client that repeats its acknowledgement meanwhile, or
 * whoever knows that there is room again, by hurry(), gets the next try sooner.
 * With a window, an acknowledgement that leaves part of it open says that a block is missing; then the window goes on
 * behind the acknowledged block, once a round trip (RFC 7440 §4). A client acknowledges a window only when it has all
 * of it, so a path that loses blocks cannot be given a smaller one; it is given the same in smaller bursts. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/instant.h"
#include "proto/tftp/packet.h"
#include "proto/tftp/source.h"

/* An OACK of all we know, in any spelling and with the longest numbers. */
#define TFTP_OACK_MAX 96
/* Memory that next() needs for one block of any size. */
#define TFTP_BLOCK_MAX (TFTP_HEADER_SIZE + TFTP_BLKSIZE_MAX)

/* The first wait for an answer, and the bounds of what is learned from the round trips that follow. */
#define TFTP_WAIT_FIRST SECOND
/* The first for an OACK. A client that lost it repeats its request, and most repeat an ACK of it that was lost, so we
 * are in no hurry: atftp 0.8 takes a second OACK for an error, and repeats itself after five seconds. */
#define TFTP_WAIT_OFFER (6 * SECOND)
#define TFTP_WAIT_MIN (200 * MILLISECOND)
#define TFTP_WAIT_MAX (8 * SECOND)
/* How long a client may say nothing: at least so many tries and so long. One that never said anything, and one that
 * needs nothing but to confirm the last window, are given the tries only. */
#define TFTP_TRIES 5
#define TFTP_PATIENCE (60 * SECOND)
/* The end of all patience, after one more try at least: with a timeout of 255 seconds five tries take twenty minutes.
 */
#define TFTP_PATIENCE_MAX (120 * SECOND)
/* An answer that is not there after this and four round trips was lost; a client that said nothing for so long, though
 * firmware repeats itself, is gone. */
#define TFTP_STALL_MIN (20 * MILLISECOND)
#define TFTP_STALL_MAX (5 * SECOND)
/* The pause between the bursts of a window on a path that loses blocks: 100 Mbit/s carries eight blocks in it. */
#define TFTP_BURST_PAUSE MILLISECOND
/* When to ask again for content that is not at hand yet. */
#define TFTP_CONTENT_PAUSE (2 * MILLISECOND)

struct tftp_limits {
    size_t blksize_max;      /* what the path to the client carries in one piece, and our own bound */
    unsigned windowsize_max; /* at most TFTP_WINDOWSIZE_MAX */
};

enum tftp_transfer_state {
    TFTP_TRANSFER_OFFERED, /* the OACK waits for its ACK. RFC 2347 */
    TFTP_TRANSFER_RUNNING,
    /* From here on it is over: */
    TFTP_TRANSFER_DONE,
    TFTP_TRANSFER_UNCONFIRMED, /* all is sent, only the last acknowledgement never came: as good as done */
    TFTP_TRANSFER_PROBED,      /* the client only wanted to know the size, or to ask again with other options */
    TFTP_TRANSFER_ABORTED,     /* by an ERROR of the client */
    TFTP_TRANSFER_SILENT,      /* the client stopped answering */
    TFTP_TRANSFER_BROKEN,      /* the content cannot be read, or changed meanwhile */
    TFTP_TRANSFER_CANCELLED,   /* by tftp_transfer_cancel() */
};

struct tftp_transfer {
    struct tftp_source source;
    enum tftp_transfer_state state;
    uint16_t blksize;
    uint16_t windowsize;
    uint8_t oack[TFTP_OACK_MAX];
    uint8_t oack_size; /* 0: nothing was negotiated */
    bool owes_oack;
    bool oack_is_sent;
    bool oack_is_resent;
    bool owes_error;
    enum tftp_error error; /* what is owed, or what the client sent */

    /* Blocks count from 1 and never wrap here; 16 bits of them are on the wire. */
    uint64_t acked;     /* the client has all up to this one */
    uint64_t next;      /* to send */
    uint64_t allowed;   /* by the bursts: the last one to be sent without a further pause */
    uint64_t highest;   /* ever sent */
    uint64_t recovered; /* once this one is acknowledged, nothing sent twice is under way */
    uint64_t last;      /* of the file; 0: not known yet */
    unsigned burst;     /* blocks sent without a pause, at most the window */

    bool heard;         /* anything from the client */
    unsigned tries;     /* since the last progress */
    instant sent_at;    /* when the last burst, or the OACK, was sent */
    instant flight_at;  /* when the first burst was sent since the window opened or was gone back in */
    bool flight_is_new; /* nothing was sent since then */
    instant progress_at;
    instant heard_at;
    instant wait_asked; /* the timeout option; 0: none */
    instant round_trip; /* smoothed, and its variation; 0: none seen yet. RFC 6298 */
    instant variation;
    instant round_trip_min; /* the shortest seen */
    instant deadline;

    uint64_t resent; /* datagrams sent again */
    int read_error;  /* of TFTP_TRANSFER_BROKEN: an errno, 0 for content that is shorter than it was */
};

/* Datagrams of equal size, the last possibly shorter, one behind the other. */
struct tftp_run {
    struct bytes datagrams;
    size_t segment;
};

/* Starts what the request asks for. The request is not needed afterwards, what the source refers to is. */
void tftp_transfer_init(struct tftp_transfer *ret, const struct tftp_request *request, struct tftp_source source,
                        const struct tftp_limits *limits, instant now);
/* Takes a datagram of the client. */
void tftp_transfer_receive(struct tftp_transfer *transfer, const struct tftp_packet *packet, instant now);
/* Takes a repetition of the request from the same port: what waits for its first answer is sent again. */
void tftp_transfer_repeat(struct tftp_transfer *transfer, instant now);
/* Sees whether the deadline has passed. */
void tftp_transfer_tick(struct tftp_transfer *transfer, instant now);
/* Sends at once again what should have been answered by now: something made room on the network, and waits double with
 * each loss. It counts as no try. */
void tftp_transfer_hurry(struct tftp_transfer *transfer, instant now);
/* Ends it with an ERROR to the client. */
void tftp_transfer_cancel(struct tftp_transfer *transfer, enum tftp_error error);
/* Writes the next datagrams to send into memory of at least TFTP_HEADER_SIZE + blksize octets, at least
 * TFTP_REQUEST_MAX. False: nothing to send now. */
bool tftp_transfer_next(struct tftp_run *ret, struct tftp_transfer *transfer, void *memory, size_t size, instant now);

bool tftp_transfer_is_over(const struct tftp_transfer *transfer);
/* Whether what was sent should have been answered by now: it, or its answer, was probably lost, and not long ago. */
bool tftp_transfer_is_stalled(const struct tftp_transfer *transfer, instant now);
/* Octets of content that the client is known to have. */
uint64_t tftp_transfer_octets(const struct tftp_transfer *transfer);
