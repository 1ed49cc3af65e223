/* SPDX-License-Identifier: Apache-2.0 */
/* Leases in a SQLite file, written in group commits by one thread. */
#include "store/state.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/list.h"
#include "base/memory.h"
#include "io/loop.h"
#include "io/thread.h"
#include "store/state-clock.h"
#include "store/state-file.h"

/* How often it is noted what time it is, while leases are written. */
#define SEEN_EVERY_SECONDS 60

/* What one call queued. */
struct batch {
    struct list link; /* state::queue */
    int64_t step;     /* all leases move by so many seconds before these are put */
    struct ipv4
        reserved; /* this address is reserved for mac, or for nobody any more when there is none; unset: none is */
    struct mac mac;
    void (*done)(void *context, int result);
    void *context;
    size_t count;
    struct lease leases[];
};

struct state {
    struct state_file file;      /* the writer's, once it runs */
    bool is_frozen;              /* the file could only be read so far, */
    struct state_salvage frozen; /* and this was in it */
    pthread_t writer;
    bool has_writer;
    pthread_mutex_t lock; /* over all below */
    pthread_cond_t changed;
    struct list queue;
    bool closing;
    int failure;
    struct diag failure_reason;
};

/* The writer thread. */

/* Opens the file for writing, if that can be by now. */
static int thaw(struct state *state, struct diag *why)
{
    struct faults ignored = {0};
    int result = state_file_open(&state->file, &ignored, why);
    faults_finish(&ignored);
    state->is_frozen = result < 0;
    return result;
}

static int put_batches(struct state *state, struct list *queue)
{
    int code = SQLITE_OK;
    LIST_FOR_EACH (link, queue) {
        const struct batch *batch = list_owner(link, struct batch, link);
        if (code == SQLITE_OK && batch->step != 0)
            code = state_file_move_leases(&state->file, batch->step);
        if (code == SQLITE_OK && ipv4_is_set(batch->reserved))
            code = state_file_put_reservation(&state->file, batch->reserved, &batch->mac);
        if (code == SQLITE_OK)
            code = state_file_put_leases(&state->file, batch->leases, batch->count);
    }
    return code;
}

static int64_t steps_of(const struct list *queue)
{
    int64_t steps = 0;
    LIST_FOR_EACH (link, queue)
        steps += list_owner(link, struct batch, link)->step;
    return steps;
}

/* The clock that goes with what is written now. A clock that was just set, of which nobody told yet, does not count. */
static struct state_clock clock_to_put(const struct state *state)
{
    struct state_clock clock = state->file.clock;
    struct moment now = clock_now();
    if (epoch_step(clock.epoch, now) == 0 && now.wall_seconds >= clock.seen + SEEN_EVERY_SECONDS)
        clock.seen = now.wall_seconds;
    return clock;
}

/* Writes everything in one transaction. Returns 0 or a negative errno with the reason. */
static int write_once(struct state *state, struct list *queue, struct diag *why)
{
    struct state_clock clock = clock_to_put(state);
    int code = state_file_execute(&state->file, "BEGIN IMMEDIATE");
    if (code == SQLITE_OK && state->file.owed != 0)
        code = state_file_move_leases(&state->file, state->file.owed);
    if (code == SQLITE_OK)
        code = put_batches(state, queue);
    /* After a failure something is written in any case, so that success says that it can be again. */
    if (code == SQLITE_OK && (state->failure < 0 || !state_clock_equal(&clock, &state->file.kept)))
        code = state_file_put_clock(&state->file, &clock);
    int result = state_file_end(&state->file, code, why);
    if (result == 0)
        state->file.clock = state->file.kept = clock;
    return result;
}

/* The journal, which is cut only now and then, may be what fills the disk. */
static bool cut_journal(struct state *state)
{
    return sqlite3_wal_checkpoint_v2(state->file.database, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL) == SQLITE_OK;
}

static int write_queue(struct state *state, struct list *queue, struct diag *why)
{
    int64_t steps = steps_of(queue);
    state->file.clock.epoch += steps;
    state->file.clock.seen += steps;
    int result = state->is_frozen ? thaw(state, why) : 0;
    if (result == 0 && state->file.database)
        result = write_once(state, queue, why);
    if (result == -ENOSPC && state->file.database && cut_journal(state))
        result = write_once(state, queue, why);
    state->file.owed = result == 0 ? 0 : state->file.owed + steps;
    return result;
}

/* Takes all that is queued into *ret, waiting for it; false when the state closes and nothing is left. */
static bool take_queue(struct state *state, struct list *ret)
{
    list_init(ret);
    pthread_mutex_lock(&state->lock);
    while (list_is_empty(&state->queue) && !state->closing)
        pthread_cond_wait(&state->changed, &state->lock);
    LIST_FOR_EACH (link, &state->queue) {
        list_remove(link);
        list_append(ret, link);
    }
    pthread_mutex_unlock(&state->lock);
    return !list_is_empty(ret);
}

static void keep_result(struct state *state, int result, const struct diag *reason)
{
    pthread_mutex_lock(&state->lock);
    state->failure = result;
    if (result < 0)
        state->failure_reason = *reason;
    pthread_mutex_unlock(&state->lock);
}

static void *write_until_closed(void *context)
{
    struct state *state = context;
    struct list queue;
    while (take_queue(state, &queue)) {
        struct diag reason = {0};
        int result = write_queue(state, &queue, &reason);
        keep_result(state, result, &reason);
        LIST_FOR_EACH (link, &queue) {
            struct batch *batch = list_owner(link, struct batch, link);
            if (batch->done)
                batch->done(batch->context, result);
            free(batch);
        }
    }
    return NULL;
}

static int start_writer(struct state *state, struct diag *why)
{
    int result = thread_start(&state->writer, write_until_closed, state);
    if (result < 0)
        return fail(why, result, "start the writer of the state file: %s", strerror(-result));
    state->has_writer = true;
    return 0;
}

/* What others call. */

static struct state *state_create(const char *path)
{
    struct state *state = MEMORY_NEW(struct state);
    state_file_init(&state->file, path);
    pthread_mutex_init(&state->lock, NULL);
    pthread_cond_init(&state->changed, NULL);
    list_init(&state->queue);
    state->file.clock = state_clock_read();
    return state;
}

int state_open(struct state **ret, const char *path, struct faults *warnings, struct diag *why)
{
    AUTO(state_close) struct state *state = state_create(path);
    int result = path ? state_file_open(&state->file, warnings, why) : 0;
    if (result == 0 && path)
        state_file_follow_clock(&state->file, warnings);
    if (result == 0)
        result = start_writer(state, why);
    if (result == 0)
        *ret = take_pointer(state);
    return result;
}

int state_open_to_serve(struct state **ret, const char *path, struct faults *warnings, struct diag *why)
{
    struct diag reason = {0};
    int result = state_open(ret, path, warnings, &reason);
    if (!state_file_is_unwritable(result))
        return result < 0 ? fail(why, result, "%s", reason.text) : result;
    AUTO(state_close) struct state *state = state_create(path);
    if (state_file_read(&state->frozen, &state->file, warnings) < 0)
        return fail(why, result, "%s", reason.text);
    faults_add(
        warnings, FAULT_WARNING, NULL, 0, 0,
        "%s: until it can be written no new lease is given, and the %zu leases in it are honoured until they end",
        reason.text, state->frozen.count);
    state->is_frozen = true;
    keep_result(state, result, &reason);
    result = start_writer(state, why);
    if (result == 0)
        *ret = take_pointer(state);
    return result;
}

void state_drain(struct state *state)
{
    if (!state || !state->has_writer)
        return;
    pthread_mutex_lock(&state->lock);
    state->closing = true;
    pthread_cond_signal(&state->changed);
    pthread_mutex_unlock(&state->lock);
    pthread_join(state->writer, NULL);
    state->has_writer = false;
}

void state_close(struct state *state)
{
    if (!state)
        return;
    state_drain(state);
    state_file_finish(&state->file);
    pthread_cond_destroy(&state->changed);
    pthread_mutex_destroy(&state->lock);
    state_salvage_finish(&state->frozen);
    free(state);
}

int state_leases(struct state *state, void (*visit)(const struct lease *lease, void *context), void *context,
                 struct faults *warnings, struct diag *why)
{
    for (size_t i = 0; i < state->frozen.count; i++)
        visit(&state->frozen.leases[i], context);
    return state_file_leases(&state->file, visit, context, warnings, why);
}

int state_reservations(struct state *state, state_reservation_visit *visit, void *context, struct faults *warnings,
                       struct diag *why)
{
    for (size_t i = 0; i < state->frozen.reservation_count; i++)
        visit(state->frozen.reservations[i].address, &state->frozen.reservations[i].mac, context);
    return state_file_reservations(&state->file, visit, context, warnings, why);
}

int state_list(const char *path, void (*visit)(const struct lease *lease, void *context),
               state_reservation_visit *visit_reserved, void *context, struct faults *warnings, struct diag *why)
{
    AUTO(state_file_finish) struct state_file file;
    state_file_init(&file, path);
    int result = state_file_open_beside(&file, why);
    if (result == 0)
        state_file_follow_clock(&file, warnings);
    if (result == 0)
        result = state_file_leases(&file, visit, context, warnings, why);
    if (result == 0)
        result = state_file_reservations(&file, visit_reserved, context, warnings, why);
    return result;
}

static void queue_batch(struct state *state, struct batch *take_batch)
{
    pthread_mutex_lock(&state->lock);
    list_append(&state->queue, &take_batch->link);
    pthread_cond_signal(&state->changed);
    pthread_mutex_unlock(&state->lock);
}

void state_commit(struct state *state, const struct lease *leases, size_t count,
                  void (*done)(void *context, int result), void *context)
{
    struct batch *batch = memory_new(1, sizeof *batch + count * sizeof leases[0]);
    batch->done = done;
    batch->context = context;
    batch->count = count;
    if (count > 0)
        memcpy(batch->leases, leases, count * sizeof leases[0]);
    queue_batch(state, batch);
}

void state_reserve(struct state *state, struct ipv4 address, const struct mac *mac,
                   void (*done)(void *context, int result), void *context)
{
    struct batch *batch = MEMORY_NEW(struct batch);
    batch->done = done;
    batch->context = context;
    batch->reserved = address;
    batch->mac = mac ? *mac : (struct mac){0};
    queue_batch(state, batch);
}

int64_t state_epoch(const struct state *state)
{
    return state->file.clock.epoch;
}

void state_move(struct state *state, int64_t seconds)
{
    struct batch *batch = MEMORY_NEW(struct batch);
    batch->step = seconds;
    queue_batch(state, batch);
}

int state_failure(struct state *state, struct diag *why)
{
    pthread_mutex_lock(&state->lock);
    int result = state->failure;
    if (result < 0)
        fail(why, result, "%s", state->failure_reason.text);
    pthread_mutex_unlock(&state->lock);
    return result;
}
