/* SPDX-License-Identifier: Apache-2.0 */
/* Where a transfer's content comes from: a file, memory, or another source translated. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct tftp_source {
    /* Reads up to size octets at offset. Returns how many, fewer only where the content ends; -EAGAIN when they are not
     * at hand yet and should be asked for again soon; another negative errno when they will never be. */
    int64_t (*read)(void *context, uint64_t offset, void *buffer, size_t size);
    void *context;
    bool size_is_known;
    uint64_t size;
};
