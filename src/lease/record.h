/* SPDX-License-Identifier: Apache-2.0 */
/* The records of a lease table, each found by its address, by its client, and by when it ends. Here they are kept;
 * who may have which address is decided in lease.c. */
#pragma once

#include "base/hash-table.h"
#include "base/list.h"
#include "lease/lease.h"
#include "lease/queue.h"

/* A client's key: a mark of its kind, then its MAC or its identifier. */
#define LEASE_KEY_MAX (1 + LEASE_CLIENT_ID_MAX)

/* A client that has records. */
struct lease_holder {
    struct list records; /* lease_record::of_holder */
    struct hash_link by_key;
    unsigned key_size;
    uint8_t key[];
};

struct lease_record {
    struct hash_link by_address;
    struct ipv4 address;
    enum lease_state state;
    /* Bound, offered, declined: when that ends. Free: since when the address is unused. */
    int64_t expires;
    uint32_t change; /* counts the changes of state and expires */
    int64_t stored;  /* bound: until when that is durable; 0: it is not */
    struct mac mac;
    unsigned declines;     /* how often it was declined without a renewal in between */
    unsigned by;           /* reservation_mark() of what its client was recognised by; 0: by nothing but its key */
    struct mac taken_from; /* who had it when its client took it over; none: nobody */
    uint8_t *client_id;
    size_t client_id_size;
    char *hostname;              /* NULL: none */
    struct lease_holder *holder; /* NULL: nobody's */
    struct list of_holder;       /* lease_holder::records */
    struct lease_queue *unused;  /* where it waits for a new client while free; NULL: it is for no new client */
    struct lease_queue *queue;   /* the queue it stands in; NULL: none */
    size_t position;             /* in that queue */
};

/* All records. */
struct lease_book {
    struct hash_table records;  /* by_address */
    struct hash_table holders;  /* by_key */
    struct lease_queue ending;  /* offered and bound */
    struct lease_queue resting; /* declined */
    bool by_client_id;          /* a client that sends an identifier is known by that, not by its MAC */
};

void book_finish(struct lease_book *book);
/* Frees the addresses whose time is over. */
void book_expire(struct lease_book *book, int64_t now);

/* Moves all times; the order in the queues stays what it was. */
void book_move(struct lease_book *book, int64_t seconds);

/* False for a client with neither a MAC nor an identifier: nothing can be kept for it. */
bool client_has_key(const struct lease_client *client);
/* The client's records; NULL when it has none. */
struct lease_holder *holder_find(const struct lease_book *book, const struct lease_client *client);

/* All records in no order: the first one for NULL, then the one behind it; NULL when there is none more. */
struct lease_record *record_next(const struct lease_book *book, const struct lease_record *record);
struct lease_record *record_find(const struct lease_book *book, struct ipv4 address);
/* Adds a free record, nobody's, of an address that has none. unused is where it waits while it is free, or NULL. */
struct lease_record *record_add(struct lease_book *book, struct ipv4 address, struct lease_queue *unused);
/* Says where it waits while it is free, NULL for nowhere; it goes there at once if it is free. */
void record_set_unused(struct lease_book *book, struct lease_record *record, struct lease_queue *unused);
/* Makes it the client's and keeps what the client says of itself. */
void record_assign(struct lease_book *book, struct lease_record *record, const struct lease_client *client);
/* Makes it nobody's. */
void record_disown(struct lease_book *book, struct lease_record *record);
/* Whether it is somebody's for now, or rests; NULL is none. */
static inline bool record_is_held(const struct lease_record *record)
{
    return record && record->state != LEASE_FREE;
}

void record_set(struct lease_book *book, struct lease_record *record, enum lease_state state, int64_t expires);
bool record_belongs_to(const struct lease_book *book, const struct lease_record *record,
                       const struct lease_client *client);
/* By what its client is known: a MAC, or "client identifier 01:a0". Returns ret. */
char *record_client_to_text(char ret[LEASE_CLIENT_TEXT_MAX], const struct lease_book *book,
                            const struct lease_record *record);
/* A copy to be shown or stored. */
void record_to_lease(struct lease *ret, const struct lease_record *record);
