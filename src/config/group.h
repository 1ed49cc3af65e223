/* SPDX-License-Identifier: Apache-2.0 */
/* Documents of groups/, as Matchbox reads them. */
#pragma once

#include "boot/group.h"
#include "lang/document.h"

/* Makes the group that a document describes; one that gives no id gets id. Its source is the document's file. NULL,
 * with faults, when something is wrong with it. Warnings alone don't prevent it. */
struct group *group_from_document(const struct document *document, const char *id, struct faults *faults);
