/* SPDX-License-Identifier: Apache-2.0 */
/* Media types by content. */
#pragma once

#include "base/bytes.h"

/* The media type that a server of Go's net/http gives content without a name (WHATWG MIME Sniffing §7, its first 512
 * octets): HTML, XML, the archives and pictures that have a signature, else text or octets. Never NULL. */
const char *http_sniff(struct bytes content);
