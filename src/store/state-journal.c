/* SPDX-License-Identifier: Apache-2.0 */
/* Whether the journal of the state file lost what was stored: the database reads it up to the first frame that is not
 * as it was written, and says nothing of what comes behind. A loss of power leaves the same, in the last transaction,
 * which nobody was told of; but each transaction is on the disk before the next is begun, so that one behind the next
 * tells of damage. The form is in SQLite's "WAL-mode file format". */
#include "store/state-file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/memory.h"
#include "base/reader.h"

enum {
    HEADER_BYTES = 32,
    FRAME_HEADER_BYTES = 24,
    MAGIC = 0x377f0682, /* the lowest bit: its sums are of big-endian numbers */
    PAGE_BYTES_MIN = 512,
    PAGE_BYTES_MAX = 65536,
};

struct journal {
    bool is_big_endian;
    uint32_t page_bytes;
    uint32_t salts[2]; /* of this use of the journal; frames of one before have others */
    uint32_t sums[2];  /* of all so far */
};

static void add_to_sums(struct journal *journal, struct bytes octets)
{
    struct reader r = reader_over(octets);
    while (reader_left(&r) >= 8)
        for (int i = 0; i < 2; i++) {
            uint32_t number = read_u32be(&r);
            journal->sums[i] += (journal->is_big_endian ? number : __builtin_bswap32(number)) + journal->sums[1 - i];
        }
}

static bool read_header(struct journal *ret, FILE *file)
{
    uint8_t octets[HEADER_BYTES];
    if (fread(octets, sizeof octets, 1, file) != 1)
        return false;
    struct reader r = reader_over(bytes_of(octets, sizeof octets));
    uint32_t magic = read_u32be(&r);
    read_bytes(&r, 4);
    *ret = (struct journal){.is_big_endian = magic & 1, .page_bytes = read_u32be(&r)};
    read_bytes(&r, 4);
    ret->salts[0] = read_u32be(&r);
    ret->salts[1] = read_u32be(&r);
    add_to_sums(ret, bytes_of(octets, HEADER_BYTES - 8));
    return (magic & ~1u) == MAGIC && ret->page_bytes >= PAGE_BYTES_MIN && ret->page_bytes <= PAGE_BYTES_MAX &&
           ret->sums[0] == read_u32be(&r) && ret->sums[1] == read_u32be(&r);
}

/* Whether the frame goes on from those before it, as it was written. */
static bool goes_on(struct journal *journal, struct bytes frame)
{
    struct reader r = reader_over(bytes_slice(frame, 16, 8));
    add_to_sums(journal, bytes_slice(frame, 0, 8));
    add_to_sums(journal, bytes_slice(frame, FRAME_HEADER_BYTES, frame.size));
    return journal->sums[0] == read_u32be(&r) && journal->sums[1] == read_u32be(&r);
}

static bool is_damaged(struct journal *journal, FILE *file)
{
    size_t size = FRAME_HEADER_BYTES + journal->page_bytes;
    AUTO(free) uint8_t *octets = memory_new(size, 1);
    bool is_cut = false, is_next = false;
    while (fread(octets, size, 1, file) == 1) {
        struct reader r = reader_over(bytes_of(octets, FRAME_HEADER_BYTES));
        read_bytes(&r, 4);
        bool ends = read_u32be(&r) != 0;
        bool is_ours = read_u32be(&r) == journal->salts[0];
        is_ours &= read_u32be(&r) == journal->salts[1];
        is_cut = is_cut || !is_ours || !goes_on(journal, bytes_of(octets, size));
        if (is_cut && is_ours && is_next)
            return true;
        is_next |= is_cut && is_ours && ends;
    }
    return false;
}

bool state_journal_is_damaged(const char *path)
{
    struct journal journal;
    AUTO(free) char *name = memory_print("%s-wal", path);
    FILE *file = fopen(name, "re");
    bool result = file && read_header(&journal, file) && is_damaged(&journal, file);
    if (file)
        fclose(file);
    return result;
}
