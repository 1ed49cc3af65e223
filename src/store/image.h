/* SPDX-License-Identifier: Apache-2.0 */
/* The image cache from within: its images and their downloads. Only for store/image*. */
#pragma once

#include <pthread.h>

#include "base/hash.h"
#include "base/instant.h"
#include "base/list.h"
#include "io/http-client.h"
#include "store/image-folder.h"
#include "store/images.h"

enum image_copy_state {
    IMAGE_COPY_GROWS,
    IMAGE_COPY_WHOLE,
    IMAGE_COPY_BROKEN, /* the rest never comes */
};

struct image_copy {
    struct image *image;
    unsigned users;
    int fd;
    enum image_copy_state state;
    uint64_t size, have;
    uint64_t woken_at; /* have, when those who wait were last woken */
    uint64_t inode;
    int64_t made;
    struct list waiters; /* waiter::link */
};

struct waiter {
    struct list link;
    uint64_t offset;
    void (*wake)(void *context);
    void *context;
};

struct image {
    UT_hash_handle hh; /* images::known */
    struct images *images;
    char id[IMAGE_ID_MAX];
    struct image_record record; /* of the whole copy; without one its URL and use */
    bool is_whole;              /* there is one on the disk */
    bool has_part;              /* there is a part on the disk */
    struct image_record part;   /* of it */
    struct image_copy *copy;    /* of the whole one while it is used */
    struct image_copy *growing; /* of the part, while the download holds it */
    unsigned users;             /* of any copy */

    bool flies; /* a request runs, or waits to be tried again */
    bool told;  /* the server has answered it */
    enum http_download_step step;
    struct diag step_why;
    uint64_t compared; /* octets that came again; those past it are new */
    uint64_t progress; /* octets there were at the last try */
    unsigned tries;    /* since there was progress */
    uint64_t fetched;  /* octets in this flight */
    instant started;
    struct list waiters; /* for the server's answer */

    bool was_checked;
    instant checked; /* when its server last said that the whole copy is right */
    bool has_failed;
    bool lacks_room;
    instant failed;
    struct diag why; /* of the failure */
};

struct images {
    struct images_settings settings;
    struct image_folder folder;
    struct http_client *client;
    pthread_mutex_t lock; /* of all below, of all images and their copies */
    struct image *known;
    bool stopping;
};

/* All of these with the lock held. */

/* Begins a request for what is missing of the image, or whether it has changed. */
void image_download_start(struct image *image);
/* Makes room for what its part needs; false with the reason. */
bool image_make_room(struct image *image, struct diag *why);
struct image_copy *image_copy_create(struct image *image, int fd, bool is_part);
void image_copy_unref(struct image_copy *copy);
/* Moves those who wait onto *ret, to be woken by waiters_wake() without the lock. */
void waiters_take(struct list *ret, struct list *waiters);

/* Without it. */
void waiters_wake(struct list *woken);
void images_say(struct images *images, bool is_trouble, const char *format, ...) __attribute__((format(printf, 3, 4)));
