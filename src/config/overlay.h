/* SPDX-License-Identifier: Apache-2.0 */
/* The member "overlay" of a profile. */
#pragma once

#include "boot/overlay.h"
#include "config/members.h"

/* Reads a list of files into *ret, which is empty. What the archive of them would refuse is a fault here already, at
 * the file's place in the document: a path that leads out, one that is there twice. */
bool overlay_read(struct overlay *ret, const struct member_context *context, const char *name,
                  const struct node *value);
