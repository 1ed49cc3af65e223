/* SPDX-License-Identifier: Apache-2.0 */
/* The TFTP service: requests come in on port 69 of every interface served, transfers leave from a few sockets that all
 * of them share, told apart by the client's address and port. Runs on the loop's thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "answer/tftp.h"
#include "base/diag.h"
#include "fleet/fleet.h"
#include "io/loop.h"
#include "store/images.h"

/* What serve_tftp_start() needs to know. Zero is the usual for each member; what pointers point to is borrowed until
 * serve_tftp_stop(). */
struct serve_tftp_settings {
    uint16_t port;    /* 0: 69 */
    const char *root; /* folder of plain files; NULL: none */

    const char *assets;    /* folder that generate() names files in; NULL: none */
    struct images *images; /* from other servers; NULL: none */

    /* The boot programs of this host by name, and what is made for a machine: see answer/tftp.h. */
    const char *(*find_program)(void *context, const char *name);
    void *program_context;
    bool (*generate)(struct answer_tftp *ret, void *context, const struct answer_tftp_request *request);
    void *generate_context;

    /* Interfaces whose requests are answered, by name; none: every one. Loopback is always answered. */
    const char *const *interfaces;
    size_t interface_count;

    /* Ports that transfers leave from, for firewalls; 0 and 0: the kernel's choice. */
    uint16_t first_port;
    uint16_t last_port;
    /* Transfers leave from the request's own port, for NAT and firewalls that know nothing of TFTP. */
    bool single_port;
    /* Every datagram leaves through the kernel's own UDP; see serve/tftp-shortcut.h. So it does with single_port, since
     * who wants that has something in the way that is to see a flow. */
    bool no_shortcut;

    unsigned blksize_max;    /* bound for every client; 0: what the interface's MTU carries. 512 at least */
    unsigned windowsize_max; /* 0: TFTP_WINDOWSIZE_MAX; 1: no windows */

    struct fleet *fleet; /* where the loaders of machines are recorded; NULL: nowhere */
};

struct serve_tftp;

/* Opens the sockets and answers from then on. 0 or a negative errno with the reason. */
int serve_tftp_start(struct serve_tftp **ret, struct loop *loop, const struct serve_tftp_settings *settings,
                     struct diag *why);
/* Answers no further requests; transfers under way go on. */
void serve_tftp_drain(struct serve_tftp *tftp);
/* Transfers whose client was heard in the last two seconds: those worth waiting for. */
size_t serve_tftp_live(const struct serve_tftp *tftp, instant now);
/* Ends what still runs, telling the clients, and frees everything. NULL is left alone. */
void serve_tftp_stop(struct serve_tftp *tftp);
