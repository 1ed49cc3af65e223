/* SPDX-License-Identifier: Apache-2.0 */
/* A few options, sorted. */
#include "lease/options.h"

#include <stdlib.h>

#include "base/memory.h"

void lease_options_finish(struct lease_options *options)
{
    for (size_t i = 0; i < options->count; i++)
        free(options->at[i].value);
    free(options->at);
    *options = (struct lease_options){0};
}

/* Where the option stands or would stand. */
static size_t position_of(const struct lease_options *options, uint8_t code)
{
    size_t i = 0;
    while (i < options->count && options->at[i].code < code)
        i++;
    return i;
}

const struct lease_option *lease_options_find(const struct lease_options *options, uint8_t code)
{
    size_t i = position_of(options, code);
    return i < options->count && options->at[i].code == code ? &options->at[i] : NULL;
}

static struct lease_option *insert(struct lease_options *options, size_t i, uint8_t code)
{
    options->at = memory_resize(options->at, options->count + 1, sizeof options->at[0]);
    memmove(options->at + i + 1, options->at + i, (options->count - i) * sizeof options->at[0]);
    options->count++;
    options->at[i] = (struct lease_option){.code = code};
    return &options->at[i];
}

void lease_options_put(struct lease_options *options, uint8_t code, struct bytes value, bool is_forced)
{
    size_t i = position_of(options, code);
    bool is_there = i < options->count && options->at[i].code == code;
    struct lease_option *option = is_there ? &options->at[i] : insert(options, i, code);
    free(option->value);
    option->is_forced = is_forced;
    option->value = memory_new(value.size + 1, 1);
    option->size = value.size;
    if (value.size > 0)
        memcpy(option->value, value.data, value.size);
}

void lease_options_put_all(struct lease_options *options, const struct lease_options *others)
{
    for (size_t i = 0; i < others->count; i++) {
        const struct lease_option *option = &others->at[i];
        lease_options_put(options, option->code, bytes_of(option->value, option->size), option->is_forced);
    }
}
