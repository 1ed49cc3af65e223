/* SPDX-License-Identifier: Apache-2.0 */
/* Where each piece of an output comes from. */
#pragma once

#include "lang/template/node.h"

/* What follows in the output is this text of the source, character by character. */
void map_add_text(struct template_map *map, size_t output, const struct template *template, struct bytes text);
/* What follows is made by the action at that offset of the source. */
void map_add_action(struct template_map *map, size_t output, const struct template *template, size_t offset);
