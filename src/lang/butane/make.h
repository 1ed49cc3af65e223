/* SPDX-License-Identifier: Apache-2.0 */
/* Making parts of a config that nobody wrote. Within lang/ only. */
#pragma once

#include "lang/ignition/draft.h"

/* A map that is made of what is at the place; for the config as a whole as for an entry of a list. */
struct item *make_map(struct draft *draft, const struct item *place, const struct schema *schema);
/* Appends a new map to the list of that name in a section of the config: "storage", "disks". */
struct item *make_entry(struct draft *draft, struct item *config, const char *section, const char *list,
                        const struct item *place);
void make_text(struct draft *draft, struct item *map, const char *name, const char *text);
void make_bool(struct draft *draft, struct item *map, const char *name, bool boolean);
void make_integer(struct draft *draft, struct item *map, const char *name, int64_t integer);
