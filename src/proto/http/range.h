/* SPDX-License-Identifier: Apache-2.0 */
/* The Range header field. RFC 9110 §14. */
#pragma once

#include <stdint.h>

enum http_range_kind {
    HTTP_RANGE_WHOLE, /* no range, one that cannot be read, or several: the whole file */
    HTTP_RANGE_PART,
    HTTP_RANGE_UNSATISFIABLE, /* it begins behind the end of the file */
};

/* Reads a Range field (NULL: none) for a file of size octets; offset and length are set for HTTP_RANGE_PART only, and
 * lie within it. An empty file has no part that could be named, and is sent whole. */
enum http_range_kind http_range_read(uint64_t *ret_offset, uint64_t *ret_length, const char *field, uint64_t size);
