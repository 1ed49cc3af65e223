/* SPDX-License-Identifier: Apache-2.0 */
/* The HTTP service: receive, answer, open what the answer names, send, log. */
#include "serve/http.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/array.h"
#include "base/memory.h"
#include "io/http-server.h"
#include "io/log.h"
#include "io/loop.h"

/* Entries of one folder that are listed; a longer list is for no person. */
#define FOLDER_ENTRIES_MAX 20000
/* Octets of a request's target in a log line. */
#define TARGET_SHOWN_MAX 300

struct serve_http {
    struct serve_http_settings settings;
    struct http_server *plain, *secure; /* NULL: without */
    struct http_certificate *certificate;
};

/* One request until its reply has gone. */
struct exchange {
    struct http_reply reply;
    struct ipv4 client;
    struct image_copy *image; /* that is sent; NULL: none */
    struct text asked;        /* method and target as the log shows them; empty when nothing will be logged */
};

static struct http_found found_of(const struct stat *file)
{
    return (struct http_found){
        .inode = file->st_ino,
        .size = (uint64_t)file->st_size,
        .modified = file->st_mtim.tv_sec,
        .modified_nanoseconds = (uint32_t)file->st_mtim.tv_nsec,
    };
}

/* Opens a file or a folder to be read, and nothing that could block or do something when it is opened or read.
 * 0, or a positive errno. */
static int open_for_reading(int *ret_fd, struct stat *ret, const char *path)
{
    AUTO(fd_close) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0)
        return errno;
    if (fstat(fd, ret) < 0)
        return errno;
    if (!S_ISREG(ret->st_mode) && !S_ISDIR(ret->st_mode))
        return EINVAL;
    *ret_fd = take_fd(&fd);
    return 0;
}

static bool is_folder(DIR *folder, const struct dirent *entry)
{
    struct stat file;
    if (entry->d_type != DT_LNK && entry->d_type != DT_UNKNOWN)
        return entry->d_type == DT_DIR;
    return fstatat(dirfd(folder), entry->d_name, &file, 0) == 0 && S_ISDIR(file.st_mode);
}

static void list_folder(struct http_reply *reply, DIR *folder)
{
    char **entries = NULL;
    size_t count = 0;
    size_t capacity = 0;
    for (struct dirent *entry = readdir(folder); entry && count < FOLDER_ENTRIES_MAX; entry = readdir(folder))
        if (!text_is(entry->d_name, ".") && !text_is(entry->d_name, ".."))
            *ARRAY_ADD(entries, count, capacity) =
                memory_print("%s%s", entry->d_name, is_folder(folder, entry) ? "/" : "");
    answer_http_folder(reply, entries, count);
    for (size_t i = 0; i < count; i++)
        free(entries[i]);
    free(entries);
}

/* Sends index.html where there is one, else the list. */
static int send_folder(struct http_reply *reply, const struct http_request *request, int folder_fd)
{
    struct stat file;
    AUTO(fd_close) int fd = openat(folder_fd, "index.html", O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd >= 0 && fstat(fd, &file) == 0 && S_ISREG(file.st_mode)) {
        char *path = memory_print("%sindex.html", reply->path);
        free(reply->path);
        reply->path = path;
        struct http_found found = found_of(&file);
        answer_http_file(reply, request, &found, clock_now());
        return take_fd(&fd);
    }
    int own_fd = fcntl(folder_fd, F_DUPFD_CLOEXEC, 0);
    DIR *folder = own_fd < 0 ? NULL : fdopendir(own_fd);
    if (folder) {
        list_folder(reply, folder);
        closedir(folder);
    } else {
        answer_http_no_file(reply, errno);
        fd_close(own_fd);
    }
    return -1;
}

/* Completes the reply from what is at path; the descriptor to send from, or -1. */
static int send_path(struct http_reply *reply, const struct http_request *request, const char *path, bool wants_folder)
{
    struct stat file;
    AUTO(fd_close) int fd = -1;
    int error = open_for_reading(&fd, &file, path);
    bool folder = !error && S_ISDIR(file.st_mode);
    if (error) {
        answer_http_no_file(reply, error);
    } else if (folder && reply->kind != HTTP_REPLY_ASSET) {
        answer_http_no_file(reply, EINVAL);
    } else if (folder != wants_folder) {
        answer_http_respell(reply, request);
    } else if (folder) {
        return send_folder(reply, request, fd);
    } else {
        struct http_found found = found_of(&file);
        answer_http_file(reply, request, &found, clock_now());
        return take_fd(&fd);
    }
    return -1;
}

static int open_reply(const struct serve_http *server, struct http_reply *reply, const struct http_request *request)
{
    if (reply->kind == HTTP_REPLY_FILE)
        return send_path(reply, request, reply->file, false);
    size_t length = strlen(reply->file);
    bool wants_folder = length == 0 || reply->file[length - 1] == '/';
    AUTO(free)
    char *path = memory_print("%s/%.*s", server->settings.assets_path,
                              (int)(wants_folder && length > 0 ? length - 1 : length), reply->file);
    return send_path(reply, request, path, wants_folder);
}

static enum log_level level_of(const struct http_reply *reply)
{
    if (reply->refused || reply->troubled || reply->status >= 500)
        return LOG_LEVEL_WARNING;
    return reply->notable || reply->status >= 400 ? LOG_LEVEL_INFO : LOG_LEVEL_DEBUG;
}

static void note_request(struct exchange *exchange, const struct http_request *request)
{
    bool recorded = exchange->reply.notable && exchange->reply.machine.mac.size > 0;
    if (!recorded && !log_is_shown(level_of(&exchange->reply)))
        return;
    text_append_shown(&exchange->asked, bytes_of_text(request->method), 16);
    text_append_char(&exchange->asked, ' ');
    text_append_shown(&exchange->asked, bytes_of_text(request->target), TARGET_SHOWN_MAX);
}

static struct http_request request_of(const struct http_server_request *request)
{
    return (struct http_request){
        .method = http_server_method(request),
        .target = http_server_target(request),
        .host = http_server_header(request, "Host"),
        .user_agent = http_server_header(request, "User-Agent"),
        .accept = http_server_header(request, "Accept"),
        .authorization = http_server_header(request, "Authorization"),
        .seconds = clock_now().wall_seconds,
        .conditions = {.if_match = http_server_header(request, "If-Match"),
                       .if_none_match = http_server_header(request, "If-None-Match"),
                       .if_modified_since = http_server_header(request, "If-Modified-Since"),
                       .if_unmodified_since = http_server_header(request, "If-Unmodified-Since"),
                       .if_range = http_server_header(request, "If-Range"),
                       .range = http_server_header(request, "Range")},
        .client = http_server_client(request),
    };
}

/* Puts the signature in place of the body. */
static void sign_reply(const struct serve_http *server, struct http_reply *reply)
{
    AUTO(text_finish) struct text signature = {0};
    struct diag why;
    bool armored = reply->signature == HTTP_SIGNATURE_ARMORED;
    if (signer_sign(&signature, server->settings.signer, text_bytes(&reply->body), armored, clock_now().wall_seconds,
                    &why) != 0) {
        answer_http_unsigned(reply, &why);
        return;
    }
    text_clear(&reply->body);
    text_append_bytes(&reply->body, text_bytes(&signature));
}

static int64_t read_image(void *context, uint64_t offset, void *buffer, size_t size)
{
    return image_copy_read(context, offset, buffer, size);
}

static void wait_for_image(void *context, uint64_t offset, void (*wake)(void *context), void *wake_context)
{
    image_copy_wait(context, offset, wake, wake_context);
}

/* It is held until the request has ended. */
static void close_image(void *context)
{
    (void)context;
}

static void send_reply(struct http_server_request *request, struct exchange *exchange, int take_fd)
{
    struct http_reply *reply = &exchange->reply;
    const struct http_server_source image = {
        .read = read_image, .wait = wait_for_image, .close = close_image, .context = exchange->image};
    bool is_image = reply->kind == HTTP_REPLY_IMAGE && take_fd < 0 && reply->length > 0;
    struct http_server_header headers[HTTP_REPLY_HEADERS_MAX];
    for (size_t i = 0; i < reply->header_count; i++)
        headers[i] = (struct http_server_header){.name = reply->headers[i].name, .value = reply->headers[i].value};
    size_t body_size = reply->body.length;
    http_server_send(request, &(struct http_server_reply){
                                  .status = reply->status,
                                  .headers = headers,
                                  .header_count = reply->header_count,
                                  .take_body = take_fd < 0 && !is_image ? text_take(&reply->body) : NULL,
                                  .body_size = body_size,
                                  .take_fd = take_fd,
                                  .take_source = is_image ? &image : NULL,
                                  .offset = reply->offset,
                                  .length = reply->length,
                              });
}

/* Completes the reply from an image that is here, or comes; the descriptor to send from, or -1. */
static int send_image(struct exchange *exchange, const struct http_request *request)
{
    struct http_reply *reply = &exchange->reply;
    uint64_t size = image_copy_size(exchange->image);
    bool is_whole = image_copy_is_whole(exchange->image);
    struct http_found found = {.inode = image_copy_inode(exchange->image),
                               .size = is_whole ? image_copy_size(exchange->image) : size,
                               .modified = image_copy_made(exchange->image)};
    if (!is_whole && size == HTTP_SIZE_UNKNOWN) {
        answer_http_stream(reply, request);
        reply->length = HTTP_SERVER_LENGTH_UNKNOWN;
    } else {
        answer_http_file(reply, request, &found, clock_now());
    }
    return is_whole ? fcntl(image_copy_fd(exchange->image), F_DUPFD_CLOEXEC, 0) : -1;
}

/* Finds the image that the reply names; false when it is waited for. */
static bool find_image(const struct serve_http *server, struct exchange *exchange)
{
    struct http_reply *reply = &exchange->reply;
    struct diag why;
    AUTO(free) char *url = images_shown_url(server->settings.images, reply->file);
    enum images_result result = images_get(&exchange->image, server->settings.images, reply->file, &why);
    if (result == IMAGES_WAIT)
        return false;
    if (result == IMAGES_OK) {
        fail(&reply->reason, 0, "%s", url);
        return true;
    }
    struct diag words;
    bool is_known = result != IMAGES_UNKNOWN;
    if (is_known)
        fail(&words, 0, "%s: %s", url, why.text);
    answer_http_no_image(reply, is_known ? &words : NULL, result == IMAGES_NO_ROOM);
    return true;
}

/* Has the request answered anew when what it asks for is there; false when it need not wait. */
static bool wait_elsewhere(const struct serve_http *server, struct exchange *exchange,
                           struct http_server_request *received)
{
    struct http_reply *reply = &exchange->reply;
    if (reply->waits) {
        struct mac mac = reply->machine.mac;
        http_server_wait(received);
        boot_service_wait(server->settings.boot_service, &mac, http_server_wake, received);
        return true;
    }
    if (reply->kind != HTTP_REPLY_IMAGE || find_image(server, exchange))
        return false;
    http_server_wait(received);
    images_wait(server->settings.images, reply->file, http_server_wake, received);
    return true;
}

static int open_body(struct serve_http *server, struct exchange *exchange, const struct http_request *request)
{
    struct http_reply *reply = &exchange->reply;
    if (reply->signature != HTTP_SIGNATURE_NONE)
        sign_reply(server, reply);
    if (reply->kind == HTTP_REPLY_TEXT)
        return -1;
    return reply->kind == HTTP_REPLY_IMAGE ? send_image(exchange, request) : open_reply(server, reply, request);
}

/* Called again for a request that waited, and then all is asked anew. */
static void *answer_request(void *context, struct http_server_request *received, void *answered)
{
    struct serve_http *server = context;
    struct exchange *exchange = answered ? answered : MEMORY_NEW(struct exchange);
    struct http_reply *reply = &exchange->reply;
    struct http_request request = request_of(received);
    AUTO(catalog_unref) struct catalog *catalog = current_catalog_ref(server->settings.catalog);
    http_reply_finish(reply);
    exchange->client = request.client;
    answer_http(reply, &request, catalog, server->settings.fleet, &server->settings.http);
    if (wait_elsewhere(server, exchange, received))
        return exchange;
    AUTO(fd_close) int fd = open_body(server, exchange, &request);
    if (reply->told)
        fleet_learn(server->settings.fleet, &reply->machine, clock_now());
    if (reply->chosen && reply->machine.mac.size > 0 && reply->status == 200)
        fleet_choose(server->settings.fleet, &reply->machine.mac, reply->chosen, clock_now());
    note_request(exchange, &request);
    send_reply(received, exchange, reply->kind == HTTP_REPLY_TEXT ? -1 : take_fd(&fd));
    return exchange;
}

/* "GET /ipxe?mac=… 200, 132 bytes, 0.3 ms: profile 'worker' of group 'node1'" */
static void describe(struct text *ret, const struct exchange *exchange, const struct http_server_result *result)
{
    const struct http_reply *reply = &exchange->reply;
    text_print(ret, "%s %u, %" PRIu64 " bytes, %.1f ms", text_characters(&exchange->asked), reply->status,
               result->octets, (double)result->duration / (double)MILLISECOND);
    if (!result->complete)
        text_append(ret, ", broken off by the client");
    if (reply->reason.text[0] != '\0')
        text_print(ret, ": %s", reply->reason.text);
}

static void request_completed(void *context, void *answered, const struct http_server_result *result)
{
    struct serve_http *server = context;
    struct exchange *exchange = answered;
    const struct http_reply *reply = &exchange->reply;
    if (exchange->asked.length > 0) {
        AUTO(text_finish) struct text line = {0};
        char client[IPV4_TEXT_MAX];
        char mac[MAC_TEXT_MAX];
        bool known = reply->machine.mac.size > 0;
        describe(&line, exchange, result);
        log_line(level_of(reply), "http",
                 known ? mac_to_text(mac, &reply->machine.mac, ':') : ipv4_to_text(client, exchange->client), "%s",
                 text_characters(&line));
        if (known && reply->notable)
            fleet_record(server->settings.fleet, &reply->machine.mac, reply->stage, clock_now(),
                         text_characters(&line));
    }
    http_reply_finish(&exchange->reply);
    text_finish(&exchange->asked);
    if (exchange->image)
        image_copy_release(exchange->image);
    free(exchange);
}

/* Both listeners share the descriptors there are. */
static unsigned connections_of(const struct serve_http_settings *settings)
{
    bool both = settings->https.certificate && !settings->https.only;
    return settings->connections > 0 ? settings->connections : http_server_connections_max() / (both ? 2 : 1);
}

static int open_server(struct http_server **ret, struct serve_http *server, uint16_t port,
                       struct http_certificate *certificate, struct diag *why)
{
    return http_server_start(ret,
                             &(struct http_server_settings){
                                 .address = server->settings.address,
                                 .port = port,
                                 .threads = server->settings.threads,
                                 .connections = connections_of(&server->settings),
                                 .certificate = certificate,
                                 .answer = answer_request,
                                 .completed = request_completed,
                                 .context = server,
                             },
                             why);
}

static int open_servers(struct serve_http *server, const struct serve_http_settings *settings, struct diag *why)
{
    int result = 0;
    if (settings->https.certificate)
        result = http_certificate_open(&server->certificate, settings->https.certificate, settings->https.key, why);
    if (result == 0 && !settings->https.only)
        result = open_server(&server->plain, server, settings->port, NULL, why);
    if (result == 0 && server->certificate)
        result = open_server(&server->secure, server, settings->https.port, server->certificate, why);
    return result;
}

int serve_http_start(struct serve_http **ret, const struct serve_http_settings *settings, struct diag *why)
{
    struct serve_http *server = MEMORY_NEW(struct serve_http);
    server->settings = *settings;
    server->settings.http.signs = settings->signer != NULL;
    server->settings.http.has_assets = settings->assets_path && *settings->assets_path;
    int result = open_servers(server, settings, why);
    if (result < 0)
        serve_http_stop(server, 0);
    else
        *ret = server;
    return result;
}

uint16_t serve_http_port(const struct serve_http *server)
{
    return server->plain ? http_server_port(server->plain) : 0;
}

uint16_t serve_http_secure_port(const struct serve_http *server)
{
    return server->secure ? http_server_port(server->secure) : 0;
}

int serve_http_reload_certificate(struct serve_http *server, const char *certificate, const char *key, struct diag *why)
{
    if (!server->certificate || !certificate)
        return 0;
    return http_certificate_reload(server->certificate, certificate, key, why);
}

void serve_http_drain(struct serve_http *server)
{
    if (server->plain)
        http_server_drain(server->plain);
    if (server->secure)
        http_server_drain(server->secure);
}

size_t serve_http_replies(const struct serve_http *server)
{
    return (server->plain ? http_server_replies(server->plain) : 0) +
           (server->secure ? http_server_replies(server->secure) : 0);
}

void serve_http_stop(struct serve_http *server, instant patience)
{
    if (!server)
        return;
    serve_http_drain(server);
    http_server_stop(server->plain, patience);
    http_server_stop(server->secure, patience);
    http_certificate_close(server->certificate);
    free(server);
}
