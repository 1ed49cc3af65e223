/* SPDX-License-Identifier: Apache-2.0 */
/* SHA-256 as FIPS 180-4 describes it. */
#include "lang/template/sha256.h"

#define BLOCK_SIZE 64

/* §4.2.2: the first 32 bits behind the point of the cube roots of the first 64 primes. */
static const uint32_t constants[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

/* §5.3.3: the same of the square roots of the first eight. */
static const uint32_t initial[8] = {
    0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
};

static uint32_t rotate(uint32_t word, unsigned bits)
{
    return word >> bits | word << (32 - bits);
}

/* §6.2.2 step 1: the message schedule. */
static void schedule_block(uint32_t ret[64], const uint8_t *block)
{
    for (size_t i = 0; i < 16; i++)
        ret[i] = (uint32_t)block[4 * i] << 24 | (uint32_t)block[4 * i + 1] << 16 | (uint32_t)block[4 * i + 2] << 8 |
                 block[4 * i + 3];
    for (size_t i = 16; i < 64; i++) {
        uint32_t low = rotate(ret[i - 15], 7) ^ rotate(ret[i - 15], 18) ^ ret[i - 15] >> 3;
        uint32_t high = rotate(ret[i - 2], 17) ^ rotate(ret[i - 2], 19) ^ ret[i - 2] >> 10;
        ret[i] = ret[i - 16] + low + ret[i - 7] + high;
    }
}

/* §6.2.2 steps 2 to 4; state[0] to state[7] are a to h. */
static void add_block(uint32_t hash[8], const uint8_t *block)
{
    uint32_t words[64];
    uint32_t state[8];
    schedule_block(words, block);
    memcpy(state, hash, sizeof state);
    for (size_t i = 0; i < 64; i++) {
        uint32_t sum = rotate(state[4], 6) ^ rotate(state[4], 11) ^ rotate(state[4], 25);
        uint32_t choice = (state[4] & state[5]) ^ (~state[4] & state[6]);
        uint32_t first = state[7] + sum + choice + constants[i] + words[i];
        uint32_t majority = (state[0] & state[1]) ^ (state[0] & state[2]) ^ (state[1] & state[2]);
        uint32_t second = (rotate(state[0], 2) ^ rotate(state[0], 13) ^ rotate(state[0], 22)) + majority;
        memmove(state + 1, state, 7 * sizeof state[0]);
        state[4] += first;
        state[0] = first + second;
    }
    for (size_t i = 0; i < 8; i++)
        hash[i] += state[i];
}

/* §5.1.1: what is left of the message, a one bit, zeros, and the length in bits. */
static void add_last(uint32_t hash[8], struct bytes left, uint64_t bits)
{
    uint8_t padded[2 * BLOCK_SIZE] = {0};
    if (left.size > 0)
        memcpy(padded, left.data, left.size);
    padded[left.size] = 0x80;
    size_t size = left.size + 9 <= BLOCK_SIZE ? BLOCK_SIZE : 2 * BLOCK_SIZE;
    for (size_t i = 0; i < 8; i++)
        padded[size - 1 - i] = (uint8_t)(bits >> (8 * i));
    for (size_t at = 0; at < size; at += BLOCK_SIZE)
        add_block(hash, padded + at);
}

void sha256(uint8_t ret[SHA256_SIZE], struct bytes message)
{
    uint32_t hash[8];
    memcpy(hash, initial, sizeof hash);
    size_t whole = message.size - message.size % BLOCK_SIZE;
    for (size_t at = 0; at < whole; at += BLOCK_SIZE)
        add_block(hash, message.data + at);
    add_last(hash, bytes_slice(message, whole, SIZE_MAX), (uint64_t)message.size * 8);
    for (size_t i = 0; i < SHA256_SIZE; i++)
        ret[i] = (uint8_t)(hash[i / 4] >> (24 - 8 * (i % 4)));
}
