/* SPDX-License-Identifier: Apache-2.0 */
/* The machines seen: their facts and how far each boot has come. Shared between the event loop and the HTTP threads
 * behind one lock held for microseconds; what is asked for is copied out. Bounded: the machine longest unseen is
 * forgotten first. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/auto.h"
#include "base/instant.h"
#include "boot/machine.h"

/* Machines remembered, events of each, and events of all together: 4,096 full timelines. Beyond that the timeline of
 * the machine longest unseen is forgotten first, its facts are not. */
#define FLEET_MACHINES_MAX 65536
#define FLEET_EVENTS_MAX 64
#define FLEET_EVENTS_TOTAL_MAX 262144
#define FLEET_EVENT_TEXT_MAX 192
/* Longest id of a chosen profile with its NUL. */
#define FLEET_CHOICE_MAX 256

/* How far a machine's boot has come. */
enum stage {
    STAGE_DISCOVER,
    STAGE_ADDRESS,
    STAGE_LOADER,
    STAGE_SCRIPT,
    STAGE_KERNEL,
    STAGE_INITRD,
    STAGE_CONFIG,
    STAGE_RUNNING,
};

struct fleet_event {
    struct moment when;
    enum stage stage;
    char text[FLEET_EVENT_TEXT_MAX]; /* what happened, in the words of the log line; cut when longer */
};

/* A machine as it is listed. */
struct fleet_sighting {
    struct machine machine;
    struct moment seen; /* when something was last learned of it or happened to it */
    enum stage stage;   /* of its last event; STAGE_DISCOVER before the first */
};

struct fleet;

struct fleet *fleet_create(void);
void fleet_destroy(struct fleet *fleet);
AUTO_DEFINE(fleet_destroy, struct fleet *);

/* "discover", "address" … as a person reads it. */
const char *stage_to_text(enum stage stage);

/* Learns the facts that are set in *seen (by its MAC, which must be) and keeps those known before. An address that
 * another machine was last seen with is that machine's no longer. */
void fleet_learn(struct fleet *fleet, const struct machine *seen, struct moment now);
/* Adds an event to the timeline of a machine, which is remembered if it was not. The oldest event makes room. */
void fleet_record(struct fleet *fleet, const struct mac *mac, enum stage stage, struct moment now, const char *text);

/* Remembers which profile was chosen at the machine from a menu, and copies that; false when nothing was. Longer ids
 * than FLEET_CHOICE_MAX are not remembered. */
void fleet_choose(struct fleet *fleet, const struct mac *mac, const char *profile, struct moment now);
bool fleet_choice(char ret[FLEET_CHOICE_MAX], struct fleet *fleet, const struct mac *mac);

/* Copies a machine's facts; false when it was never seen. */
bool fleet_find(struct machine *ret, struct fleet *fleet, const struct mac *mac);
bool fleet_find_address(struct machine *ret, struct fleet *fleet, struct ipv4 address);
size_t fleet_count(struct fleet *fleet);
/* Copies the last events of a machine, at most capacity of them, oldest first; returns how many. */
size_t fleet_events(struct fleet_event *ret, size_t capacity, struct fleet *fleet, const struct mac *mac);
/* Copies at most capacity machines, the one seen last first; returns how many. */
size_t fleet_recent(struct fleet_sighting *ret, size_t capacity, struct fleet *fleet);
