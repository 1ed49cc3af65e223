/* SPDX-License-Identifier: Apache-2.0 */
/* Any octets as a secret key and as a document to be hashed. */
#include "io/signature.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void count_piece(void *context, struct bytes piece)
{
    *(size_t *)context += piece.size;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct signature_key key;
    struct bytes input = bytes_of(data, size);
    size_t hashed = 0;
    if (signature_key_parse(&key, input) == SIGNATURE_OK && key.algorithm == SIGNATURE_EDDSA)
        assert(key.ed25519.point.size == 32 && key.ed25519.seed.size <= 32);
    signature_hash_document(input, signature_type_for(input), count_piece, &hashed);
    assert(hashed >= size && hashed <= 2 * size);
    return 0;
}
