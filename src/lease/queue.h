/* SPDX-License-Identifier: Apache-2.0 */
/* Records in the order in which they end: the earliest is at hand, any of them leaves, each in logarithmic time. A
 * record stands in at most one queue. */
#pragma once

#include <stddef.h>

struct lease_record;

/* A heap; zero is empty. */
struct lease_queue {
    struct lease_record **at;
    size_t count;
    size_t capacity;
};

void queue_finish(struct lease_queue *queue);
/* Adds a record that stands in no queue, by its expires, which does not change while it stands there. */
void queue_add(struct lease_queue *queue, struct lease_record *record);
/* Takes a record out of the queue it stands in, if it stands in one. */
void queue_leave(struct lease_record *record);
/* The record that ends first, of those that end together the one of the lowest address; NULL when there is none. */
struct lease_record *queue_first(const struct lease_queue *queue);
