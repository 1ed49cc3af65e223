/* SPDX-License-Identifier: Apache-2.0 */
/* Downloads that go on where they were broken off, and copies that are asked for again only when they changed. */
#include "proto/http/download.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

static bool is_strong(const char *etag)
{
    return etag[0] != '\0' && !text_starts_with(etag, "W/");
}

/* RFC 9110 §13.1.5: If-Range takes a strong entity-tag, or a date where there is no tag at all. */
static const char *resume_validator(const struct http_download *part)
{
    if (is_strong(part->etag))
        return part->etag;
    return part->etag[0] == '\0' && part->modified[0] != '\0' ? part->modified : NULL;
}

static bool asks_for_rest(const struct http_download *part)
{
    return part && part->have > 0 && resume_validator(part);
}

static void add_field(struct http_download_fields *fields, const char *name, const char *value)
{
    snprintf(fields->at[fields->count++], HTTP_DOWNLOAD_FIELD_MAX, "%s: %s", name, value);
}

void http_download_ask(struct http_download_fields *ret, const struct http_download *part,
                       const struct http_download *kept)
{
    ret->count = 0;
    if (asks_for_rest(part)) {
        char range[32];
        snprintf(range, sizeof range, "bytes=%" PRIu64 "-", part->have);
        add_field(ret, "Range", range);
        add_field(ret, "If-Range", resume_validator(part));
        return;
    }
    if (part && part->have > 0)
        return;
    if (kept && kept->etag[0] != '\0')
        add_field(ret, "If-None-Match", kept->etag);
    if (kept && kept->modified[0] != '\0')
        add_field(ret, "If-Modified-Since", kept->modified);
}

static void copy_validator(char ret[HTTP_VALIDATOR_MAX], const char *value)
{
    bool fits = value && strlen(value) < HTTP_VALIDATOR_MAX;
    snprintf(ret, HTTP_VALIDATOR_MAX, "%s", fits ? value : "");
}

void http_download_begin(struct http_download *ret, const struct http_download_head *head)
{
    *ret = (struct http_download){.size = head->length};
    copy_validator(ret->etag, head->etag);
    copy_validator(ret->modified, head->modified);
}

static bool sizes_agree(uint64_t a, uint64_t b)
{
    return a == b || a == HTTP_SIZE_UNKNOWN || b == HTTP_SIZE_UNKNOWN;
}

enum likeness { UNLIKE, UNKNOWN, LIKE };

/* Whether two descriptions are of the same file, as far as their validators tell. */
static enum likeness compare(const struct http_download *a, const struct http_download *b)
{
    if (!sizes_agree(a->size, b->size))
        return UNLIKE;
    if (a->etag[0] != '\0' && b->etag[0] != '\0')
        return strcmp(a->etag, b->etag) == 0 ? LIKE : UNLIKE;
    if (a->modified[0] != '\0' && b->modified[0] != '\0')
        return strcmp(a->modified, b->modified) == 0 ? LIKE : UNLIKE;
    return UNKNOWN;
}

/* "bytes 100-199/200" or with "*" for the size; false when it cannot be read. */
static bool read_content_range(uint64_t *ret_first, uint64_t *ret_size, const char *field)
{
    uint64_t last;
    int end = -1;
    if (!field)
        return false;
    if (sscanf(field, "bytes %" SCNu64 "-%" SCNu64 "/%n", ret_first, &last, &end) < 2 || end < 0)
        return false;
    if (strcmp(field + end, "*") == 0)
        *ret_size = HTTP_SIZE_UNKNOWN;
    else if (!text_to_number(ret_size, field + end, UINT64_MAX - 1) || last >= *ret_size)
        return false;
    return *ret_first <= last;
}

static enum http_download_step decide_part(const struct http_download *part, const struct http_download_head *head,
                                           struct diag *why)
{
    struct http_download answer;
    uint64_t first;
    if (!asks_for_rest(part)) {
        fail(why, 0, "the server sends a part of the file where all of it was asked for");
        return HTTP_DOWNLOAD_GIVE_UP;
    }
    http_download_begin(&answer, head);
    bool right = read_content_range(&first, &answer.size, head->content_range) && first == part->have;
    return right && compare(&answer, part) != UNLIKE ? HTTP_DOWNLOAD_GO_ON : HTTP_DOWNLOAD_ASK_ANEW;
}

static enum http_download_step decide_whole(const struct http_download *part, const struct http_download *kept,
                                            const struct http_download_head *head)
{
    struct http_download answer;
    http_download_begin(&answer, head);
    if (part && part->have > 0)
        return compare(&answer, part) == UNLIKE ? HTTP_DOWNLOAD_ANEW : HTTP_DOWNLOAD_COMPARE;
    /* A server that knows no conditions sends what we have. */
    return kept && compare(&answer, kept) == LIKE ? HTTP_DOWNLOAD_UNCHANGED : HTTP_DOWNLOAD_ANEW;
}

static bool may_change_its_mind(unsigned status)
{
    return status == 408 || status == 425 || status == 429 || status >= 500;
}

enum http_download_step http_download_decide(const struct http_download *part, const struct http_download *kept,
                                             const struct http_download_head *head, struct diag *why)
{
    bool has_part = part && part->have > 0;
    if (head->status == 200)
        return decide_whole(part, kept, head);
    if (head->status == 206)
        return decide_part(part, head, why);
    if (head->status == 304 && kept && !has_part)
        return HTTP_DOWNLOAD_UNCHANGED;
    if (head->status == 416 && asks_for_rest(part))
        return HTTP_DOWNLOAD_ASK_ANEW;
    fail(why, 0, "the server says %u", head->status);
    return may_change_its_mind(head->status) ? HTTP_DOWNLOAD_RETRY : HTTP_DOWNLOAD_GIVE_UP;
}
