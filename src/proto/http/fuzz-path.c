/* SPDX-License-Identifier: Apache-2.0 */
/* Any octets as a target: what comes out clean stays below the root, and is clean. */
#include "proto/http/path.h"

#include <stdlib.h>

#include "proto/http/percent.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_clean(const struct text *clean)
{
    const char *path = text_characters(clean);
    if (*path != '/' || strlen(path) != clean->length || strstr(path, "//") || strstr(path, "/../") ||
        strstr(path, "/./") || text_ends_with(path, "/..") || text_ends_with(path, "/."))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct http_target target = {0};
    AUTO(text_finish) struct text clean = {0};
    AUTO(text_finish) struct text encoded = {0};
    AUTO(text_finish) struct text again = {0};
    bool moved = false;
    if (http_target_split(&target, bytes_of(data, size)) != HTTP_PATH_OK ||
        http_path_clean(&clean, &moved, target.path) != HTTP_PATH_OK)
        return 0;
    check_clean(&clean);
    percent_encode_path(&encoded, text_bytes(&clean));
    if (http_path_clean(&again, &moved, text_bytes(&encoded)) != HTTP_PATH_OK || moved ||
        !bytes_equal(text_bytes(&clean), text_bytes(&again)))
        abort();
    return 0;
}
