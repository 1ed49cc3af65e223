/* SPDX-License-Identifier: Apache-2.0 */
/* Documents of profiles/, as Matchbox reads them. */
#pragma once

#include "boot/profile.h"
#include "lang/document.h"

/* Makes the profile that a document describes; its source is the document's file. NULL, with faults, when something is
 * wrong with it. Warnings alone don't prevent it. */
struct profile *profile_from_document(const struct document *document, struct faults *faults);
