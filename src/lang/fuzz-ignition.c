/* SPDX-License-Identifier: Apache-2.0 */
/* Any octets as an Ignition config: it is good, or there is an error that says why, on one line. */
#include "lang/ignition.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    AUTO(report_finish) struct report report = {0};
    struct diag why = {0};
    bool is_good = ignition_examine(&report, bytes_of(data, size)) == 0;
    if (is_good != (report.errors == 0) || is_good != (ignition_check(bytes_of(data, size), &why) == 0))
        abort();
    if (is_good != (why.text[0] == '\0') || strchr(why.text, '\n'))
        abort();
    if (is_good)
        ignition_version_of(bytes_of(data, size));
    return 0;
}
