/* SPDX-License-Identifier: Apache-2.0 */
/* Names of files, sorted. Within store/ only. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/auto.h"

struct names {
    char **at;
    size_t count;
    size_t capacity;
};

void names_finish(struct names *names);
AUTO_DEFINE_STRUCT(names_finish, struct names);
/* Copies the name behind the last. */
void names_add(struct names *names, const char *name);
void names_sort(struct names *names);
bool names_have(const struct names *sorted, const char *name);
