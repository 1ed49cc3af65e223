/* SPDX-License-Identifier: Apache-2.0 */
/* Which boot programs of this host machines would get, in words for a person. */
#pragma once

#include "base/diag.h"
#include "boot/catalog.h"
#include "boot/decision.h"
#include "config/config.h"

/* Prints the loader that was decided on, who says so, and its program for each firmware that the labels allow. */
void boot_programs_print(const struct decision *decision, const struct labels *labels, const struct config *config);
/* Adds a warning for each group, profile and default that names a loader whose program for x86-64 is not on this host.
 * file is where the configuration was read. */
void boot_programs_check(const struct catalog *catalog, const struct config *config, const char *file,
                         struct faults *faults);
