/* SPDX-License-Identifier: Apache-2.0 */
/* Opens what signs configs, from where the configuration and the environment say. */
#pragma once

#include "io/signer.h"

/* Where Matchbox takes the passphrase from. */
#define SERVE_SIGN_VARIABLE "MATCHBOX_PASSPHRASE"

/* Opens the key ring's key with the first line of the file, or with what the variable holds where there is none. *ret
 * is NULL when ring is: nothing is to be signed. Returns 0 or a negative errno with the reason. */
int serve_sign_open(struct signer **ret, const char *ring, const char *passphrase_file, struct diag *why);
