/* SPDX-License-Identifier: Apache-2.0 */
/* Whether a config document can be given to machines at all: what is wrong with it for every one of them. */
#pragma once

#include "base/diag.h"
#include "boot/catalog-document.h"

/* A template must parse, Ignition's own JSON be a config. False, with a fault in file, when it is broken. */
bool document_is_usable(const struct catalog_document *document, const char *file, struct faults *faults);
