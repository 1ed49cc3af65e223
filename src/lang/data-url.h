/* SPDX-License-Identifier: Apache-2.0 */
/* "data:" URLs, RFC 2397, in the shortest of the forms that Butane writes. */
#pragma once

#include <stdbool.h>

#include "base/text.h"

/* Appends a URL of the content: escaped, in Base64, or, where that may be and is shorter, as gzip in Base64. Returns
 * whether it is compressed. */
bool data_url_append(struct text *ret, struct bytes content, bool may_compress);
