/* SPDX-License-Identifier: Apache-2.0 */
#include "base/hash.h"

#include "base/array.h"
#include "test.h"

static const uint64_t first = 0x0706050403020100, second = 0x0f0e0d0c0b0a0908;

/* The octets 0, 1, 2 … of each length, with a key of zeros: those of CPython, which hashes its own so. */
static void hashes_are_those_that_others_find(void)
{
    static const struct {
        size_t size;
        uint64_t hash;
    } cases[] = {
        {1, 0x68a914128e01e473},  {7, 0x2f098ab0c751325a},  {8, 0xead411e67ebe2eea},
        {15, 0xf30eb725bb91c9ea}, {20, 0x639e355ae68c0100},
    };
    const uint8_t octets[] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19};
    for (size_t i = 0; i < LENGTH(cases); i++)
        CHECK(hash_with_key(bytes_of(octets, cases[i].size), 0, 0) == cases[i].hash);
}

static void eight_numbers_in_a_row_have_places_in_a_row(void)
{
    unsigned place = hash_of_serial(0x0a000010);
    for (unsigned i = 0; i < 8; i++)
        CHECK_NUMBER(hash_of_serial(0x0a000010 + i), place + i);
    CHECK(hash_of_serial(0x0a000018) != place + 8);
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
    RUN(hashes_are_those_that_others_find);
    RUN(eight_numbers_in_a_row_have_places_in_a_row);
    RUN(every_octet_and_the_key_count);
    return test_result();
}
