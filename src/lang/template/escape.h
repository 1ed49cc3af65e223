/* SPDX-License-Identifier: Apache-2.0 */
/* The escaping functions of Go's text/template: html, js, urlquery. */
#pragma once

#include "base/diag.h"
#include "base/value.h"

struct value *escape_html(void *context, const struct value *const *arguments, size_t count, struct diag *why);
struct value *escape_js(void *context, const struct value *const *arguments, size_t count, struct diag *why);
struct value *escape_urlquery(void *context, const struct value *const *arguments, size_t count, struct diag *why);
