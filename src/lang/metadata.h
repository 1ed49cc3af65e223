/* SPDX-License-Identifier: Apache-2.0 */
/* Metadata as lines of NAME=value, for systemd's EnvironmentFile=: Matchbox's names and values, but in the order of
 * their lines and so that no value can begin or swallow one. */
#pragma once

#include "base/text.h"
#include "base/value.h"

/* Maps inside each other that are followed. */
#define METADATA_DEPTH_MAX 32

/* Appends a line for each text, number and truth value of the map, those of a map inside it under its name: {"a": {"b":
 * 1}} is A_B=1. Lists and nulls are left out. */
void metadata_write(struct text *ret, const struct value *map);
