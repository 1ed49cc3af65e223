/* SPDX-License-Identifier: Apache-2.0 */
/* Connections that must do something before their time is up: a list in the order of time, and a thread that looks at
 * its head. */
#include "io/http-deadline.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>

#include "base/memory.h"
#include "io/loop.h"

struct http_deadlines {
    pthread_mutex_t lock;
    pthread_cond_t stopped;
    pthread_t thread;
    struct list waiting; /* http_deadline::link, soonest first */
    instant patience;
    bool stop;
};

/* The library closes the connection once it sees it shut down; its descriptor stays the library's. */
static void shut_down(struct http_deadline *deadline)
{
    list_remove(&deadline->link);
    shutdown(deadline->fd, SHUT_RDWR);
}

static struct http_deadline *first_of(struct http_deadlines *deadlines)
{
    return list_owner(deadlines->waiting.next, struct http_deadline, link);
}

static void shut_down_due(struct http_deadlines *deadlines)
{
    instant now = clock_now().steady;
    while (!list_is_empty(&deadlines->waiting) && first_of(deadlines)->due <= now)
        shut_down(first_of(deadlines));
}

/* Once a second: nobody cares for a connection of 31 seconds. */
static void wait_a_second(struct http_deadlines *deadlines)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec++;
    pthread_cond_timedwait(&deadlines->stopped, &deadlines->lock, &until);
}

static void *deadlines_run(void *context)
{
    struct http_deadlines *deadlines = context;
    pthread_mutex_lock(&deadlines->lock);
    while (!deadlines->stop) {
        wait_a_second(deadlines);
        shut_down_due(deadlines);
    }
    pthread_mutex_unlock(&deadlines->lock);
    return NULL;
}

struct http_deadlines *http_deadlines_create(instant patience)
{
    struct http_deadlines *deadlines = MEMORY_NEW(struct http_deadlines);
    pthread_condattr_t steady;
    pthread_condattr_init(&steady);
    pthread_condattr_setclock(&steady, CLOCK_MONOTONIC);
    pthread_mutex_init(&deadlines->lock, NULL);
    pthread_cond_init(&deadlines->stopped, &steady);
    pthread_condattr_destroy(&steady);
    list_init(&deadlines->waiting);
    deadlines->patience = patience;
    if (pthread_create(&deadlines->thread, NULL, deadlines_run, deadlines) != 0)
        abort(); /* as with memory: a process that gets no thread now is in no state to serve */
    return deadlines;
}

void http_deadlines_destroy(struct http_deadlines *deadlines)
{
    if (!deadlines)
        return;
    pthread_mutex_lock(&deadlines->lock);
    deadlines->stop = true;
    pthread_cond_signal(&deadlines->stopped);
    pthread_mutex_unlock(&deadlines->lock);
    pthread_join(deadlines->thread, NULL);
    pthread_cond_destroy(&deadlines->stopped);
    pthread_mutex_destroy(&deadlines->lock);
    free(deadlines);
}

void http_deadline_watch(struct http_deadlines *deadlines, struct http_deadline *deadline)
{
    instant due = clock_now().steady + deadlines->patience;
    pthread_mutex_lock(&deadlines->lock);
    list_remove(&deadline->link);
    deadline->due = due;
    list_append(&deadlines->waiting, &deadline->link);
    pthread_mutex_unlock(&deadlines->lock);
}

void http_deadlines_shed(struct http_deadlines *deadlines)
{
    pthread_mutex_lock(&deadlines->lock);
    if (!list_is_empty(&deadlines->waiting))
        shut_down(first_of(deadlines));
    pthread_mutex_unlock(&deadlines->lock);
}

void http_deadline_unwatch(struct http_deadlines *deadlines, struct http_deadline *deadline)
{
    pthread_mutex_lock(&deadlines->lock);
    list_remove(&deadline->link);
    pthread_mutex_unlock(&deadlines->lock);
}
