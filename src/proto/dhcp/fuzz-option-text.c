/* SPDX-License-Identifier: Apache-2.0 */
/* A code, then a text a line: a value is refused, or no longer than it may be and of a size that clients take. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "proto/dhcp/option-text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *texts[16];
    size_t count = 0;
    if (size == 0)
        return 0;
    char *lines = memory_text_of((const char *)data + 1, size - 1);
    for (char *rest = lines, *line; count < 16 && (line = strsep(&rest, "\n"));)
        texts[count++] = line;
    uint8_t value[DHCP_OPTION_VALUE_MAX];
    size_t value_size = 0;
    enum dhcp_option_type type = dhcp_option_type(data[0]);
    if (dhcp_option_value_from_texts(value, &value_size, type, texts, count, NULL) == DHCP_OPTION_TEXT_OK) {
        assert(value_size > 0 && value_size <= sizeof value);
        assert(type == DHCP_TYPE_OCTETS || dhcp_option_size_is_valid(data[0], value_size));
    }
    free(lines);
    return 0;
}
