/* SPDX-License-Identifier: Apache-2.0 */
/* Hardware addresses. */
#include "base/mac.h"

#include <string.h>

struct mac mac_from_bytes(struct bytes octets)
{
    struct mac mac = {0};
    if (octets.size > MAC_SIZE_MAX)
        return mac;
    mac.size = (uint8_t)octets.size;
    if (octets.size > 0)
        memcpy(mac.octets, octets.data, octets.size);
    return mac;
}

static int digit_value(char digit)
{
    if (digit >= '0' && digit <= '9')
        return digit - '0';
    if (digit >= 'a' && digit <= 'f')
        return digit - 'a' + 10;
    if (digit >= 'A' && digit <= 'F')
        return digit - 'A' + 10;
    return -1;
}

/* Reads groups of group_octets octets with a separator between them ('\0': none), to the end of the text. */
static bool mac_from_groups(struct mac *ret, const char *text, size_t group_octets, char separator)
{
    struct mac mac = {0};
    while (*text) {
        if (mac.size > 0 && separator != '\0' && mac.size % group_octets == 0 && *text++ != separator)
            return false;
        int high = digit_value(text[0]);
        int low = high < 0 ? -1 : digit_value(text[1]);
        if (low < 0 || mac.size == MAC_SIZE_MAX)
            return false;
        mac.octets[mac.size++] = (uint8_t)(high << 4 | low);
        text += 2;
    }
    if (mac.size != 6 && mac.size != 8 && mac.size != 20)
        return false;
    *ret = mac;
    return true;
}

bool mac_from_text(struct mac *ret, const char *text)
{
    size_t length = strlen(text);
    if (length < 14)
        return false;
    if (text[2] == ':' || text[2] == '-')
        return mac_from_groups(ret, text, 1, text[2]);
    return text[4] == '.' && mac_from_groups(ret, text, 2, '.');
}

bool mac_from_any_text(struct mac *ret, const char *text)
{
    if (mac_from_text(ret, text))
        return true;
    return strlen(text) == 12 && mac_from_groups(ret, text, 6, '\0');
}

char *mac_to_text(char ret[MAC_TEXT_MAX], const struct mac *mac, char separator)
{
    static const char digits[] = "0123456789abcdef";
    char *cursor = ret;
    for (size_t i = 0; i < mac->size; i++) {
        if (i > 0)
            *cursor++ = separator;
        *cursor++ = digits[mac->octets[i] >> 4];
        *cursor++ = digits[mac->octets[i] & 15];
    }
    *cursor = '\0';
    return ret;
}

bool mac_equal(const struct mac *a, const struct mac *b)
{
    return a->size == b->size && memcmp(a->octets, b->octets, a->size) == 0;
}

bool mac_is_multicast(const struct mac *mac)
{
    return mac->size > 0 && (mac->octets[0] & 1);
}

bool mac_is_zero(const struct mac *mac)
{
    for (size_t i = 0; i < mac->size; i++)
        if (mac->octets[i] != 0)
            return false;
    return true;
}

bool mac_is_machines(const struct mac *mac)
{
    bool has_group_bit = mac->size == 6 || mac->size == 8;
    return !mac_is_zero(mac) && !(has_group_bit && mac_is_multicast(mac));
}
