/* SPDX-License-Identifier: Apache-2.0 */
/* The client against our own server. */
#include "io/http-client.h"

#include <errno.h>
#include <pthread.h>
#include <unistd.h>

#include "base/array.h"
#include "base/text.h"
#include "io/http-server.h"
#include "io/loop.h"
#include "test.h"

static char url[64];
static struct http_client *client;

/* What a request got. */
struct got {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool done;
    int result;
    struct diag why;
    unsigned status;
    uint64_t length;
    char etag[32];
    struct text body;
    bool refuses;
};

static bool got_head(void *context, const struct http_client_head *head)
{
    struct got *got = context;
    got->status = head->status;
    got->length = head->length;
    snprintf(got->etag, sizeof got->etag, "%s", head->etag);
    return !got->refuses;
}

static bool got_body(void *context, struct bytes octets)
{
    text_append_bytes(&((struct got *)context)->body, octets);
    return true;
}

static void got_all(void *context, int result, const struct diag *why)
{
    struct got *got = context;
    pthread_mutex_lock(&got->lock);
    got->result = result;
    got->why = *why;
    got->done = true;
    pthread_cond_signal(&got->changed);
    pthread_mutex_unlock(&got->lock);
}

static void wait_for(struct got *got)
{
    pthread_mutex_lock(&got->lock);
    while (!got->done)
        pthread_cond_wait(&got->changed, &got->lock);
    pthread_mutex_unlock(&got->lock);
}

static void get(struct got *ret, const char *path, struct http_client_request request)
{
    AUTO(free) char *whole = path[0] == '/' ? memory_print("%s%s", url, path) : memory_text(path);
    pthread_mutex_init(&ret->lock, NULL);
    pthread_cond_init(&ret->changed, NULL);
    request.url = whole;
    request.head = got_head;
    request.body = got_body;
    request.done = got_all;
    request.context = ret;
    http_client_get(client, &request);
}

/* "/moved" leads to "/etag"; "/header" says what the request's header field X was; "/slow" takes its time. */
static void *answer(void *context, struct http_server_request *request, void *answered)
{
    (void)context, (void)answered;
    const char *target = http_server_target(request);
    const char *x = http_server_header(request, "X");
    bool moved = text_is(target, "/moved");
    if (text_is(target, "/slow"))
        usleep(300000);
    const char *said = text_is(target, "/header") && x ? x : target;
    struct http_server_header headers[] = {{"ETag", moved ? "\"old\"" : "\"e\""}, {"Location", moved ? "/etag" : NULL}};
    unsigned status = moved ? 302 : text_is(target, "/nothing") ? 404 : 200;
    http_server_send(request, &(struct http_server_reply){.status = status,
                                                          .headers = headers,
                                                          .header_count = LENGTH(headers),
                                                          .take_body = memory_text(said),
                                                          .body_size = strlen(said),
                                                          .take_fd = -1});
    return NULL;
}

static void completed(void *context, void *answered, const struct http_server_result *result)
{
    (void)context, (void)answered, (void)result;
}

static void a_body_and_its_head_are_told(void)
{
    struct got got = {0};
    get(&got, "/moved", (struct http_client_request){0});
    wait_for(&got);
    CHECK_NUMBER(got.result, 0);
    CHECK_NUMBER(got.status, 200);
    CHECK_NUMBER((long long)got.length, 5);
    CHECK_TEXT(got.etag, "\"e\"");
    CHECK_TEXT(text_characters(&got.body), "/etag");
    text_finish(&got.body);
}

static void header_fields_are_sent_and_a_404_is_an_answer(void)
{
    struct got field = {0}, nothing = {0};
    get(&field, "/header", (struct http_client_request){.headers = {"X: y z"}, .header_count = 1});
    get(&nothing, "/nothing", (struct http_client_request){0});
    wait_for(&field);
    wait_for(&nothing);
    CHECK_TEXT(text_characters(&field.body), "y z");
    CHECK(nothing.result == 0 && nothing.status == 404);
    text_finish(&field.body);
    text_finish(&nothing.body);
}

static void who_is_late_or_not_there_is_given_up_with_a_reason(void)
{
    struct got late = {0}, slow = {0}, gone = {0}, refused = {.refuses = true};
    get(&late, "/slow", (struct http_client_request){.timeout = 100 * MILLISECOND});
    get(&slow, "/slow", (struct http_client_request){.head_timeout = 100 * MILLISECOND});
    get(&gone, "http://127.0.0.1:1/", (struct http_client_request){0});
    get(&refused, "/etag", (struct http_client_request){0});
    wait_for(&late);
    wait_for(&slow);
    wait_for(&gone);
    wait_for(&refused);
    CHECK(late.result == -ETIMEDOUT && strstr(late.why.text, "no answer in 0."));
    CHECK(slow.result == -ETIMEDOUT);
    CHECK(gone.result == -EIO && strstr(gone.why.text, "127.0.0.1"));
    CHECK(refused.result == -ECANCELED && refused.body.length == 0);
}

static void time_runs_for_those_whose_turn_never_comes(void)
{
    struct got first = {0}, second = {0}, third = {0};
    get(&first, "/slow", (struct http_client_request){0});
    get(&second, "/slow", (struct http_client_request){0});
    get(&third, "/etag", (struct http_client_request){.timeout = 100 * MILLISECOND});
    wait_for(&third);
    CHECK(third.result == -ETIMEDOUT && strstr(third.why.text, "too many requests"));
    wait_for(&first);
    wait_for(&second);
    text_finish(&first.body);
    text_finish(&second.body);
}

static void a_delayed_request_waits(void)
{
    struct got got = {0};
    instant before = clock_now().steady;
    get(&got, "/etag", (struct http_client_request){.delay = 200 * MILLISECOND});
    wait_for(&got);
    CHECK(got.result == 0 && clock_now().steady - before >= 200 * MILLISECOND);
    text_finish(&got.body);
}

static void a_stop_cancels_what_runs_and_what_waits(void)
{
    struct got running = {0}, waiting = {0};
    get(&running, "/slow", (struct http_client_request){0});
    get(&waiting, "/etag", (struct http_client_request){.delay = 3600 * SECOND});
    http_client_stop(client);
    CHECK(running.done && running.result == -ECANCELED);
    CHECK(waiting.done && waiting.result == -ECANCELED);
    text_finish(&running.body);
}

int main(void)
{
    struct http_server *server;
    struct diag why;
    struct http_server_settings settings = {
        .address = {0x7f000001}, .threads = 2, .answer = answer, .completed = completed};
    if (http_server_start(&server, &settings, &why) < 0 || http_client_start(&client, 2, &why) < 0) {
        fprintf(stderr, "%s\n", why.text);
        return EXIT_FAILURE;
    }
    snprintf(url, sizeof url, "http://127.0.0.1:%u", http_server_port(server));
    RUN(a_body_and_its_head_are_told);
    RUN(header_fields_are_sent_and_a_404_is_an_answer);
    RUN(who_is_late_or_not_there_is_given_up_with_a_reason);
    RUN(time_runs_for_those_whose_turn_never_comes);
    RUN(a_delayed_request_waits);
    RUN(a_stop_cancels_what_runs_and_what_waits);
    http_server_stop(server, SECOND);
    return test_result();
}
