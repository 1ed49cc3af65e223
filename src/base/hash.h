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
/* The same of numbers that are given out one after the other, as addresses are: eight in a row have their places side
 * by side, so that going through them in order waits for memory an eighth as often. Numbers that are all alike in their
 * last three bits meet eight times as often as others. */
unsigned hash_of_serial(uint32_t number);
/* SipHash-1-3 with a key of two halves. */
uint64_t hash_with_key(struct bytes bytes, uint64_t first, uint64_t second);
