/* SPDX-License-Identifier: Apache-2.0 */
/* IPv4 addresses and subnets. */
#include "base/ipv4.h"

#include <string.h>

#include "base/text.h"

bool ipv4_from_text(struct ipv4 *ret, const char *text)
{
    uint32_t number = 0;
    for (int part = 0; part < 4; part++) {
        uint32_t value = 0;
        int digits = 0;
        for (; *text >= '0' && *text <= '9' && digits < 3; digits++)
            value = value * 10 + (uint32_t)(*text++ - '0');
        if (digits == 0 || value > 255 || *text != (part < 3 ? '.' : '\0'))
            return false;
        text++;
        number = number << 8 | value;
    }
    ret->number = number;
    return true;
}

/* Returns where it ends. */
static char *write_number(char *at, unsigned number)
{
    if (number >= 10)
        at = write_number(at, number / 10);
    *at = (char)('0' + number % 10);
    return at + 1;
}

/* Without printf(), since the words for each DHCP reply have several. */
char *ipv4_to_text(char ret[IPV4_TEXT_MAX], struct ipv4 address)
{
    char *at = write_number(ret, address.number >> 24);
    for (int shift = 16; shift >= 0; shift -= 8) {
        *at++ = '.';
        at = write_number(at, address.number >> shift & 255);
    }
    *at = '\0';
    return ret;
}

struct ipv4 ipv4_from_bytes(struct bytes octets)
{
    if (octets.size != 4)
        return (struct ipv4){0};
    const uint8_t *o = octets.data;
    return (struct ipv4){.number = (uint32_t)o[0] << 24 | (uint32_t)o[1] << 16 | (uint32_t)o[2] << 8 | o[3]};
}

bool ipv4_subnet_from_text(struct ipv4_subnet *ret, const char *text)
{
    char address[IPV4_TEXT_MAX];
    const char *slash = strchr(text, '/');
    if (!slash || (size_t)(slash - text) >= sizeof address)
        return false;
    memcpy(address, text, (size_t)(slash - text));
    address[slash - text] = '\0';
    struct ipv4_subnet subnet;
    uint64_t prefix;
    if (!ipv4_from_text(&subnet.network, address) || !text_to_number(&prefix, slash + 1, 32))
        return false;
    subnet.prefix = (uint8_t)prefix;
    if (subnet.network.number & ~ipv4_subnet_mask(subnet).number)
        return false;
    *ret = subnet;
    return true;
}

struct ipv4 ipv4_interface_near(const struct ipv4_interface *interfaces, size_t count, struct ipv4 machine)
{
    for (size_t i = 0; i < count; i++)
        if (ipv4_is_set(machine) && ipv4_subnet_contains(interfaces[i].subnet, machine))
            return interfaces[i].address;
    return count > 0 ? interfaces[0].address : (struct ipv4){0};
}
