/* SPDX-License-Identifier: Apache-2.0 */
/* Names of files. */
#include "store/dir-names.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"

void names_finish(struct names *names)
{
    for (size_t i = 0; i < names->count; i++)
        free(names->at[i]);
    free(names->at);
    *names = (struct names){0};
}

void names_add(struct names *names, const char *name)
{
    *ARRAY_ADD(names->at, names->count, names->capacity) = memory_text(name);
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

void names_sort(struct names *names)
{
    if (names->count > 0)
        qsort(names->at, names->count, sizeof *names->at, compare_names);
}

bool names_have(const struct names *sorted, const char *name)
{
    return sorted->count > 0 && bsearch(&name, sorted->at, sorted->count, sizeof *sorted->at, compare_names) != NULL;
}
