/* SPDX-License-Identifier: Apache-2.0 */
/* Digest authentication, RFC 7616, with MD5 and "auth": what iPXE has. The password does not travel. */
#pragma once

#include <stdbool.h>

#include "base/text.h"

#define HTTP_DIGEST_REALM "muster"
/* Longest value of one member with its NUL; a URI is the longest. */
#define HTTP_DIGEST_VALUE_MAX 2048

/* Whether an Authorization header proves that who sent it knows the password, for this request and nonce. */
bool http_digest_is_right(const char *authorization, const char *method, const char *target, const char *nonce,
                          const char *password);
/* Appends the value of a WWW-Authenticate header that asks for it. */
void http_digest_append_challenge(struct text *ret, const char *nonce);
