/* SPDX-License-Identifier: Apache-2.0 */
/* Signs documents with a key of an OpenPGP key ring: detached signatures as Matchbox gives them beside its configs. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/auto.h"
#include "base/bytes.h"
#include "base/diag.h"
#include "base/text.h"

/* Signatures that are remembered, so that many machines of one profile cost one: about 1 MB of them. */
#define SIGNER_REMEMBERED_MAX 1024
/* Largest key ring that is read. */
#define SIGNER_RING_MAX (16 << 20)

struct signer;

/* Opens the first secret key of the ring, which is binary or armored, RSA or Ed25519; its signing subkey where the key
 * itself may not sign. passphrase may be NULL or "" where the key has none. Returns 0 or a negative errno with the
 * reason. */
int signer_open(struct signer **ret, const char *ring, const char *passphrase, struct diag *why);
/* NULL is left alone. */
void signer_close(struct signer *signer);
AUTO_DEFINE(signer_close, struct signer *);

/* "RSA key 0123456789ABCDEF of 'Boot <boot@example.com>'", for the log. */
const char *signer_key(const struct signer *signer);
/* Appends a detached signature of the document, as binary packet or armored. now is the time that the signature says,
 * in seconds since 1970-01-01 UTC; a document that was signed before keeps its signature. From any thread. Returns 0 or
 * a negative errno with the reason. */
int signer_sign(struct text *ret, struct signer *signer, struct bytes document, bool armored, int64_t now,
                struct diag *why);
