/* SPDX-License-Identifier: Apache-2.0 */
/* What the image cache knows of one image as the text of a small file beside it, and which images make room for
 * another. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/diag.h"
#include "base/text.h"
#include "proto/http/download.h"

/* A name for a URL that tells nothing of it: 32 hexadecimal digits and a NUL. */
#define IMAGE_ID_MAX 33

void image_id(char ret[IMAGE_ID_MAX], const char *url);
/* Whether a text has the form of one. */
bool image_id_is_valid(const char *id);

/* One image, in whole or in part. */
struct image_record {
    char *url;                     /* on the heap */
    struct http_download download; /* have is the file's size, which the record does not hold */
    int64_t used;                  /* when it was last asked for; seconds since 1970-01-01 UTC */
    int64_t made;                  /* its date as we tell it: that of its server, or when it came */
};

void image_record_finish(struct image_record *record);
AUTO_DEFINE_STRUCT(image_record_finish, struct image_record);
/* Appends the record's text. */
void image_record_write(struct text *ret, const struct image_record *record);
/* Reads it; lines it does not know are for later versions and left out. 0, or -1 with what is wrong and then *ret is
 * empty. */
int image_record_read(struct image_record *ret, struct bytes text, struct diag *why);

/* An image as it counts for room. */
struct image_weight {
    uint64_t octets; /* on the disk, or to come */
    int64_t used;
    bool held;   /* it is being sent or downloaded: it stays */
    bool leaves; /* set: it makes room */
};

/* Marks those that must leave, unused for longest first, so that with needed octets more all of them are within bound.
 * False, and nothing is marked, when those that are held leave too little room. */
bool image_weights_make_room(struct image_weight *weights, size_t count, uint64_t needed, uint64_t bound);
