/* SPDX-License-Identifier: Apache-2.0 */
/* What a group wants of a label, out of documents: Matchbox's text, or a list or a map of other forms. */
#pragma once

#include "boot/group.h"
#include "config/members.h"

/* Adds what the member of a selector says to the group; false, with faults, when it is wrong. */
bool selector_read(struct group *group, const struct member_context *context, const struct node_member *member);
