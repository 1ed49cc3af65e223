/* SPDX-License-Identifier: Apache-2.0 */
/* Machine UUIDs. The wire (option 97) and SMBIOS disagree on the byte order of the first three fields: firmware sends
 * them little-endian, as SMBIOS stores them, and shows them big-endian. A struct uuid holds the octets as sent. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* Length of a text form with its NUL. */
#define UUID_TEXT_MAX 37

struct uuid {
    uint8_t octets[16];
};

/* As a person, iPXE's ${uuid} and dmidecode write it: the first three fields little-endian. Lower case. */
char *uuid_to_text(char ret[UUID_TEXT_MAX], const struct uuid *uuid);
/* As PXELINUX writes it in a file name: every octet in the order sent. Lower case. */
char *uuid_to_wire_text(char ret[UUID_TEXT_MAX], const struct uuid *uuid);
/* Reads the form of uuid_to_text(), hexadecimal digits of any case. */
bool uuid_from_text(struct uuid *ret, const char *text);
/* All octets alike (zeros, ones) or a value that many boards are known to share: no identity. */
bool uuid_is_dummy(const struct uuid *uuid);
