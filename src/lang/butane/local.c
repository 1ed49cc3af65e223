/* SPDX-License-Identifier: Apache-2.0 */
/* Contents out of the folder of files: resources, units, drop-ins and keys of users. */
#include "lang/butane/local.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "lang/data-url.h"
#include "lang/ignition/hooks.h"

char *local_path(struct draft *draft, const struct item *place, const char *path)
{
    if (!draft->files) {
        draft_say(draft, FAULT_ERROR, place,
                  "local file paths are relative to a files directory that must be specified with -d/--files-dir");
        return NULL;
    }
    char *clean = file_path_clean(path);
    if (!clean)
        draft_say(draft, FAULT_ERROR, place, "local file path traverses outside the files directory");
    return clean;
}

static void note_use(struct draft *draft, const char *path, uint64_t stamp)
{
    if (draft->uses)
        file_uses_add(draft->uses, path, stamp);
}

/* Counts what was read against what may be. */
static bool take_octets(struct draft *draft, const struct item *place, size_t size)
{
    if (size > draft->octets_left) {
        draft_say(draft, FAULT_ERROR, place, "the files of this config have more than %zu octets in all",
                  BUTANE_OCTETS_MAX);
        return false;
    }
    draft->octets_left -= size;
    return true;
}

bool local_read(struct draft *draft, struct text *ret, const struct item *place, const char *path)
{
    struct diag why;
    uint64_t stamp = 0;
    size_t before = ret->length;
    AUTO(free) char *clean = local_path(draft, place, path);
    if (!clean)
        return false;
    int result = draft->files->read(draft->files->context, ret, &stamp, clean, &why);
    note_use(draft, clean, result < 0 ? 0 : stamp);
    if (result < 0)
        draft_say(draft, FAULT_ERROR, place, "%s", why.text);
    return result >= 0 && take_octets(draft, place, ret->length - before);
}

bool local_list(struct draft *draft, struct file_entries *ret, const struct item *place, const char *path)
{
    struct diag why;
    uint64_t stamp = 0;
    int result = draft->files->list(draft->files->context, ret, &stamp, path, &why);
    note_use(draft, path, result < 0 ? 0 : stamp);
    if (result < 0)
        draft_say(draft, FAULT_ERROR, place, "%s", why.text);
    file_entries_sort(ret);
    return result >= 0;
}

/* Where the config says how the content is compressed, it is that already. In version 3.0 nobody compressed for one. */
void resource_set_content(struct draft *draft, struct item *resource, const struct item *place, struct bytes content)
{
    AUTO(text_finish) struct text url = {0};
    bool is_free = !item_has_text(resource, "compression");
    bool is_gzip = data_url_append(&url, content, is_free && draft->minor >= 1);
    struct item *source = draft_new_text_of(draft, place->origin, text_bytes(&url));
    source->is_made = true;
    item_set(resource, "source", source);
    if (is_free && draft->minor >= 1)
        item_set(resource, "compression", draft_new_text(draft, place->origin, is_gzip ? "gzip" : ""));
}

void translate_resource(struct draft *draft, struct item *map)
{
    const struct item *inner = item_get(map, "inline");
    const struct item *local = item_get(map, "local");
    AUTO(text_finish) struct text content = {0};
    if (inner)
        resource_set_content(draft, map, inner, inner->text);
    else if (local && local_read(draft, &content, local, item_text(map, "local")))
        resource_set_content(draft, map, local, text_bytes(&content));
}

/* A drop-in as well. */
void translate_unit(struct draft *draft, struct item *map)
{
    AUTO(text_finish) struct text content = {0};
    const struct item *local = item_get(map, "contents_local");
    if (item_has_text(map, "contents_local") && local_read(draft, &content, local, item_text(map, "contents_local")))
        item_set(map, "contents", draft_new_text_of(draft, local->origin, text_bytes(&content)));
}

static void add_keys(struct draft *draft, struct item *keys, const struct item *place, struct bytes content)
{
    while (content.size > 0) {
        const uint8_t *end = memchr(content.data, '\n', content.size);
        size_t size = end ? (size_t)(end - content.data) : content.size;
        struct bytes line = bytes_slice(content, 0, size);
        content = bytes_slice(content, size + 1, content.size);
        if (end && line.size > 0 && line.data[line.size - 1] == '\r')
            line.size--;
        if (line.size > 0)
            draft_add(draft, keys, draft_new_text_of(draft, place->origin, line));
    }
}

void translate_user(struct draft *draft, struct item *map)
{
    const struct item *local = item_get(map, "ssh_authorized_keys_local");
    if (!local || local->list.count == 0)
        return;
    if (!draft->files) {
        free(local_path(draft, local, ""));
        return;
    }
    struct item *keys = draft_need_list(draft, map, "ssh_authorized_keys");
    for (size_t i = 0; i < local->list.count; i++) {
        AUTO(text_finish) struct text content = {0};
        const struct item *place = local->list.items[i];
        if (local_read(draft, &content, place, (const char *)place->text.data))
            add_keys(draft, keys, place, text_bytes(&content));
    }
}
