/* SPDX-License-Identifier: Apache-2.0 */
#include "io/http-server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>
#include <sys/socket.h>

#include "base/memory.h"
#include "base/text.h"
#include "test.h"

#define LOOPBACK ((struct ipv4){.number = 0x7f000001})

/* What the last request was, and how it ended. */
struct seen {
    char *target;
    char *header;
    struct ipv4 client;
    struct http_server_result result;
    atomic_int completed;
};

static void *answer(void *context, struct http_server_request *request, void *answered)
{
    struct seen *seen = context;
    CHECK(!answered);
    const struct http_server_header headers[] = {{"X-Given", "yes"}, {"X-Left-Out", NULL}};
    seen->target = memory_text(http_server_target(request));
    seen->header = memory_text(http_server_header(request, "x-asked"));
    seen->client = http_server_client(request);
    http_server_send(request, &(struct http_server_reply){.status = 203,
                                                          .headers = headers,
                                                          .header_count = 2,
                                                          .take_body = memory_text("hello"),
                                                          .body_size = 5,
                                                          .take_fd = -1});
    return seen;
}

static void completed(void *context, void *answered, const struct http_server_result *result)
{
    struct seen *seen = context;
    seen->result = *result;
    if (answered == seen)
        atomic_fetch_add(&seen->completed, 1);
}

static struct http_server *server_new(struct seen *seen)
{
    struct http_server *server = NULL;
    struct diag why = {0};
    CHECK_NUMBER(http_server_start(&server,
                                   &(struct http_server_settings){.address = LOOPBACK,
                                                                  .threads = 2,
                                                                  .connections = 8,
                                                                  .answer = answer,
                                                                  .completed = completed,
                                                                  .context = seen},
                                   &why),
                 0);
    CHECK_TEXT(why.text, "");
    return server;
}

/* Sends one request and reads until the server closes; on the heap. */
static char *exchange(const struct http_server *server, const char *request)
{
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons(http_server_port(server)), .sin_addr.s_addr = htonl(LOOPBACK.number)};
    AUTO(fd_close) int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct text reply = {0};
    char buffer[512];
    CHECK(connect(fd, (struct sockaddr *)&address, sizeof address) == 0);
    CHECK(send(fd, request, strlen(request), 0) == (ssize_t)strlen(request));
    for (ssize_t size = recv(fd, buffer, sizeof buffer, 0); size > 0; size = recv(fd, buffer, sizeof buffer, 0))
        text_append_bytes(&reply, bytes_of(buffer, (size_t)size));
    return text_take(&reply);
}

static void a_request_is_handed_over_as_it_was_sent(void)
{
    struct seen seen = {0};
    struct http_server *server = server_new(&seen);
    AUTO(free)
    char *reply = exchange(server, "GET /%41//b?c=%20&d;e? HTTP/1.1\r\nHost: h\r\nX-Asked: 1\r\n"
                                   "Connection: close\r\n\r\n");
    http_server_stop(server, SECOND);
    CHECK(text_starts_with(reply, "HTTP/1.1 203 "));
    CHECK(strstr(reply, "\r\nX-Given: yes\r\n") != NULL && strstr(reply, "X-Left-Out") == NULL);
    CHECK(text_ends_with(reply, "\r\n\r\nhello"));
    CHECK_TEXT(seen.target, "/%41//b?c=%20&d;e?");
    CHECK_TEXT(seen.header, "1");
    CHECK(ipv4_equal(seen.client, LOOPBACK));
    CHECK_NUMBER(seen.completed, 1);
    CHECK(seen.result.complete && seen.result.octets == 5 && seen.result.duration > 0);
    free(seen.target);
    free(seen.header);
}

static void a_head_sends_no_body(void)
{
    struct seen seen = {0};
    struct http_server *server = server_new(&seen);
    AUTO(free) char *reply = exchange(server, "HEAD / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
    http_server_stop(server, SECOND);
    CHECK(strstr(reply, "Content-Length: 5\r\n") != NULL);
    CHECK(text_ends_with(reply, "\r\n\r\n"));
    CHECK_NUMBER(seen.result.octets, 0);
    free(seen.target);
    free(seen.header);
}

static void a_taken_port_is_named(void)
{
    struct seen seen = {0};
    struct http_server *first = server_new(&seen);
    struct http_server *second = NULL;
    struct diag why = {0};
    struct http_server_settings settings = {.address = LOOPBACK, .port = http_server_port(first)};
    CHECK_NUMBER(http_server_start(&second, &settings, &why), -EADDRINUSE);
    CHECK(second == NULL);
    AUTO(free) char *words = memory_print("TCP port %u for HTTP is taken by ", http_server_port(first));
    CHECK(text_starts_with(why.text, words));
    CHECK(strstr(why.text, "test-io-http") != NULL);
    http_server_stop(first, 0);
}

static void a_stop_and_the_wait_before_it_free_the_port(void)
{
    struct seen seen = {0};
    struct http_server *server = server_new(&seen);
    struct http_server *again = NULL;
    struct http_server_settings settings = {.address = LOOPBACK,
                                            .port = http_server_port(server),
                                            .answer = answer,
                                            .completed = completed,
                                            .context = &seen};
    http_server_drain(server);
    CHECK_NUMBER(http_server_start(&again, &settings, NULL), 0);
    http_server_stop(again, 0);
    http_server_stop(server, 0);
    CHECK_NUMBER(http_server_start(&again, &settings, NULL), 0);
    http_server_stop(again, 0);
    http_server_stop(NULL, 0);
}

/* A source that has a piece more each time it was waited for, and the wake from another thread. */
struct slow_source {
    const char *text;
    size_t have;
    bool breaks;
    unsigned waits, closes;
    pthread_t waker;
    void (*wake)(void *context);
    void *wake_context;
};

static void *wake_later(void *context)
{
    struct slow_source *slow = context;
    usleep(20000);
    slow->have += 4;
    slow->wake(slow->wake_context);
    return NULL;
}

static int64_t slow_read(void *context, uint64_t offset, void *buffer, size_t size)
{
    struct slow_source *slow = context;
    size_t length = strlen(slow->text);
    size_t have = slow->have < length ? slow->have : length;
    if (offset == length)
        return 0;
    if (offset >= have)
        return slow->breaks && have > 0 ? -ESTALE : -EAGAIN;
    size = size < have - offset ? size : have - offset;
    memcpy(buffer, slow->text + offset, size);
    return (int64_t)size;
}

static void slow_wait(void *context, uint64_t offset, void (*wake)(void *context), void *wake_context)
{
    (void)offset;
    struct slow_source *slow = context;
    if (slow->waits++ > 0)
        pthread_join(slow->waker, NULL);
    slow->wake = wake;
    slow->wake_context = wake_context;
    pthread_create(&slow->waker, NULL, wake_later, slow);
}

static void slow_close(void *context)
{
    ((struct slow_source *)context)->closes++;
}

/* The first time it waits, and is woken at once; the second time it sends. */
static void *answer_slowly(void *context, struct http_server_request *request, void *answered)
{
    struct slow_source *slow = context;
    const struct http_server_source source = {
        .read = slow_read, .wait = slow_wait, .close = slow_close, .context = slow};
    bool is_sized = text_is(http_server_target(request), "/sized");
    if (!answered) {
        http_server_wait(request);
        http_server_wake(request);
        return context;
    }
    http_server_send(request, &(struct http_server_reply){
                                  .status = 200,
                                  .take_fd = -1,
                                  .take_source = &source,
                                  .length = is_sized ? strlen(slow->text) : HTTP_SERVER_LENGTH_UNKNOWN,
                              });
    return context;
}

static atomic_uint_least64_t slow_octets;
static atomic_bool slow_complete;

static void completed_slowly(void *context, void *answered, const struct http_server_result *result)
{
    CHECK(answered == context);
    atomic_store(&slow_octets, result->octets);
    atomic_store(&slow_complete, result->complete);
}

static char *exchange_slowly(struct slow_source *slow, const char *request)
{
    struct http_server *server = NULL;
    struct http_server_settings settings = {
        .address = LOOPBACK, .threads = 1, .answer = answer_slowly, .completed = completed_slowly, .context = slow};
    CHECK_NUMBER(http_server_start(&server, &settings, NULL), 0);
    char *reply = exchange(server, request);
    pthread_join(slow->waker, NULL);
    http_server_stop(server, SECOND);
    CHECK_NUMBER(slow->closes, 1);
    return reply;
}

static void an_answer_and_its_body_may_come_later(void)
{
    struct slow_source sized = {.text = "hello world"}, unsized = {.text = "hello world"};
    AUTO(free) char *whole = exchange_slowly(&sized, "GET /sized HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
    CHECK(strstr(whole, "Content-Length: 11\r\n") && text_ends_with(whole, "\r\n\r\nhello world"));
    CHECK_NUMBER(sized.waits, 3);
    CHECK(atomic_load(&slow_complete) && atomic_load(&slow_octets) == 11);
    AUTO(free) char *chunks = exchange_slowly(&unsized, "GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
    CHECK(strstr(chunks, "chunked") && strstr(chunks, "4\r\nhell\r\n4\r\no wo\r\n3\r\nrld\r\n0\r\n"));
    CHECK(atomic_load(&slow_complete) && atomic_load(&slow_octets) == 11);
}

static void a_body_that_never_comes_breaks_the_reply_off(void)
{
    struct slow_source slow = {.text = "hello world", .breaks = true};
    AUTO(free) char *reply = exchange_slowly(&slow, "GET /sized HTTP/1.1\r\nHost: h\r\n\r\n");
    CHECK(text_ends_with(reply, "\r\n\r\nhell"));
    CHECK(!atomic_load(&slow_complete));
}

int main(void)
{
    RUN(a_request_is_handed_over_as_it_was_sent);
    RUN(a_head_sends_no_body);
    RUN(a_taken_port_is_named);
    RUN(a_stop_and_the_wait_before_it_free_the_port);
    RUN(an_answer_and_its_body_may_come_later);
    RUN(a_body_that_never_comes_breaks_the_reply_off);
    return test_result();
}
