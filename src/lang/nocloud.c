/* SPDX-License-Identifier: Apache-2.0 */
/* What cloud-init's data source NoCloud reads. */
#include "lang/nocloud.h"

#include "lang/json.h"

void nocloud_write_metadata(struct text *ret, const char *instance, const char *hostname)
{
    text_append(ret, "instance-id: ");
    json_append_string(ret, bytes_of_text(instance));
    text_append_char(ret, '\n');
    if (hostname[0] == '\0')
        return;
    text_append(ret, "local-hostname: ");
    json_append_string(ret, bytes_of_text(hostname));
    text_append_char(ret, '\n');
}
