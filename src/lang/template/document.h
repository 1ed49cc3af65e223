/* SPDX-License-Identifier: Apache-2.0 */
/* Values as documents. Text that grows longer than limit is left unfinished, a little longer than that. */
#pragma once

#include "base/text.h"
#include "base/value.h"

/* On one line, with keys in order, and "<", ">" and "&" escaped as Go's encoding/json does. */
void document_append_json(struct text *ret, size_t limit, const struct value *value);
/* As blocks indented by two, without a line feed at the end. What YAML might read as something else is quoted. */
void document_append_yaml(struct text *ret, size_t limit, const struct value *value);
