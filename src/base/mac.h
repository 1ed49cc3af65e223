/* SPDX-License-Identifier: Apache-2.0 */
/* Hardware addresses: 6 octets on Ethernet, 8 for EUI-64, 20 on InfiniBand. What most people call the MAC. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"

#define MAC_SIZE_MAX 20
/* Longest text form with its NUL. */
#define MAC_TEXT_MAX (MAC_SIZE_MAX * 3)

struct mac {
    uint8_t size; /* 0: none */
    uint8_t octets[MAC_SIZE_MAX];
};

/* Copies an address of at most MAC_SIZE_MAX octets; longer ones give none. */
struct mac mac_from_bytes(struct bytes octets);
/* Reads aa:bb:cc:dd:ee:ff, aa-bb-cc-dd-ee-ff or aabb.ccdd.eeff of 6, 8 or 20 octets, hexadecimal digits of any case:
 * what Matchbox accepts, since both take what Go's net.ParseMAC takes. */
bool mac_from_text(struct mac *ret, const char *text);
/* Like mac_from_text(), and also twelve digits without separators, as in aabbccddeeff. */
bool mac_from_any_text(struct mac *ret, const char *text);
/* Writes the octets in lower case with the separator between them; the empty text for none. Returns ret. */
char *mac_to_text(char ret[MAC_TEXT_MAX], const struct mac *mac, char separator);
bool mac_equal(const struct mac *a, const struct mac *b);
/* The group bit of the first octet; broadcast is one. */
bool mac_is_multicast(const struct mac *mac);
/* Zeros alone, as some virtual interfaces have, or none. */
bool mac_is_zero(const struct mac *mac);
/* One that a machine can have: neither of those; InfiniBand's has no group bit. */
bool mac_is_machines(const struct mac *mac);
