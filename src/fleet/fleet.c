/* SPDX-License-Identifier: Apache-2.0 */
/* The machines seen: two hashes and a list in the order of last sight, behind one lock. A machine of which nothing
 * happened but its first packet takes a few hundred octets; events are as long as their texts. */
#include "fleet/fleet.h"

#include <assert.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash-table.h"
#include "base/hash.h"
#include "base/list.h"
#include "base/memory.h"

struct event {
    struct moment when;
    enum stage stage;
    char *text;
};

/* One machine; its facts as struct machine has them, without the room for the longest hostname. */
struct sighted {
    struct hash_link by_mac;
    struct mac mac;
    bool has_uuid;
    struct uuid uuid;
    enum platform platform;
    enum program program;
    char arch[MACHINE_ARCH_MAX];
    struct hash_link by_address; /* while the address is set */
    struct ipv4 address;
    char *hostname; /* NULL: unknown */
    char *choice;   /* NULL: none */
    struct moment seen;
    enum stage stage;
    struct event *events; /* a ring of events_room places */
    unsigned events_first;
    unsigned events_count;
    unsigned events_room;
    struct list recency;     /* fleet::recency */
    struct list with_events; /* fleet::with_events; in no list while there are none */
};

struct fleet {
    pthread_mutex_t lock;
    struct hash_table machines;  /* by_mac */
    struct hash_table addresses; /* by_address */
    struct list recency;         /* all, longest unseen first */
    struct list with_events;     /* those with events, longest unseen first */
    size_t events_count;         /* of all */
};

static const char *const stage_texts[] = {
    [STAGE_DISCOVER] = "discover", [STAGE_ADDRESS] = "address", [STAGE_LOADER] = "loader", [STAGE_SCRIPT] = "script",
    [STAGE_KERNEL] = "kernel",     [STAGE_INITRD] = "initrd",   [STAGE_CONFIG] = "config", [STAGE_RUNNING] = "running",
};

const char *stage_to_text(enum stage stage)
{
    return stage_texts[stage];
}

struct fleet *fleet_create(void)
{
    struct fleet *fleet = MEMORY_NEW(struct fleet);
    pthread_mutex_init(&fleet->lock, NULL);
    list_init(&fleet->recency);
    list_init(&fleet->with_events);
    return fleet;
}

static unsigned hash_of_mac(const struct mac *mac)
{
    return hash_of(bytes_of(mac->octets, mac->size));
}

static struct sighted *sighted_find(struct fleet *fleet, const struct mac *mac)
{
    struct hash_link *link = hash_table_first(&fleet->machines, hash_of_mac(mac));
    for (; link; link = hash_table_next_same(link)) {
        struct sighted *machine = list_owner(link, struct sighted, by_mac);
        if (mac_equal(&machine->mac, mac))
            return machine;
    }
    return NULL;
}

static struct sighted *sighted_find_address(struct fleet *fleet, struct ipv4 address)
{
    struct hash_link *link = hash_table_first(&fleet->addresses, hash_of_serial(address.number));
    for (; link; link = hash_table_next_same(link)) {
        struct sighted *machine = list_owner(link, struct sighted, by_address);
        if (ipv4_equal(machine->address, address))
            return machine;
    }
    return NULL;
}

static void forget_events(struct fleet *fleet, struct sighted *machine)
{
    for (unsigned i = 0; i < machine->events_count; i++)
        free(machine->events[(machine->events_first + i) % machine->events_room].text);
    fleet->events_count -= machine->events_count;
    free(machine->events);
    machine->events = NULL;
    machine->events_first = machine->events_count = machine->events_room = 0;
    list_remove(&machine->with_events);
}

static void set_address(struct fleet *fleet, struct sighted *machine, struct ipv4 address)
{
    if (ipv4_equal(machine->address, address))
        return;
    if (ipv4_is_set(machine->address))
        hash_table_remove(&fleet->addresses, &machine->by_address);
    machine->address = address;
    if (ipv4_is_set(address))
        hash_table_add(&fleet->addresses, &machine->by_address, hash_of_serial(address.number));
}

static void sighted_forget(struct fleet *fleet, struct sighted *machine)
{
    forget_events(fleet, machine);
    set_address(fleet, machine, (struct ipv4){0});
    hash_table_remove(&fleet->machines, &machine->by_mac);
    list_remove(&machine->recency);
    free(machine->hostname);
    free(machine->choice);
    free(machine);
}

void fleet_destroy(struct fleet *fleet)
{
    if (!fleet)
        return;
    while (!list_is_empty(&fleet->recency))
        sighted_forget(fleet, list_owner(fleet->recency.next, struct sighted, recency));
    hash_table_finish(&fleet->machines);
    hash_table_finish(&fleet->addresses);
    pthread_mutex_destroy(&fleet->lock);
    free(fleet);
}

static struct sighted *sighted_add(struct fleet *fleet, const struct mac *mac)
{
    if (fleet->machines.count >= FLEET_MACHINES_MAX)
        sighted_forget(fleet, list_owner(fleet->recency.next, struct sighted, recency));
    struct sighted *machine = MEMORY_NEW(struct sighted);
    machine->mac = *mac;
    hash_table_add(&fleet->machines, &machine->by_mac, hash_of_mac(mac));
    return machine;
}

/* The machine, remembered now if it was not, as the one seen last. */
static struct sighted *sighted_now(struct fleet *fleet, const struct mac *mac, struct moment now)
{
    struct sighted *machine = sighted_find(fleet, mac) ?: sighted_add(fleet, mac);
    machine->seen = now;
    list_remove(&machine->recency);
    list_append(&fleet->recency, &machine->recency);
    if (machine->events_count > 0) {
        list_remove(&machine->with_events);
        list_append(&fleet->with_events, &machine->with_events);
    }
    return machine;
}

static void learn_address(struct fleet *fleet, struct sighted *machine, struct ipv4 address)
{
    if (!ipv4_is_set(address))
        return;
    struct sighted *previous = sighted_find_address(fleet, address);
    if (previous && previous != machine)
        set_address(fleet, previous, (struct ipv4){0});
    set_address(fleet, machine, address);
}

static void learn_hostname(struct sighted *machine, const char *hostname)
{
    if (!*hostname || (machine->hostname && strcmp(machine->hostname, hostname) == 0))
        return;
    free(machine->hostname);
    machine->hostname = memory_text(hostname);
}

void fleet_learn(struct fleet *fleet, const struct machine *seen, struct moment now)
{
    assert(seen->mac.size > 0);
    pthread_mutex_lock(&fleet->lock);
    struct sighted *machine = sighted_now(fleet, &seen->mac, now);
    if (seen->has_uuid) {
        machine->has_uuid = true;
        machine->uuid = seen->uuid;
    }
    if (seen->platform != PLATFORM_UNKNOWN)
        machine->platform = seen->platform;
    if (seen->program != PROGRAM_UNKNOWN)
        machine->program = seen->program;
    if (*seen->arch)
        memcpy(machine->arch, seen->arch, sizeof machine->arch);
    learn_hostname(machine, seen->hostname);
    learn_address(fleet, machine, seen->address);
    pthread_mutex_unlock(&fleet->lock);
}

/* Doubles the ring, the oldest event first in the new one. */
static void grow_events(struct sighted *machine)
{
    unsigned room = machine->events_room > 0 ? machine->events_room * 2 : 4;
    struct event *events = memory_new(room, sizeof *events);
    for (unsigned i = 0; i < machine->events_count; i++)
        events[i] = machine->events[(machine->events_first + i) % machine->events_room];
    free(machine->events);
    machine->events = events;
    machine->events_first = 0;
    machine->events_room = room;
}

static void forget_oldest_event(struct fleet *fleet, struct sighted *machine)
{
    free(machine->events[machine->events_first].text);
    machine->events_first = (machine->events_first + 1) % machine->events_room;
    machine->events_count--;
    fleet->events_count--;
}

/* Makes room for one more event in the fleet and in the machine's ring. */
static void make_room(struct fleet *fleet, struct sighted *machine)
{
    if (machine->events_count == FLEET_EVENTS_MAX) {
        forget_oldest_event(fleet, machine);
        return;
    }
    if (fleet->events_count >= FLEET_EVENTS_TOTAL_MAX)
        forget_events(fleet, list_owner(fleet->with_events.next, struct sighted, with_events));
    if (machine->events_count == machine->events_room)
        grow_events(machine);
}

void fleet_record(struct fleet *fleet, const struct mac *mac, enum stage stage, struct moment now, const char *text)
{
    assert(mac->size > 0);
    struct event event = {
        .when = now,
        .stage = stage,
        .text = memory_text_of(text, strnlen(text, FLEET_EVENT_TEXT_MAX - 1)),
    };
    pthread_mutex_lock(&fleet->lock);
    struct sighted *machine = sighted_now(fleet, mac, now);
    make_room(fleet, machine);
    machine->stage = stage;
    machine->events[(machine->events_first + machine->events_count++) % machine->events_room] = event;
    fleet->events_count++;
    if (machine->events_count == 1)
        list_append(&fleet->with_events, &machine->with_events);
    pthread_mutex_unlock(&fleet->lock);
}

static void copy_machine(struct machine *ret, const struct sighted *machine)
{
    *ret = (struct machine){
        .mac = machine->mac,
        .has_uuid = machine->has_uuid,
        .uuid = machine->uuid,
        .platform = machine->platform,
        .program = machine->program,
        .address = machine->address,
    };
    memcpy(ret->arch, machine->arch, sizeof ret->arch);
    snprintf(ret->hostname, sizeof ret->hostname, "%s", machine->hostname ?: "");
}

void fleet_choose(struct fleet *fleet, const struct mac *mac, const char *profile, struct moment now)
{
    if (strlen(profile) >= FLEET_CHOICE_MAX)
        return;
    pthread_mutex_lock(&fleet->lock);
    struct sighted *machine = sighted_now(fleet, mac, now);
    free(machine->choice);
    machine->choice = memory_text(profile);
    pthread_mutex_unlock(&fleet->lock);
}

bool fleet_choice(char ret[FLEET_CHOICE_MAX], struct fleet *fleet, const struct mac *mac)
{
    pthread_mutex_lock(&fleet->lock);
    const struct sighted *machine = sighted_find(fleet, mac);
    bool chosen = machine && machine->choice;
    if (chosen)
        snprintf(ret, FLEET_CHOICE_MAX, "%s", machine->choice);
    pthread_mutex_unlock(&fleet->lock);
    return chosen;
}

bool fleet_find(struct machine *ret, struct fleet *fleet, const struct mac *mac)
{
    pthread_mutex_lock(&fleet->lock);
    const struct sighted *machine = sighted_find(fleet, mac);
    if (machine)
        copy_machine(ret, machine);
    pthread_mutex_unlock(&fleet->lock);
    return machine != NULL;
}

bool fleet_find_address(struct machine *ret, struct fleet *fleet, struct ipv4 address)
{
    pthread_mutex_lock(&fleet->lock);
    const struct sighted *machine = sighted_find_address(fleet, address);
    if (machine)
        copy_machine(ret, machine);
    pthread_mutex_unlock(&fleet->lock);
    return machine != NULL;
}

size_t fleet_count(struct fleet *fleet)
{
    pthread_mutex_lock(&fleet->lock);
    size_t count = fleet->machines.count;
    pthread_mutex_unlock(&fleet->lock);
    return count;
}

static void copy_event(struct fleet_event *ret, const struct event *event)
{
    ret->when = event->when;
    ret->stage = event->stage;
    snprintf(ret->text, sizeof ret->text, "%s", event->text);
}

size_t fleet_events(struct fleet_event *ret, size_t capacity, struct fleet *fleet, const struct mac *mac)
{
    pthread_mutex_lock(&fleet->lock);
    const struct sighted *machine = sighted_find(fleet, mac);
    size_t count = machine ? machine->events_count : 0;
    size_t skipped = count > capacity ? count - capacity : 0;
    for (size_t i = skipped; i < count; i++)
        copy_event(&ret[i - skipped], &machine->events[(machine->events_first + i) % machine->events_room]);
    pthread_mutex_unlock(&fleet->lock);
    return count - skipped;
}

size_t fleet_recent(struct fleet_sighting *ret, size_t capacity, struct fleet *fleet)
{
    size_t count = 0;
    pthread_mutex_lock(&fleet->lock);
    for (struct list *link = fleet->recency.previous; link != &fleet->recency && count < capacity;
         link = link->previous) {
        const struct sighted *machine = list_owner(link, struct sighted, recency);
        copy_machine(&ret[count].machine, machine);
        ret[count].seen = machine->seen;
        ret[count++].stage = machine->stage;
    }
    pthread_mutex_unlock(&fleet->lock);
    return count;
}
