/* SPDX-License-Identifier: Apache-2.0 */
/* The current catalog: the lock covers one counter and one pointer, so a reader holds it for nanoseconds. Reading the
 * pointer and counting the reference have to be one step, or a reload between them would free what is being taken. */
#include "store/current.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/memory.h"

struct current_catalog {
    pthread_mutex_t lock;
    struct catalog *catalog;
};

struct current_catalog *current_catalog_create(struct catalog *take_catalog)
{
    struct current_catalog *current = MEMORY_NEW(struct current_catalog);
    pthread_mutex_init(&current->lock, NULL);
    current->catalog = take_catalog;
    return current;
}

void current_catalog_destroy(struct current_catalog *current)
{
    if (!current)
        return;
    catalog_unref(current->catalog);
    pthread_mutex_destroy(&current->lock);
    free(current);
}

struct catalog *current_catalog_ref(struct current_catalog *current)
{
    pthread_mutex_lock(&current->lock);
    struct catalog *catalog = catalog_ref(current->catalog);
    pthread_mutex_unlock(&current->lock);
    return catalog;
}

void current_catalog_take(struct current_catalog *current, struct catalog *take_catalog)
{
    pthread_mutex_lock(&current->lock);
    struct catalog *earlier = current->catalog;
    current->catalog = take_catalog;
    pthread_mutex_unlock(&current->lock);
    /* Freeing a large catalog takes a while: not while readers wait. */
    catalog_unref(earlier);
}
