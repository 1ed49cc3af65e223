/* SPDX-License-Identifier: Apache-2.0 */
/* The target of a request and its path, in the one spelling by which it is looked up. */
#pragma once

#include <stdbool.h>

#include "base/bytes.h"
#include "base/text.h"

enum {
    HTTP_PATH_OK = 0,
    HTTP_PATH_E_MALFORMED = 1,
};

/* A target as sent, taken apart but not decoded. Borrowed from it. */
struct http_target {
    struct bytes path;
    struct bytes query; /* without the '?' */
    bool has_query;
};

/* Takes a target apart: origin-form ("/path?query") or absolute-form ("http://host/path?query", whose authority is
 * left out). Other forms and targets with control characters or spaces in them are HTTP_PATH_E_MALFORMED. RFC 9112
 * §3.2. */
int http_target_split(struct http_target *ret, struct bytes target);

/* Appends path decoded and clean: one slash between segments, none of them "." or "..", nothing above the root, a
 * slash at the end where there was one. *ret_moved says whether that is another path than the decoded one, which Go's
 * ServeMux answers with a redirect to the clean one. HTTP_PATH_E_MALFORMED, and nothing appended, when it cannot be
 * decoded or holds control characters, a NUL among them. */
int http_path_clean(struct text *ret, bool *ret_moved, struct bytes path);
