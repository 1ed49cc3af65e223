/* SPDX-License-Identifier: Apache-2.0 */
/* The member "loader" of profiles and groups. */
#pragma once

#include "boot/loader-choice.h"
#include "config/members.h"

/* Reads the name of a kind of boot program; a fault lists those there are. null leaves *ret. */
bool member_read_loader(enum loader_choice *ret, const struct member_context *context, const char *name,
                        const struct node *value);
