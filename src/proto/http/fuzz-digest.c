/* SPDX-License-Identifier: Apache-2.0 */
/* Any Authorization header: nobody is let in by one that does not know the password. */
#include <stdint.h>
#include <stdlib.h>

#include "base/auto.h"
#include "base/memory.h"
#include "proto/http/digest.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    AUTO(free) char *header = memory_text_of((const char *)data, size);
    if (http_digest_is_right(header, "GET", "/ipxe?profile=a", "n0", "a password that no input has"))
        abort();
    return 0;
}
