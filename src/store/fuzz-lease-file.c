/* SPDX-License-Identifier: Apache-2.0 */
/* Any octets as the lease file of another server: each lease that is taken from it can be stored. */
#include <assert.h>

#include "store/lease-file.h"
#include "store/row.h"

#define NOW ((int64_t)1700000000)

static void check_lease(const struct lease *lease, void *context)
{
    struct row row;
    struct row_texts texts;
    struct lease read;
    assert(lease->expires > NOW && lease->expires <= NOW + LEASE_SECONDS_INFINITE);
    row_from_lease(&row, &texts, lease);
    assert(row_to_lease(&read, &row, NULL) == 0);
    ++*(size_t *)context;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct faults warnings = {0};
    struct diag why = {0};
    size_t count = 0, visited = 0;
    int result = lease_file_read(&count, bytes_of(data, size), "f", NOW, check_lease, &visited, &warnings, &why);
    assert(count == visited);
    assert(result == 0 || (why.text[0] && count == 0));
    assert(warnings.count <= LEASE_FILE_NAMED_MAX + 2);
    faults_finish(&warnings);
    return 0;
}
