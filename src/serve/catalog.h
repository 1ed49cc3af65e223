/* SPDX-License-Identifier: Apache-2.0 */
/* The catalog that is served: read from the data folder, which is followed from then on, and what is wrong with it said
 * in the log, each thing once. */
#pragma once

#include "base/diag.h"
#include "store/current.h"

struct serve_catalog;

/* Reads the data folder and follows it; with given (not NULL) that catalog is served and nothing is read. changed is
 * called when a new one is in place, from another thread. Returns 0, or a negative errno with the reason when the
 * folder cannot be read. */
int serve_catalog_start(struct serve_catalog **ret, const char *data_path, const struct catalog *given,
                        void (*changed)(void *context), void *context, struct diag *why);
/* Stops following; the catalog of now stays. */
void serve_catalog_stop(struct serve_catalog *served);
void serve_catalog_destroy(struct serve_catalog *served);

struct current_catalog *serve_catalog_current(const struct serve_catalog *served);
/* The folder it is read from; "" for a given catalog. */
const char *serve_catalog_data_path(const struct serve_catalog *served);
/* Looks at everything again, in this data folder from now on, and returns when it is in place. */
void serve_catalog_reload(struct serve_catalog *served, const char *data_path);
