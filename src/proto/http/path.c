/* SPDX-License-Identifier: Apache-2.0 */
/* Targets and paths. */
#include "proto/http/path.h"

#include <strings.h>

#include "proto/http/percent.h"

static bool has_octet_outside(struct bytes octets, uint8_t lowest)
{
    for (size_t i = 0; i < octets.size; i++)
        if (octets.data[i] < lowest || octets.data[i] == 0x7f)
            return true;
    return false;
}

/* What follows "http://authority" or "https://authority"; the target itself in any other form. */
static struct bytes skip_authority(struct bytes target)
{
    static const char *const schemes[] = {"http://", "https://"};
    for (size_t i = 0; i < sizeof schemes / sizeof schemes[0]; i++) {
        size_t size = strlen(schemes[i]);
        if (target.size < size || strncasecmp((const char *)target.data, schemes[i], size) != 0)
            continue;
        while (size < target.size && !strchr("/?", target.data[size]))
            size++;
        return bytes_slice(target, size, target.size);
    }
    return target;
}

int http_target_split(struct http_target *ret, struct bytes target)
{
    if (target.size == 0 || has_octet_outside(target, '!'))
        return HTTP_PATH_E_MALFORMED;
    struct bytes rest = skip_authority(target);
    const uint8_t *mark = rest.size > 0 ? memchr(rest.data, '?', rest.size) : NULL;
    size_t path_size = mark ? (size_t)(mark - rest.data) : rest.size;
    struct http_target split = {
        .path = bytes_slice(rest, 0, path_size),
        .query = bytes_slice(rest, path_size + 1, rest.size),
        .has_query = mark != NULL,
    };
    /* RFC 9112 §3.2.2: no path in absolute-form is the root. */
    if (split.path.size == 0 && rest.data != target.data)
        split.path = bytes_of_text("/");
    if (!bytes_start_with(split.path, "/"))
        return HTTP_PATH_E_MALFORMED;
    *ret = split;
    return HTTP_PATH_OK;
}

/* Cuts the last segment off a clean path without a slash at its end; the root stays. */
static void remove_segment(struct text *path, size_t start)
{
    while (path->length > start && path->characters[path->length - 1] != '/')
        path->length--;
    if (path->length > start)
        path->length--;
    path->characters[path->length] = '\0';
}

static void add_segment(struct text *path, size_t start, struct bytes segment)
{
    if (segment.size == 0 || bytes_equal_text(segment, "."))
        return;
    if (bytes_equal_text(segment, "..")) {
        remove_segment(path, start);
        return;
    }
    text_append_char(path, '/');
    text_append_bytes(path, segment);
}

/* Appends the clean form of a decoded path. */
static void append_clean(struct text *ret, struct bytes path)
{
    size_t start = ret->length;
    text_append(ret, "");
    for (size_t at = 0; at < path.size;) {
        const uint8_t *slash = memchr(path.data + at, '/', path.size - at);
        size_t end = slash ? (size_t)(slash - path.data) : path.size;
        add_segment(ret, start, bytes_slice(path, at, end - at));
        at = end + 1;
    }
    if (ret->length == start || path.data[path.size - 1] == '/')
        text_append_char(ret, '/');
}

int http_path_clean(struct text *ret, bool *ret_moved, struct bytes path)
{
    AUTO(text_finish) struct text decoded = {0};
    if (!percent_decode(&decoded, path, false) || has_octet_outside(text_bytes(&decoded), ' '))
        return HTTP_PATH_E_MALFORMED;
    size_t start = ret->length;
    append_clean(ret, text_bytes(&decoded));
    *ret_moved = !bytes_equal(bytes_slice(text_bytes(ret), start, ret->length), text_bytes(&decoded));
    return HTTP_PATH_OK;
}
