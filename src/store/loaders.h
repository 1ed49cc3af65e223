/* SPDX-License-Identifier: Apache-2.0 */
/* Where this host keeps the boot programs. Looked up when asked for, so that a package installed while we run is found
 * at once. Immutable after it was created: any number of threads may ask. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/auto.h"
#include "boot/loader.h"
#include "config/config.h"

struct loaders;

/* Takes the folders and the files named one by one from the configuration; distributions' own folders come behind. */
struct loaders *loaders_create(const struct config *config);
void loaders_destroy(struct loaders *loaders);
AUTO_DEFINE(loaders_destroy, struct loaders *);

/* The path of the program of that name, or of the file that one loads in its turn, on the heap; NULL when it is none
 * that we know or is not on this host. */
char *loaders_find(const struct loaders *loaders, const char *name);
/* Whether the program is on this host; context is the struct loaders. For loader_for(). */
bool loaders_have(void *context, const struct loader *loader);
