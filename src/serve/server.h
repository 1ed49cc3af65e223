/* SPDX-License-Identifier: Apache-2.0 */
/* The whole server: opens every service, runs until it is told to stop, and reloads when it is told to. */
#pragma once

#include <stdbool.h>

#include "answer/http.h"
#include "base/diag.h"
#include "base/instant.h"
#include "boot/catalog.h"
#include "config/config.h"

/* What a server is made from. */
struct server_plan {
    /* Reads the configuration, anew for every reload, faults and all. Returns CONFIG_OK or a CONFIG_E_ code; *ret is to
     * be finished in any case. */
    int (*configure)(struct config *ret, void *context, struct faults *faults);
    void *context;
    /* The catalog where it does not come from the data folder; NULL: it does. */
    const struct catalog *catalog;
    /* Files served by HTTP beside it. */
    const struct http_file *files;
    size_t file_count;
    bool keeps_no_state; /* leases are forgotten at the end */
    struct moment started;
};

/* Runs the server until SIGTERM or SIGINT. Returns 0 after a clean stop, or a negative errno with the reason when it
 * could not start; faults of the configuration and the catalog are logged as they are found. */
int server_run(const struct server_plan *plan, struct diag *why);
