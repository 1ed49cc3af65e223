/* SPDX-License-Identifier: Apache-2.0 */
/* The shortcut of transfers: DATA of a client on the same Ethernet leave as packets of our own (io/raw-datagram.h), for
 * most of what a block in lockstep costs is the kernel's finding of a way that it found for the block before.
 *
 * What the kernel does on the way is missing then, and a host may need it: a firewall or NAT that has to see a flow, an
 * interface that carries nothing from packet sockets. So a transfer begins as any does, takes the shortcut only after
 * its client answered, and leaves it for good with the first block that has to be sent again; and where several in a
 * row lost the very first block sent that way, while no other's arrived, nobody takes it on that interface for a while.
 * Now and then a block goes the kernel's way, so that the kernel knows that the client is there. */
#pragma once

#include <stdbool.h>

#include "io/interfaces.h"
#include "io/raw-datagram.h"
#include "proto/tftp/transfer.h"

/* How it does on one interface. */
struct tftp_shortcut_link {
    unsigned interface;
    unsigned failures;    /* in a row */
    instant arrived_at;   /* when a block that took it was last acknowledged */
    instant closed_until; /* nobody takes it */
};

/* What all transfers know of it. */
struct tftp_shortcut {
    int fd; /* -1: there is none */
    const struct interfaces *interfaces;
    struct tftp_shortcut_link links[16]; /* by the interface's number; one that takes another's place begins anew */
};

/* Opens what it needs; where that fails (no CAP_NET_RAW) there is no shortcut. interfaces: those of this host,
 * borrowed, as they are at any time. */
void tftp_shortcut_open(struct tftp_shortcut *ret, const struct interfaces *interfaces);
void tftp_shortcut_close(struct tftp_shortcut *shortcut);

/* One transfer's use of it; with no more than the client: not yet. */
struct tftp_shortcut_use {
    struct ipv4 client;
    unsigned interface; /* that it asked on */
    bool is_decided;
    struct raw_hop hop; /* none: the transfer does not take it */
    uint64_t since;     /* the last block acknowledged before */
    instant kernel_at;  /* when the kernel was last given a block */
};

/* To be called when the client acknowledged something. */
void tftp_shortcut_progress(struct tftp_shortcut *shortcut, struct tftp_shortcut_use *use,
                            const struct tftp_transfer *transfer, instant now);
/* Where the next block goes, of a client that was just heard or not; nowhere: to the kernel. */
struct raw_hop tftp_shortcut_hop(struct tftp_shortcut_use *use, bool is_heard, instant now);
/* Whether the transfer took it and nothing that did was acknowledged yet. */
bool tftp_shortcut_is_unproven(const struct tftp_shortcut_use *use, const struct tftp_transfer *transfer);
/* To be called when something has to be sent again. */
void tftp_shortcut_leave(struct tftp_shortcut *shortcut, struct tftp_shortcut_use *use,
                         const struct tftp_transfer *transfer, instant now);
