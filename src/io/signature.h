/* SPDX-License-Identifier: Apache-2.0 */
/* The octets of OpenPGP that signing takes: a secret key's numbers, what is hashed, the signature's packet and its
 * armor. RFC 4880. No key is opened here and nothing is signed. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/text.h"
#include "base/writer.h"

/* Longest line of a text that is signed as text. GnuPG 2.2 cuts lines of 19995 octets and more while it hashes. */
#define SIGNATURE_LINE_MAX 19000
/* The octets between body and end of what is hashed. RFC 4880 §5.2.4. */
#define SIGNATURE_TRAILER_MAX 64
#define SIGNATURE_KEY_ID_SIZE 8

enum {
    SIGNATURE_OK = 0,
    SIGNATURE_E_MALFORMED = 1,
    SIGNATURE_E_LOCKED = 2,      /* the secret numbers are encrypted */
    SIGNATURE_E_UNSUPPORTED = 3, /* neither RSA nor Ed25519 */
};

/* RFC 4880 §9.1; EdDSA as GnuPG has it since 2.1. */
enum signature_algorithm {
    SIGNATURE_RSA = 1,
    SIGNATURE_RSA_SIGN_ONLY = 3,
    SIGNATURE_EDDSA = 22,
};

/* RFC 4880 §5.2.1. */
enum signature_type {
    SIGNATURE_OF_BINARY = 0x00,
    SIGNATURE_OF_TEXT = 0x01, /* over lines that end in CR LF, however they end in the document */
};

/* The numbers of a secret key, most significant octet first, borrowed from its packet. */
struct signature_key {
    enum signature_algorithm algorithm;
    union {
        struct {
            struct bytes n, e, d, p, q;
        } rsa;
        struct {
            struct bytes point; /* 32 octets */
            struct bytes seed;  /* at most 32; zeros at its start are left out */
        } ed25519;
    };
};

/* Reads the last secret key among packets, which must not be encrypted: librnp exports a subkey behind its primary key.
 * Returns SIGNATURE_OK, or SIGNATURE_E_… and then leaves *ret alone. */
int signature_key_parse(struct signature_key *ret, struct bytes packets);

/* The type for a document. Matchbox signs everything as text; what GnuPG would hash in another way than RFC 4880 says
 * (lines beyond SIGNATURE_LINE_MAX, a CR that ends no line) is signed as binary. */
enum signature_type signature_type_for(struct bytes document);
/* Gives the document to update piece by piece as a signature of that type hashes it. */
void signature_hash_document(struct bytes document, enum signature_type type,
                             void (*update)(void *context, struct bytes piece), void *context);

struct signature {
    enum signature_type type;
    enum signature_algorithm algorithm;
    uint32_t created; /* seconds since 1970-01-01 UTC */
    uint8_t key_id[SIGNATURE_KEY_ID_SIZE];
};

/* What is hashed behind the document; at most SIGNATURE_TRAILER_MAX octets. The digest is SHA-256. */
void signature_write_trailer(struct writer *w, const struct signature *signature);
/* Appends the packet. digest is SHA-256 over document and trailer; raw is RSA's number, or the 64 octets of Ed25519. */
void signature_append_packet(struct text *ret, const struct signature *signature, struct bytes digest,
                             struct bytes raw);
/* Appends a packet as "PGP SIGNATURE" text, without a line break at its end. RFC 4880 §6. */
void signature_append_armored(struct text *ret, struct bytes packet);
