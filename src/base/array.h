/* SPDX-License-Identifier: Apache-2.0 */
/* Growing arrays: a pointer, a count and a capacity that live in their owner's struct. */
#pragma once

#include "base/memory.h"

/* Makes room for one more element behind the last and yields its address; the element is not initialised. */
#define ARRAY_ADD(elements, count, capacity)                                                                           \
    ({                                                                                                                 \
        if ((count) == (capacity)) {                                                                                   \
            (capacity) = (capacity) > 0 ? (capacity)*2 : 8;                                                            \
            (elements) = memory_resize((elements), (capacity), sizeof *(elements));                                    \
        }                                                                                                              \
        &(elements)[(count)++];                                                                                        \
    })

/* The number of elements of a true array. */
#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))
