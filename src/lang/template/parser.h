/* SPDX-License-Identifier: Apache-2.0 */
/* Makes nodes of a template's tokens. */
#pragma once

#include "lang/template/node.h"

/* Parses template->source into the template's definitions. Returns TEMPLATE_OK or TEMPLATE_E_PARSE. */
int parser_run(struct template *template, const struct template_function *functions, size_t function_count,
               struct diag *why);
