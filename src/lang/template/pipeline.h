/* SPDX-License-Identifier: Apache-2.0 */
/* Makes nodes of what is evaluated: pipelines, commands, operands and constants. */
#pragma once

#include "lang/template/tree.h"

/* Parses up to a token of the kind end, which is taken. The context is for reasons; "range" may declare two variables.
 */
struct node *pipeline_parse(struct tree *tree, const char *context, enum token_kind end);
/* The constant of a string token. */
struct node *pipeline_parse_string(struct tree *tree, struct token token);
/* The caller's function of this name; NULL when there is none. */
const struct template_function *pipeline_find_function(const struct parser *parser, const char *name);
