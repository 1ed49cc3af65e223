/* SPDX-License-Identifier: Apache-2.0 */
/* Machine UUIDs. */
#include "base/uuid.h"

#include <stdio.h>
#include <string.h>

/* Where each octet of the text stands in the octets sent. */
static const uint8_t text_order[16] = {3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15};
static const uint8_t wire_order[16] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};

static char *uuid_print(char ret[UUID_TEXT_MAX], const struct uuid *uuid, const uint8_t order[16])
{
    char *cursor = ret;
    for (int i = 0; i < 16; i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10)
            *cursor++ = '-';
        cursor += snprintf(cursor, 3, "%02x", uuid->octets[order[i]]);
    }
    return ret;
}

char *uuid_to_text(char ret[UUID_TEXT_MAX], const struct uuid *uuid)
{
    return uuid_print(ret, uuid, text_order);
}

char *uuid_to_wire_text(char ret[UUID_TEXT_MAX], const struct uuid *uuid)
{
    return uuid_print(ret, uuid, wire_order);
}

bool uuid_from_text(struct uuid *ret, const char *text)
{
    struct uuid uuid;
    for (int i = 0; i < 16; i++) {
        if ((i == 4 || i == 6 || i == 8 || i == 10) && *text++ != '-')
            return false;
        unsigned value = 0;
        for (int digit = 0; digit < 2; digit++, text++) {
            const char *digits = "0123456789abcdef";
            const char *found = *text ? strchr(digits, *text | 0x20) : NULL;
            if (!found)
                return false;
            value = value << 4 | (unsigned)(found - digits);
        }
        uuid.octets[text_order[i]] = (uint8_t)value;
    }
    if (*text)
        return false;
    *ret = uuid;
    return true;
}

bool uuid_is_dummy(const struct uuid *uuid)
{
    /* Seen from unrelated boards in captures of three vendors' firmware. */
    static const uint8_t shared[][16] = {
        {0x00, 0x02, 0x00, 0x03, 0x00, 0x04, 0x00, 0x05, 0x00, 0x06, 0x00, 0x07, 0x00, 0x08, 0x00, 0x09},
        {0x03, 0x00, 0x02, 0x00, 0x04, 0x00, 0x05, 0x00, 0x00, 0x06, 0x00, 0x07, 0x00, 0x08, 0x00, 0x09},
    };
    for (size_t i = 0; i < sizeof shared / sizeof shared[0]; i++)
        if (memcmp(uuid->octets, shared[i], 16) == 0)
            return true;
    return memcmp(uuid->octets, uuid->octets + 1, 15) == 0;
}
