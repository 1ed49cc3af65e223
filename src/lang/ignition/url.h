/* SPDX-License-Identifier: Apache-2.0 */
/* URLs as far as a config is judged by them. Within lang/ only. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/bytes.h"

/* Longest scheme that is told from others, with its NUL. */
#define URL_SCHEME_MAX 16

/* The scheme in lower case, "" where there is none or a longer one. False when this is no URL at all. */
bool url_scheme(char ret[URL_SCHEME_MAX], const char *url);
/* What is wrong with a "data:" URL, RFC 2397; NULL when nothing is. */
const char *url_data_fault(struct bytes url);
/* What is wrong with an "arn:" URL, which names an object of S3; NULL when nothing is. */
const char *url_arn_fault(const char *url);
