/* SPDX-License-Identifier: Apache-2.0 */
/* The certificate that an HTTPS server shows, with its key: read from PEM files, and read anew while connections are
 * open. */
#pragma once

#include <gnutls/abstract.h>

#include "base/auto.h"
#include "base/diag.h"

/* The server's own certificate and those that lead to a root. */
#define HTTP_CERTIFICATE_CHAIN_MAX 16

struct http_certificate;

/* Reads both files; chain holds the server's certificate first. Returns 0 or a negative errno with the reason: a file
 * that cannot be read, holds something else, or a key of another certificate. */
int http_certificate_open(struct http_certificate **ret, const char *chain, const char *key, struct diag *why);
/* Reads anew, for connections from now on; what was there stays where that fails. From one thread at a time. */
int http_certificate_reload(struct http_certificate *certificate, const char *chain, const char *key, struct diag *why);
/* No connection may use it any more. NULL is left alone. */
void http_certificate_close(struct http_certificate *certificate);
AUTO_DEFINE(http_certificate_close, struct http_certificate *);

/* What GnuTLS is to show now. Borrowed until the certificate is closed. From any thread. */
void http_certificate_current(struct http_certificate *certificate, gnutls_pcert_st **ret_chain, unsigned *ret_count,
                              gnutls_privkey_t *ret_key);
