/* SPDX-License-Identifier: Apache-2.0 */
/* libcurl and the twenty libraries behind it take 4 MB, and most servers never ask anybody. */
#include "io/curl.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "io/library.h"

/* A server that has sent next to nothing for this long is given up: one that drips would hold its place for ever.
 * Octets a second, and seconds. */
#define STALLED_RATE 500
#define STALLED_SECONDS 30
#define CONNECT_SECONDS 15
#define REDIRECTS_MAX 10
/* Of Debian's libcurl3-gnutls. */
#define SONAME "libcurl-gnutls.so.4"

struct curl_functions curl;

int curl_load(struct diag *why)
{
    static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    static bool loaded;
    static const struct library_function functions[] = {
        {"curl_global_init", &curl.global_init},
        {"curl_easy_init", &curl.easy_init},
        {"curl_easy_setopt", &curl.easy_setopt},
        {"curl_easy_getinfo", &curl.easy_getinfo},
        {"curl_easy_perform", &curl.easy_perform},
        {"curl_easy_cleanup", &curl.easy_cleanup},
        {"curl_easy_strerror", &curl.easy_strerror},
        {"curl_slist_append", &curl.slist_append},
        {"curl_slist_free_all", &curl.slist_free_all},
        {"curl_multi_init", &curl.multi_init},
        {"curl_multi_cleanup", &curl.multi_cleanup},
        {"curl_multi_add_handle", &curl.multi_add_handle},
        {"curl_multi_remove_handle", &curl.multi_remove_handle},
        {"curl_multi_perform", &curl.multi_perform},
        {"curl_multi_poll", &curl.multi_poll},
        {"curl_multi_wakeup", &curl.multi_wakeup},
        {"curl_multi_info_read", &curl.multi_info_read},
    };
    pthread_mutex_lock(&lock);
    int result = loaded ? 0 : library_load(SONAME, functions, LENGTH(functions), why);
    if (result == 0 && !loaded) {
        curl.global_init(CURL_GLOBAL_DEFAULT);
        loaded = true;
    }
    pthread_mutex_unlock(&lock);
    return result;
}

/* As programs of Go take it, Pixiecore among them, whose users have it set. */
static void set_trust(CURL *handle)
{
    const char *file = getenv("SSL_CERT_FILE");
    const char *folder = getenv("SSL_CERT_DIR");
    if (file && *file)
        curl.easy_setopt(handle, CURLOPT_CAINFO, file);
    if (folder && *folder)
        curl.easy_setopt(handle, CURLOPT_CAPATH, folder);
}

void curl_prepare(CURL *handle, const char *url, char error[CURL_ERROR_SIZE])
{
    curl.easy_setopt(handle, CURLOPT_URL, url);
    curl.easy_setopt(handle, CURLOPT_PROTOCOLS_STR, "http,https");
    curl.easy_setopt(handle, CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
    curl.easy_setopt(handle, CURLOPT_FOLLOWLOCATION, 1L);
    curl.easy_setopt(handle, CURLOPT_MAXREDIRS, (long)REDIRECTS_MAX);
    curl.easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
    curl.easy_setopt(handle, CURLOPT_CONNECTTIMEOUT, (long)CONNECT_SECONDS);
    curl.easy_setopt(handle, CURLOPT_LOW_SPEED_LIMIT, (long)STALLED_RATE);
    curl.easy_setopt(handle, CURLOPT_LOW_SPEED_TIME, (long)STALLED_SECONDS);
    curl.easy_setopt(handle, CURLOPT_USERAGENT, "muster/" MUSTER_VERSION);
    curl.easy_setopt(handle, CURLOPT_ERRORBUFFER, error);
    set_trust(handle);
}

void curl_say(struct diag *why, CURLcode code, const char *error)
{
    const char *file = getenv("SSL_CERT_FILE");
    bool is_of_another = strstr(error, "does not match");
    if (code == CURLE_SSL_CACERT_BADFILE && file && *file)
        fail(why, 0, "the certificate authorities in '%s', which SSL_CERT_FILE names, cannot be read", file);
    else if (code == CURLE_PEER_FAILED_VERIFICATION && !is_of_another)
        fail(why, 0, "%s (to trust a certificate authority of your own, name its PEM file in SSL_CERT_FILE)", error);
    else
        fail(why, 0, "%s", *error ? error : curl.easy_strerror(code));
}
