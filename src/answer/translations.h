/* SPDX-License-Identifier: Apache-2.0 */
/* What the renderings of one Butane document became, so that a config which many machines get is translated once.
 * Bounded: what was not asked for longest goes first. For any number of threads at once. Within answer/ only. */
#pragma once

#include "base/text.h"
#include "lang/files.h"

/* Renderings of one document that are kept: each machine has its own where a template names it, and a rack of them
 * starts at once. */
#define TRANSLATIONS_MAX 256
/* Octets of these, and of what they became. */
#define TRANSLATIONS_OCTETS_MAX ((size_t)16 << 20)

struct translations;

struct translations *translations_create(void);
void translations_destroy(struct translations *translations);
/* Appends what the rendering became; false when that is not known, or a file that it took has changed since. */
bool translations_find(struct text *ret, struct translations *translations, struct bytes rendered,
                       const struct file_source *files);
/* Keeps it for the next who asks; take_uses are the files that it took, and are handed over. */
void translations_keep(struct translations *translations, struct bytes rendered, struct bytes config,
                       struct file_uses *take_uses);
