/* SPDX-License-Identifier: Apache-2.0 */
/* Certificate and key of HTTPS, exchanged by one pointer. */
#include "io/http-certificate.h"

#include <errno.h>
#include <gnutls/x509.h>
#include <stdatomic.h>
#include <string.h>

#include "base/memory.h"

/* One reading of the files. */
struct pair {
    struct pair *older; /* kept to the end: a handshake may be using it, and renewals are rare */
    gnutls_pcert_st chain[HTTP_CERTIFICATE_CHAIN_MAX];
    unsigned count;
    gnutls_privkey_t key;
};

struct http_certificate {
    _Atomic(struct pair *) current;
};

static void auto_datum_free(gnutls_datum_t *local)
{
    if (local->data)
        gnutls_memset(local->data, 0, local->size);
    gnutls_free(local->data);
}

static void pair_destroy(struct pair *pair)
{
    for (unsigned i = 0; i < pair->count; i++)
        gnutls_pcert_deinit(&pair->chain[i]);
    if (pair->key)
        gnutls_privkey_deinit(pair->key);
    free(pair);
}
AUTO_DEFINE(pair_destroy, struct pair *);

static int read_file(gnutls_datum_t *ret, const char *what, const char *path, struct diag *why)
{
    errno = 0;
    if (gnutls_load_file(path, ret) < 0)
        return fail(why, errno ? -errno : -EIO, "read the %s of HTTPS, '%s': %s", what, path,
                    errno ? strerror(errno) : "it cannot be read");
    return 0;
}

static int import_chain(struct pair *pair, const gnutls_datum_t *data, const char *path, struct diag *why)
{
    unsigned count = HTTP_CERTIFICATE_CHAIN_MAX;
    int code = gnutls_pcert_list_import_x509_raw(pair->chain, &count, data, GNUTLS_X509_FMT_PEM, 0);
    if (code < 0)
        return fail(why, -EINVAL, "'%s' holds no certificate in PEM form for HTTPS: %s", path, gnutls_strerror(code));
    pair->count = count;
    return 0;
}

static int import_key(struct pair *pair, const gnutls_datum_t *data, const char *path, struct diag *why)
{
    int code = gnutls_privkey_init(&pair->key);
    if (code == 0)
        code = gnutls_privkey_import_x509_raw(pair->key, data, GNUTLS_X509_FMT_PEM, NULL, 0);
    if (code < 0)
        return fail(why, -EINVAL, "'%s' holds no private key in PEM form, without a passphrase, for HTTPS: %s", path,
                    gnutls_strerror(code));
    return 0;
}

/* GnuTLS compares them only where it is given both in this form. */
static int check_match(const gnutls_datum_t *chain, const gnutls_datum_t *key, const char *chain_path,
                       const char *key_path, struct diag *why)
{
    gnutls_certificate_credentials_t both;
    int code = gnutls_certificate_allocate_credentials(&both);
    if (code == 0) {
        code = gnutls_certificate_set_x509_key_mem2(both, chain, key, GNUTLS_X509_FMT_PEM, NULL, 0);
        gnutls_certificate_free_credentials(both);
    }
    if (code == GNUTLS_E_CERTIFICATE_KEY_MISMATCH)
        return fail(why, -EINVAL, "the key '%s' is not the one of the certificate '%s'", key_path, chain_path);
    return code < 0 ? fail(why, -EINVAL, "the certificate '%s' with the key '%s': %s", chain_path, key_path,
                           gnutls_strerror(code))
                    : 0;
}

static int pair_read(struct pair **ret, const char *chain_path, const char *key_path, struct diag *why)
{
    AUTO(pair_destroy) struct pair *pair = MEMORY_NEW(struct pair);
    AUTO(datum_free) gnutls_datum_t chain = {0};
    AUTO(datum_free) gnutls_datum_t key = {0};
    int result = read_file(&chain, "certificate", chain_path, why);
    if (result == 0)
        result = read_file(&key, "key", key_path, why);
    if (result == 0)
        result = import_chain(pair, &chain, chain_path, why);
    if (result == 0)
        result = import_key(pair, &key, key_path, why);
    if (result == 0)
        result = check_match(&chain, &key, chain_path, key_path, why);
    if (result == 0)
        *ret = take_pointer(pair);
    return result;
}

int http_certificate_open(struct http_certificate **ret, const char *chain, const char *key, struct diag *why)
{
    AUTO(http_certificate_close) struct http_certificate *certificate = MEMORY_NEW(struct http_certificate);
    int result = http_certificate_reload(certificate, chain, key, why);
    if (result == 0)
        *ret = take_pointer(certificate);
    return result;
}

int http_certificate_reload(struct http_certificate *certificate, const char *chain, const char *key, struct diag *why)
{
    struct pair *pair;
    int result = pair_read(&pair, chain, key, why);
    if (result < 0)
        return result;
    pair->older = atomic_load(&certificate->current);
    atomic_store(&certificate->current, pair);
    return 0;
}

void http_certificate_close(struct http_certificate *certificate)
{
    if (!certificate)
        return;
    struct pair *pair = atomic_load(&certificate->current);
    while (pair) {
        struct pair *older = pair->older;
        pair_destroy(pair);
        pair = older;
    }
    free(certificate);
}

void http_certificate_current(struct http_certificate *certificate, gnutls_pcert_st **ret_chain, unsigned *ret_count,
                              gnutls_privkey_t *ret_key)
{
    struct pair *pair = atomic_load(&certificate->current);
    *ret_chain = pair->chain;
    *ret_count = pair->count;
    *ret_key = pair->key;
}
