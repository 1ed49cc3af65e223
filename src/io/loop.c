/* SPDX-License-Identifier: Apache-2.0 */
/* The event loop over libevent's core. */
#include "io/loop.h"

#include <errno.h>
#include <event2/event.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>

#include "base/array.h"

struct loop_watch {
    struct event *event;
    void (*ready)(void *context);
    void *context;
};

struct loop_timer {
    struct event *event;
    void (*due)(void *context);
    void *context;
    instant deadline;
};

struct loop_handler {
    struct event *event;
    void (*caught)(void *context);
    void *context;
    struct loop_handler *next; /* loop::handlers */
};

struct loop_task {
    void (*run)(void *context);
    void *context;
};

struct loop {
    struct event_base *base;
    struct loop_handler *handlers;
    int posted_fd; /* eventfd that wakes the loop for tasks */
    struct loop_watch *posted_watch;
    bool stopped;
    instant awake_until;  /* 0: it may sleep */
    pthread_mutex_t lock; /* over the tasks */
    struct loop_task *tasks;
    size_t task_count;
    size_t task_capacity;
};

struct moment clock_now(void)
{
    struct timespec steady;
    struct timespec wall;
    clock_gettime(CLOCK_BOOTTIME, &steady);
    clock_gettime(CLOCK_REALTIME, &wall);
    return (struct moment){.steady = steady.tv_sec * SECOND + steady.tv_nsec, .wall_seconds = wall.tv_sec};
}

/* Takes the tasks posted so far and runs them outside of the lock. */
static void run_posted(void *context)
{
    struct loop *loop = context;
    uint64_t count;
    if (read(loop->posted_fd, &count, sizeof count) < 0)
        return;
    pthread_mutex_lock(&loop->lock);
    AUTO(free) struct loop_task *tasks = take_pointer(loop->tasks);
    size_t task_count = loop->task_count;
    loop->task_count = loop->task_capacity = 0;
    pthread_mutex_unlock(&loop->lock);
    for (size_t i = 0; i < task_count; i++)
        tasks[i].run(tasks[i].context);
}

struct loop *loop_create(struct diag *why)
{
    struct loop *loop = MEMORY_NEW(struct loop);
    pthread_mutex_init(&loop->lock, NULL);
    loop->base = event_base_new();
    loop->posted_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (!loop->base || loop->posted_fd < 0) {
        fail(why, 0, "the kernel gives no event queue: %s", strerror(errno));
        loop_destroy(loop);
        return NULL;
    }
    loop->posted_watch = loop_watch_create(loop, loop->posted_fd, run_posted, loop);
    return loop;
}

void loop_destroy(struct loop *loop)
{
    if (!loop)
        return;
    while (loop->handlers) {
        struct loop_handler *handler = loop->handlers;
        loop->handlers = handler->next;
        event_free(handler->event);
        free(handler);
    }
    loop_watch_destroy(loop->posted_watch);
    fd_close(loop->posted_fd);
    if (loop->base)
        event_base_free(loop->base);
    pthread_mutex_destroy(&loop->lock);
    free(loop->tasks);
    free(loop);
}

static bool stays_awake(struct loop *loop)
{
    if (loop->awake_until > 0 && clock_now().steady >= loop->awake_until)
        loop->awake_until = 0;
    return loop->awake_until > 0;
}

void loop_run(struct loop *loop)
{
    loop->stopped = false;
    while (!loop->stopped) {
        bool is_awake = stays_awake(loop);
        /* Whoever else has work for this processor comes first: it may be the one whose answer is waited for. */
        if (is_awake)
            sched_yield();
        event_base_loop(loop->base, EVLOOP_NO_EXIT_ON_EMPTY | (is_awake ? EVLOOP_NONBLOCK : EVLOOP_ONCE));
    }
}

void loop_stop(struct loop *loop)
{
    loop->stopped = true;
    event_base_loopbreak(loop->base);
}

void loop_stay_awake(struct loop *loop, instant span)
{
    loop->awake_until = clock_now().steady + span;
}

static void watch_fired(evutil_socket_t fd, short what, void *context)
{
    (void)fd;
    (void)what;
    struct loop_watch *watch = context;
    watch->ready(watch->context);
}

struct loop_watch *loop_watch_create(struct loop *loop, int fd, void (*ready)(void *context), void *context)
{
    struct loop_watch *watch = MEMORY_NEW(struct loop_watch);
    *watch = (struct loop_watch){.ready = ready, .context = context};
    watch->event = event_new(loop->base, fd, EV_READ | EV_PERSIST, watch_fired, watch);
    event_add(watch->event, NULL);
    return watch;
}

void loop_watch_destroy(struct loop_watch *watch)
{
    if (!watch)
        return;
    event_free(watch->event);
    free(watch);
}

/* Waits for what is left of the span. */
static void timer_wait(struct loop_timer *timer)
{
    instant span = timer->deadline - clock_now().steady;
    if (span < 0)
        span = 0;
    /* Rounded up to the microsecond: a timer that fires early would find its deadline not reached and spin. */
    span += MICROSECOND - 1;
    struct timeval after = {.tv_sec = span / SECOND, .tv_usec = span % SECOND / MICROSECOND};
    evtimer_add(timer->event, &after);
}

static void timer_fired(evutil_socket_t fd, short what, void *context)
{
    (void)fd;
    (void)what;
    struct loop_timer *timer = context;
    /* The library counts spans from a coarse clock, which may be some milliseconds behind. */
    if (clock_now().steady < timer->deadline)
        timer_wait(timer);
    else
        timer->due(timer->context);
}

struct loop_timer *loop_timer_create(struct loop *loop, void (*due)(void *context), void *context)
{
    struct loop_timer *timer = MEMORY_NEW(struct loop_timer);
    *timer = (struct loop_timer){.due = due, .context = context};
    timer->event = evtimer_new(loop->base, timer_fired, timer);
    return timer;
}

void loop_timer_destroy(struct loop_timer *timer)
{
    if (!timer)
        return;
    event_free(timer->event);
    free(timer);
}

void loop_timer_set(struct loop_timer *timer, instant deadline)
{
    if (deadline == INSTANT_NEVER) {
        evtimer_del(timer->event);
        return;
    }
    timer->deadline = deadline;
    timer_wait(timer);
}

static void signal_fired(evutil_socket_t number, short what, void *context)
{
    (void)number;
    (void)what;
    struct loop_handler *handler = context;
    handler->caught(handler->context);
}

int loop_signal(struct loop *loop, int number, void (*caught)(void *context), void *context, struct diag *why)
{
    struct loop_handler *handler = MEMORY_NEW(struct loop_handler);
    *handler = (struct loop_handler){.caught = caught, .context = context, .next = loop->handlers};
    handler->event = evsignal_new(loop->base, number, signal_fired, handler);
    loop->handlers = handler;
    if (event_add(handler->event, NULL) != 0)
        return fail(why, -EINVAL, "cannot catch signal %d", number);
    return 0;
}

void loop_post(struct loop *loop, void (*run)(void *context), void *context)
{
    pthread_mutex_lock(&loop->lock);
    *ARRAY_ADD(loop->tasks, loop->task_count, loop->task_capacity) = (struct loop_task){run, context};
    pthread_mutex_unlock(&loop->lock);
    uint64_t one = 1;
    /* The counter of an eventfd cannot overflow by ones; a failed write would mean it is awake already. */
    (void)!write(loop->posted_fd, &one, sizeof one);
}

void loop_run_posted(struct loop *loop)
{
    run_posted(loop);
}
