/* SPDX-License-Identifier: Apache-2.0 */
/* uthash the way it is used everywhere: include this header, not <uthash.h>. Keys come from the network, so they are
 * hashed with a secret of this process, and nobody can choose many that fall together. Running out of memory ends the
 * program as in base/memory.h. */
#pragma once

#include <stdint.h>
#include <stdlib.h>

#include "base/bytes.h"

#define HASH_FUNCTION(key, key_size, result) ((result) = hash_of(bytes_of((key), (key_size))))
#define uthash_fatal(message) abort()
#include <uthash.h>

/* The hash of this process: another one in each run. */
unsigned hash_of(struct bytes bytes);
/* SipHash-2-4 with a key of two halves. */
uint64_t hash_with_key(struct bytes bytes, uint64_t first, uint64_t second);
