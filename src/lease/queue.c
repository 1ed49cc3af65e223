/* SPDX-License-Identifier: Apache-2.0 */
/* Records in the order in which they end: a binary heap whose records know where they stand. */
#include "lease/queue.h"

#include <stdlib.h>

#include "base/array.h"
#include "lease/record.h"

void queue_finish(struct lease_queue *queue)
{
    free(queue->at);
    *queue = (struct lease_queue){0};
}

static bool is_before(const struct lease_record *a, const struct lease_record *b)
{
    return a->expires != b->expires ? a->expires < b->expires : a->address.number < b->address.number;
}

static void put(struct lease_queue *queue, size_t position, struct lease_record *record)
{
    queue->at[position] = record;
    record->position = position;
}

static void rise(struct lease_queue *queue, size_t position)
{
    struct lease_record *record = queue->at[position];
    while (position > 0 && is_before(record, queue->at[(position - 1) / 2])) {
        put(queue, position, queue->at[(position - 1) / 2]);
        position = (position - 1) / 2;
    }
    put(queue, position, record);
}

static void sink(struct lease_queue *queue, size_t position)
{
    struct lease_record *record = queue->at[position];
    for (size_t child = 2 * position + 1; child < queue->count; child = 2 * position + 1) {
        if (child + 1 < queue->count && is_before(queue->at[child + 1], queue->at[child]))
            child++;
        if (!is_before(queue->at[child], record))
            break;
        put(queue, position, queue->at[child]);
        position = child;
    }
    put(queue, position, record);
}

void queue_add(struct lease_queue *queue, struct lease_record *record)
{
    *ARRAY_ADD(queue->at, queue->count, queue->capacity) = record;
    record->queue = queue;
    rise(queue, queue->count - 1);
}

void queue_leave(struct lease_record *record)
{
    struct lease_queue *queue = record->queue;
    if (!queue)
        return;
    size_t position = record->position;
    struct lease_record *last = queue->at[--queue->count];
    record->queue = NULL;
    if (last == record)
        return;
    put(queue, position, last);
    rise(queue, position);
    sink(queue, last->position);
}

struct lease_record *queue_first(const struct lease_queue *queue)
{
    return queue->count > 0 ? queue->at[0] : NULL;
}
