/* SPDX-License-Identifier: Apache-2.0 */
/* Images from elsewhere: each URL is downloaded once, whoever asks for it, is sent on while it comes, and stays on the
 * disk within a bound. For any number of threads; what is told to owners comes from a thread of the cache. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/auto.h"
#include "base/diag.h"
#include "store/image-index.h"

/* Downloads at one time; others wait. */
#define IMAGES_DOWNLOADS_MAX 8
/* URLs that are known without being on the disk; those asked for longest ago are forgotten. */
#define IMAGES_KNOWN_MAX 16384

struct images;
/* One content of an image, open. It stays what it is, whatever becomes of the image. */
struct image_copy;

struct images_settings {
    const char *folder; /* made where it is not there */
    uint64_t size_max;  /* octets on the disk */
    /* A line for the log: a download that ended, or what is wrong. */
    void (*say)(void *context, bool is_trouble, const char *text);
    void *context;
};

enum images_result {
    IMAGES_OK,
    IMAGES_WAIT,    /* its server was asked and has not answered yet: images_wait(), and then again */
    IMAGES_UNKNOWN, /* no URL has this id, or not any more */
    IMAGES_FAILED,  /* for the reason */
    IMAGES_NO_ROOM, /* for the reason; later there may be */
};

/* 0 or a negative errno with the reason. */
int images_open(struct images **ret, const struct images_settings *settings, struct diag *why);
/* Ends all downloads, which can be gone on with at the next start, and wakes all that wait. Nobody is woken after it,
 * and nothing can be had any more. */
void images_stop(struct images *images);
/* The same, and frees everything; every copy must have been released. NULL is left alone. */
void images_close(struct images *images);

/* Makes a URL of http or https known and writes its id. */
void images_name(char ret[IMAGE_ID_MAX], struct images *images, const char *url);
/* False, with the reason, when its download failed a moment ago and there is no copy. */
bool images_check(struct images *images, const char *id, struct diag *why);
/* Starts the download where there is no copy and none runs. */
void images_prefetch(struct images *images, const char *id);

/* The copy to send, with a reference for the caller: a whole one that its server confirmed a moment ago, one that is
 * being downloaded, or the whole one of before where its server does not answer. With IMAGES_OK or any other result. */
enum images_result images_get(struct image_copy **ret, struct images *images, const char *id, struct diag *why);
/* Calls wake once, from any thread and maybe at once, when images_get() has another answer than IMAGES_WAIT. */
void images_wait(struct images *images, const char *id, void (*wake)(void *context), void *context);

/* The folder in which a whole image is the file of its id. */
const char *images_folder(const struct images *images);
/* The URL of an id as others may see it, on the heap; "" when it is unknown. */
char *images_shown_url(struct images *images, const char *id);

/* HTTP_SIZE_UNKNOWN until it is whole when its server does not say. */
uint64_t image_copy_size(const struct image_copy *copy);
bool image_copy_is_whole(struct image_copy *copy);
/* What tells it from all others: they stay what they are while it grows and after. */
uint64_t image_copy_inode(const struct image_copy *copy);
int64_t image_copy_made(const struct image_copy *copy);
/* Its descriptor, open as long as the copy. */
int image_copy_fd(const struct image_copy *copy);
/* How many octets were read, 0 at its end; -EAGAIN: not here yet; -ESTALE: the rest never comes, since its download
 * failed or the file changed at its server. */
int64_t image_copy_read(struct image_copy *copy, uint64_t offset, void *buffer, size_t size);
/* Calls wake once, from any thread and maybe at once, when there is something to be read at offset, or never will. */
void image_copy_wait(struct image_copy *copy, uint64_t offset, void (*wake)(void *context), void *context);
void image_copy_release(struct image_copy *copy);
AUTO_DEFINE(image_copy_release, struct image_copy *);
