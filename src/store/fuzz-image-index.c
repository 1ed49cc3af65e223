/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as the record of a cached image: what is read is written and read again the same. */
#include <assert.h>
#include <string.h>

#include "store/image-index.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    AUTO(image_record_finish) struct image_record record = {0};
    AUTO(image_record_finish) struct image_record again = {0};
    AUTO(text_finish) struct text text = {0};
    struct diag why = {{0}};
    int result = image_record_read(&record, bytes_of(data, size), &why);
    assert((result == 0) == (why.text[0] == '\0'));
    if (result != 0)
        return 0;
    image_record_write(&text, &record);
    assert(image_record_read(&again, text_bytes(&text), NULL) == 0);
    assert(strcmp(again.url, record.url) == 0 && again.used == record.used && again.made == record.made);
    assert(strcmp(again.download.etag, record.download.etag) == 0 && again.download.size == record.download.size);
    return 0;
}
