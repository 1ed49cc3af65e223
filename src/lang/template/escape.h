/* SPDX-License-Identifier: Apache-2.0 */
/* The escaping functions of Go's text/template: html, js, urlquery. */
#pragma once

#include "lang/template/builtin.h"

BUILTIN(escape_html);
BUILTIN(escape_js);
BUILTIN(escape_urlquery);
