/* SPDX-License-Identifier: Apache-2.0 */
#include "io/http-server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdatomic.h>
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

static void *answer(void *context, struct http_server_request *request)
{
    struct seen *seen = context;
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

static void a_stop_frees_the_port(void)
{
    struct seen seen = {0};
    struct http_server *server = server_new(&seen);
    struct http_server *again = NULL;
    struct http_server_settings settings = {.address = LOOPBACK,
                                            .port = http_server_port(server),
                                            .answer = answer,
                                            .completed = completed,
                                            .context = &seen};
    http_server_stop(server, 0);
    CHECK_NUMBER(http_server_start(&again, &settings, NULL), 0);
    http_server_stop(again, 0);
    http_server_stop(NULL, 0);
}

int main(void)
{
    RUN(a_request_is_handed_over_as_it_was_sent);
    RUN(a_head_sends_no_body);
    RUN(a_taken_port_is_named);
    RUN(a_stop_frees_the_port);
    return test_result();
}
