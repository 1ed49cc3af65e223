/* SPDX-License-Identifier: Apache-2.0 */
/* Records of cached images and the choice of those that leave. */
#include "store/image-index.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/memory.h"
#include "lang/template/sha256.h"

#define RECORD_HEAD "muster-image 1\n"

void image_id(char ret[IMAGE_ID_MAX], const char *url)
{
    uint8_t hash[SHA256_SIZE];
    sha256(hash, bytes_of_text(url));
    for (size_t i = 0; i < (IMAGE_ID_MAX - 1) / 2; i++)
        snprintf(ret + 2 * i, 3, "%02x", hash[i]);
}

bool image_id_is_valid(const char *id)
{
    return strlen(id) == IMAGE_ID_MAX - 1 && strspn(id, "0123456789abcdef") == IMAGE_ID_MAX - 1;
}

void image_record_finish(struct image_record *record)
{
    free(record->url);
    *record = (struct image_record){0};
}

void image_record_write(struct text *ret, const struct image_record *record)
{
    text_append(ret, RECORD_HEAD);
    text_print(ret, "url %s\n", record->url);
    if (record->download.size != HTTP_SIZE_UNKNOWN)
        text_print(ret, "size %" PRIu64 "\n", record->download.size);
    if (record->download.etag[0])
        text_print(ret, "etag %s\n", record->download.etag);
    if (record->download.modified[0])
        text_print(ret, "modified %s\n", record->download.modified);
    text_print(ret, "made %" PRId64 "\nused %" PRId64 "\n", record->made, record->used);
}

static bool read_url(struct image_record *record, const char *value)
{
    free(record->url);
    record->url = memory_text(value);
    return value[0] != '\0';
}

static bool read_size(struct image_record *record, const char *value)
{
    return text_to_number(&record->download.size, value, UINT64_MAX - 1);
}

static bool read_validator(char ret[HTTP_VALIDATOR_MAX], const char *value)
{
    if (strlen(value) >= HTTP_VALIDATOR_MAX)
        return false;
    snprintf(ret, HTTP_VALIDATOR_MAX, "%s", value);
    return true;
}

static bool read_etag(struct image_record *record, const char *value)
{
    return read_validator(record->download.etag, value);
}

static bool read_modified(struct image_record *record, const char *value)
{
    return read_validator(record->download.modified, value);
}

static bool read_time(int64_t *ret, const char *value)
{
    uint64_t number;
    bool negative = value[0] == '-';
    if (!text_to_number(&number, value + negative, INT64_MAX))
        return false;
    *ret = negative ? -(int64_t)number : (int64_t)number;
    return true;
}

static bool read_used(struct image_record *record, const char *value)
{
    return read_time(&record->used, value);
}

static bool read_made(struct image_record *record, const char *value)
{
    return read_time(&record->made, value);
}

static const struct line {
    const char *name;
    bool (*read)(struct image_record *record, const char *value);
} lines[] = {
    {"url ", read_url},           {"size ", read_size}, {"etag ", read_etag},
    {"modified ", read_modified}, {"made ", read_made}, {"used ", read_used},
};

static int read_line(struct image_record *record, const char *text, struct diag *why)
{
    for (size_t i = 0; i < LENGTH(lines); i++) {
        if (!text_starts_with(text, lines[i].name))
            continue;
        if (!lines[i].read(record, text + strlen(lines[i].name)))
            return fail(why, -1, "what stands behind '%s' cannot be read", lines[i].name);
    }
    return 0;
}

int image_record_read(struct image_record *ret, struct bytes text, struct diag *why)
{
    *ret = (struct image_record){.download = {.size = HTTP_SIZE_UNKNOWN}};
    if (!bytes_start_with(text, RECORD_HEAD) || (text.size > 0 && memchr(text.data, 0, text.size)))
        return fail(why, -1, "this is no record of an image");
    AUTO(free) char *copy = memory_text_of((const char *)text.data, text.size);
    char *rest;
    int result = 0;
    for (char *line = strtok_r(copy, "\n", &rest); line && result == 0; line = strtok_r(NULL, "\n", &rest))
        result = read_line(ret, line, why);
    if (result == 0 && !ret->url)
        result = fail(why, -1, "it names no URL");
    if (result != 0)
        image_record_finish(ret);
    return result;
}

static uint64_t room_taken(const struct image_weight *weights, size_t count)
{
    uint64_t taken = 0;
    for (size_t i = 0; i < count; i++)
        taken += weights[i].leaves ? 0 : weights[i].octets;
    return taken;
}

/* The one unused for longest of those that may leave; NULL when none may. */
static struct image_weight *find_idlest(struct image_weight *weights, size_t count)
{
    struct image_weight *idlest = NULL;
    for (size_t i = 0; i < count; i++)
        if (!weights[i].held && !weights[i].leaves && (!idlest || weights[i].used < idlest->used))
            idlest = &weights[i];
    return idlest;
}

bool image_weights_make_room(struct image_weight *weights, size_t count, uint64_t needed, uint64_t bound)
{
    for (size_t i = 0; i < count; i++)
        weights[i].leaves = false;
    while (needed > bound || room_taken(weights, count) > bound - needed) {
        struct image_weight *idlest = needed > bound ? NULL : find_idlest(weights, count);
        if (idlest) {
            idlest->leaves = true;
            continue;
        }
        for (size_t i = 0; i < count; i++)
            weights[i].leaves = false;
        return false;
    }
    return true;
}
