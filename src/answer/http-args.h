/* SPDX-License-Identifier: Apache-2.0 */
/* Lines of a boot script that are templates: kernel, initrds and arguments. {{ URL "FILE" }} (and ID, as Pixiecore's
 * users know it) is where the machine finds one more file that we serve. */
#pragma once

#include "answer/http.h"
#include "base/diag.h"
#include "base/text.h"
#include "base/value.h"

/* Appends argument, rendered with data (document_data(); NULL: none), to *ret: the files' places become URLs on host,
 * which is what the client's own request called us (NULL: nothing). name is what the argument is called in a reason:
 * "cmdline". 0, or -1 with the reason, a line break in what was rendered among them, and then *ret is as it was. */
int http_args_render(struct text *ret, const char *argument, const char *name, const struct value *data,
                     const struct http_settings *settings, const char *host, struct diag *why);
/* Renders argument once to see that it can be, asking open for each file it names (open gives the path it will be
 * served under, or NULL with the reason). 0, or -1 with the reason. */
int http_args_check(const char *argument, const char *(*open)(void *context, const char *place, struct diag *why),
                    void *context, struct diag *why);
