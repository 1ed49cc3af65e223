/* SPDX-License-Identifier: Apache-2.0 */
/* Any octets as a Butane config, with a folder of files that has what is asked for. What is translated is an Ignition
 * config that Ignition takes; what is not has an error, and the output is as it was. */
#include "lang/butane/butane.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/memory.h"
#include "lang/ignition.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_path(const char *path)
{
    AUTO(free) char *clean = file_path_clean(path);
    if (!clean || strcmp(clean, path) != 0)
        abort();
}

static int read_file(void *context, struct text *ret, uint64_t *ret_stamp, const char *path, struct diag *why)
{
    (void)context;
    check_path(path);
    if (strlen(path) % 3 == 0)
        return fail(why, -1, "there is no '%.40s'", path);
    text_append(ret, path);
    *ret_stamp = 1;
    return 0;
}

static int list_folder(void *context, struct file_entries *ret, uint64_t *ret_stamp, const char *path, struct diag *why)
{
    static const struct {
        const char *name;
        enum file_kind kind;
    } entries[] = {{"b", FILE_REGULAR}, {"link", FILE_LINK}, {"a", FILE_FOLDER}, {"other", FILE_OTHER}};
    (void)context;
    check_path(path);
    if (strlen(path) > 8)
        return fail(why, -1, "'%.40s' is no folder", path);
    for (size_t i = 0; i < LENGTH(entries) - (strlen(path) != 3); i++)
        *ARRAY_ADD(ret->at, ret->count, ret->capacity) = (struct file_entry){
            .name = memory_text(entries[i].name),
            .kind = entries[i].kind,
            .target = entries[i].kind == FILE_LINK ? memory_text("b") : NULL,
        };
    *ret_stamp = 1;
    return 0;
}

static const struct file_source files = {.read = read_file, .list = list_folder};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    AUTO(text_finish) struct text config = {0};
    AUTO(report_finish) struct report report = {0};
    AUTO(file_uses_finish) struct file_uses uses = {0};
    struct diag why;
    const struct butane_options options = {.files = size % 2 ? &files : NULL, .uses = &uses, .pretty = size % 3 == 0};
    int code = butane_translate(&config, &report, bytes_of(data, size), &options);
    if (code == BUTANE_OK ? report.errors > 0 : config.length > 0 || report.errors == 0)
        abort();
    if (code == BUTANE_OK && ignition_check(text_bytes(&config), &why) != 0)
        abort();
    for (size_t i = 0; i < report.count; i++) {
        AUTO(text_finish) struct text line = {0};
        report_entry_append(&line, &report.at[i]);
        if (strchr(text_characters(&line), '\n'))
            abort();
    }
    return 0;
}
