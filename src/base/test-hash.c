/* SPDX-License-Identifier: Apache-2.0 */
#include "base/hash.h"

#include "test.h"

static const uint64_t first = 0x0706050403020100, second = 0x0f0e0d0c0b0a0908;

/* The vectors of the reference: octets 0, 1, 2 … of each length. */
static void hashes_are_those_of_the_reference(void)
{
    const uint8_t octets[] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14};
    CHECK(hash_with_key(bytes_of(octets, 0), first, second) == 0x726fdb47dd0e0e31);
    CHECK(hash_with_key(bytes_of(octets, 15), first, second) == 0xa129ca6149be45e5);
}

static void every_octet_and_the_key_count(void)
{
    uint8_t octets[20] = {0};
    uint64_t zeros = hash_with_key(bytes_of(octets, sizeof octets), first, second);
    for (size_t i = 0; i < sizeof octets; i++) {
        octets[i] = 1;
        CHECK(hash_with_key(bytes_of(octets, sizeof octets), first, second) != zeros);
        octets[i] = 0;
    }
    CHECK(hash_with_key(bytes_of(octets, 19), first, second) != zeros);
    CHECK(hash_with_key(bytes_of(octets, sizeof octets), first, first) != zeros);
    CHECK(hash_of(bytes_of(octets, 4)) == hash_of(bytes_of(octets + 4, 4)));
}

int main(void)
{
    RUN(hashes_are_those_of_the_reference);
    RUN(every_octet_and_the_key_count);
    return test_result();
}
