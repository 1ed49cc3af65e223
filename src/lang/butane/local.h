/* SPDX-License-Identifier: Apache-2.0 */
/* Contents out of the folder of files. Within lang/ only. */
#pragma once

#include "lang/ignition/draft.h"

/* Octets of files that one config may take in all. */
#define BUTANE_OCTETS_MAX ((size_t)32 << 20)

/* Appends the file's content; false, with an error at the place, when there is none to be had. */
bool local_read(struct draft *draft, struct text *ret, const struct item *place, const char *path);
/* The folder's entries in order. The same. */
bool local_list(struct draft *draft, struct file_entries *ret, const struct item *place, const char *path);
/* The path in its simplest form on the heap; NULL, with an error, when it leads out of the folder or there is none. */
char *local_path(struct draft *draft, const struct item *place, const char *path);
/* Makes the content the resource's source, which is then made: its origin is that of the place. */
void resource_set_content(struct draft *draft, struct item *resource, const struct item *place, struct bytes content);
