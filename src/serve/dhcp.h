/* SPDX-License-Identifier: Apache-2.0 */
/* The DHCP service: ports 67 and 4011 on each interface served, in server or proxy mode. Interfaces may come and go
 * while it runs. Runs on the loop's thread; a reply that gives an address leaves when its lease is durable. */
#pragma once

#include <stddef.h>

#include "answer/dhcp.h"
#include "base/auto.h"
#include "base/diag.h"
#include "io/loop.h"
#include "serve/boot-service.h"
#include "serve/catalog.h"
#include "store/state.h"

/* Another mode than that of the settings on one interface, or none at all. */
struct serve_dhcp_mode {
    const char *interface;
    bool is_off;
    enum answer_dhcp_mode mode;
};

/* What is pointed to is borrowed until serve_dhcp_stop(). */
struct serve_dhcp_settings {
    struct answer_dhcp_settings answer;
    struct boot_service *boot_service; /* asked for machines without a group that boot; NULL: none */
    struct serve_catalog *catalog;
    /* Interfaces by name; none: every one that is up with an IPv4 address, not loopback. */
    char *const *interfaces;
    size_t interface_count;
    bool ipv6_wait; /* server mode: router solicitations of iPXE are not answered */
    const struct serve_dhcp_mode *modes;
    size_t mode_count;
    bool is_off;         /* on all interfaces that modes does not name */
    struct state *state; /* where leases become durable; NULL in proxy mode */
    bool force;          /* addresses are given although another server gives some on the link */
    bool probe;          /* whether an address is asked for before it is offered to a new machine */
};

struct serve_dhcp;

/* Opens the sockets and answers from then on. An interface named but not there is an error; one without an address is
 * waited for. 0 or a negative errno with the reason. */
int serve_dhcp_start(struct serve_dhcp **ret, struct loop *loop, const struct serve_dhcp_settings *settings,
                     struct diag *why);
/* Takes the policy and the leases of a new configuration, on the loop's thread; mode and port stay. */
void serve_dhcp_set_policy(struct serve_dhcp *dhcp, const struct answer_dhcp_settings *policy, bool force);
/* Takes the addresses that the groups of now give; whoever asks next has that done anyway. */
void serve_dhcp_follow_catalog(struct serve_dhcp *dhcp);
/* Says in the log how many messages were dropped since the start, and why. */
void serve_dhcp_tell_drops(struct serve_dhcp *dhcp);
/* Answers nobody any more; replies whose leases are being written are not sent. NULL is left alone. The state must be
 * closed before, so that no more of its calls come in. */
void serve_dhcp_stop(struct serve_dhcp *dhcp);
AUTO_DEFINE(serve_dhcp_stop, struct serve_dhcp *);
