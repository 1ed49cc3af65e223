/* SPDX-License-Identifier: Apache-2.0 */
/* Changes to folders, as the kernel tells of them (inotify): of the names in them and of what their paths lead to,
 * whichever symbolic links are on the way. For one thread. */
#pragma once

#include <stdbool.h>

#include "base/auto.h"
#include "base/diag.h"

/* The tag of an event after which anything may have changed: the kernel had more to tell than it kept. */
#define WATCH_TAG_LOST (~0u)

struct watch;

struct watch_event {
    unsigned tag;
    const char *name; /* in the folder that has the tag; NULL: the path leads elsewhere, or the folder itself changed.
                       * Borrowed until the next event. */
};

/* NULL with the reason when the kernel gives no queue. */
struct watch *watch_create(struct diag *why);
void watch_destroy(struct watch *watch);
AUTO_DEFINE(watch_destroy, struct watch *);
/* Readable when there are events. */
int watch_fd(const struct watch *watch);

/* Watches a folder: every name in it, and each name on its path, so that a folder that is made later, replaced or
 * linked anew is noticed. Where it is not there yet, as much of the path as is. May be called again for the same.
 * Returns 0, or a negative errno with the reason when something on the way cannot be watched; the rest is. */
int watch_add(struct watch *watch, const char *path, unsigned tag, struct diag *why);
/* Ends a round: drops all that was not added since the end of the round before. */
void watch_end_round(struct watch *watch);
/* The next event; false when there is none now. */
bool watch_next(struct watch_event *ret, struct watch *watch);
