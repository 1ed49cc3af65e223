/* SPDX-License-Identifier: Apache-2.0 */
/* Resources: what Ignition fetches, and how it knows that it got the right thing. */
#include <ctype.h>
#include <string.h>

#include "base/array.h"
#include "base/text.h"
#include "lang/ignition/hooks.h"
#include "lang/ignition/url.h"

/* Schemes of sources, with the version since when they are. Flatcar's Ignition has "oem" beside those of the format. */
static const struct {
    const char *scheme;
    unsigned since;
} schemes[] = {
    {"http", 0}, {"https", 0}, {"tftp", 0}, {"s3", 0}, {"data", 0}, {"gs", 2}, {"arn", 4}, {"oem", 0},
};

static bool scheme_is_known(const char *scheme, unsigned minor)
{
    for (size_t i = 0; i < LENGTH(schemes); i++)
        if (text_is(schemes[i].scheme, scheme))
            return schemes[i].since <= minor;
    return false;
}

static void refuse_scheme(struct draft *draft, const struct item *source, const char *scheme)
{
    if (scheme[0] == '\0')
        draft_say(draft, FAULT_ERROR, source,
                  "invalid url scheme: this is no URL; write one such as \"https://example.com/file\"");
    else
        draft_say(draft, FAULT_ERROR, source,
                  "invalid url scheme: '%s' is none of http, https, tftp, s3, data%s%s in %s", scheme,
                  draft->minor >= 2 ? ", gs" : "", draft->minor >= 4 ? ", arn" : "", draft->title);
}

static void check_source(struct draft *draft, const struct item *source)
{
    char scheme[URL_SCHEME_MAX];
    const char *url = (const char *)source->text.data;
    if (source->is_made || source->text.size == 0)
        return;
    if (!url_scheme(scheme, url)) {
        draft_say(draft, FAULT_ERROR, source,
                  "unable to parse url: it has a space, a control character, a bad '%%' or "
                  "a '[' without its ']'");
        return;
    }
    if (!scheme_is_known(scheme, draft->minor)) {
        refuse_scheme(draft, source, scheme);
        return;
    }
    const char *fault = text_is(scheme, "data")  ? url_data_fault(source->text)
                        : text_is(scheme, "arn") ? url_arn_fault(url)
                                                 : NULL;
    if (fault)
        draft_say(draft, FAULT_ERROR, source, "%s", fault);
    if (text_is(scheme, "s3") && (text_ends_with(url, "versionId=") || strstr(url, "versionId=&")))
        draft_say(draft, FAULT_ERROR, source, "invalid S3 object VersionId: nothing stands behind 'versionId='");
}

static void check_headers(struct draft *draft, const struct item *map)
{
    char scheme[URL_SCHEME_MAX] = "";
    const char *source = item_text(map, "source");
    if (item_count(map, "http_headers") == 0)
        return;
    bool is_url = source && url_scheme(scheme, source);
    if (!is_url || (!text_is(scheme, "http") && !text_is(scheme, "https")))
        draft_say_member(draft, FAULT_ERROR, map, "http_headers",
                         "cannot use HTTP headers with this source scheme: they go with http and https alone");
}

void check_resource(struct draft *draft, struct item *map)
{
    const char *compression = item_text(map, "compression");
    const struct item *verification = item_get(map, "verification");
    if (compression && compression[0] != '\0' && !text_is(compression, "gzip"))
        draft_say_member(draft, FAULT_ERROR, map, "compression",
                         "invalid compression method '%s': write \"gzip\" or leave it out", compression);
    if (item_get(map, "source"))
        check_source(draft, item_get(map, "source"));
    else if (item_get(verification, "hash"))
        draft_say_member(draft, FAULT_ERROR, verification, "hash",
                         "source must be specified if verification is specified");
    check_headers(draft, map);
}

void check_header(struct draft *draft, struct item *map)
{
    if (!item_has_text(map, "name"))
        draft_say_member(draft, FAULT_ERROR, map, "name", "HTTP header name can't be empty");
}

/* "sha512-" and 128 hexadecimal digits. */
void check_verification(struct draft *draft, struct item *map)
{
    static const struct {
        const char *function;
        size_t digits;
        unsigned since;
    } functions[] = {{"sha512-", 128, 0}, {"sha256-", 64, 1}};
    const char *hash = item_text(map, "hash");
    if (!hash)
        return;
    if (!strchr(hash, '-')) {
        draft_say_member(draft, FAULT_ERROR, map, "hash",
                         "malformed hash specifier: write the function before it, \"sha512-...\"");
        return;
    }
    for (size_t i = 0; i < LENGTH(functions); i++) {
        if (functions[i].since > draft->minor || !text_starts_with(hash, functions[i].function))
            continue;
        size_t size = strlen(hash) - strlen(functions[i].function);
        if (size != functions[i].digits)
            draft_say_member(draft, FAULT_ERROR, map, "hash",
                             "incorrect size for hash sum: %zu digits, and %.6s has %zu", size, functions[i].function,
                             functions[i].digits);
        else if (strspn(hash + strlen(functions[i].function), "0123456789abcdefABCDEF") != size)
            draft_say_member(draft, FAULT_WARNING, map, "hash", "a hash is written in hexadecimal digits");
        return;
    }
    draft_say_member(draft, FAULT_ERROR, map, "hash", "unrecognized hash function: use sha512%s",
                     draft->minor >= 1 ? " or sha256" : "");
}

static void need_source(struct draft *draft, const struct item *map)
{
    if (!item_get(map, "source"))
        draft_say(draft, FAULT_ERROR, map, "source is required: the URL to fetch it from");
}

void check_references(struct draft *draft, struct item *map)
{
    for (size_t i = 0; i < item_count(map, "merge"); i++)
        need_source(draft, item_at(map, "merge", i));
}

void check_tls(struct draft *draft, struct item *map)
{
    for (size_t i = 0; i < item_count(map, "certificate_authorities"); i++)
        need_source(draft, item_at(map, "certificate_authorities", i));
}
