/* SPDX-License-Identifier: Apache-2.0 */
/* Options as people write them in a configuration: their names and numbers, and their values as texts. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/diag.h"
#include "proto/dhcp/options.h"

/* Longest value that a configuration may give, in octets: what fits a reply beside all else. */
#define DHCP_OPTION_VALUE_MAX 1024

enum {
    DHCP_OPTION_TEXT_OK = 0,
    DHCP_OPTION_TEXT_E_INVALID = 1,
};

/* "42", "ntp-servers" or the short "ntp". */
bool dhcp_option_code_from_text(uint8_t *ret, const char *text);
/* The short names, by index; NULL past the last. For what a wrong name is most like. */
const char *dhcp_option_short_name_at(size_t index);
/* "text", "address", "addresses", "number8", "number16", "number32", "octets", "bool", "names", "routes". */
bool dhcp_option_type_from_text(enum dhcp_option_type *ret, const char *text);
/* The type of a code as the table has it; octets for a code that is not there. */
enum dhcp_option_type dhcp_option_type(uint8_t code);
/* The least number that a value of the option may have, by RFC 2132; 0 where any will do. */
uint32_t dhcp_option_least(uint8_t code);
/* Writes the value that the texts stand for; a list has a text for each item. Returns DHCP_OPTION_TEXT_OK, or
 * DHCP_OPTION_TEXT_E_INVALID with what was expected in *why. */
int dhcp_option_value_from_texts(uint8_t ret[DHCP_OPTION_VALUE_MAX], size_t *ret_size, enum dhcp_option_type type,
                                 const char *const *texts, size_t count, struct diag *why);
/* Hexadecimal digits in pairs, with colons between them all or between none, and "0x" before them or not. False for
 * all else and for more than max octets. */
bool dhcp_octets_from_text(uint8_t *ret, size_t *ret_size, size_t max, const char *text);
