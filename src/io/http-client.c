/* SPDX-License-Identifier: Apache-2.0 */
/* The HTTP client on libcurl's multi interface. */
#include "io/http-client.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/array.h"
#include "base/list.h"
#include "base/memory.h"
#include "base/text.h"
#include "io/curl.h"
#include "io/loop.h"

/* How long the thread sleeps at most while a request runs or waits for its time, and otherwise. */
#define NAP_MILLISECONDS 50
#define SLEEP_MILLISECONDS 60000

struct exchange {
    struct list link; /* http_client::waiting or ::running */
    struct http_client_request request;
    char *url;
    struct curl_slist *headers;
    CURL *handle;
    char error[CURL_ERROR_SIZE];
    instant due;     /* when it begins */
    instant asked;   /* when it was asked for, its delay counted in */
    instant started; /* when it began */
    struct {
        unsigned status;
        char *etag, *last_modified, *content_range, *content_type;
        bool told; /* head() was called */
    } head;
    bool refused;   /* head() or body() ended it */
    bool timed_out; /* the head was late */
};

struct http_client {
    pthread_t thread;
    CURLM *multi;
    unsigned running_max;
    pthread_mutex_t lock;
    struct list waiting; /* guarded by lock */
    bool stopping;       /* likewise */
    struct list running; /* of the thread */
    unsigned running_count;
};

static void exchange_forget_head(struct exchange *exchange)
{
    free(exchange->head.etag);
    free(exchange->head.last_modified);
    free(exchange->head.content_range);
    free(exchange->head.content_type);
    memset(&exchange->head, 0, sizeof exchange->head);
}

static void exchange_destroy(struct exchange *exchange)
{
    list_remove(&exchange->link);
    exchange_forget_head(exchange);
    if (exchange->handle)
        curl.easy_cleanup(exchange->handle);
    curl.slist_free_all(exchange->headers);
    free(exchange->url);
    free(exchange);
}

static void exchange_end(struct exchange *exchange, int result, const char *words)
{
    struct diag why = {{0}};
    if (result != 0)
        fail(&why, 0, "%s", words);
    exchange->request.done(exchange->request.context, result, &why);
    exchange_destroy(exchange);
}

/* The value of a header field, on the heap; NULL when the line is not of that name. */
static char *value_of(struct bytes line, const char *name)
{
    size_t size = strlen(name);
    if (line.size <= size || strncasecmp((const char *)line.data, name, size) != 0 || line.data[size] != ':')
        return NULL;
    struct bytes value = bytes_slice(line, size + 1, line.size);
    while (value.size > 0 && strchr(" \t", value.data[0]))
        value = bytes_slice(value, 1, value.size);
    while (value.size > 0 && strchr(" \t\r\n", value.data[value.size - 1]))
        value.size--;
    return memory_text_of((const char *)value.data, value.size);
}

/* One line of a head; a status line begins another response, to which a redirect led. */
static size_t receive_line(char *octets, size_t size, size_t count, void *context)
{
    struct exchange *exchange = context;
    struct bytes line = bytes_of(octets, size * count);
    const struct {
        const char *name;
        char **value;
    } fields[] = {
        {"ETag", &exchange->head.etag},
        {"Last-Modified", &exchange->head.last_modified},
        {"Content-Range", &exchange->head.content_range},
        {"Content-Type", &exchange->head.content_type},
    };
    if (bytes_start_with(line, "HTTP/") && !exchange->head.told)
        exchange_forget_head(exchange);
    for (size_t i = 0; i < LENGTH(fields); i++) {
        char *value = exchange->head.told ? NULL : value_of(line, fields[i].name);
        if (!value)
            continue;
        free(*fields[i].value);
        *fields[i].value = value;
    }
    return line.size;
}

/* Tells the owner of the head, once it is whole. */
static bool tell_head(struct exchange *exchange)
{
    if (exchange->head.told)
        return true;
    long status = 0;
    curl_off_t length = -1;
    curl.easy_getinfo(exchange->handle, CURLINFO_RESPONSE_CODE, &status);
    curl.easy_getinfo(exchange->handle, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &length);
    exchange->head.told = true;
    struct http_client_head head = {
        .status = (unsigned)status,
        .length = length < 0 ? HTTP_CLIENT_LENGTH_UNKNOWN : (uint64_t)length,
        .etag = exchange->head.etag ?: "",
        .last_modified = exchange->head.last_modified ?: "",
        .content_range = exchange->head.content_range ?: "",
        .content_type = exchange->head.content_type ?: "",
    };
    exchange->refused = !exchange->request.head(exchange->request.context, &head);
    return !exchange->refused;
}

static size_t receive_body(char *octets, size_t size, size_t count, void *context)
{
    struct exchange *exchange = context;
    if (!tell_head(exchange))
        return 0;
    exchange->refused = !exchange->request.body(exchange->request.context, bytes_of(octets, size * count));
    return exchange->refused ? 0 : size * count;
}

static int watch_time(void *context, curl_off_t total, curl_off_t now, curl_off_t up_total, curl_off_t up_now)
{
    (void)total, (void)now, (void)up_total, (void)up_now;
    struct exchange *exchange = context;
    instant patience = exchange->request.head_timeout;
    exchange->timed_out = patience > 0 && !exchange->head.told && clock_now().steady - exchange->started > patience;
    return exchange->timed_out;
}

/* clang-format off: an option a line */
static void set_up(struct exchange *exchange)
{
    CURL *handle = exchange->handle;
    curl_prepare(handle, exchange->url, exchange->error);
    curl.easy_setopt(handle, CURLOPT_PRIVATE, exchange);
    curl.easy_setopt(handle, CURLOPT_HTTPHEADER, exchange->headers);
    curl.easy_setopt(handle, CURLOPT_HEADERFUNCTION, receive_line);
    curl.easy_setopt(handle, CURLOPT_HEADERDATA, exchange);
    curl.easy_setopt(handle, CURLOPT_WRITEFUNCTION, receive_body);
    curl.easy_setopt(handle, CURLOPT_WRITEDATA, exchange);
    curl.easy_setopt(handle, CURLOPT_NOPROGRESS, 0L);
    curl.easy_setopt(handle, CURLOPT_XFERINFOFUNCTION, watch_time);
    curl.easy_setopt(handle, CURLOPT_XFERINFODATA, exchange);
    instant left = exchange->asked + exchange->request.timeout - exchange->started;
    if (exchange->request.timeout > 0)
        curl.easy_setopt(handle, CURLOPT_TIMEOUT_MS, left < MILLISECOND ? 1L : (long)(left / MILLISECOND));
}
/* clang-format on */

static void exchange_begin(struct http_client *client, struct exchange *exchange)
{
    exchange->handle = curl.easy_init();
    exchange->started = clock_now().steady;
    if (!exchange->handle) {
        exchange_end(exchange, -ENOMEM, "no HTTP client");
        return;
    }
    set_up(exchange);
    list_append(&client->running, &exchange->link);
    client->running_count++;
    curl.multi_add_handle(client->multi, exchange->handle);
}

/* One whose time has come; NULL when there is none. */
static struct exchange *take_due(struct http_client *client)
{
    struct exchange *due = NULL;
    instant now = clock_now().steady;
    pthread_mutex_lock(&client->lock);
    LIST_FOR_EACH (link, &client->waiting) {
        struct exchange *exchange = list_owner(link, struct exchange, link);
        if (!due && (exchange->due <= now || client->stopping))
            due = exchange;
    }
    if (due)
        list_remove(&due->link);
    pthread_mutex_unlock(&client->lock);
    return due;
}

/* One whose time ran out before its turn came; NULL when there is none. */
static struct exchange *take_expired(struct http_client *client)
{
    struct exchange *expired = NULL;
    instant now = clock_now().steady;
    pthread_mutex_lock(&client->lock);
    LIST_FOR_EACH (link, &client->waiting) {
        struct exchange *exchange = list_owner(link, struct exchange, link);
        instant timeout = exchange->request.timeout;
        if (!expired && timeout > 0 && now - exchange->asked > timeout)
            expired = exchange;
    }
    if (expired)
        list_remove(&expired->link);
    pthread_mutex_unlock(&client->lock);
    return expired;
}

static void end_expired(struct http_client *client)
{
    for (struct exchange *expired; (expired = take_expired(client));)
        exchange_end(expired, -ETIMEDOUT, "too many requests before it are not answered yet");
}

static void begin_due(struct http_client *client)
{
    while (client->running_count < client->running_max) {
        struct exchange *due = take_due(client);
        if (!due)
            return;
        exchange_begin(client, due);
    }
}

static void exchange_finish(struct http_client *client, struct exchange *exchange, CURLcode code)
{
    struct diag why = {{0}};
    curl.multi_remove_handle(client->multi, exchange->handle);
    client->running_count--;
    bool whole = code == CURLE_OK && tell_head(exchange);
    if (whole) {
        exchange_end(exchange, 0, "");
    } else if (exchange->refused) {
        exchange_end(exchange, -ECANCELED, "given up");
    } else if (exchange->timed_out || code == CURLE_OPERATION_TIMEDOUT) {
        fail(&why, 0, "no answer in %.1f s", (double)(clock_now().steady - exchange->asked) / (double)SECOND);
        exchange_end(exchange, -ETIMEDOUT, why.text);
    } else {
        curl_say(&why, code, exchange->error);
        exchange_end(exchange, -EIO, why.text);
    }
}

static void finish_ended(struct http_client *client)
{
    int left;
    for (CURLMsg *message; (message = curl.multi_info_read(client->multi, &left));) {
        if (message->msg != CURLMSG_DONE)
            continue;
        CURLcode code = message->data.result;
        struct exchange *exchange = NULL;
        curl.easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &exchange);
        exchange_finish(client, exchange, code);
    }
}

static int nap_of(struct http_client *client)
{
    pthread_mutex_lock(&client->lock);
    bool idle = client->running_count == 0 && list_is_empty(&client->waiting);
    pthread_mutex_unlock(&client->lock);
    return idle ? SLEEP_MILLISECONDS : NAP_MILLISECONDS;
}

static bool is_stopping(struct http_client *client)
{
    pthread_mutex_lock(&client->lock);
    bool stopping = client->stopping;
    pthread_mutex_unlock(&client->lock);
    return stopping;
}

static void cancel_all(struct http_client *client)
{
    LIST_FOR_EACH (link, &client->running) {
        struct exchange *exchange = list_owner(link, struct exchange, link);
        curl.multi_remove_handle(client->multi, exchange->handle);
        exchange_end(exchange, -ECANCELED, "muster is stopping");
    }
    for (struct exchange *exchange; (exchange = take_due(client));)
        exchange_end(exchange, -ECANCELED, "muster is stopping");
}

static void *run(void *context)
{
    struct http_client *client = context;
    while (!is_stopping(client)) {
        int running, ready;
        begin_due(client);
        end_expired(client);
        curl.multi_perform(client->multi, &running);
        finish_ended(client);
        curl.multi_poll(client->multi, NULL, 0, nap_of(client), &ready);
    }
    cancel_all(client);
    return NULL;
}

int http_client_start(struct http_client **ret, unsigned running_max, struct diag *why)
{
    int result = curl_load(why);
    if (result < 0)
        return result;
    struct http_client *client = MEMORY_NEW(struct http_client);
    client->running_max = running_max;
    client->multi = curl.multi_init();
    list_init(&client->waiting);
    list_init(&client->running);
    pthread_mutex_init(&client->lock, NULL);
    int error = pthread_create(&client->thread, NULL, run, client);
    if (error) {
        curl.multi_cleanup(client->multi);
        free(client);
        return fail(why, -error, "start a thread for HTTP requests: %s", strerror(error));
    }
    *ret = client;
    return 0;
}

void http_client_get(struct http_client *client, const struct http_client_request *request)
{
    struct exchange *exchange = MEMORY_NEW(struct exchange);
    exchange->request = *request;
    exchange->url = memory_text(request->url);
    exchange->due = exchange->asked = clock_now().steady + request->delay;
    for (size_t i = 0; i < request->header_count; i++)
        exchange->headers = curl.slist_append(exchange->headers, request->headers[i]);
    pthread_mutex_lock(&client->lock);
    list_append(&client->waiting, &exchange->link);
    pthread_mutex_unlock(&client->lock);
    curl.multi_wakeup(client->multi);
}

void http_client_stop(struct http_client *client)
{
    if (!client)
        return;
    pthread_mutex_lock(&client->lock);
    client->stopping = true;
    pthread_mutex_unlock(&client->lock);
    curl.multi_wakeup(client->multi);
    pthread_join(client->thread, NULL);
    /* What was asked for by the last done() of the thread. */
    cancel_all(client);
    curl.multi_cleanup(client->multi);
    pthread_mutex_destroy(&client->lock);
    free(client);
}
