/* SPDX-License-Identifier: Apache-2.0 */
/* The image cache against a server of ours. What hostile servers do is in test/net/test_images.py. */
#include "store/images.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

#include "base/array.h"
#include "base/memory.h"
#include "base/text.h"
#include "io/http-server.h"
#include "io/loop.h"
#include "test.h"

static char folder[] = "/tmp/muster-test-XXXXXX";
static char base[64];
static atomic_uint gets, unchanged, troubles;

/* "/10" has ten octets and a tag; "/gone" is not there. */
static void *answer(void *context, struct http_server_request *request, void *answered)
{
    (void)context, (void)answered;
    uint64_t size = 0;
    bool is_there = text_to_number(&size, http_server_target(request) + 1, 100000);
    const char *condition = http_server_header(request, "If-None-Match");
    bool same = text_is(condition, "\"tag\"");
    struct http_server_header headers[] = {{"ETag", "\"tag\""}};
    char *body = memory_new(size + 1, 1);
    memset(body, 'x', size);
    atomic_fetch_add(same ? &unchanged : &gets, 1);
    usleep(20000);
    http_server_send(request, &(struct http_server_reply){.status = same       ? 304
                                                                    : is_there ? 200
                                                                               : 404,
                                                          .headers = headers,
                                                          .header_count = 1,
                                                          .take_body = body,
                                                          .body_size = same ? 0 : size,
                                                          .take_fd = -1});
    return NULL;
}

static void completed(void *context, void *answered, const struct http_server_result *result)
{
    (void)context, (void)answered, (void)result;
}

static void say(void *context, bool is_trouble, const char *text)
{
    (void)context;
    CHECK_ROW(text, text_starts_with(text, "http://127.0.0.1:"));
    if (is_trouble)
        atomic_fetch_add(&troubles, 1);
}

static struct images *open_cache(uint64_t size_max)
{
    struct images *images = NULL;
    struct diag why = {{0}};
    struct images_settings settings = {.folder = folder, .size_max = size_max, .say = say};
    CHECK_NUMBER(images_open(&images, &settings, &why), 0);
    CHECK_TEXT(why.text, "");
    return images;
}

struct wait {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool woken;
};

static void wake(void *context)
{
    struct wait *wait = context;
    pthread_mutex_lock(&wait->lock);
    wait->woken = true;
    pthread_cond_signal(&wait->changed);
    pthread_mutex_unlock(&wait->lock);
}

static void sleep_until_woken(struct wait *wait)
{
    pthread_mutex_lock(&wait->lock);
    while (!wait->woken)
        pthread_cond_wait(&wait->changed, &wait->lock);
    pthread_mutex_unlock(&wait->lock);
}

static enum images_result get(struct image_copy **ret, struct images *images, const char *path, struct diag *why)
{
    char id[IMAGE_ID_MAX];
    AUTO(free) char *url = memory_print("%s%s", base, path);
    images_name(id, images, url);
    for (;;) {
        struct wait wait = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, false};
        enum images_result result = images_get(ret, images, id, why);
        if (result != IMAGES_WAIT)
            return result;
        images_wait(images, id, wake, &wait);
        sleep_until_woken(&wait);
    }
}

/* How many octets it has in the end; -1 when they are not all right. */
static int64_t read_all(struct image_copy *copy)
{
    char buffer[1000];
    uint64_t offset = 0;
    for (;;) {
        int64_t count = image_copy_read(copy, offset, buffer, sizeof buffer);
        for (int64_t i = 0; i < count; i++)
            if (buffer[i] != 'x')
                return -1;
        if (count == -EAGAIN) {
            struct wait wait = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, false};
            image_copy_wait(copy, offset, wake, &wait);
            sleep_until_woken(&wait);
        } else if (count <= 0) {
            return count < 0 ? count : (int64_t)offset;
        } else {
            offset += (uint64_t)count;
        }
    }
}

static int64_t size_of(struct images *images, const char *path)
{
    struct diag why = {{0}};
    struct image_copy *copy = NULL;
    if (get(&copy, images, path, &why) != IMAGES_OK)
        return -2;
    int64_t size = read_all(copy);
    image_copy_release(copy);
    return size;
}

static void *get_one(void *images)
{
    return (void *)(intptr_t)size_of(images, "/100000");
}

static void many_ask_and_the_server_is_asked_once(void)
{
    struct images *images = open_cache(1000000);
    pthread_t threads[50];
    atomic_store(&gets, 0);
    for (size_t i = 0; i < LENGTH(threads); i++)
        pthread_create(&threads[i], NULL, get_one, images);
    for (size_t i = 0; i < LENGTH(threads); i++) {
        void *size;
        pthread_join(threads[i], &size);
        CHECK_NUMBER((intptr_t)size, 100000);
    }
    CHECK_NUMBER(atomic_load(&gets), 1);
    images_close(images);
}

static void a_copy_outlives_a_restart_and_is_confirmed_by_its_tag(void)
{
    struct images *images = open_cache(1000000);
    atomic_store(&gets, 0);
    atomic_store(&unchanged, 0);
    CHECK_NUMBER(size_of(images, "/100000"), 100000);
    CHECK_NUMBER(size_of(images, "/100000"), 100000);
    CHECK(atomic_load(&gets) == 0 && atomic_load(&unchanged) == 1);
    images_close(images);
}

static void what_was_unused_for_longest_makes_room(void)
{
    struct images *images = open_cache(150000);
    struct image_copy *held = NULL;
    struct diag why = {{0}};
    CHECK(get(&held, images, "/100000", &why) == IMAGES_OK);
    CHECK(size_of(images, "/60000") == -2);
    CHECK_NUMBER(size_of(images, "/40000"), 40000);
    atomic_store(&gets, 0);
    CHECK_NUMBER(read_all(held), 100000);
    image_copy_release(held);
    CHECK_NUMBER(size_of(images, "/60001"), 60001);
    CHECK_NUMBER(atomic_load(&gets), 1);
    CHECK(size_of(images, "/100000") == -2 || size_of(images, "/100000") == 100000);
    images_close(images);
}

static void what_is_not_there_fails_with_its_reason(void)
{
    struct images *images = open_cache(1000000);
    struct image_copy *copy = NULL;
    struct diag why = {{0}};
    char id[IMAGE_ID_MAX];
    AUTO(free) char *url = memory_print("%s/gone", base);
    CHECK(get(&copy, images, "/gone", &why) == IMAGES_FAILED && !copy);
    CHECK_TEXT(why.text, "the server says 404");
    images_name(id, images, url);
    CHECK(!images_check(images, id, &why) && strstr(why.text, "/gone: the server says 404"));
    CHECK(images_get(&copy, images, "00000000000000000000000000000000", &why) == IMAGES_UNKNOWN);
    images_close(images);
}

static void nobody_waits_for_a_cache_that_stops(void)
{
    struct images *images = open_cache(1000000);
    struct wait wait = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, false};
    struct image_copy *copy = NULL;
    struct diag why = {{0}};
    char id[IMAGE_ID_MAX];
    AUTO(free) char *url = memory_print("%s/77", base);
    images_name(id, images, url);
    CHECK(images_get(&copy, images, id, &why) == IMAGES_WAIT);
    images_wait(images, id, wake, &wait);
    images_stop(images);
    sleep_until_woken(&wait);
    CHECK(images_get(&copy, images, id, &why) == IMAGES_FAILED);
    CHECK_TEXT(why.text, "muster is stopping");
    images_close(images);
}

int main(void)
{
    struct http_server *server = NULL;
    struct diag why;
    struct http_server_settings settings = {
        .address = {0x7f000001}, .threads = 2, .answer = answer, .completed = completed};
    if (!mkdtemp(folder) || http_server_start(&server, &settings, &why) < 0)
        return EXIT_FAILURE;
    snprintf(base, sizeof base, "http://127.0.0.1:%u", http_server_port(server));
    RUN(many_ask_and_the_server_is_asked_once);
    RUN(a_copy_outlives_a_restart_and_is_confirmed_by_its_tag);
    RUN(what_was_unused_for_longest_makes_room);
    RUN(what_is_not_there_fails_with_its_reason);
    RUN(nobody_waits_for_a_cache_that_stops);
    http_server_stop(server, SECOND);
    AUTO(free) char *remove = memory_print("rm -r %s", folder);
    return test_result() || system(remove);
}
