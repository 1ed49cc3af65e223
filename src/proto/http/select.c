/* SPDX-License-Identifier: Apache-2.0 */
/* What of a file one GET or HEAD gets. */
#include "proto/http/select.h"

#include <string.h>

#include "proto/http/date.h"
#include "proto/http/range.h"

enum comparison { COMPARE_STRONG, COMPARE_WEAK };

/* One entity-tag of a list, RFC 9110 §8.8.3; size 0: there is none. */
struct etag {
    const char *characters; /* with its quotes, without W/ */
    size_t size;
    bool weak;
};

/* The entity-tag at *cursor, which moves past it. */
static struct etag read_etag(const char **cursor)
{
    struct etag tag = {.weak = strncmp(*cursor, "W/", 2) == 0};
    const char *start = *cursor + (tag.weak ? 2 : 0);
    const char *end = *start == '"' ? strchr(start + 1, '"') : NULL;
    if (!end)
        return (struct etag){0};
    tag.characters = start;
    tag.size = (size_t)(end + 1 - start);
    *cursor = end + 1;
    return tag;
}

static bool etag_matches(const struct etag *tag, const char *current, enum comparison comparison)
{
    if (*current == '\0' || (tag->weak && comparison == COMPARE_STRONG))
        return false;
    return tag->size == strlen(current) && memcmp(tag->characters, current, tag->size) == 0;
}

/* "*" or a list of entity-tags that has the current one in it. */
static bool list_matches(const char *field, const char *current, enum comparison comparison)
{
    const char *cursor = field + strspn(field, " \t");
    if (*cursor == '*' && cursor[1 + strspn(cursor + 1, " \t")] == '\0')
        return true;
    for (cursor += strspn(cursor, " \t,"); *cursor; cursor += strspn(cursor, " \t,")) {
        struct etag tag = read_etag(&cursor);
        if (tag.size == 0)
            return false;
        if (etag_matches(&tag, current, comparison))
            return true;
    }
    return false;
}

/* Whether the field is a date, and the file was modified after it. */
static bool is_modified_since(bool *ret_is_date, const char *field, const struct http_validators *file, int64_t now)
{
    int64_t since = 0;
    *ret_is_date = http_date_read(&since, field, now);
    return file->modified > since;
}

static bool precondition_fails(const struct http_conditions *conditions, const struct http_validators *file,
                               int64_t now)
{
    if (conditions->if_match)
        return !list_matches(conditions->if_match, file->etag, COMPARE_STRONG);
    bool is_date = false;
    return conditions->if_unmodified_since && is_modified_since(&is_date, conditions->if_unmodified_since, file, now) &&
           is_date;
}

static bool client_has_it(const struct http_conditions *conditions, const struct http_validators *file, int64_t now)
{
    if (conditions->if_none_match)
        return list_matches(conditions->if_none_match, file->etag, COMPARE_WEAK);
    bool is_date = false;
    return conditions->if_modified_since && !is_modified_since(&is_date, conditions->if_modified_since, file, now) &&
           is_date;
}

/* RFC 9110 §13.1.5: the part asked for is of the file as it still is. A date is strong enough when the file has not
 * been modified within its last second, §8.8.2.2. */
static bool range_holds(const char *if_range, const struct http_validators *file, int64_t now)
{
    if (!if_range)
        return true;
    const char *cursor = if_range;
    struct etag tag = read_etag(&cursor);
    if (tag.size > 0)
        return *cursor == '\0' && etag_matches(&tag, file->etag, COMPARE_STRONG);
    int64_t date = 0;
    return http_date_read(&date, if_range, now) && date == file->modified && file->modified < now;
}

struct http_selection http_select(const struct http_conditions *conditions, const struct http_validators *file,
                                  int64_t now)
{
    if (precondition_fails(conditions, file, now))
        return (struct http_selection){.status = 412};
    if (client_has_it(conditions, file, now))
        return (struct http_selection){.status = 304};
    struct http_selection whole = {.status = 200, .length = file->size};
    if (!conditions->range || !range_holds(conditions->if_range, file, now))
        return whole;
    struct http_selection part = {.status = 206};
    switch (http_range_read(&part.offset, &part.length, conditions->range, file->size)) {
    case HTTP_RANGE_PART:
        return part;
    case HTTP_RANGE_UNSATISFIABLE:
        return (struct http_selection){.status = 416};
    case HTTP_RANGE_WHOLE:
        break;
    }
    return whole;
}
