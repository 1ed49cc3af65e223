/* SPDX-License-Identifier: Apache-2.0 */
/* One DHCP datagram -> one reply, where it goes, what changes in the leases, and in words what was decided and why.
 * As the DHCP server of a network, as proxyDHCP beside one, and as PXE boot server on port 4011. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/diag.h"
#include "base/instant.h"
#include "base/ipv4.h"
#include "base/mac.h"
#include "boot/catalog.h"
#include "boot/loader.h"
#include "fleet/fleet.h"
#include "lease/lease.h"
#include "proto/dhcp/builder.h"

/* Where iPXE finds its first script, and UEFI HTTP Boot its program, below http://ADDRESS:PORT/. */
#define ANSWER_DHCP_SCRIPT_PATH "boot.ipxe"
#define ANSWER_DHCP_LOADER_PATH "loader/"
/* The program that is not there, for HTTP Boot of machines that are to boot from their disk. */
#define ANSWER_DHCP_NO_LOADER "none"

enum answer_dhcp_mode {
    ANSWER_DHCP_PROXY,  /* another server gives the addresses; we only say what to boot */
    ANSWER_DHCP_SERVER, /* we give the addresses too */
};

/* What a machine gets that has no reservation. */
enum answer_dhcp_unknown {
    ANSWER_DHCP_UNKNOWN_SERVE,   /* an address, and what to boot */
    ANSWER_DHCP_UNKNOWN_ADDRESS, /* an address and nothing to boot */
    ANSWER_DHCP_UNKNOWN_IGNORE,  /* nothing */
};

struct answer_dhcp_settings {
    enum answer_dhcp_mode mode;
    /* As a server: whether clients are refused addresses that nothing is known of, for which RFC 2131 §4.3.2 wants
     * silence, since another server may know; whether BOOTP clients get their reservations. */
    bool authoritative, bootp;
    enum answer_dhcp_unknown unknown;
    uint16_t http_port;
    const char *ask;      /* labels that iPXE is asked for beyond Matchbox's, commas between them; NULL or "": none */
    char *const *classes; /* what option 60 of firmware may begin with beside PXEClient and HTTPClient */
    size_t class_count;
    struct lease_table *leases; /* changed by the call; NULL in proxy mode */
    struct fleet *fleet;        /* likewise */
    enum loader_choice loader;  /* what machines boot by that no group or profile says it for; unset: auto */
    bool (*loader_is_there)(void *context, const struct loader *loader);
    void *context;
};

struct answer_dhcp_request {
    struct bytes datagram;
    bool cut; /* it was longer than what could be received */
    struct ipv4 source;
    uint16_t source_port;
    uint16_t port;         /* the one it came to: 67 or 4011 */
    bool was_unicast;      /* it was sent to our address alone, and may have come from a far network by itself */
    bool is_shared;        /* a DHCP server of this host, which has our addresses, hears the port too */
    bool yields;           /* another server gives the addresses on the interface's link, and we do not */
    const char *interface; /* the one it came in on, and our addresses there */
    const struct ipv4_interface *addresses;
    size_t address_count;
    const struct ipv4 *own; /* all addresses of this host: what came to one may have come in elsewhere */
    size_t own_count;
    const struct catalog *catalog; /* held by the caller until the answer is used; NULL: there is none */
    struct moment now;
};

enum answer_dhcp_way {
    ANSWER_DHCP_SILENT,
    ANSWER_DHCP_BROADCAST, /* to 255.255.255.255 on the interface it came in on */
    ANSWER_DHCP_UNICAST,   /* by route */
    ANSWER_DHCP_HARDWARE,  /* to an address the client does not have yet, at its MAC: it would not answer ARP */
};

/* How much an operator wants to hear of it. */
enum answer_weight {
    ANSWER_DETAIL,  /* for somebody who looks closely */
    ANSWER_FACT,    /* a step of a boot */
    ANSWER_TROUBLE, /* likely wrong: somebody should act */
};

struct answer_dhcp {
    enum answer_dhcp_way way;
    struct ipv4 from; /* our address the reply leaves from */
    struct ipv4 to;
    uint16_t to_port;
    struct mac mac;                        /* the client's; none when its packet could not be read */
    char client_id[LEASE_CLIENT_TEXT_MAX]; /* in words, of a client whose MAC tells nothing; "" of others */
    uint8_t reply[DHCP_REPLY_MAX];
    size_t reply_size;
    bool has_lease;           /* lease must be durable before the reply may leave */
    struct lease lease;       /* only with has_lease */
    struct ipv4 offered;      /* the address that an OFFER offers; unset otherwise */
    bool is_fresh;            /* of an OFFER: somebody may be using the address and should be asked before it leaves */
    struct ipv4 relay;        /* the client is behind it, where ARP does not reach; unset: on our link */
    bool is_first;            /* the client has just begun to ask: secs is 0 */
    bool boots_without_group; /* a machine that wants to boot and that no group selects: others may know what */
    enum answer_weight weight;
    struct ipv4 about; /* the text is of this relay, network or address: enough to be said once in a while */
    char text[512];    /* what was decided and why, without the client's name; never empty */
};

/* Fills *ret. Never fails: what cannot be answered is answered with silence and a reason. */
void answer_dhcp(struct answer_dhcp *ret, const struct answer_dhcp_settings *settings,
                 const struct answer_dhcp_request *request);
/* Gives less time in an ACK than it was built with, its T1 and T2 with it, and says so. */
void answer_dhcp_shorten(struct answer_dhcp *answer, uint32_t seconds);
