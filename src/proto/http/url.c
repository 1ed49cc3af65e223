/* SPDX-License-Identifier: Apache-2.0 */
/* URLs and references to them. RFC 3986. */
#include "proto/http/url.h"

#include <string.h>

/* Longest name made of a URL: what a line of a loader's screen has room for. */
#define NAME_MAX_OCTETS 100

static bool is_scheme_character(char c, bool first)
{
    bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    return is_letter || (!first && ((c >= '0' && c <= '9') || c == '+' || c == '-' || c == '.'));
}

/* Octets of the scheme in front of a ':'; 0 when there is none. */
static size_t scheme_size(const char *reference)
{
    size_t size = 0;
    while (is_scheme_character(reference[size], size == 0))
        size++;
    return reference[size] == ':' ? size : 0;
}

static bool has_stray_octet(const char *reference)
{
    for (const char *c = reference; *c; c++)
        if (*c <= ' ' || *c >= 0x7f)
            return true;
    return false;
}

int http_url_split(struct http_url *ret, const char *reference)
{
    size_t size = strlen(reference);
    if (size > HTTP_URL_MAX || has_stray_octet(reference))
        return HTTP_URL_E_MALFORMED;
    *ret = (struct http_url){.scheme = bytes_of(reference, scheme_size(reference))};
    const char *rest = ret->scheme.size > 0 ? reference + ret->scheme.size + 1 : reference;
    if (text_starts_with(rest, "//")) {
        ret->has_authority = true;
        ret->authority = bytes_of(rest + 2, strcspn(rest + 2, "/?#"));
        rest += 2 + ret->authority.size;
    }
    ret->path = bytes_of(rest, strcspn(rest, "?#"));
    rest += ret->path.size;
    ret->has_query = *rest == '?';
    if (ret->has_query)
        ret->query = bytes_of(rest + 1, strcspn(rest + 1, "#"));
    return HTTP_URL_OK;
}

static bool scheme_is(struct bytes scheme, const char *name)
{
    if (scheme.size != strlen(name))
        return false;
    for (size_t i = 0; i < scheme.size; i++)
        if ((scheme.data[i] | 0x20) != (uint8_t)name[i])
            return false;
    return true;
}

static bool is_of_http(const struct http_url *url)
{
    return scheme_is(url->scheme, "http") || scheme_is(url->scheme, "https");
}

bool http_url_is_absolute(const char *url)
{
    struct http_url parts;
    return http_url_split(&parts, url) == HTTP_URL_OK && is_of_http(&parts) && parts.has_authority &&
           parts.authority.size > 0;
}

/* Cuts the last segment and the slash before it, but nothing of what was there before start. */
static void cut_segment(struct text *path, size_t start)
{
    size_t end = path->length;
    while (end > start && path->characters[end - 1] != '/')
        end--;
    text_truncate(path, end > start ? end - 1 : start);
}

/* RFC 3986 §5.2.4, for a path that begins with a slash: each turn takes a slash and the segment behind it. */
static void append_without_dots(struct text *ret, struct bytes path)
{
    size_t start = ret->length;
    while (path.size > 0) {
        size_t size = 1;
        while (size < path.size && path.data[size] != '/')
            size++;
        struct bytes segment = bytes_slice(path, 1, size - 1);
        bool is_last = size == path.size;
        path = bytes_slice(path, size, path.size);
        bool is_up = bytes_equal_text(segment, "..");
        if (is_up)
            cut_segment(ret, start);
        if (!is_up && !bytes_equal_text(segment, ".")) {
            text_append_char(ret, '/');
            text_append_bytes(ret, segment);
        } else if (is_last) {
            text_append_char(ret, '/');
        }
    }
}

/* RFC 3986 §5.2.3 */
static void append_merged(struct text *ret, const struct http_url *base, struct bytes path)
{
    size_t keep = base->path.size;
    while (keep > 0 && base->path.data[keep - 1] != '/')
        keep--;
    AUTO(text_finish) struct text merged = {0};
    if (keep == 0)
        text_append_char(&merged, '/');
    text_append_bytes(&merged, bytes_slice(base->path, 0, keep));
    text_append_bytes(&merged, path);
    append_without_dots(ret, text_bytes(&merged));
}

static void append_path(struct text *ret, const struct http_url *base, const struct http_url *reference)
{
    if (reference->path.size == 0 && !reference->has_authority)
        text_append_bytes(ret, base->path);
    else if (reference->has_authority || reference->path.data[0] == '/')
        append_without_dots(ret, reference->path);
    else
        append_merged(ret, base, reference->path);
}

static void append_query(struct text *ret, const struct http_url *url)
{
    if (!url->has_query)
        return;
    text_append_char(ret, '?');
    text_append_bytes(ret, url->query);
}

int http_url_resolve(struct text *ret, const char *base, const char *reference)
{
    struct http_url from, to;
    if (http_url_split(&from, base) != HTTP_URL_OK || http_url_split(&to, reference) != HTTP_URL_OK)
        return HTTP_URL_E_MALFORMED;
    const struct http_url *root = to.scheme.size > 0 ? &to : &from;
    const struct http_url *host = to.scheme.size > 0 || to.has_authority ? &to : &from;
    if (!is_of_http(root) || host->authority.size == 0)
        return HTTP_URL_E_SCHEME;
    text_append_bytes(ret, root->scheme);
    text_append(ret, "://");
    text_append_bytes(ret, host->authority);
    append_path(ret, &from, &to);
    append_query(ret, to.path.size == 0 && !to.has_query && host == &from ? &from : &to);
    return HTTP_URL_OK;
}

void http_url_append_shown(struct text *ret, const char *url)
{
    const char *host = strstr(url, "://");
    size_t size = host ? strcspn(host + 3, "/?#") : 0;
    const char *at = size > 0 ? memrchr(host + 3, '@', size) : NULL;
    if (at)
        text_append_bytes(ret, bytes_of(url, (size_t)(host + 3 - url)));
    text_append(ret, at ? at + 1 : url);
}

void http_url_name(struct text *ret, const char *url)
{
    const char *rest = strstr(url, "://");
    rest = rest ? rest + 3 : url;
    size_t end = strcspn(rest, "?#");
    while (end > 0 && rest[end - 1] == '/')
        end--;
    size_t start = end;
    while (start > 0 && rest[start - 1] != '/')
        start--;
    bool is_host = start == 0 && rest != url;
    if (is_host || end == start || rest[start] == '.') {
        text_append(ret, "image");
        return;
    }
    for (size_t i = start; i < end && i - start < NAME_MAX_OCTETS; i++) {
        char c = rest[i];
        bool is_plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
                        c == '_' || c == '-';
        text_append_char(ret, is_plain ? c : '-');
    }
}
