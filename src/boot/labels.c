/* SPDX-License-Identifier: Apache-2.0 */
/* Sets of labels. */
#include "boot/labels.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/mac.h"
#include "base/text.h"

void labels_finish(struct labels *labels)
{
    for (size_t i = 0; i < labels->count; i++) {
        free(labels->at[i].name);
        free(labels->at[i].value);
    }
    free(labels->at);
    *labels = (struct labels){0};
}

/* The index of the first label whose name is not less than name. */
static size_t labels_position(const struct labels *labels, const char *name)
{
    size_t low = 0;
    size_t high = labels->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (strcmp(labels->at[middle].name, name) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool labels_name_at(const struct labels *labels, size_t index, const char *name)
{
    return index < labels->count && strcmp(labels->at[index].name, name) == 0;
}

void labels_set(struct labels *labels, const char *name, const char *value)
{
    size_t at = labels_position(labels, name);
    char *copy = memory_text(value);
    if (labels_name_at(labels, at, name)) {
        free(labels->at[at].value);
        labels->at[at].value = copy;
        return;
    }
    (void)ARRAY_ADD(labels->at, labels->count, labels->capacity);
    memmove(&labels->at[at + 1], &labels->at[at], (labels->count - 1 - at) * sizeof labels->at[0]);
    labels->at[at] = (struct label){.name = memory_text(name), .value = copy};
}

const char *labels_get(const struct labels *labels, const char *name)
{
    size_t at = labels_position(labels, name);
    return labels_name_at(labels, at, name) ? labels->at[at].value : NULL;
}

bool labels_set_normalised(struct labels *labels, const char *name, const char *value)
{
    struct mac mac;
    char canonical[MAC_TEXT_MAX];
    if (!text_is_ignoring_case(name, "mac")) {
        labels_set(labels, name, value);
        return true;
    }
    if (!mac_from_text(&mac, value))
        return false;
    labels_set(labels, name, mac_to_text(canonical, &mac, ':'));
    return true;
}
