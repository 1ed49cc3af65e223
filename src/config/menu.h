/* SPDX-License-Identifier: Apache-2.0 */
/* The member "menu" of a group. */
#pragma once

#include "boot/menu.h"
#include "config/members.h"

/* Reads a list of profiles, or a map with more about them, into a new menu; null leaves *ret. */
bool menu_read(struct menu **ret, const struct member_context *context, const char *name, const struct node *value);
