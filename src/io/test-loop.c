/* SPDX-License-Identifier: Apache-2.0 */
#include "io/loop.h"

#include <pthread.h>
#include <signal.h>

#include "test.h"

static struct loop *loop;
static int count;

static void count_and_stop(void *context)
{
    count += *(int *)context;
    loop_stop(loop);
}

static void a_timer_is_due_once_and_not_before_its_deadline(void)
{
    int one = 1;
    count = 0;
    struct loop_timer *timer = loop_timer_create(loop, count_and_stop, &one);
    instant deadline = clock_now().steady + 5 * MILLISECOND;
    loop_timer_set(timer, deadline);
    loop_run(loop);
    CHECK_NUMBER(count, 1);
    CHECK(clock_now().steady >= deadline);
    loop_timer_destroy(timer);
}

static void a_descriptor_is_watched_until_the_watch_ends(void)
{
    int two = 2;
    int ends[2];
    CHECK(pipe(ends) == 0);
    count = 0;
    struct loop_watch *watch = loop_watch_create(loop, ends[0], count_and_stop, &two);
    CHECK(write(ends[1], "x", 1) == 1);
    loop_run(loop);
    loop_run(loop);
    CHECK_NUMBER(count, 4);
    loop_watch_destroy(watch);
    close(ends[0]);
    close(ends[1]);
}

static void while_it_stays_awake_it_serves_as_ever(void)
{
    int one = 1;
    count = 0;
    struct loop_timer *timer = loop_timer_create(loop, count_and_stop, &one);
    loop_stay_awake(loop, SECOND);
    instant deadline = clock_now().steady + 2 * MILLISECOND;
    loop_timer_set(timer, deadline);
    loop_run(loop);
    CHECK(count == 1 && clock_now().steady >= deadline);
    loop_stay_awake(loop, MILLISECOND);
    loop_timer_set(timer, clock_now().steady + 5 * MILLISECOND);
    loop_run(loop);
    CHECK_NUMBER(count, 2);
    loop_timer_destroy(timer);
}

static void *post_from_elsewhere(void *context)
{
    loop_post(loop, count_and_stop, context);
    return NULL;
}

static void another_thread_can_post_work(void)
{
    int four = 4;
    count = 0;
    pthread_t thread;
    pthread_create(&thread, NULL, post_from_elsewhere, &four);
    loop_run(loop);
    pthread_join(thread, NULL);
    CHECK_NUMBER(count, 4);
}

static void what_was_posted_can_be_run_without_the_loop(void)
{
    int sixteen = 16;
    count = 0;
    loop_post(loop, count_and_stop, &sixteen);
    loop_run_posted(loop);
    CHECK_NUMBER(count, 16);
    loop_run_posted(loop);
    CHECK_NUMBER(count, 16);
}

static void a_signal_arrives_on_the_loop(void)
{
    int eight = 8;
    count = 0;
    CHECK(loop_signal(loop, SIGUSR1, count_and_stop, &eight, NULL) == 0);
    raise(SIGUSR1);
    loop_run(loop);
    CHECK_NUMBER(count, 8);
}

int main(void)
{
    loop = loop_create(NULL);
    RUN(a_timer_is_due_once_and_not_before_its_deadline);
    RUN(a_descriptor_is_watched_until_the_watch_ends);
    RUN(while_it_stays_awake_it_serves_as_ever);
    RUN(another_thread_can_post_work);
    RUN(what_was_posted_can_be_run_without_the_loop);
    RUN(a_signal_arrives_on_the_loop);
    loop_destroy(loop);
    return test_result();
}
