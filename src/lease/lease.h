/* SPDX-License-Identifier: Apache-2.0 */
/* Who has which address. Pure book-keeping: time comes in as an argument, changes go out to be made durable, and no
 * clock, file or socket is known here. Wall-clock seconds, since a lease must outlive a restart; a caller that sees the
 * clock set tells lease_table_move(), so that no lease ends early or late by it. Whoever shares a table among
 * threads locks it. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/auto.h"
#include "base/diag.h"
#include "base/ipv4.h"
#include "base/mac.h"
#include "base/uuid.h"
#include "lease/options.h"
#include "lease/reservation.h"

#define LEASE_HOSTNAME_MAX 256
/* Room for lease_client_id_to_text(): a DUID of a UUID with its IAID (RFC 4361 §6.1) is shown whole. */
#define LEASE_CLIENT_TEXT_MAX 128
/* Default lease, and the shortest: Apple's clients misbehave below two minutes. Seconds. */
#define LEASE_SECONDS_DEFAULT 3600
#define LEASE_SECONDS_MIN 120
/* An offer is kept for its client this long: twice what a patient client takes to ask for it. Seconds. */
#define LEASE_OFFER_SECONDS 60
/* How long an address that a client declined is not given out; twice as long each time that it is declined again, up to
 * a day. When a pool has no other, it is given after the shorter time. Seconds. */
#define LEASE_DECLINE_SECONDS 600
#define LEASE_DECLINE_SECONDS_MAX 86400
#define LEASE_DECLINE_SECONDS_MIN 60

/* What a client that asks for an infinite lease says, and is told (RFC 2131 §3.3). */
#define LEASE_SECONDS_INFINITE UINT32_MAX
/* What is left of an infinite lease; nobody waits for the end of one that has more than these 68 years. */
#define LEASE_SECONDS_FOREVER (LEASE_SECONDS_INFINITE / 2)
/* DECLINEs that are believed in a minute: more are an attack on the pool, or a fault of the network. */
#define LEASE_DECLINES_MAX 30
/* And in LEASE_DECLINE_SECONDS of one client: who declines more has a fault of its own. */
#define LEASE_CLIENT_DECLINES_MAX 5

struct address_range {
    struct ipv4 first;
    struct ipv4 last; /* inclusive, not before first */
};

struct subnet {
    struct ipv4_subnet subnet;
    char *link; /* subnets of one name share a link, and machines there get an address of any of them; NULL: alone */
    struct address_range *pools; /* in order, not overlapping; none: reservations only. For subnet_add_pool(). */
    size_t pool_count;
    struct ipv4 router; /* unset: none is told */
    struct ipv4 *dns;
    size_t dns_count;
    char *domain; /* NULL: none */
    struct lease_options options;
    /* Seconds; 0 is the default, and a shorter time than LEASE_SECONDS_MIN is made that when a table takes it. */
    uint32_t lease_seconds;
    uint32_t lease_min, lease_max; /* what a client may ask for; 0: LEASE_SECONDS_MIN, lease_seconds */
    uint32_t boot_seconds;         /* for firmware and boot programs, whatever they ask for; 0: like all others */
    struct reservation *reservations;
    size_t reservation_count;
};

/* Adds the addresses of a range to those that anybody may be given, or takes them away. */
void subnet_add_pool(struct subnet *subnet, struct address_range range);
void subnet_exclude(struct subnet *subnet, struct address_range range);
/* A host's address: in the subnet, not its network or broadcast address, and not its router. */
bool subnet_has_host(const struct subnet *subnet, struct ipv4 address);
void subnet_finish(struct subnet *subnet);

/* Who asks. The binding's key is the MAC, so that one machine keeps its address from its ROM to its operating system,
 * whatever client identifiers they send; a client without a MAC is known by its identifier, and every client that sends
 * one is where lease_table_bind_by_client_id() says so. */
struct lease_client {
    struct mac mac;
    uint8_t client_id[LEASE_CLIENT_ID_MAX];
    size_t client_id_size; /* 0: none was sent */
    bool has_uuid;
    struct uuid uuid;
    struct bytes circuit_id;   /* what a relay says of it; borrowed for the call */
    const char *hostname;      /* what the client calls itself; NULL: nothing. Borrowed for the call. */
    uint32_t asked_seconds;    /* option 51; 0: none */
    bool is_booting;           /* firmware or a boot program, no operating system */
    struct ipv4 group_address; /* what its group gives it; unset: no address */
    uint32_t lease_seconds;    /* what its group says of its leases; 0: nothing */
};

/* "client identifier 01:52:54:00:12:34:56", as dhcp.subnets[].reservations[].client-id takes it but for one that is too
 * long to be shown, which ends in "...". Returns ret. */
char *lease_client_id_to_text(char ret[LEASE_CLIENT_TEXT_MAX], struct bytes client_id);

/* How long a lease on the subnet is for the client: what its group says or the subnet does, within the subnet's bounds
 * what the client asks for. A lease that is configured to be shorter than the subnet's lower bound is the lower bound
 * for its clients. */
uint32_t subnet_seconds(const struct subnet *subnet, const struct lease_client *client);

enum lease_state {
    LEASE_FREE,     /* was given once; remembered so that its client may have it again */
    LEASE_OFFERED,  /* promised for LEASE_OFFER_SECONDS; never durable */
    LEASE_BOUND,    /* acknowledged */
    LEASE_DECLINED, /* in use by somebody unknown; not given out until it expires */
};

/* One address and the client it belongs to: also the record that state is stored and restored in. */
struct lease {
    struct ipv4 address;
    enum lease_state state;
    struct mac mac;
    uint8_t client_id[LEASE_CLIENT_ID_MAX];
    size_t client_id_size;
    char hostname[LEASE_HOSTNAME_MAX];
    int64_t expires;   /* wall-clock seconds since 1970 */
    int64_t stored;    /* of a bound one: until when it is durable already that the client has it; 0: it is not */
    uint32_t change;   /* counts the changes of the record: which one this is */
    unsigned declines; /* how often it was declined without a renewal in between. Never durable. */
    unsigned by;       /* reservation_mark() of what its client was recognised by; 0: unknown. Never durable. */
    bool is_fresh;     /* of an offer: the address was not this client's before, so that somebody may be using it */
    bool is_contested; /* of a lease just bound: its client took it back from who had taken it over */
};

struct lease_table;

/* Takes over the subnets (finished and freed with the table; put into the order of their addresses). Subnets do not
 * overlap, and no two reservations of one share a MAC or an address; config/ has checked it. */
struct lease_table *lease_table_create(struct subnet *take_subnets, size_t count);
void lease_table_destroy(struct lease_table *table);
AUTO_DEFINE(lease_table_destroy, struct lease_table *);

/* Keys bindings by the client identifier where one is sent, RFC 2131 §4.2. For a table that has no record yet. */
void lease_table_bind_by_client_id(struct lease_table *table);

/* The addresses of this host, in place of those said before: they are given to nobody, whatever pool they lie in. */
void lease_table_set_own(struct lease_table *table, const struct ipv4 *addresses, size_t count);

/* Takes the reservations of an origin that may change while the table is in use, in place of those it had of that
 * origin. A client has those of groups by its group_address, the others by what it is recognised by. */
void lease_table_reserve(struct lease_table *table, enum reservation_origin origin,
                         struct reservation *take_reservations, size_t count);
/* The reservation of an address, of those origins that come before this one; RESERVATION_ORIGINS asks them all. NULL
 * for none. Borrowed from the table. */
const struct reservation *lease_reserved_before(const struct lease_table *table, enum reservation_origin origin,
                                                struct ipv4 address);
/* The same of the machine that a reservation is for, in the same subnet. */
const struct reservation *lease_reservation_before(const struct lease_table *table, enum reservation_origin origin,
                                                   const struct reservation *reservation);
/* Those of one origin that may change. Borrowed from the table. */
const struct reservation *lease_reservations(size_t *ret_count, const struct lease_table *table,
                                             enum reservation_origin origin);

/* The subnet that an address lies in; NULL when we serve none. Borrowed from the table. */
const struct subnet *lease_subnet(const struct lease_table *table, struct ipv4 address);

enum {
    LEASE_OK = 0,
    LEASE_E_EXHAUSTED = 1, /* every address of the pool is taken */
    LEASE_E_TAKEN = 2,     /* the address belongs to another client, or the client has another one */
    LEASE_E_UNKNOWN = 3,   /* we have no record of this client having that address */
    LEASE_E_FOREIGN = 4,   /* the address is outside of the subnet or its pool, or reserved for another client */
    LEASE_E_TOO_MANY = 5,  /* LEASE_DECLINES_MAX, LEASE_CLIENT_DECLINES_MAX */
    LEASE_E_KNOWN = 6,     /* of lease_import() */
};

/* subnet is any of the client's link; the address is of that subnet or of another one of the link.
 * Chooses an address for a DISCOVER, RFC 2131 §4.3.1: the client's reservation, its binding, the address it had
 * before, the one it asks for, then one of the pool never given yet, then the longest unused, then the one declined
 * longest ago. Promises it for LEASE_OFFER_SECONDS: ret->state is LEASE_OFFERED, or LEASE_BOUND when the client holds
 * it already. Never given are the subnet's network, broadcast and router address, an address reserved for another
 * client, and excluded (the server as this client is told it; may be unset), nor those of lease_table_set_own().
 * requested may be unset. While another client still holds the reservation (it was made after that lease), the client
 * gets an address of the pool, so that it can boot: LEASE_OK, and *why says who holds it. As soon as it is free, the
 * client is moved there: it is offered the reservation, and its other address is LEASE_E_FOREIGN to lease_bind(). The
 * other client's renewals are refused too, so this lasts for half its lease when it behaves and for all of it when it
 * does not. A reservation by client identifier, UUID or circuit is for who says that now, by whatever MAC it comes:
 * where the other client has the address by the very same reservation it is the same machine, or on a circuit its
 * predecessor, and the address is offered although that one holds it; lease_bind() then moves it, and the other's
 * renewal is refused. By UUID only firmware takes over, since all interfaces of a machine that runs are known by it.
 * What clients were recognised by is not durable: of a lease from before a restart only the client identifier is known.
 * Returns LEASE_OK with *why empty or a note on either; LEASE_E_EXHAUSTED; LEASE_E_TAKEN (the reservation is held by
 * another client, and there is no pool); LEASE_E_UNKNOWN (no pool and no reservation, or a client without MAC and
 * identifier).
 */
int lease_offer(struct lease *ret, struct lease_table *table, const struct subnet *subnet,
                const struct lease_client *client, struct ipv4 requested, struct ipv4 excluded, int64_t now,
                struct diag *why);
/* Binds an address for a REQUEST that selects our offer or renews it (RFC 2131 §4.3.2), for subnet_seconds() from
 * now. In known_only (INIT-REBOOT, RENEWING, REBINDING) a client of whom there is no record is LEASE_E_UNKNOWN, to be
 * met with silence; otherwise a free address of the pool is bound even if the offer was forgotten in a restart.
 * TAKEN and FOREIGN are to be met with a NAK. excluded as in lease_offer(). LEASE_OK comes with *why empty, or a note
 * from whom the address was taken over; ret->is_contested when those two fight for it.
 * *ret is what is to be made durable before the ACK leaves; then lease_stored() or lease_not_stored() follows. */
int lease_bind(struct lease *ret, struct lease_table *table, const struct subnet *subnet,
               const struct lease_client *client, struct ipv4 address, struct ipv4 excluded, bool known_only,
               int64_t now, struct diag *why);
/* The client took another server's offer: its promise is forgotten. */
void lease_withdraw(struct lease_table *table, const struct lease_client *client, int64_t now);
/* RELEASE and DECLINE: LEASE_OK with the changed record to be made durable, or LEASE_E_UNKNOWN when the client does not
 * hold the address, or LEASE_E_TOO_MANY. RFC 2131 §4.3.4, 4.3.3. A released address is remembered for its client; a
 * declined one is nobody's and rests from LEASE_DECLINE_SECONDS on; a reserved one always just that long. */
int lease_release(struct lease *ret, struct lease_table *table, const struct lease_client *client, struct ipv4 address,
                  int64_t now, struct diag *why);
int lease_decline(struct lease *ret, struct lease_table *table, const struct lease_client *client, struct ipv4 address,
                  int64_t now, struct diag *why);

/* Whether the client has a lease on the link of the subnet that has not ended. */
bool lease_is_held_by(struct lease_table *table, const struct subnet *subnet, const struct lease_client *client,
                      int64_t now);
/* What is known of an address; false when nothing is. */
bool lease_find(struct lease *ret, struct lease_table *table, struct ipv4 address, int64_t now);
/* Somebody in charge says that the address is free, whoever holds it. LEASE_OK with the record to be made durable, or
 * LEASE_E_UNKNOWN when nobody holds it. Nothing changes before it is: then lease_freed() follows, and whoever holds the
 * address keeps the first right to have it again. */
int lease_free(struct lease *ret, struct lease_table *table, struct ipv4 address, int64_t now, struct diag *why);
/* It is durable. False when the address was given anew in between, which holds. */
bool lease_freed(struct lease_table *table, const struct lease *lease, int64_t now);

/* Takes over a lease that another server gave, when its client would be given the address here: by the rules of
 * lease_bind(), but that the reservation of the address may be by what the lease does not say. LEASE_OK;
 * LEASE_E_UNKNOWN when the address is of no subnet of ours, so that it is kept aside: *ret is then what is to be made
 * durable, and lease_imported() or lease_not_stored() follows; until then nobody else gets the address. *why is empty,
 * or says which other address the client has. LEASE_E_FOREIGN or LEASE_E_TAKEN with the reason, and nothing is done:
 * the client would not be given the address, or somebody else has it or it was declined; LEASE_E_KNOWN: the client has
 * it already for as long. */
int lease_import(struct lease *ret, struct lease_table *table, const struct lease *lease, int64_t now,
                 struct diag *why);
void lease_imported(struct lease_table *table, const struct lease *lease, int64_t now);

/* Somebody who is not our client answers at an address that was offered: it is nobody's and not given out for
 * LEASE_DECLINE_SECONDS. LEASE_OK with the record to be made durable, or LEASE_E_UNKNOWN when it is offered no more. */
int lease_conflict(struct lease *ret, struct lease_table *table, struct ipv4 address, int64_t now, struct diag *why);

/* What became of a lease that lease_bind() gave (or lease_import(), where it is not durable). It is durable: another
 * address that the client held on the link is free from then on; that needs no record, since a restart then at worst
 * keeps it for its client until it expires. Or it is not: the client keeps what was durable before, if that is
 * something, and the address is free if it is not. Returns until when the client has it, 0: not. */
void lease_stored(struct lease_table *table, const struct lease *lease, int64_t now);
int64_t lease_not_stored(struct lease_table *table, const struct lease *lease, int64_t now);

/* Puts back a record from the store at start, in any order; an address of no subnet of ours is kept aside and ignored,
 * for a configuration that has its subnet again. */
void lease_restore(struct lease_table *table, const struct lease *lease);
/* Carries the records over to the table of a new configuration, offers too, the reservations by command and the
 * addresses of this host. */
void lease_table_adopt(struct lease_table *table, const struct lease_table *previous);
/* The wall clock was set, forward by so many seconds: everything ends as long from now as before. */
void lease_table_move(struct lease_table *table, int64_t seconds);
/* Calls visit for every record in the order of addresses. */
void lease_table_visit(const struct lease_table *table, void (*visit)(const struct lease *lease, void *context),
                       void *context);
/* The client's reservation on the link of the subnet; NULL for none. One who does not say this time what it is
 * recognised by (an operating system sends no UUID, a renewal comes by no relay, a boot program sends a client
 * identifier of its own) has the one whose address it has or had last. Borrowed from the table. */
const struct reservation *lease_reservation(const struct lease_table *table, const struct subnet *subnet,
                                            const struct lease_client *client);
