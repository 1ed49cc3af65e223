/* SPDX-License-Identifier: Apache-2.0 */
/* Keeps the current catalog as the data directory is: a thread of its own sees edits, reads what changed and puts the
 * new catalog in place. Readers never wait for it. */
#pragma once

#include "base/auto.h"
#include "base/diag.h"
#include "base/instant.h"
#include "store/current.h"
#include "store/dir.h"

/* An edit is rarely one write: it is read when nothing more has happened for so long … */
#define STORE_WATCH_QUIET (10 * MILLISECOND)
/* … but so long after it began at the latest. */
#define STORE_WATCH_DELAY_MAX (200 * MILLISECOND)
/* How often all is looked at where the kernel does not tell of changes. */
#define STORE_WATCH_POLL (2 * SECOND)

struct store_watch_events {
    /* A reading: catalog is the new one, or NULL when the earlier one stays; faults is all that is wrong now. Called on
     * the watch's thread. */
    void (*was_read)(void *context, const struct catalog *catalog, const struct faults *faults);
    /* Changes cannot be seen, and why; what is done instead is STORE_WATCH_POLL. Told once. On the watch's thread. */
    void (*is_blind)(void *context, const char *why);
    void *context;
};

struct store_watch;

/* Reads the directory of *take_dir, puts the catalog in place and follows the directory from then on. Returns the first
 * reading's STORE_DIR_OK or STORE_DIR_E_MISSING; with either *ret watches, for what is missing may come. Where the
 * kernel does not tell of changes, it polls. */
int store_watch_start(struct store_watch **ret, struct store_dir *take_dir, struct current_catalog *current,
                      const struct store_watch_events *events);
/* Looks at everything now, and returns when what was found is in place and was told. From any other thread. */
void store_watch_refresh(struct store_watch *watch);
void store_watch_stop(struct store_watch *watch);
AUTO_DEFINE(store_watch_stop, struct store_watch *);
