/* SPDX-License-Identifier: Apache-2.0 */
/* Percent-encoding, RFC 3986 §2.1. */
#pragma once

#include <stdbool.h>

#include "base/bytes.h"
#include "base/text.h"

/* Appends encoded, each %XX as the octet it stands for; with plus_is_space also '+' as a space, as in a form's query.
 * False for a '%' without two hexadecimal digits behind it: then text has the octets before it only. */
bool percent_decode(struct text *text, struct bytes encoded, bool plus_is_space);
/* Appends octets as they may stand in a path: unreserved characters, "$&+,/:;=@" and "!'()*" as they are, all others
 * as %XX. */
void percent_encode_path(struct text *text, struct bytes octets);
/* Appends octets as they may stand as a name or a value in a query: unreserved characters as they are, all others as
 * %XX, so that no loader's script takes one for its own. iPXE 1.21 takes what is before the first colon for a scheme
 * wherever that stands. */
void percent_encode_query(struct text *text, struct bytes octets);
