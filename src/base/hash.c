/* SPDX-License-Identifier: Apache-2.0 */
/* SipHash, Aumasson and Bernstein 2012, of one and three rounds, which is enough where nobody sees the hashes. */
#include "base/hash.h"

#include <endian.h>
#include <string.h>
#include <sys/random.h>

struct sip {
    uint64_t v[4];
};

static uint64_t rotate(uint64_t word, int bits)
{
    return word << bits | word >> (64 - bits);
}

static void half_round(uint64_t *a, uint64_t *b, int bits)
{
    *a += *b;
    *b = rotate(*b, bits) ^ *a;
}

static void sip_rounds(struct sip *sip, int rounds)
{
    uint64_t *v = sip->v;
    for (; rounds > 0; rounds--) {
        half_round(&v[0], &v[1], 13);
        v[0] = rotate(v[0], 32);
        half_round(&v[2], &v[3], 16);
        half_round(&v[0], &v[3], 21);
        half_round(&v[2], &v[1], 17);
        v[2] = rotate(v[2], 32);
    }
}

static void sip_add(struct sip *sip, uint64_t word)
{
    sip->v[3] ^= word;
    sip_rounds(sip, 1);
    sip->v[0] ^= word;
}

/* At most eight octets as a little-endian word. */
static uint64_t word_of(struct bytes bytes)
{
    uint64_t word = 0;
    if (bytes.size > 0)
        memcpy(&word, bytes.data, bytes.size);
    return le64toh(word);
}

uint64_t hash_with_key(struct bytes bytes, uint64_t first, uint64_t second)
{
    struct sip sip = {{first ^ 0x736f6d6570736575u, second ^ 0x646f72616e646f6du, first ^ 0x6c7967656e657261u,
                       second ^ 0x7465646279746573u}};
    size_t whole = bytes.size / 8 * 8;
    for (size_t at = 0; at < whole; at += 8)
        sip_add(&sip, word_of(bytes_slice(bytes, at, 8)));
    sip_add(&sip, word_of(bytes_slice(bytes, whole, 8)) | (uint64_t)bytes.size << 56);
    sip.v[2] ^= 0xff;
    sip_rounds(&sip, 3);
    return sip.v[0] ^ sip.v[1] ^ sip.v[2] ^ sip.v[3];
}

static uint64_t process_key[2];

/* Before main(), so that no thread ever sees the key change. Without a source of randomness the key is a known one. */
__attribute__((constructor)) static void choose_process_key(void)
{
    if (getrandom(process_key, sizeof process_key, GRND_NONBLOCK) != sizeof process_key)
        process_key[0] = process_key[1] = 1;
}

unsigned hash_of(struct bytes bytes)
{
    return (unsigned)hash_with_key(bytes, process_key[0], process_key[1]);
}

unsigned hash_of_serial(uint32_t number)
{
    uint32_t eight = number / 8;
    return hash_of(bytes_of(&eight, sizeof eight)) * 8 + number % 8;
}
