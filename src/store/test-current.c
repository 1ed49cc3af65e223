/* SPDX-License-Identifier: Apache-2.0 */
#include "store/current.h"

#include <pthread.h>
#include <stdatomic.h>

#include "base/memory.h"
#include "test.h"

static struct catalog *catalog_new(const char *profile)
{
    struct catalog *catalog = catalog_create();
    catalog_take_profile(catalog, profile_create(profile));
    catalog_seal(catalog);
    return catalog;
}

static void who_holds_the_earlier_one_keeps_it(void)
{
    AUTO(current_catalog_destroy) struct current_catalog *current = current_catalog_create(catalog_new("first"));
    AUTO(catalog_unref) struct catalog *held = current_catalog_ref(current);
    current_catalog_take(current, catalog_new("second"));
    AUTO(catalog_unref) struct catalog *next = current_catalog_ref(current);
    CHECK(catalog_profile(held, "first") != NULL);
    CHECK(catalog_profile(next, "second") != NULL && catalog_profile(next, "first") == NULL);
}

static void what_is_held_outlives_the_place_it_came_from(void)
{
    struct current_catalog *current = current_catalog_create(catalog_new("first"));
    AUTO(catalog_unref) struct catalog *held = current_catalog_ref(current);
    current_catalog_destroy(current);
    CHECK(catalog_profile(held, "first") != NULL);
    current_catalog_destroy(NULL);
}

struct reading {
    struct current_catalog *current;
    atomic_bool stop;
    atomic_size_t whole, torn;
};

static void *read_until_stopped(void *context)
{
    struct reading *reading = context;
    while (!atomic_load(&reading->stop)) {
        AUTO(catalog_unref) struct catalog *catalog = current_catalog_ref(reading->current);
        atomic_fetch_add(catalog_profile(catalog, "worker") ? &reading->whole : &reading->torn, 1);
    }
    return NULL;
}

static void readers_never_see_a_catalog_that_is_going(void)
{
    AUTO(current_catalog_destroy) struct current_catalog *current = current_catalog_create(catalog_new("worker"));
    struct reading reading = {.current = current};
    pthread_t readers[2];
    for (int i = 0; i < 2; i++)
        pthread_create(&readers[i], NULL, read_until_stopped, &reading);
    for (int i = 0; i < 5000 || (atomic_load(&reading.whole) < 1000 && i < 500000); i++)
        current_catalog_take(current, catalog_new("worker"));
    atomic_store(&reading.stop, true);
    for (int i = 0; i < 2; i++)
        pthread_join(readers[i], NULL);
    CHECK(reading.whole > 0);
    CHECK_NUMBER(reading.torn, 0);
}

int main(void)
{
    RUN(who_holds_the_earlier_one_keeps_it);
    RUN(what_is_held_outlives_the_place_it_came_from);
    RUN(readers_never_see_a_catalog_that_is_going);
    return test_result();
}
