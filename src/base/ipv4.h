/* SPDX-License-Identifier: Apache-2.0 */
/* IPv4 addresses and subnets as values. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"

/* Longest text of an address with its NUL. */
#define IPV4_TEXT_MAX 16

struct ipv4 {
    uint32_t number; /* host byte order: 10.0.0.1 is 0x0a000001; 0 is no address */
};

struct ipv4_subnet {
    struct ipv4 network;
    uint8_t prefix; /* 0 to 32 */
};

/* An address of ours and the subnet it stands in. */
struct ipv4_interface {
    struct ipv4 address;
    struct ipv4_subnet subnet;
};

#define IPV4_BROADCAST ((struct ipv4){.number = 0xffffffff})

/* Dotted quad of four decimal numbers, nothing before or after. */
bool ipv4_from_text(struct ipv4 *ret, const char *text);
char *ipv4_to_text(char ret[IPV4_TEXT_MAX], struct ipv4 address);
/* Four octets in network order; none when bytes are of another size. */
struct ipv4 ipv4_from_bytes(struct bytes octets);
/* "10.0.0.0/24"; host bits must be zero. */
bool ipv4_subnet_from_text(struct ipv4_subnet *ret, const char *text);

static inline bool ipv4_equal(struct ipv4 a, struct ipv4 b)
{
    return a.number == b.number;
}

static inline bool ipv4_is_set(struct ipv4 address)
{
    return address.number != 0;
}

static inline struct ipv4 ipv4_subnet_mask(struct ipv4_subnet subnet)
{
    return (struct ipv4){.number = subnet.prefix == 0 ? 0 : 0xffffffffu << (32 - subnet.prefix)};
}

static inline bool ipv4_subnet_contains(struct ipv4_subnet subnet, struct ipv4 address)
{
    return (address.number & ipv4_subnet_mask(subnet).number) == subnet.network.number;
}

/* Which of our addresses a machine at the given one should be told: the one in its subnet, else the first; unset
 * when there is none. */
struct ipv4 ipv4_interface_near(const struct ipv4_interface *interfaces, size_t count, struct ipv4 machine);

/* The last address of the subnet; a /31 or /32 has no broadcast address and gives none. */
static inline struct ipv4 ipv4_subnet_broadcast(struct ipv4_subnet subnet)
{
    if (subnet.prefix > 30)
        return (struct ipv4){0};
    return (struct ipv4){.number = subnet.network.number | ~ipv4_subnet_mask(subnet).number};
}
