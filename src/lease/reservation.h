/* SPDX-License-Identifier: Apache-2.0 */
/* Addresses that are kept for one machine each, and by what the machine is recognised. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/ipv4.h"
#include "base/mac.h"
#include "base/uuid.h"
#include "lease/options.h"

/* Longest client identifier we keep (RFC 2132 §9.14 has none; DUIDs are at most 130 octets, RFC 8415 §11.1). */
#define LEASE_CLIENT_ID_MAX 255

/* By what a reserved machine is recognised. */
enum reservation_kind {
    RESERVATION_MAC,
    RESERVATION_CLIENT_ID,  /* option 61, all of it */
    RESERVATION_UUID,       /* option 97, its octets in the order sent */
    RESERVATION_CIRCUIT_ID, /* what the relay calls the port it came in on, RFC 3046 §3.1 */
};

/* Who reserved it. Where several have one address or one machine, the first of these holds. */
enum reservation_origin {
    RESERVATION_CONFIGURED, /* muster.yaml, with its subnet */
    RESERVATION_GROUP,      /* a group of the catalog */
    RESERVATION_COMMANDED,  /* `muster leases reserve` */
    RESERVATION_ORIGINS,
};

/* A fixed address for one machine, inside a pool or beside it. */
struct reservation {
    enum reservation_kind kind;
    uint8_t id[LEASE_CLIENT_ID_MAX];
    uint8_t id_size;
    struct ipv4 address;
    char *hostname; /* NULL: none */
    char *source;   /* where it is written, in words: "muster.yaml:14"; NULL: it is not said */
    struct lease_options options;
};

void reservation_finish(struct reservation *reservation);
struct reservation reservation_copy(const struct reservation *reservation);
/* "52:54:00:12:34:56", "UUID 4c4c4544-…": whose it is. On the heap, the caller frees it. */
char *reservation_machine_to_text(const struct reservation *reservation);
/* Whether both are for the same machine as far as they say. */
bool reservation_is_of_same_machine(const struct reservation *a, const struct reservation *b);

/* Whether the client identifier is the one that the reservation is for: a text is one of type 0 (RFC 2132 §9.14), which
 * dhcpcd 9 and systemd-networkd 252 write before it and dhclient 4.4 leaves to who writes the text, so that one who
 * reserves for the text means both. */
bool reservation_is_of_client_id(const struct reservation *reservation, struct bytes id);
/* What tells reservations for one machine from those for others, in this process; never 0. */
unsigned reservation_mark(const struct reservation *reservation);

/* Reservations of one origin, found by either end. Zero is none. */
struct reservation_set {
    struct reservation *by_id; /* borrowed */
    const struct reservation **by_address;
    size_t count;
};

/* Sorts the reservations, which must outlive the set. */
void reservation_set_init(struct reservation_set *set, struct reservation *reservations, size_t count);
/* Leaves the reservations alone. */
void reservation_set_finish(struct reservation_set *set);
/* That of the machine with an address in the network; NULL when there is none. */
const struct reservation *reservation_set_of(const struct reservation_set *set, enum reservation_kind kind,
                                             struct bytes id, struct ipv4_subnet network);
/* Any one of this address; NULL when there is none. */
const struct reservation *reservation_set_at(const struct reservation_set *set, struct ipv4 address);
