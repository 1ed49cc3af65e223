/* SPDX-License-Identifier: Apache-2.0 */
/* What the DHCP service works on: its listeners, and the answering of what they took in. Only for serve/dhcp*. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "answer/dhcp-queue.h"
#include "base/list.h"
#include "io/datagram.h"
#include "io/interfaces.h"
#include "serve/dhcp-groups.h"
#include "serve/dhcp-outbox.h"
#include "serve/dhcp-probes.h"
#include "serve/dhcp-rivals.h"
#include "serve/dhcp-storing.h"
#include "serve/dhcp.h"
#include "serve/relay-hops.h"
#include "serve/solicitation.h"

/* Both ports on one interface. */
struct listener {
    struct list link; /* serve_dhcp::listeners */
    struct serve_dhcp *dhcp;
    struct interface interface;
    enum answer_dhcp_mode mode;
    struct port {
        struct listener *listener;
        uint16_t number;
        int fd;
        bool is_shared; /* another program of this host is bound to it: fd is a packet socket that hears it too */
        struct loop_watch *watch;
        uint32_t dropped; /* by the kernel, of what is counted already */
    } ports[2];
    struct serve_solicitation *solicitation; /* NULL: not answered */
    struct dhcp_probes *probes;              /* NULL: offers leave at once */
    struct dhcp_rivals *rivals;              /* NULL: other servers are not looked for */
    struct ipv4 rival;                       /* the last that was named in the log */
    bool yields;                             /* another server gives the addresses on this link */
};

struct serve_dhcp {
    struct loop *loop;
    struct serve_dhcp_settings settings;
    struct dhcp_groups *groups;
    struct datagram_batch *batch;
    struct dhcp_queue *queue;
    struct dhcp_outbox *outbox; /* what waits in it waits for no more than the answer at hand */
    struct relay_hops relay_hops;
    struct loop_timer *go_on;  /* set while messages wait in the queue */
    struct loop_timer *report; /* of what was dropped */
    struct list listeners;
    struct ipv4 *own; /* all addresses of this host */
    size_t own_count, own_capacity;
    int changes_fd; /* can be read when interfaces change */
    struct loop_watch *changes_watch;
    struct waiting *spare[16]; /* what replies waited in for their leases before */
    size_t spare_count;
    int64_t epoch; /* the wall clock that leases end by */
    struct dhcp_storing storing;
    int raw_fd;                 /* -1: not permitted, replies are broadcast instead */
    struct dhcp_echoes *echoes; /* NULL: nobody behind a relay is asked what they use */
    struct named {
        struct ipv4 about; /* answer_dhcp::about */
        instant when;
    } named[64]; /* by its hash */
};

/* The listener on that interface; NULL when there is none by now. */
struct listener *listener_find(struct serve_dhcp *dhcp, unsigned interface);

/* Frees what is spare. */
void dhcp_reply_finish(struct serve_dhcp *dhcp);
/* Answers as many messages of the queue as go into one commit, and comes back for the rest when all else had its turn.
 * context is the struct serve_dhcp. */
void dhcp_reply_some(void *context);
/* Told of a reply that the kernel would not send. */
void dhcp_reply_not_sent(const struct mac *client, struct ipv4 to, int error);
/* An offer that waited for an answer: nobody uses its address; or somebody does, and then that address rests and the
 * client is offered another. */
void dhcp_reply_unused(void *context, void *take_offer);
void dhcp_reply_in_use(void *context, void *take_offer, struct ipv4 address, const struct mac *user);
/* Nobody waits for the answer any more. */
void dhcp_reply_forgotten(void *take_offer);
/* Somebody set the wall clock, or a time server did: the leases, which end by it, move with it. */
void dhcp_reply_follow_clock(struct serve_dhcp *dhcp);
