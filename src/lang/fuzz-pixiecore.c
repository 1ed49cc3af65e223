/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as the answer of a service of Pixiecore's API: it is one that can be booted, or refused with a reason. */
#include <assert.h>
#include <string.h>

#include "lang/pixiecore.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    AUTO(pixiecore_answer_finish) struct pixiecore_answer answer;
    struct diag why = {{0}};
    int result = pixiecore_read_answer(&answer, bytes_of(data, size), &why);
    assert((result == 0) == (why.text[0] == '\0'));
    assert(result == 0 || (!answer.kernel && !answer.script && answer.initrd_count == 0));
    if (result != 0)
        return 0;
    assert(answer.cmdline && answer.message && (answer.script || answer.kernel[0]));
    assert(!strpbrk(answer.cmdline, "\r\n"));
    for (size_t i = 0; i < answer.initrd_count; i++)
        assert(answer.initrd[i]);
    return 0;
}
