/* SPDX-License-Identifier: Apache-2.0 */
/* Asks for the password of an entry of a menu. Within answer/ only. */
#pragma once

#include "answer/http-script.h"

/* Whether the request proves that the password of the chosen entry is known, or none is wanted. If not, the reply asks
 * for it. */
bool http_login_check(struct http_reply *reply, const struct decision *decision, const struct http_question *question);
