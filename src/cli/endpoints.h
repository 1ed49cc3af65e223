/* SPDX-License-Identifier: Apache-2.0 */
/* The web server's endpoints, asked without a web server: what one machine would be answered. */
#pragma once

#include <stdbool.h>

#include "answer/http.h"
#include "boot/catalog.h"

/* Asks an endpoint ("/ipxe") with the labels as its query; *ret, which the caller finishes, is what the server answers.
 * files is what configs may take contents from. */
void endpoint_ask(struct http_reply *ret, const char *path, const struct labels *labels, const struct catalog *catalog,
                  const struct file_source *files);
/* Calls each with the path of every endpoint that has something for machines of the profile. */
void endpoints_of(const struct profile *profile, void (*each)(void *context, const char *path), void *context);
