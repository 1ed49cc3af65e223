/* SPDX-License-Identifier: Apache-2.0 */
/* Files to be served, opened wherever they are: a path, file:///path, or an http or https URL, which is downloaded
 * whole into an unnamed file that vanishes with the process. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/diag.h"

/* Whether the place is a URL that has to be downloaded. */
bool fetch_is_remote(const char *place);

/* Opens it for reading; the caller closes the descriptor. Nothing but a regular file, and for a download nothing but
 * what the server calls a success, is taken. progress (may be NULL) is called now and then with the octets so far and
 * in all (0: unknown). Returns 0 or a negative errno with the reason. */
int fetch_open(int *ret_fd, const char *place, void (*progress)(void *context, uint64_t octets, uint64_t total),
               void *context, struct diag *why);
