/* SPDX-License-Identifier: Apache-2.0 */
/* libcurl, loaded for the first who needs it, and what all our requests have in common. Within io/ only. */
#pragma once

#include <curl/curl.h>

#include "base/diag.h"

/* The functions of libcurl under their names without curl_; none may be called before curl_load(). */
struct curl_functions {
    __typeof__(curl_global_init) *global_init;
    __typeof__(curl_easy_init) *easy_init;
    __typeof__(curl_easy_setopt) *easy_setopt;
    __typeof__(curl_easy_getinfo) *easy_getinfo;
    __typeof__(curl_easy_perform) *easy_perform;
    __typeof__(curl_easy_cleanup) *easy_cleanup;
    __typeof__(curl_easy_strerror) *easy_strerror;
    __typeof__(curl_slist_append) *slist_append;
    __typeof__(curl_slist_free_all) *slist_free_all;
    __typeof__(curl_multi_init) *multi_init;
    __typeof__(curl_multi_cleanup) *multi_cleanup;
    __typeof__(curl_multi_add_handle) *multi_add_handle;
    __typeof__(curl_multi_remove_handle) *multi_remove_handle;
    __typeof__(curl_multi_perform) *multi_perform;
    __typeof__(curl_multi_poll) *multi_poll;
    __typeof__(curl_multi_wakeup) *multi_wakeup;
    __typeof__(curl_multi_info_read) *multi_info_read;
};

extern struct curl_functions curl;

/* Loads it, once; from any thread. 0 or a negative errno with the reason. */
int curl_load(struct diag *why);
/* Sets what holds for every request: http and https only, redirects with a bound, patience, whom to trust. */
void curl_prepare(CURL *handle, const char *url, char error[CURL_ERROR_SIZE]);
/* Why a request failed, from its code and what curl wrote into error. */
void curl_say(struct diag *why, CURLcode code, const char *error);
