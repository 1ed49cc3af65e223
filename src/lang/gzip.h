/* SPDX-License-Identifier: Apache-2.0 */
/* Files of gzip, RFC 1952. */
#pragma once

#include "base/bytes.h"
#include "base/text.h"

/* Largest content, in octets. */
#define GZIP_CONTENT_MAX ((size_t)1 << 30)

/* Appends a file with the content, which is at most GZIP_CONTENT_MAX; the same for the same content at any time. */
void gzip_append(struct text *ret, struct bytes content);
