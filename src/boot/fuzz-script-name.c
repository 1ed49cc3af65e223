/* SPDX-License-Identifier: Apache-2.0 */
/* Any path: what is read of it lies within it. */
#include "boot/script-name.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "base/memory.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    AUTO(free) char *path = memory_text_of((const char *)data, size);
    struct script_name name;
    if (!script_name_parse(&name, path))
        return 0;
    size_t length = strlen(path);
    if (name.name_length > length || (name.choice && (name.choice <= path || name.choice >= path + length)))
        abort();
    return 0;
}
