/* SPDX-License-Identifier: Apache-2.0 */
/* The event loop of the datagram services: one thread, descriptors, timers and signals. It is the only place that
 * knows the loop library. Callbacks run on the thread that is in loop_run(), one at a time. */
#pragma once

#include "base/auto.h"
#include "base/diag.h"
#include "base/instant.h"

struct loop;
struct loop_watch;
struct loop_timer;

/* NULL with the reason when the kernel gives no event queue. */
struct loop *loop_create(struct diag *why);
void loop_destroy(struct loop *loop);
AUTO_DEFINE(loop_destroy, struct loop *);

/* Runs until loop_stop(). */
void loop_run(struct loop *loop);
void loop_stop(struct loop *loop);

/* For so long it looks for what is ready without going to sleep, giving way to whoever else wants the processor: for
 * who expects an answer sooner than a sleeping thread is woken. To be called on its thread. */
void loop_stay_awake(struct loop *loop, instant span);

/* Both clocks, read now. */
struct moment clock_now(void);

/* Calls ready whenever fd can be read, level-triggered. The fd stays the caller's and must outlive the watch. */
struct loop_watch *loop_watch_create(struct loop *loop, int fd, void (*ready)(void *context), void *context);
void loop_watch_destroy(struct loop_watch *watch);

/* A timer that is not set. */
struct loop_timer *loop_timer_create(struct loop *loop, void (*due)(void *context), void *context);
void loop_timer_destroy(struct loop_timer *timer);
/* Sets it, instead of what it was set to: due at once when the instant has passed, never with INSTANT_NEVER. */
void loop_timer_set(struct loop_timer *timer, instant deadline);

/* Calls caught on the loop's thread when the signal arrives. Lives as long as the loop. */
int loop_signal(struct loop *loop, int number, void (*caught)(void *context), void *context, struct diag *why);
/* Calls run once on the loop's thread; may be called from any thread. */
void loop_post(struct loop *loop, void (*run)(void *context), void *context);
/* Runs what was posted so far, on the caller's thread; for the end, when loop_run() has returned. */
void loop_run_posted(struct loop *loop);
