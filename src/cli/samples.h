/* SPDX-License-Identifier: Apache-2.0 */
/* Every group's documents, rendered for a machine such as it selects. */
#pragma once

#include "base/diag.h"
#include "boot/catalog.h"

/* Adds an error for each document or script that a machine of some group would not get, each reason once. */
void samples_check(const struct catalog *catalog, const char *data_path, struct faults *faults);
