/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a group and as a profile, as JSON and as YAML. The first octet chooses the syntax. */
#include "config/group.h"
#include "config/profile.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
const char *__lsan_default_suppressions(void);

/* libfyaml 0.7.12 loses some KB over a text in single quotes with eight or more doubled quotes in a row. What we leak
 * ourselves the unit tests see, which suppress nothing. */
const char *__lsan_default_suppressions(void)
{
    return "leak:libfyaml";
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    AUTO(document_destroy) struct document *document = NULL;
    struct faults faults = {0};
    enum document_syntax syntax = size > 0 && data[0] == '{' ? DOCUMENT_JSON : DOCUMENT_YAML;
    if (document_parse(&document, "fuzz", bytes_of(data, size), syntax, &faults) == DOCUMENT_OK) {
        group_unref(group_from_document(document, "fuzz", &faults));
        profile_unref(profile_from_document(document, &faults));
    }
    faults_finish(&faults);
    return 0;
}
