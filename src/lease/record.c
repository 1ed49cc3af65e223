/* SPDX-License-Identifier: Apache-2.0 */
/* The records of a lease table and their indexes. */
#include "lease/record.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/memory.h"
#include "base/text.h"

enum key_kind {
    KEY_MAC = 1,
    KEY_CLIENT_ID = 2,
};

char *lease_client_id_to_text(char ret[LEASE_CLIENT_TEXT_MAX], struct bytes client_id)
{
    size_t shown = client_id.size < 24 ? client_id.size : 24;
    int length = snprintf(ret, LEASE_CLIENT_TEXT_MAX, "client identifier ");
    for (size_t i = 0; i < shown; i++)
        length +=
            snprintf(ret + length, LEASE_CLIENT_TEXT_MAX - (size_t)length, i ? ":%02x" : "%02x", client_id.data[i]);
    if (client_id.size > shown)
        snprintf(ret + length, LEASE_CLIENT_TEXT_MAX - (size_t)length, "...");
    return ret;
}

/* Writes the client's key and returns its size; 0 when the client has none. A MAC of zeros tells no machine from
 * another. */
static unsigned key_of(uint8_t ret[LEASE_KEY_MAX], const struct lease_book *book, const struct lease_client *client)
{
    bool prefers_id = book->by_client_id && client->client_id_size > 0;
    if (!prefers_id && !mac_is_zero(&client->mac)) {
        ret[0] = KEY_MAC;
        memcpy(ret + 1, client->mac.octets, client->mac.size);
        return 1 + client->mac.size;
    }
    if (client->client_id_size == 0)
        return 0;
    ret[0] = KEY_CLIENT_ID;
    memcpy(ret + 1, client->client_id, client->client_id_size);
    return (unsigned)(1 + client->client_id_size);
}

bool client_has_key(const struct lease_client *client)
{
    return client->client_id_size > 0 || !mac_is_zero(&client->mac);
}

static struct lease_holder *holder_of_key(const struct lease_book *book, struct bytes key)
{
    struct hash_link *link = key.size > 0 ? hash_table_first(&book->holders, hash_of(key)) : NULL;
    for (; link; link = hash_table_next_same(link)) {
        struct lease_holder *holder = list_owner(link, struct lease_holder, by_key);
        if (bytes_equal(bytes_of(holder->key, holder->key_size), key))
            return holder;
    }
    return NULL;
}

struct lease_holder *holder_find(const struct lease_book *book, const struct lease_client *client)
{
    uint8_t key[LEASE_KEY_MAX];
    return holder_of_key(book, bytes_of(key, key_of(key, book, client)));
}

static struct lease_holder *holder_obtain(struct lease_book *book, const struct lease_client *client)
{
    uint8_t key[LEASE_KEY_MAX];
    unsigned size = key_of(key, book, client);
    struct lease_holder *holder = holder_of_key(book, bytes_of(key, size));
    if (holder || size == 0)
        return holder;
    holder = memory_new(1, sizeof *holder + size);
    list_init(&holder->records);
    holder->key_size = size;
    memcpy(holder->key, key, size);
    hash_table_add(&book->holders, &holder->by_key, hash_of(bytes_of(key, size)));
    return holder;
}

struct lease_record *record_find(const struct lease_book *book, struct ipv4 address)
{
    struct hash_link *link = hash_table_first(&book->records, hash_of_serial(address.number));
    for (; link; link = hash_table_next_same(link)) {
        struct lease_record *record = list_owner(link, struct lease_record, by_address);
        if (ipv4_equal(record->address, address))
            return record;
    }
    return NULL;
}

struct lease_record *record_next(const struct lease_book *book, const struct lease_record *record)
{
    struct hash_link *link = hash_table_next(&book->records, record ? &record->by_address : NULL);
    return link ? list_owner(link, struct lease_record, by_address) : NULL;
}

struct lease_record *record_add(struct lease_book *book, struct ipv4 address, struct lease_queue *unused)
{
    struct lease_record *record = MEMORY_NEW(struct lease_record);
    record->address = address;
    record->unused = unused;
    hash_table_add(&book->records, &record->by_address, hash_of_serial(address.number));
    if (unused)
        queue_add(unused, record);
    return record;
}

void record_set_unused(struct lease_book *book, struct lease_record *record, struct lease_queue *unused)
{
    if (record->unused == unused)
        return;
    record->unused = unused;
    record_set(book, record, record->state, record->expires);
}

static void record_forget_client(struct lease_record *record)
{
    free(record->client_id);
    free(record->hostname);
    record->client_id = NULL;
    record->client_id_size = 0;
    record->hostname = NULL;
    record->mac = (struct mac){0};
}

void record_disown(struct lease_book *book, struct lease_record *record)
{
    struct lease_holder *holder = record->holder;
    record_forget_client(record);
    record->stored = 0;
    record->by = 0;
    record->taken_from = (struct mac){0};
    if (!holder)
        return;
    list_remove(&record->of_holder);
    record->holder = NULL;
    if (list_is_empty(&holder->records)) {
        hash_table_remove(&book->holders, &holder->by_key);
        free(holder);
    }
}

static void record_keep_client_id(struct lease_record *record, const struct lease_client *client)
{
    struct bytes known = bytes_of(record->client_id, record->client_id_size);
    struct bytes sent = bytes_of(client->client_id, client->client_id_size);
    if (sent.size == 0 || bytes_equal(sent, known))
        return;
    free(record->client_id);
    record->client_id = memory_new(sent.size, 1);
    record->client_id_size = sent.size;
    memcpy(record->client_id, sent.data, sent.size);
}

/* Keeps a name as it may be shown: what is not text in it is escaped, and what is mostly not text is no name. */
static void record_keep_hostname(struct lease_record *record, const char *hostname)
{
    if (!hostname || !*hostname || text_is(hostname, record->hostname))
        return;
    AUTO(text_finish) struct text shown = {0};
    text_append_shown(&shown, bytes_of_text(hostname), LEASE_HOSTNAME_MAX - sizeof "...");
    if (shown.length >= LEASE_HOSTNAME_MAX)
        return;
    free(record->hostname);
    record->hostname = text_take(&shown);
}

void record_assign(struct lease_book *book, struct lease_record *record, const struct lease_client *client)
{
    struct lease_holder *holder = holder_obtain(book, client);
    if (record->holder != holder) {
        record_disown(book, record);
        record->holder = holder;
        if (holder)
            list_append(&holder->records, &record->of_holder);
    }
    record->mac = client->mac;
    record_keep_client_id(record, client);
    record_keep_hostname(record, client->hostname);
}

void record_set(struct lease_book *book, struct lease_record *record, enum lease_state state, int64_t expires)
{
    queue_leave(record);
    record->state = state;
    record->expires = expires;
    record->change++;
    if (state != LEASE_BOUND)
        record->stored = 0;
    if (state != LEASE_FREE)
        queue_add(state == LEASE_DECLINED ? &book->resting : &book->ending, record);
    else if (record->unused)
        queue_add(record->unused, record);
}

bool record_belongs_to(const struct lease_book *book, const struct lease_record *record,
                       const struct lease_client *client)
{
    return record->holder && record->holder == holder_find(book, client);
}

char *record_client_to_text(char ret[LEASE_CLIENT_TEXT_MAX], const struct lease_book *book,
                            const struct lease_record *record)
{
    bool is_known_by_id = book->by_client_id || mac_is_zero(&record->mac);
    if (record->client_id_size > 0 && is_known_by_id)
        return lease_client_id_to_text(ret, bytes_of(record->client_id, record->client_id_size));
    return mac_to_text(ret, &record->mac, ':');
}

void record_to_lease(struct lease *ret, const struct lease_record *record)
{
    ret->address = record->address;
    ret->state = record->state;
    ret->expires = record->expires;
    ret->stored = record->stored;
    ret->change = record->change;
    ret->is_fresh = false;
    ret->is_contested = false;
    ret->by = record->by;
    ret->declines = record->declines;
    ret->mac = record->mac;
    ret->client_id_size = record->client_id_size;
    if (record->client_id_size > 0)
        memcpy(ret->client_id, record->client_id, record->client_id_size);
    snprintf(ret->hostname, sizeof ret->hostname, "%s", record->hostname ?: "");
}

static void free_ended(struct lease_book *book, const struct lease_queue *queue, int64_t now)
{
    for (;;) {
        struct lease_record *record = queue_first(queue);
        if (!record || record->expires > now)
            return;
        record_set(book, record, LEASE_FREE, record->expires);
    }
}

void book_expire(struct lease_book *book, int64_t now)
{
    free_ended(book, &book->ending, now);
    free_ended(book, &book->resting, now);
}

void book_move(struct lease_book *book, int64_t seconds)
{
    for (struct lease_record *record = record_next(book, NULL); record; record = record_next(book, record)) {
        record->expires += seconds;
        record->stored += record->stored ? seconds : 0;
    }
}

void book_finish(struct lease_book *book)
{
    for (struct lease_record *next, *record = record_next(book, NULL); record; record = next) {
        next = record_next(book, record);
        record_disown(book, record);
        free(record);
    }
    hash_table_finish(&book->records);
    hash_table_finish(&book->holders);
    queue_finish(&book->ending);
    queue_finish(&book->resting);
}
