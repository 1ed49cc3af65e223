/* SPDX-License-Identifier: Apache-2.0 */
/* How an image comes: one request after the other until it is whole. All of this runs on the thread of the HTTP client,
 * but for the start. */
#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "io/loop.h"
#include "proto/http/date.h"
#include "proto/http/url.h"
#include "store/image.h"

/* Tries without a single octet of progress, and what is waited for before the second; then twice as long each time. */
#define TRIES_MAX 4
#define FIRST_DELAY (500 * MILLISECOND)
/* A server that does not answer at all: of a copy that is here it need not keep a machine waiting for long. */
#define HEAD_TIMEOUT (20 * SECOND)
#define CHECK_TIMEOUT (5 * SECOND)
/* Those who wait are woken for so many octets, not for each packet. */
#define WAKE_STEP (256 * 1024)
/* How much of an image of unknown size comes until it is looked again whether there is room. */
#define ROOM_STEP (16 * 1024 * 1024)

static bool take_head(void *context, const struct http_client_head *head);
static bool take_body(void *context, struct bytes octets);
static void take_end(void *context, int result, const struct diag *why);

static struct http_download *part_of(struct image *image)
{
    return image->has_part ? &image->part.download : NULL;
}

static struct http_download *kept_of(struct image *image)
{
    return image->is_whole ? &image->record.download : NULL;
}

static void request(struct image *image, instant delay)
{
    struct http_download_fields fields;
    http_download_ask(&fields, part_of(image), kept_of(image));
    struct http_client_request request = {
        .url = image->record.url,
        .header_count = fields.count,
        .delay = delay,
        .head_timeout = image->is_whole ? CHECK_TIMEOUT : HEAD_TIMEOUT,
        .head = take_head,
        .body = take_body,
        .done = take_end,
        .context = image,
    };
    for (size_t i = 0; i < fields.count; i++)
        request.headers[i] = fields.at[i];
    image->told = false;
    image->progress = image->has_part ? image->part.download.have : 0;
    http_client_get(image->images->client, &request);
}

void image_download_start(struct image *image)
{
    image->flies = true;
    image->tries = 0;
    image->fetched = 0;
    image->started = clock_now().steady;
    image->has_failed = image->lacks_room = false;
    request(image, 0);
}

static int64_t date_of(const struct http_download *download)
{
    int64_t made;
    int64_t now = clock_now().wall_seconds;
    return http_date_read(&made, download->modified, now) ? made : now;
}

/* Whoever reads what was begun gets no more of it. */
static void drop_part(struct image *image, struct list *woken)
{
    struct image_copy *copy = take_pointer(image->growing);
    if (copy) {
        copy->state = IMAGE_COPY_BROKEN;
        waiters_take(woken, &copy->waiters);
        image_copy_unref(copy);
    }
    if (image->has_part)
        image_folder_remove(&image->images->folder, image->id, true);
    image_record_finish(&image->part);
    image->has_part = false;
}

static bool begin_part(struct image *image, const struct http_download_head *head, struct diag *why)
{
    struct image_record *part = &image->part;
    *part = (struct image_record){.url = memory_text(image->record.url)};
    http_download_begin(&part->download, head);
    part->made = date_of(&part->download);
    image->has_part = true;
    image->lacks_room = !image_make_room(image, why);
    if (image->lacks_room)
        return false;
    int fd = image_folder_create_part(&image->images->folder, image->id, why);
    if (fd < 0)
        return false;
    image->growing = image_copy_create(image, fd, true);
    return image_folder_write_record(&image->images->folder, image->id, true, part, why) == 0;
}

static bool open_part(struct image *image, struct diag *why)
{
    if (image->growing)
        return true;
    int fd = image_folder_open_part(&image->images->folder, image->id, why);
    if (fd >= 0)
        image->growing = image_copy_create(image, fd, true);
    return fd >= 0;
}

/* The connection broke before the first octet: whoever waits for it can have it from the answer of now. */
static bool begins_again(struct image *image, const struct http_download_head *head)
{
    struct http_download *part = &image->part.download;
    if (!image->growing || part->have > 0 || part->size != head->length)
        return false;
    http_download_begin(part, head);
    return true;
}

/* Does what the answer means; false when its body is not wanted. */
static bool follow(struct image *image, const struct http_download_head *head, struct list *woken)
{
    bool wanted = false;
    image->compared = image->has_part ? image->part.download.have : 0;
    switch (image->step) {
    case HTTP_DOWNLOAD_ANEW:
        wanted = begins_again(image, head);
        if (wanted)
            break;
        drop_part(image, woken);
        image->compared = 0;
        wanted = begin_part(image, head, &image->step_why);
        break;
    case HTTP_DOWNLOAD_COMPARE:
        image->compared = 0;
        wanted = open_part(image, &image->step_why);
        break;
    case HTTP_DOWNLOAD_GO_ON:
        wanted = open_part(image, &image->step_why);
        break;
    case HTTP_DOWNLOAD_ASK_ANEW:
        drop_part(image, woken);
        return false;
    default:
        return false;
    }
    if (!wanted)
        image->step = HTTP_DOWNLOAD_GIVE_UP;
    return wanted;
}

static bool take_head(void *context, const struct http_client_head *head)
{
    struct image *image = context;
    struct list woken;
    struct http_download_head answer = {.status = head->status,
                                        .length = head->length,
                                        .etag = head->etag,
                                        .modified = head->last_modified,
                                        .content_range = head->content_range};
    list_init(&woken);
    pthread_mutex_lock(&image->images->lock);
    image->told = true;
    image->step = http_download_decide(part_of(image), kept_of(image), &answer, &image->step_why);
    bool wanted = follow(image, &answer, &woken);
    if (wanted)
        waiters_take(&woken, &image->waiters);
    pthread_mutex_unlock(&image->images->lock);
    waiters_wake(&woken);
    return wanted;
}

static bool write_all(int fd, uint64_t offset, struct bytes octets)
{
    while (octets.size > 0) {
        ssize_t written = pwrite(fd, octets.data, octets.size, (off_t)offset);
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return false;
        offset += (uint64_t)written;
        octets = bytes_slice(octets, (size_t)written, octets.size);
    }
    return true;
}

/* Whether octets that came again are those that are here. */
static bool are_the_same(int fd, uint64_t offset, struct bytes octets)
{
    uint8_t here[16384];
    while (octets.size > 0) {
        struct bytes piece = bytes_slice(octets, 0, sizeof here);
        ssize_t count = pread(fd, here, piece.size, (off_t)offset);
        if (count <= 0 || !bytes_equal(bytes_of(here, (size_t)count), bytes_slice(piece, 0, (size_t)count)))
            return false;
        offset += (uint64_t)count;
        octets = bytes_slice(octets, (size_t)count, octets.size);
    }
    return true;
}

static bool give_up(struct image *image, const char *format, const char *words)
{
    fail(&image->step_why, 0, format, words);
    image->step = HTTP_DOWNLOAD_GIVE_UP;
    return false;
}

/* The lock guards what is told to others; the file's end belongs to this thread. */
static bool append(struct image *image, struct bytes octets, struct list *woken)
{
    struct http_download *part = &image->part.download;
    struct image_copy *copy = image->growing;
    if (part->size != HTTP_SIZE_UNKNOWN && octets.size > part->size - part->have)
        return give_up(image, "%s", "the server sends more than it said there is");
    if (!write_all(copy->fd, part->have, octets))
        return give_up(image, "store it: %s", strerror(errno));
    pthread_mutex_lock(&image->images->lock);
    uint64_t before = part->have;
    part->have += octets.size;
    image->fetched += octets.size;
    copy->have = part->have;
    bool is_over = part->size == HTTP_SIZE_UNKNOWN && before / ROOM_STEP != part->have / ROOM_STEP &&
                   !image_make_room(image, &image->step_why);
    if (copy->have - copy->woken_at >= WAKE_STEP || copy->have == part->size) {
        copy->woken_at = copy->have;
        waiters_take(woken, &copy->waiters);
    }
    pthread_mutex_unlock(&image->images->lock);
    if (is_over)
        image->step = HTTP_DOWNLOAD_GIVE_UP;
    return !is_over;
}

static bool take_body(void *context, struct bytes octets)
{
    struct image *image = context;
    struct http_download *part = &image->part.download;
    struct list woken;
    uint64_t known = part->have > image->compared ? part->have - image->compared : 0;
    struct bytes again = bytes_slice(octets, 0, known < octets.size ? (size_t)known : octets.size);
    if (!are_the_same(image->growing->fd, image->compared, again)) {
        image->step = HTTP_DOWNLOAD_ASK_ANEW;
        return false;
    }
    image->compared += octets.size;
    list_init(&woken);
    bool goes_on = again.size == octets.size || append(image, bytes_slice(octets, again.size, octets.size), &woken);
    waiters_wake(&woken);
    return goes_on;
}

static void say_fetched(struct image *image)
{
    AUTO(text_finish) struct text shown = {0};
    double seconds = (double)(clock_now().steady - image->started) / (double)SECOND;
    uint64_t octets = image->record.download.size;
    http_url_append_shown(&shown, image->record.url);
    images_say(image->images, false, "%s: %" PRIu64 " octets%s in %.3f s (%.1f MB/s)", text_characters(&shown), octets,
               image->fetched < octets ? ", the rest of it" : "", seconds,
               seconds > 0 ? (double)image->fetched / seconds / 1e6 : 0.0);
}

/* The part is the image now. */
static bool complete(struct image *image, struct diag *why)
{
    struct image_copy *copy = image->growing;
    struct image_record *part = &image->part;
    pthread_mutex_lock(&image->images->lock);
    part->download.size = part->download.have;
    part->used = image->record.used;
    pthread_mutex_unlock(&image->images->lock);
    if (image_folder_complete(&image->images->folder, image->id, copy->fd, part, why) < 0)
        return false;
    pthread_mutex_lock(&image->images->lock);
    image_record_finish(&image->record);
    image->record = *part;
    *part = (struct image_record){0};
    image->has_part = false;
    image->is_whole = image->was_checked = true;
    image->checked = clock_now().steady;
    image->growing = NULL;
    image->copy = copy;
    copy->size = copy->have;
    copy->state = IMAGE_COPY_WHOLE;
    pthread_mutex_unlock(&image->images->lock);
    return true;
}

static void end_flight(struct image *image, struct list *woken)
{
    image->flies = false;
    waiters_take(woken, &image->waiters);
}

static void land(struct image *image)
{
    struct list woken;
    list_init(&woken);
    say_fetched(image);
    pthread_mutex_lock(&image->images->lock);
    waiters_take(&woken, &image->copy->waiters);
    image_copy_unref(image->copy);
    end_flight(image, &woken);
    pthread_mutex_unlock(&image->images->lock);
    waiters_wake(&woken);
}

static void confirm(struct image *image)
{
    struct list woken;
    list_init(&woken);
    pthread_mutex_lock(&image->images->lock);
    image->was_checked = true;
    image->checked = clock_now().steady;
    end_flight(image, &woken);
    pthread_mutex_unlock(&image->images->lock);
    waiters_wake(&woken);
}

/* What is here of it stays unless it is of no use: another time it is gone on with. Whoever was sent a part gets no
 * more. */
static void crash(struct image *image, const struct diag *why, bool is_of_use, bool is_stopping)
{
    AUTO(text_finish) struct text shown = {0};
    struct list woken;
    list_init(&woken);
    http_url_append_shown(&shown, image->record.url);
    if (!is_stopping)
        images_say(image->images, true, "%s: %s%s", text_characters(&shown), why->text,
                   image->is_whole ? "; the copy of before is served" : "");
    pthread_mutex_lock(&image->images->lock);
    struct image_copy *copy = take_pointer(image->growing);
    if (copy) {
        copy->state = IMAGE_COPY_BROKEN;
        waiters_take(&woken, &copy->waiters);
        image_copy_unref(copy);
    }
    if (!is_of_use || (image->has_part && image->part.download.have == 0))
        drop_part(image, &woken);
    image->has_failed = true;
    image->failed = clock_now().steady;
    image->why = *why;
    end_flight(image, &woken);
    pthread_mutex_unlock(&image->images->lock);
    waiters_wake(&woken);
}

/* Asks once more, later each time that nothing came of it; false when that was too often. A copy that is here waits for
 * no second try. */
static bool try_again(struct image *image)
{
    bool came_on = image->has_part && image->part.download.have > image->progress;
    image->tries = came_on ? 0 : image->tries + 1;
    if (image->tries >= TRIES_MAX || (image->is_whole && !image->growing && image->tries > 0))
        return false;
    instant delay = image->tries > 0 ? FIRST_DELAY << (image->tries - 1) : 0;
    pthread_mutex_lock(&image->images->lock);
    bool may = !image->images->stopping;
    if (may)
        request(image, delay);
    pthread_mutex_unlock(&image->images->lock);
    return may;
}

static bool is_whole(const struct image *image)
{
    const struct http_download *part = &image->part.download;
    return image->growing && image->compared == part->have &&
           (part->size == HTTP_SIZE_UNKNOWN || part->have == part->size);
}

/* What the server said and what came of it decide; result is that of the one request. */
static void take_end(void *context, int result, const struct diag *why)
{
    struct image *image = context;
    struct diag reason = result < 0 ? *why : (struct diag){"it ended before its end"};
    bool is_stopping = result == -ECANCELED && !image->told;
    bool given_up = image->told && image->step == HTTP_DOWNLOAD_GIVE_UP;
    if (given_up || (image->told && image->step == HTTP_DOWNLOAD_RETRY))
        reason = image->step_why;
    if (image->told && image->step == HTTP_DOWNLOAD_UNCHANGED) {
        confirm(image);
        return;
    }
    if (image->told && image->step == HTTP_DOWNLOAD_ASK_ANEW) {
        struct list woken;
        list_init(&woken);
        pthread_mutex_lock(&image->images->lock);
        drop_part(image, &woken);
        pthread_mutex_unlock(&image->images->lock);
        waiters_wake(&woken);
        fail(&reason, 0, "the file at its server changes all the time");
    }
    if (result == 0 && image->told && image->step < HTTP_DOWNLOAD_UNCHANGED && is_whole(image)) {
        if (complete(image, &reason)) {
            land(image);
            return;
        }
        given_up = true;
    }
    if (is_stopping || given_up || !try_again(image))
        crash(image, &reason, !given_up, is_stopping || image->images->stopping);
}
