/* SPDX-License-Identifier: Apache-2.0 */
/* Reservations, sorted twice. */
#include "lease/reservation.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/memory.h"
#include "base/text.h"

void reservation_finish(struct reservation *reservation)
{
    free(reservation->hostname);
    free(reservation->source);
    lease_options_finish(&reservation->options);
    *reservation = (struct reservation){0};
}

struct reservation reservation_copy(const struct reservation *reservation)
{
    struct reservation copy = *reservation;
    copy.hostname = memory_text(reservation->hostname);
    copy.source = memory_text(reservation->source);
    copy.options = (struct lease_options){0};
    lease_options_put_all(&copy.options, &reservation->options);
    return copy;
}

char *reservation_machine_to_text(const struct reservation *reservation)
{
    struct bytes id = bytes_of(reservation->id, reservation->id_size);
    struct text text = {0};
    char mac[MAC_TEXT_MAX], uuid[UUID_TEXT_MAX];
    struct mac address = mac_from_bytes(id);
    struct uuid number = {0};
    switch (reservation->kind) {
    case RESERVATION_MAC:
        text_append(&text, mac_to_text(mac, &address, ':'));
        break;
    case RESERVATION_UUID:
        memcpy(number.octets, id.data, id.size < sizeof number.octets ? id.size : sizeof number.octets);
        text_print(&text, "UUID %s", uuid_to_text(uuid, &number));
        break;
    case RESERVATION_CLIENT_ID:
    case RESERVATION_CIRCUIT_ID:
        text_append(&text, reservation->kind == RESERVATION_CLIENT_ID ? "client identifier '" : "circuit '");
        text_append_shown(&text, id, LEASE_CLIENT_ID_MAX);
        text_append(&text, "'");
        break;
    }
    return text_take(&text);
}

static int compare_by_id(const void *a_pointer, const void *b_pointer)
{
    const struct reservation *a = a_pointer, *b = b_pointer;
    if (a->kind != b->kind)
        return (int)a->kind - (int)b->kind;
    return a->id_size != b->id_size ? a->id_size - b->id_size : memcmp(a->id, b->id, a->id_size);
}

bool reservation_is_of_same_machine(const struct reservation *a, const struct reservation *b)
{
    return compare_by_id(a, b) == 0;
}

bool reservation_is_of_client_id(const struct reservation *reservation, struct bytes id)
{
    struct bytes own = bytes_of(reservation->id, reservation->id_size);
    bool is_text = bytes_equal(bytes_slice(id, 0, 1), bytes_of("\0", 1));
    return reservation->kind == RESERVATION_CLIENT_ID &&
           (bytes_equal(own, id) || (is_text && bytes_equal(own, bytes_slice(id, 1, id.size))));
}

unsigned reservation_mark(const struct reservation *reservation)
{
    uint8_t key[1 + LEASE_CLIENT_ID_MAX] = {(uint8_t)reservation->kind};
    memcpy(key + 1, reservation->id, reservation->id_size);
    return hash_of(bytes_of(key, 1 + (size_t)reservation->id_size)) ?: 1;
}

static int compare_by_address(const void *a_pointer, const void *b_pointer)
{
    struct ipv4 a = (*(const struct reservation *const *)a_pointer)->address;
    struct ipv4 b = (*(const struct reservation *const *)b_pointer)->address;
    return a.number < b.number ? -1 : a.number > b.number;
}

void reservation_set_init(struct reservation_set *set, struct reservation *reservations, size_t count)
{
    *set = (struct reservation_set){.by_id = reservations, .count = count};
    if (count == 0)
        return;
    qsort(reservations, count, sizeof reservations[0], compare_by_id);
    set->by_address = memory_new(count, sizeof set->by_address[0]);
    for (size_t i = 0; i < count; i++)
        set->by_address[i] = &reservations[i];
    qsort(set->by_address, count, sizeof set->by_address[0], compare_by_address);
}

void reservation_set_finish(struct reservation_set *set)
{
    free(set->by_address);
    *set = (struct reservation_set){0};
}

/* The first whose machine does not come before the one wanted. */
static size_t lower_bound(const struct reservation_set *set, const struct reservation *wanted)
{
    size_t low = 0;
    size_t high = set->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (compare_by_id(&set->by_id[middle], wanted) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

const struct reservation *reservation_set_of(const struct reservation_set *set, enum reservation_kind kind,
                                             struct bytes id, struct ipv4_subnet network)
{
    struct reservation wanted = {.kind = kind, .id_size = (uint8_t)id.size};
    if (id.size == 0 || id.size > sizeof wanted.id)
        return NULL;
    memcpy(wanted.id, id.data, id.size);
    for (size_t i = lower_bound(set, &wanted); i < set->count && compare_by_id(&set->by_id[i], &wanted) == 0; i++)
        if (ipv4_subnet_contains(network, set->by_id[i].address))
            return &set->by_id[i];
    return NULL;
}

const struct reservation *reservation_set_at(const struct reservation_set *set, struct ipv4 address)
{
    const struct reservation wanted = {.address = address}, *key = &wanted;
    if (set->count == 0)
        return NULL;
    const struct reservation **found =
        bsearch(&key, set->by_address, set->count, sizeof set->by_address[0], compare_by_address);
    return found ? *found : NULL;
}
