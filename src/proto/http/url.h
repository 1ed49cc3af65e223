/* SPDX-License-Identifier: Apache-2.0 */
/* URLs of HTTP: taken apart, and references resolved against them as RFC 3986 says. */
#pragma once

#include <stdbool.h>

#include "base/bytes.h"
#include "base/text.h"

/* Longest URL that is taken: what a request line of our own server has room for. Octets. */
#define HTTP_URL_MAX 8192

enum {
    HTTP_URL_OK = 0,
    HTTP_URL_E_MALFORMED = 1, /* it holds a space, a control character or what is no ASCII, or is too long */
    HTTP_URL_E_SCHEME = 2,    /* it is neither of http nor of https */
};

/* A URI reference in its parts, none of them decoded. Borrowed from it. */
struct http_url {
    struct bytes scheme, authority, path, query;
    bool has_authority, has_query;
};

/* Takes any URI reference apart; what stands behind '#' is left out. RFC 3986 appendix B. HTTP_URL_OK or
 * HTTP_URL_E_MALFORMED. */
int http_url_split(struct http_url *ret, const char *reference);
/* Appends the absolute URL that reference stands for in a document at base, which is an absolute URL of http or https.
 * RFC 3986 §5.2. With a code that is not HTTP_URL_OK nothing is appended. */
int http_url_resolve(struct text *ret, const char *base, const char *reference);
/* Whether it is an absolute URL of http or https that names a host. */
bool http_url_is_absolute(const char *url);
/* Appends the URL as others may see it: without the password and the name that may stand before its host. */
void http_url_append_shown(struct text *ret, const char *url);
/* Appends the last part of a URL's path or of a file's, with '-' in place of what would need escaping anywhere; never
 * nothing and never beginning with a dot: "image" where there is none. */
void http_url_name(struct text *ret, const char *url);
