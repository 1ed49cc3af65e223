/* SPDX-License-Identifier: Apache-2.0 */
/* The catalog that is served. */
#include "serve/catalog.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/text.h"
#include "config/config.h"
#include "io/log.h"
#include "serve/said.h"
#include "store/dir.h"
#include "store/watch.h"

struct serve_catalog {
    struct current_catalog *current;
    struct store_watch *watch; /* NULL: a given catalog */
    char *data_path;
    struct said said; /* on the watch's thread, once there is one */
    void (*changed)(void *context);
    void *context;
};

static void log_count(const char *data_path, const struct catalog *catalog)
{
    size_t groups = catalog_group_count(catalog);
    size_t profiles = catalog_profile_count(catalog);
    log_line(LOG_LEVEL_INFO, "catalog", NULL, "%s: %zu group%s, %zu profile%s", data_path, groups,
             groups == 1 ? "" : "s", profiles, profiles == 1 ? "" : "s");
}

static void was_read(void *context, const struct catalog *catalog, const struct faults *faults)
{
    struct serve_catalog *served = context;
    said_log(&served->said, "catalog", faults);
    if (!catalog)
        return;
    log_count(served->data_path, catalog);
    served->changed(served->context);
}

static void is_blind(void *context, const char *why)
{
    const struct serve_catalog *served = context;
    log_line(LOG_LEVEL_WARNING, "catalog", NULL, "%s: %s; it is looked at every %d seconds instead", served->data_path,
             why, (int)(STORE_WATCH_POLL / SECOND));
}

static int watch_data(struct serve_catalog *served, const char *data_path)
{
    free(served->data_path);
    served->data_path = memory_text(data_path);
    struct store_watch_events events = {.was_read = was_read, .is_blind = is_blind, .context = served};
    return store_watch_start(&served->watch, store_dir_create(data_path), served->current, &events);
}

/* A fresh host has no data folder yet: it is served with an empty catalog until there is one. One that was asked for
 * must be there. */
static bool is_fresh(const char *data_path)
{
    return text_is(data_path, CONFIG_DATA_DEFAULT) && access(data_path, F_OK) < 0 && errno == ENOENT;
}

int serve_catalog_start(struct serve_catalog **ret, const char *data_path, const struct catalog *given,
                        void (*changed)(void *context), void *context, struct diag *why)
{
    struct serve_catalog *served = *ret = MEMORY_NEW(struct serve_catalog);
    served->changed = changed;
    served->context = context;
    struct catalog *first = given ? catalog_ref(given) : catalog_create();
    if (!given)
        catalog_seal(first);
    served->current = current_catalog_create(first);
    bool fresh = is_fresh(data_path);
    if (given || watch_data(served, data_path) == STORE_DIR_OK)
        return 0;
    if (!fresh)
        return fail(why, -ENOENT, "the data folder '%s' cannot be read", data_path);
    log_line(LOG_LEVEL_WARNING, "catalog", NULL, "so no machine has a group until it is there; --data names another");
    return 0;
}

void serve_catalog_reload(struct serve_catalog *served, const char *data_path)
{
    if (!served->watch)
        return;
    if (text_is(data_path, served->data_path)) {
        store_watch_refresh(served->watch);
        return;
    }
    store_watch_stop(take_pointer(served->watch));
    if (watch_data(served, data_path) != STORE_DIR_OK)
        log_line(LOG_LEVEL_ERROR, "catalog", NULL, "the catalog of before stays until '%s' can be read", data_path);
}

struct current_catalog *serve_catalog_current(const struct serve_catalog *served)
{
    return served->current;
}

const char *serve_catalog_data_path(const struct serve_catalog *served)
{
    return served->data_path ?: "";
}

void serve_catalog_stop(struct serve_catalog *served)
{
    if (!served)
        return;
    store_watch_stop(take_pointer(served->watch));
}

void serve_catalog_destroy(struct serve_catalog *served)
{
    if (!served)
        return;
    serve_catalog_stop(served);
    current_catalog_destroy(served->current);
    said_finish(&served->said);
    free(served->data_path);
    free(served);
}
