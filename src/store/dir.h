/* SPDX-License-Identifier: Apache-2.0 */
/* The catalog out of a data directory in Matchbox's layout: groups/ and profiles/, one document a file, .json, .yaml or
 * .yml. A profile is known by its file's name, as Matchbox finds it; a group by the id in it. */
#pragma once

#include "base/diag.h"
#include "boot/catalog.h"

enum {
    STORE_DIR_OK = 0,
    STORE_DIR_E_MISSING = 1, /* no such folder, or one we may not read */
};

/* Reads everything and gives a sealed catalog. What is wrong goes into faults and takes down nothing but the document
 * it is wrong in; a folder without groups/ or profiles/ is an empty catalog. Returns STORE_DIR_OK, or
 * STORE_DIR_E_MISSING and then leaves *ret alone. */
int store_dir_load(struct catalog **ret, const char *data_path, struct faults *faults);
/* Adds warnings of what is likely wrong in a catalog that loaded: profiles that no group gives, and files that profiles
 * name and that are not there: below /assets/, and of ignition/, cloud/ and generic/. assets_path "" : none is served.
 */
void store_dir_check(const struct catalog *catalog, const char *data_path, const char *assets_path,
                     struct faults *faults);
