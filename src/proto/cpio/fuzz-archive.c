/* SPDX-License-Identifier: Apache-2.0 */
/* Any octets as an archive, and its entries put together anew: what is taken reads back as it was given. */
#include "proto/cpio/archive.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct cpio_entry read_back(const struct cpio_archive *archive, size_t offset)
{
    struct cpio_entry entry;
    struct cpio_entry last = {0};
    struct bytes rest = bytes_slice(text_bytes(&archive->octets), offset, archive->octets.length);
    while (rest.size > 0 && cpio_entry_next(&entry, &rest) == 0)
        last = entry;
    if (rest.size > 0)
        abort();
    return last;
}

static void check_added(const struct cpio_entry *given, const struct cpio_entry *read)
{
    AUTO(text_finish) struct text clean = {0};
    if (cpio_path_clean(&clean, given->path, NULL) != 0 || !text_is(text_characters(&clean), read->path) ||
        given->kind != read->kind || given->mode != read->mode || given->uid != read->uid || given->gid != read->gid ||
        (given->kind != CPIO_DIRECTORY && !bytes_equal(given->content, read->content)))
        abort();
}

static void add(struct cpio_archive *archive, const struct cpio_entry *entry)
{
    size_t before = archive->octets.length;
    int result = cpio_archive_add(archive, entry, NULL);
    if (archive->octets.length % 4 != 0 || (result != 0 && archive->octets.length != before))
        abort();
    if (archive->octets.length == before)
        return;
    struct cpio_entry last = read_back(archive, before);
    check_added(entry, &last);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    AUTO(cpio_archive_finish) struct cpio_archive archive = {0};
    AUTO(text_finish) struct text closed = {0};
    struct bytes rest = bytes_of(data, size);
    struct cpio_entry entry;
    while (cpio_entry_next(&entry, &rest) == 0)
        add(&archive, &entry);
    cpio_archive_close(&closed, &archive);
    for (rest = text_bytes(&closed); cpio_entry_next(&entry, &rest) == 0;)
        ;
    if (cpio_entry_next(&entry, &rest) != CPIO_E_END)
        abort();
    return 0;
}
