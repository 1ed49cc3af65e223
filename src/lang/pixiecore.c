/* SPDX-License-Identifier: Apache-2.0 */
/* The JSON of Pixiecore's API. */
#include "lang/pixiecore.h"

#include <string.h>

#include "lang/json.h"

static void append_line(struct text *ret, const struct pixiecore_boot *boot)
{
    AUTO(text_finish) struct text line = {0};
    for (size_t i = 0; i < boot->args_count; i++) {
        text_append(&line, i > 0 ? " " : "");
        text_append(&line, boot->args[i]);
    }
    json_append_string(ret, text_bytes(&line));
}

static void append_pairs(struct text *ret, const struct pixiecore_boot *boot)
{
    text_append_char(ret, '{');
    for (size_t i = 0; i < boot->args_count; i++) {
        const char *name = boot->args[i];
        size_t size = strcspn(name, "=");
        text_append(ret, i > 0 ? "," : "");
        json_append_string(ret, bytes_of(name, size));
        text_append_char(ret, ':');
        json_append_string(ret, bytes_of_text(name[size] == '=' ? name + size + 1 : ""));
    }
    text_append_char(ret, '}');
}

void pixiecore_write_boot(struct text *ret, const struct pixiecore_boot *boot)
{
    text_append(ret, "{\"kernel\":");
    json_append_string(ret, bytes_of_text(boot->kernel));
    text_append(ret, ",\"initrd\":[");
    for (size_t i = 0; i < boot->initrd_count; i++) {
        text_append(ret, i > 0 ? "," : "");
        json_append_string(ret, bytes_of_text(boot->initrd[i]));
    }
    text_append(ret, "],\"cmdline\":");
    if (boot->args_are_pairs)
        append_pairs(ret, boot);
    else
        append_line(ret, boot);
    text_append_char(ret, '}');
}
