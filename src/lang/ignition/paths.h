/* SPDX-License-Identifier: Apache-2.0 */
/* Paths on the machine. Within lang/ only. */
#pragma once

#include "lang/ignition/draft.h"

/* What is wrong with a path, NULL when nothing is: it must be there, absolute and in its simplest form. */
const char *path_fault(const char *path);
/* Says which paths lie behind a link or in a file, and which systemd unit is written as a file too. */
void check_path_conflicts(struct draft *draft, const struct item *config);
