/* SPDX-License-Identifier: Apache-2.0 */
/* Connections that must do something before their time is up. The HTTP library measures only how long a client was
 * silent, so one that sends an octet a minute would hold its connection for ever; here its connection is shut down. */
#pragma once

#include "base/instant.h"
#include "base/list.h"

struct http_deadlines;

/* One connection. It is its owner's memory and must be off the watch before its descriptor is closed. */
struct http_deadline {
    struct list link; /* http_deadlines::waiting */
    int fd;
    instant due;
};

/* patience is the same for all, so that the oldest is always the next. */
struct http_deadlines *http_deadlines_create(instant patience);
void http_deadlines_destroy(struct http_deadlines *deadlines);

/* From any thread. Watching one that is watched sets its time anew. */
void http_deadline_watch(struct http_deadlines *deadlines, struct http_deadline *deadline);
/* Ends the connection that has waited longest, whatever time it has left; nothing when none waits. From any thread. */
void http_deadlines_shed(struct http_deadlines *deadlines);
void http_deadline_unwatch(struct http_deadlines *deadlines, struct http_deadline *deadline);
