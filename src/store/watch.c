/* SPDX-License-Identifier: Apache-2.0 */
/* The thread that follows a data directory. */
#include "store/watch.h"

#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/text.h"
#include "io/loop.h"
#include "io/thread.h"
#include "io/watch.h"

/* Tags of watched folders: the number of the folder of the data directory, and for folders below it the same and this.
 * The names there are not the names of its files, so all of them have to be looked at. */
#define TAG_BELOW 256u

struct store_watch {
    struct store_dir *dir;
    struct current_catalog *current;
    struct store_watch_events events;
    struct watch *folders; /* NULL: the kernel gives none */
    bool is_blind;         /* not everything is watched: it is polled as well */
    bool was_blind;        /* that was told */
    struct diag blind;
    int result; /* of the last reading */
    pthread_t thread;
    int wake_fd;
    pthread_mutex_t lock; /* over what follows */
    pthread_cond_t refreshed;
    bool stops;
    unsigned wanted; /* refreshes asked for, and done */
    unsigned done;
};

static void note_blindness(struct store_watch *watch, const struct diag *why)
{
    if (!watch->is_blind)
        watch->blind = *why;
    watch->is_blind = true;
}

static void enters(void *context, const char *path, unsigned number, bool is_below)
{
    struct store_watch *watch = context;
    struct diag why;
    if (watch->folders && watch_add(watch->folders, path, number + (is_below ? TAG_BELOW : 0), &why) < 0)
        note_blindness(watch, &why);
}

/* A whole look says anew what there is to watch. */
static void prepare_whole_look(struct store_watch *watch)
{
    watch->is_blind = watch->folders == NULL;
    store_dir_touch_all(watch->dir);
}

static void tell_blindness(struct store_watch *watch)
{
    if (watch->is_blind && !watch->was_blind)
        watch->events.is_blind(watch->events.context, watch->blind.text);
    watch->was_blind = watch->is_blind;
}

static void read_dir(struct store_watch *watch, bool whole)
{
    struct faults faults = {0};
    struct catalog *catalog = NULL;
    if (whole)
        prepare_whole_look(watch);
    int result = watch->result = store_dir_read(&catalog, watch->dir, &faults);
    if (whole && watch->folders)
        watch_end_round(watch->folders);
    /* It stays as long as this thread makes no other. */
    if (catalog)
        current_catalog_take(watch->current, catalog);
    if (result != STORE_DIR_UNCHANGED)
        watch->events.was_read(watch->events.context, catalog, &faults);
    tell_blindness(watch);
    faults_finish(&faults);
}

/* What has happened since the last reading. */
struct happenings {
    bool any;
    bool whole; /* everything has to be looked at */
    instant due;
    instant latest;
};

static void take_event(struct store_watch *watch, struct happenings *happenings, const struct watch_event *event)
{
    happenings->any = true;
    if (event->tag < TAG_BELOW && event->name)
        store_dir_touch(watch->dir, event->tag, event->name);
    else
        happenings->whole = true;
}

static void take_events(struct store_watch *watch, struct happenings *happenings)
{
    struct watch_event event;
    bool any_before = happenings->any;
    bool any_now = false;
    while (watch->folders && watch_next(&event, watch->folders)) {
        take_event(watch, happenings, &event);
        any_now = true;
    }
    instant now = clock_now().steady;
    if (!any_now)
        return;
    if (!any_before)
        happenings->latest = now + STORE_WATCH_DELAY_MAX;
    happenings->due = now + STORE_WATCH_QUIET < happenings->latest ? now + STORE_WATCH_QUIET : happenings->latest;
}

/* Waits for an event, a wake or the deadline. */
static void wait_until(struct store_watch *watch, instant deadline)
{
    struct pollfd fds[] = {
        {.fd = watch->wake_fd, .events = POLLIN},
        {.fd = watch->folders ? watch_fd(watch->folders) : -1, .events = POLLIN},
    };
    instant left = deadline - clock_now().steady;
    struct timespec timeout = {0};
    if (left > 0)
        timeout = (struct timespec){.tv_sec = left / SECOND, .tv_nsec = left % SECOND};
    uint64_t count;
    if (ppoll(fds, 2, deadline == INSTANT_NEVER ? NULL : &timeout, NULL) > 0 && fds[0].revents != 0 &&
        read(watch->wake_fd, &count, sizeof count) < 0)
        return;
}

/* The refreshes asked for so far; *ret_stops: no more of anything. */
static unsigned take_wishes(bool *ret_stops, struct store_watch *watch)
{
    pthread_mutex_lock(&watch->lock);
    unsigned wanted = watch->wanted;
    *ret_stops = watch->stops;
    pthread_mutex_unlock(&watch->lock);
    return wanted;
}

static void grant_wishes(struct store_watch *watch, unsigned wanted)
{
    pthread_mutex_lock(&watch->lock);
    watch->done = wanted;
    pthread_cond_broadcast(&watch->refreshed);
    pthread_mutex_unlock(&watch->lock);
}

static instant next_deadline(const struct store_watch *watch, const struct happenings *happenings)
{
    if (happenings->any)
        return happenings->due;
    return watch->is_blind ? clock_now().steady + STORE_WATCH_POLL : INSTANT_NEVER;
}

static void *follow(void *context)
{
    struct store_watch *watch = context;
    struct happenings happenings = {0};
    for (;;) {
        instant deadline = next_deadline(watch, &happenings);
        wait_until(watch, deadline);
        bool stops;
        unsigned wanted = take_wishes(&stops, watch);
        if (stops)
            return NULL;
        take_events(watch, &happenings);
        bool is_refresh = wanted != watch->done;
        bool is_poll = !happenings.any && watch->is_blind && clock_now().steady >= deadline;
        bool is_due = happenings.any && clock_now().steady >= happenings.due;
        if (!is_refresh && !is_poll && !is_due)
            continue;
        read_dir(watch, happenings.whole || is_refresh || is_poll);
        happenings = (struct happenings){0};
        grant_wishes(watch, wanted);
    }
}

static void wake(struct store_watch *watch)
{
    uint64_t one = 1;
    if (write(watch->wake_fd, &one, sizeof one) < 0)
        return;
}

int store_watch_start(struct store_watch **ret, struct store_dir *take_dir, struct current_catalog *current,
                      const struct store_watch_events *events)
{
    struct store_watch *watch = MEMORY_NEW(struct store_watch);
    watch->dir = take_dir;
    watch->current = current;
    watch->events = *events;
    watch->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    watch->folders = watch_create(&watch->blind);
    pthread_mutex_init(&watch->lock, NULL);
    pthread_cond_init(&watch->refreshed, NULL);
    store_dir_observe(take_dir, &(struct store_dir_observer){.enters = enters, .context = watch});
    if (thread_start(&watch->thread, follow, watch) < 0)
        abort();
    store_watch_refresh(watch);
    *ret = watch;
    return watch->result;
}

void store_watch_refresh(struct store_watch *watch)
{
    pthread_mutex_lock(&watch->lock);
    unsigned mine = ++watch->wanted;
    wake(watch);
    while ((int)(watch->done - mine) < 0)
        pthread_cond_wait(&watch->refreshed, &watch->lock);
    pthread_mutex_unlock(&watch->lock);
}

void store_watch_stop(struct store_watch *watch)
{
    if (!watch)
        return;
    pthread_mutex_lock(&watch->lock);
    watch->stops = true;
    wake(watch);
    pthread_mutex_unlock(&watch->lock);
    pthread_join(watch->thread, NULL);
    watch_destroy(watch->folders);
    store_dir_destroy(watch->dir);
    pthread_cond_destroy(&watch->refreshed);
    pthread_mutex_destroy(&watch->lock);
    fd_close(watch->wake_fd);
    free(watch);
}
