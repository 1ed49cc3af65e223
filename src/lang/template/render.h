/* SPDX-License-Identifier: Apache-2.0 */
/* Renders a parsed template. */
#pragma once

#include "lang/template/node.h"

/* What functions may make in one rendering: octets of text, and 64 for each value. */
#define TEMPLATE_MADE_MAX ((size_t)64 << 20)

/* map may be NULL. */
int render_run(struct text *ret, struct template_map *map, const struct template *template, const struct value *data,
               void *context, struct diag *why);
