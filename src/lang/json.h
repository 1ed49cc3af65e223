/* SPDX-License-Identifier: Apache-2.0 */
/* JSON as we write it by hand where its order and spelling are a contract. */
#pragma once

#include "base/text.h"

/* Appends text as a JSON string, quotes included, spelled as Go's encoding/json does: "&", "<", ">" and control
 * characters as \uNNNN. What is no UTF-8 becomes U+FFFD. Such a string is also one of YAML. */
void json_append_string(struct text *ret, struct bytes text);
