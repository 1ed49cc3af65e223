/* SPDX-License-Identifier: Apache-2.0 */
/* What counts as true in a template: all but false, nil, zero and what is empty. */
#pragma once

#include <stdbool.h>

#include "base/value.h"

static inline bool value_is_true(const struct value *value)
{
    switch (value->kind) {
    case VALUE_NULL:
        return false;
    case VALUE_BOOL:
        return value->boolean;
    case VALUE_NUMBER:
        return value->number != 0;
    case VALUE_STRING:
        return value->string.length > 0;
    case VALUE_LIST:
        return value->list.count > 0;
    case VALUE_MAP:
        return value->map.count > 0;
    case VALUE_INTEGER:
        break;
    }
    return value->integer != 0; /* an integer, or the octet that indexing a string gave */
}
