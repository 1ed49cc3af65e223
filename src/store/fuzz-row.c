/* SPDX-License-Identifier: Apache-2.0 */
/* Five lines are the columns of a row, as a person may have edited them: what is accepted is written and read again as
 * the same lease. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "store/row.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool is_same_row(const struct row *a, const struct row *b)
{
    return text_is(a->address, b->address) && text_is(a->state, b->state) && text_is(a->mac, b->mac) &&
           text_is(a->client_id, b->client_id) && text_is(a->hostname, b->hostname) && a->expires == b->expires;
}

static void check_round_trip(const struct lease *lease)
{
    struct row written, again;
    struct row_texts written_texts, again_texts;
    struct lease read;
    row_from_lease(&written, &written_texts, lease);
    if (row_to_lease(&read, &written, NULL) != 0)
        abort();
    row_from_lease(&again, &again_texts, &read);
    if (!is_same_row(&again, &written))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    AUTO(free) char *document = memory_text_of((const char *)data, size);
    char *rest = document, *columns[5];
    for (size_t i = 0; i < 5; i++)
        columns[i] = strsep(&rest, "\n");
    struct row row = {columns[0], columns[1], columns[2], columns[3], columns[4], (int64_t)size};
    struct lease lease;
    struct diag why;
    if (row_to_lease(&lease, &row, &why) == 0)
        check_round_trip(&lease);
    return 0;
}
