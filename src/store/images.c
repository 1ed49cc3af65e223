/* SPDX-License-Identifier: Apache-2.0 */
/* The image cache: who asks for what, and what there is. */
#include "store/images.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/memory.h"
#include "io/loop.h"
#include "proto/http/url.h"
#include "store/image.h"

/* A copy whose server confirmed it so lately is sent without asking again: the machines of one rack ask together. */
#define CHECK_HOLDS (30 * SECOND)
/* A server that failed is not asked again for this long. */
#define FAILURE_HOLDS (5 * SECOND)

void images_say(struct images *images, bool is_trouble, const char *format, ...)
{
    AUTO(text_finish) struct text text = {0};
    va_list arguments;
    va_start(arguments, format);
    text_append_list(&text, format, arguments);
    va_end(arguments);
    if (images->settings.say)
        images->settings.say(images->settings.context, is_trouble, text_characters(&text));
}

/* --- who waits --------------------------------------------------------------------------------------------------- */

static void waiter_add(struct list *waiters, uint64_t offset, void (*wake)(void *context), void *context)
{
    struct waiter *waiter = MEMORY_NEW(struct waiter);
    *waiter = (struct waiter){.offset = offset, .wake = wake, .context = context};
    list_append(waiters, &waiter->link);
}

void waiters_take(struct list *ret, struct list *waiters)
{
    LIST_FOR_EACH (link, waiters) {
        list_remove(link);
        list_append(ret, link);
    }
}

void waiters_wake(struct list *woken)
{
    LIST_FOR_EACH (link, woken) {
        struct waiter *waiter = list_owner(link, struct waiter, link);
        list_remove(link);
        waiter->wake(waiter->context);
        free(waiter);
    }
}

/* --- copies ------------------------------------------------------------------------------------------------------ */

struct image_copy *image_copy_create(struct image *image, int fd, bool is_part)
{
    struct stat file = {0};
    const struct image_record *record = is_part ? &image->part : &image->record;
    struct image_copy *copy = MEMORY_NEW(struct image_copy);
    fstat(fd, &file);
    *copy = (struct image_copy){
        .image = image,
        .users = 1,
        .fd = fd,
        .state = is_part ? IMAGE_COPY_GROWS : IMAGE_COPY_WHOLE,
        .size = record->download.size,
        .have = record->download.have,
        .inode = file.st_ino,
        .made = record->made,
    };
    list_init(&copy->waiters);
    image->users++;
    return copy;
}

void image_copy_unref(struct image_copy *copy)
{
    struct image *image = copy->image;
    if (--copy->users > 0)
        return;
    if (image->copy == copy)
        image->copy = NULL;
    if (image->growing == copy)
        image->growing = NULL;
    image->users--;
    fd_close(copy->fd);
    free(copy);
}

void image_copy_release(struct image_copy *copy)
{
    struct images *images = copy->image->images;
    pthread_mutex_lock(&images->lock);
    image_copy_unref(copy);
    pthread_mutex_unlock(&images->lock);
}

uint64_t image_copy_size(const struct image_copy *copy)
{
    struct images *images = copy->image->images;
    pthread_mutex_lock(&images->lock);
    uint64_t size = copy->size;
    pthread_mutex_unlock(&images->lock);
    return size;
}

bool image_copy_is_whole(struct image_copy *copy)
{
    struct images *images = copy->image->images;
    pthread_mutex_lock(&images->lock);
    bool whole = copy->state == IMAGE_COPY_WHOLE;
    pthread_mutex_unlock(&images->lock);
    return whole;
}

uint64_t image_copy_inode(const struct image_copy *copy)
{
    return copy->inode;
}

int64_t image_copy_made(const struct image_copy *copy)
{
    return copy->made;
}

int image_copy_fd(const struct image_copy *copy)
{
    return copy->fd;
}

int64_t image_copy_read(struct image_copy *copy, uint64_t offset, void *buffer, size_t size)
{
    struct images *images = copy->image->images;
    pthread_mutex_lock(&images->lock);
    enum image_copy_state state = copy->state;
    uint64_t left = copy->have > offset ? copy->have - offset : 0;
    pthread_mutex_unlock(&images->lock);
    if (state == IMAGE_COPY_BROKEN)
        return -ESTALE;
    if (left == 0)
        return state == IMAGE_COPY_WHOLE ? 0 : -EAGAIN;
    ssize_t count = pread(copy->fd, buffer, left < size ? (size_t)left : size, (off_t)offset);
    return count < 0 ? -errno : count;
}

void image_copy_wait(struct image_copy *copy, uint64_t offset, void (*wake)(void *context), void *context)
{
    struct images *images = copy->image->images;
    pthread_mutex_lock(&images->lock);
    bool waits = copy->state == IMAGE_COPY_GROWS && copy->have <= offset && !images->stopping;
    if (waits)
        waiter_add(&copy->waiters, offset, wake, context);
    pthread_mutex_unlock(&images->lock);
    if (!waits)
        wake(context);
}

/* --- images ------------------------------------------------------------------------------------------------------ */

static struct image *image_find(struct images *images, const char *id)
{
    struct image *image = NULL;
    HASH_FIND(hh, images->known, id, strlen(id), image);
    return image;
}

static struct image *image_create(struct images *images, const char *id)
{
    struct image *image = MEMORY_NEW(struct image);
    image->images = images;
    memcpy(image->id, id, sizeof image->id);
    list_init(&image->waiters);
    HASH_ADD(hh, images->known, id, strlen(image->id), image);
    return image;
}

static void image_destroy(struct image *image)
{
    HASH_DEL(image->images->known, image);
    image_record_finish(&image->record);
    image_record_finish(&image->part);
    free(image);
}

static bool image_is_held(const struct image *image)
{
    return image->users > 0 || image->flies;
}

static uint64_t octets_of(const struct image *image)
{
    const struct http_download *part = &image->part.download;
    uint64_t octets = image->is_whole ? image->record.download.size : 0;
    if (image->has_part)
        octets += part->size == HTTP_SIZE_UNKNOWN ? part->have : part->size;
    return octets;
}

static void image_leave(struct image *image)
{
    if (image->is_whole)
        image_folder_remove(&image->images->folder, image->id, false);
    if (image->has_part)
        image_folder_remove(&image->images->folder, image->id, true);
    image->is_whole = image->has_part = image->was_checked = false;
}

bool image_make_room(struct image *wanting, struct diag *why)
{
    struct images *images = wanting->images;
    size_t count = HASH_COUNT(images->known);
    AUTO(free) struct image_weight *weights = memory_new(count, sizeof *weights);
    AUTO(free) struct image **all = memory_new(count, sizeof *all);
    struct image *image, *next;
    size_t i = 0;
    HASH_ITER (hh, images->known, image, next) {
        weights[i] = (struct image_weight){.octets = octets_of(image),
                                           .used = image->record.used,
                                           .held = image_is_held(image) || octets_of(image) == 0};
        all[i++] = image;
    }
    if (!image_weights_make_room(weights, count, 0, images->settings.size_max))
        return fail(why, false,
                    "it does not fit into the image cache of %" PRIu64
                    " MB beside what is being sent: raise 'cache.size'",
                    images->settings.size_max / 1000000);
    for (i = 0; i < count; i++)
        if (weights[i].leaves)
            image_leave(all[i]);
    return true;
}

/* One URL less that has nothing on the disk. */
static void forget_one(struct images *images)
{
    struct image *image, *next;
    struct image *oldest = NULL;
    HASH_ITER (hh, images->known, image, next) {
        bool may_go = !image_is_held(image) && octets_of(image) == 0 && list_is_empty(&image->waiters);
        if (may_go && (!oldest || image->record.used < oldest->record.used))
            oldest = image;
    }
    if (oldest)
        image_destroy(oldest);
}

static bool holds(bool was, instant when, instant span)
{
    return was && clock_now().steady - when < span;
}

void images_name(char ret[IMAGE_ID_MAX], struct images *images, const char *url)
{
    image_id(ret, url);
    pthread_mutex_lock(&images->lock);
    struct image *image = image_find(images, ret);
    if (!image) {
        if (HASH_COUNT(images->known) >= IMAGES_KNOWN_MAX)
            forget_one(images);
        image = image_create(images, ret);
        image->record.url = memory_text(url);
    }
    image->record.used = clock_now().wall_seconds;
    pthread_mutex_unlock(&images->lock);
}

bool images_check(struct images *images, const char *id, struct diag *why)
{
    pthread_mutex_lock(&images->lock);
    struct image *image = image_find(images, id);
    bool fails = image && !image->is_whole && !image->flies && holds(image->has_failed, image->failed, FAILURE_HOLDS);
    AUTO(text_finish) struct text shown = {0};
    if (fails) {
        http_url_append_shown(&shown, image->record.url);
        fail(why, 0, "%s: %s", text_characters(&shown), image->why.text);
    }
    pthread_mutex_unlock(&images->lock);
    return !fails;
}

/* The whole one; NULL when it cannot be opened after all, and then it is forgotten. */
static struct image_copy *ref_whole(struct image *image)
{
    struct diag why;
    if (image->copy) {
        image->copy->users++;
        return image->copy;
    }
    int fd = image_folder_open_whole(&image->images->folder, image->id, &why);
    if (fd < 0) {
        image->is_whole = false;
        return NULL;
    }
    image->copy = image_copy_create(image, fd, false);
    return image->copy;
}

static enum images_result get(struct image_copy **ret, struct image *image, struct diag *why)
{
    image->record.used = clock_now().wall_seconds;
    if (image->growing) {
        image->growing->users++;
        *ret = image->growing;
        return IMAGES_OK;
    }
    bool failed = holds(image->has_failed, image->failed, FAILURE_HOLDS);
    bool checked = holds(image->was_checked, image->checked, CHECK_HOLDS);
    if (image->is_whole && (failed || checked) && (*ret = ref_whole(image)))
        return IMAGES_OK;
    if (image->flies)
        return IMAGES_WAIT;
    if (failed) {
        *why = image->why;
        return image->lacks_room ? IMAGES_NO_ROOM : IMAGES_FAILED;
    }
    image_download_start(image);
    return IMAGES_WAIT;
}

enum images_result images_get(struct image_copy **ret, struct images *images, const char *id, struct diag *why)
{
    enum images_result result = IMAGES_UNKNOWN;
    pthread_mutex_lock(&images->lock);
    struct image *image = image_find(images, id);
    if (images->stopping) {
        result = IMAGES_FAILED;
        fail(why, 0, "muster is stopping");
    } else if (image) {
        result = get(ret, image, why);
    }
    pthread_mutex_unlock(&images->lock);
    return result;
}

void images_prefetch(struct images *images, const char *id)
{
    struct diag why;
    struct image_copy *copy = NULL;
    if (images_get(&copy, images, id, &why) == IMAGES_OK)
        image_copy_release(copy);
}

void images_wait(struct images *images, const char *id, void (*wake)(void *context), void *context)
{
    pthread_mutex_lock(&images->lock);
    struct image *image = image_find(images, id);
    bool waits = image && image->flies && !image->growing && !images->stopping;
    if (waits)
        waiter_add(&image->waiters, 0, wake, context);
    pthread_mutex_unlock(&images->lock);
    if (!waits)
        wake(context);
}

const char *images_folder(const struct images *images)
{
    return images->settings.folder;
}

char *images_shown_url(struct images *images, const char *id)
{
    AUTO(text_finish) struct text shown = {0};
    pthread_mutex_lock(&images->lock);
    struct image *image = image_find(images, id);
    if (image)
        http_url_append_shown(&shown, image->record.url);
    pthread_mutex_unlock(&images->lock);
    return text_take(&shown);
}

/* --- start and stop ---------------------------------------------------------------------------------------------- */

static void find_on_disk(void *context, const char *id, bool is_part, struct image_record *take_record)
{
    struct images *images = context;
    struct image *image = image_find(images, id) ?: image_create(images, id);
    if (!image->record.url)
        image->record.url = memory_text(take_record->url);
    if (is_part) {
        image->part = *take_record;
        image->has_part = true;
    } else {
        image_record_finish(&image->record);
        image->record = *take_record;
        image->is_whole = true;
    }
}

/* The bound may be another than at the run before. */
static void fit_into_bound(struct images *images)
{
    struct diag why;
    if (images->known && !image_make_room(images->known, &why))
        images_say(images, true, "%s", why.text);
}

int images_open(struct images **ret, const struct images_settings *settings, struct diag *why)
{
    struct image_folder folder;
    struct http_client *client = NULL;
    int result = image_folder_open(&folder, settings->folder, why);
    if (result < 0)
        return result;
    result = http_client_start(&client, IMAGES_DOWNLOADS_MAX, why);
    if (result < 0) {
        image_folder_close(&folder);
        return result;
    }
    struct images *images = MEMORY_NEW(struct images);
    *images = (struct images){.settings = *settings, .folder = folder, .client = client};
    pthread_mutex_init(&images->lock, NULL);
    image_folder_scan(&images->folder, find_on_disk, images);
    fit_into_bound(images);
    *ret = images;
    return 0;
}

void images_stop(struct images *images)
{
    struct list woken;
    struct image *image, *next;
    list_init(&woken);
    pthread_mutex_lock(&images->lock);
    images->stopping = true;
    pthread_mutex_unlock(&images->lock);
    http_client_stop(take_pointer(images->client));
    pthread_mutex_lock(&images->lock);
    HASH_ITER (hh, images->known, image, next) {
        waiters_take(&woken, &image->waiters);
    }
    pthread_mutex_unlock(&images->lock);
    waiters_wake(&woken);
}

/* When each was used last, for the choice of those that leave. */
static void write_uses(struct images *images)
{
    struct diag why;
    struct image *image, *next;
    HASH_ITER (hh, images->known, image, next) {
        if (image->is_whole)
            image_folder_write_record(&images->folder, image->id, false, &image->record, &why);
    }
}

void images_close(struct images *images)
{
    if (!images)
        return;
    struct image *image, *next;
    images_stop(images);
    write_uses(images);
    HASH_ITER (hh, images->known, image, next) {
        image_destroy(image);
    }
    image_folder_close(&images->folder);
    pthread_mutex_destroy(&images->lock);
    free(images);
}
