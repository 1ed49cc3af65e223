/* SPDX-License-Identifier: Apache-2.0 */
/* Entries in the form "newc". */
#include "proto/cpio/newc.h"

#include <stdio.h>

#include "base/array.h"
#include "base/reader.h"

#define MAGIC "070701"
#define TRAILER "TRAILER!!!"
#define FIELD_DIGITS 8
#define FIELD_COUNT 13
#define HEADER_SIZE (sizeof MAGIC - 1 + FIELD_COUNT * FIELD_DIGITS)
#define ALIGNMENT 4

/* Kinds of file in the upper bits of a mode, as POSIX.1 <cpio.h> numbers them. */
#define KIND_BITS 0170000

static const struct {
    enum cpio_kind kind;
    unsigned bits;
    unsigned links;
} kinds[] = {
    {CPIO_FILE, 0100000, 1},
    {CPIO_DIRECTORY, 0040000, 2},
    {CPIO_LINK, 0120000, 1},
};

/* The fields in their order; those that are always zero have no name here. */
enum field {
    FIELD_INODE = 0,
    FIELD_MODE = 1,
    FIELD_UID = 2,
    FIELD_GID = 3,
    FIELD_LINKS = 4,
    FIELD_SIZE = 6,
    FIELD_PATH_SIZE = 11,
};

struct header {
    uint32_t at[FIELD_COUNT];
};

static struct header header_of(const struct cpio_entry *entry, uint32_t number)
{
    struct header header = {.at = {
                                [FIELD_INODE] = number,
                                [FIELD_UID] = entry->uid,
                                [FIELD_GID] = entry->gid,
                                [FIELD_SIZE] = (uint32_t)entry->content.size,
                                [FIELD_PATH_SIZE] = (uint32_t)strlen(entry->path) + 1,
                            }};
    for (size_t i = 0; i < LENGTH(kinds); i++)
        if (kinds[i].kind == entry->kind) {
            header.at[FIELD_MODE] = kinds[i].bits | entry->mode;
            header.at[FIELD_LINKS] = kinds[i].links;
        }
    return header;
}

static void header_append(struct text *ret, const struct header *header)
{
    text_append(ret, MAGIC);
    for (size_t i = 0; i < FIELD_COUNT; i++)
        text_print(ret, "%08X", header->at[i]);
}

/* Each part of an entry begins at a multiple of four from the archive's start. */
static void pad(struct text *ret, size_t unit)
{
    static const uint8_t zeros[CPIO_BLOCK_SIZE];
    text_append_bytes(ret, bytes_of(zeros, (unit - ret->length % unit) % unit));
}

static void append(struct text *ret, const struct header *header, const char *path, struct bytes content)
{
    header_append(ret, header);
    text_append_bytes(ret, bytes_of(path, strlen(path) + 1));
    pad(ret, ALIGNMENT);
    text_append_bytes(ret, content);
    pad(ret, ALIGNMENT);
}

void cpio_entry_append(struct text *ret, const struct cpio_entry *entry, uint32_t number)
{
    struct header header = header_of(entry, number);
    append(ret, &header, entry->path, entry->content);
}

void cpio_entry_rewrite(struct text *archive, size_t offset, const struct cpio_entry *entry, uint32_t number)
{
    AUTO(text_finish) struct text text = {0};
    struct header header = header_of(entry, number);
    header_append(&text, &header);
    memcpy(archive->characters + offset, text.characters, text.length);
}

void cpio_trailer_append(struct text *ret)
{
    struct header header = {.at = {[FIELD_LINKS] = 1, [FIELD_PATH_SIZE] = sizeof TRAILER}};
    append(ret, &header, TRAILER, (struct bytes){0});
    pad(ret, CPIO_BLOCK_SIZE);
}

static bool read_digit(uint32_t *ret, uint8_t digit)
{
    static const char digits[] = "0123456789abcdef0123456789ABCDEF";
    const char *found = digit ? strchr(digits, digit) : NULL;
    if (found)
        *ret = *ret << 4 | (uint32_t)(found - digits) % 16;
    return found != NULL;
}

static bool read_header(struct header *ret, struct reader *r)
{
    bool right = bytes_equal_text(read_bytes(r, sizeof MAGIC - 1), MAGIC);
    for (size_t i = 0; i < FIELD_COUNT && right; i++) {
        ret->at[i] = 0;
        for (size_t digit = 0; digit < FIELD_DIGITS && right; digit++)
            right = read_digit(&ret->at[i], read_u8(r));
    }
    return right;
}

/* The octets, and what pads them when size octets of the entry stand before them. */
static struct bytes read_padded(struct reader *r, size_t before, size_t count)
{
    struct bytes octets = read_bytes(r, count);
    read_bytes(r, (ALIGNMENT - (before + count) % ALIGNMENT) % ALIGNMENT);
    return octets;
}

static bool read_kind(struct cpio_entry *ret, uint32_t mode)
{
    for (size_t i = 0; i < LENGTH(kinds); i++)
        if (kinds[i].bits == (mode & KIND_BITS)) {
            ret->kind = kinds[i].kind;
            ret->mode = mode & CPIO_MODE_MAX;
            return (mode & ~(uint32_t)(KIND_BITS | CPIO_MODE_MAX)) == 0;
        }
    return false;
}

int cpio_entry_next(struct cpio_entry *ret, struct bytes *archive)
{
    struct header header;
    struct reader r = reader_over(*archive);
    if (!read_header(&header, &r))
        return CPIO_E_MALFORMED;
    struct bytes path = read_padded(&r, HEADER_SIZE, header.at[FIELD_PATH_SIZE]);
    struct bytes content = read_padded(&r, 0, header.at[FIELD_SIZE]);
    if (r.failed || path.size == 0 || memchr(path.data, 0, path.size) != path.data + path.size - 1)
        return CPIO_E_MALFORMED;
    if (bytes_equal(path, bytes_of(TRAILER, sizeof TRAILER)))
        return CPIO_E_END;
    struct cpio_entry entry = {
        .path = (const char *)path.data,
        .uid = header.at[FIELD_UID],
        .gid = header.at[FIELD_GID],
        .content = content,
    };
    if (!read_kind(&entry, header.at[FIELD_MODE]))
        return CPIO_E_MALFORMED;
    *ret = entry;
    *archive = read_rest(&r);
    return 0;
}
