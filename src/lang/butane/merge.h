/* SPDX-License-Identifier: Apache-2.0 */
/* Ignition's rule for two configs that are one: what Butane makes is the parent, what was written the child. Within
 * lang/ only. */
#pragma once

#include "lang/ignition/draft.h"

/* A map of both. The child's scalars win; entries of lists with the same key become one; the parent's entries stand
 * first. A path that the child has as a file, link or directory is gone from the parent whatever it is there. */
struct item *draft_merge(struct draft *draft, const struct item *parent, const struct item *child);
