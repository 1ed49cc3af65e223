/* SPDX-License-Identifier: Apache-2.0 */
/* The HTTP server on libmicrohttpd: its epoll threads share one listening socket, files leave by sendfile. */
#include "io/http-server.h"

#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <linux/tcp.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>

#include "base/memory.h"
#include "io/http-deadline.h"
#include "io/loop.h"
#include "io/port-holder.h"

/* A burst of machines that are switched on together. */
enum { BACKLOG = 4096 };
/* Descriptors that are not for connections and their files. */
/* Connections beyond the most there may be while others are closed for them; the library divides its limit among its
 * threads, and some for each. */
enum { CONNECTIONS_CLOSING = 64 };
/* Octets of a file that are read at a time where they are encrypted. */
#define TLS_PIECE (128 * 1024)
/* The same of a source. */
#define SOURCE_PIECE (64 * 1024)
#define TLS_PRIORITIES "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2"
enum { DESCRIPTORS_KEPT = 128, CONNECTIONS_MIN = 64, CONNECTIONS_MAX = 32768 };

struct http_server {
    struct http_server_settings settings;
    struct MHD_Daemon *daemon;
    struct http_deadlines *deadlines;
    uint16_t port;
    int quiesced_fd; /* the listening socket, once nobody listens on it; -1: none */
    atomic_bool stopping;
    atomic_size_t replies; /* under way */
    unsigned connections_max;
    atomic_uint connections;
};

/* One connection, from its first octet to its close. */
struct http_server_connection {
    struct http_server *server;
    struct http_deadline head; /* the time for the head of the next request */
    uint64_t octets;           /* of the bodies sent on it so far */
};

/* From the request line to the end of the reply. */
struct http_server_request {
    struct http_server *server;
    struct MHD_Connection *connection;
    char *target;
    const char *method;
    instant started;
    bool begun; /* its head is complete */
    bool answered;
    bool waits;    /* the owner put its answer off */
    bool has_body; /* the reply has one on the wire: not for HEAD, not for 304 */
    void *context; /* the owner's, for completed() */
    uint64_t body_size;
    uint64_t sent; /* of a body whose size was not known */
    enum MHD_Result queued;
};

static struct http_server_connection *connection_of(struct MHD_Connection *connection)
{
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    return info ? info->socket_context : NULL;
}

static int descriptor_of(struct MHD_Connection *connection)
{
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    return info ? info->connect_fd : -1;
}

static void connection_changed(void *context, struct MHD_Connection *connection, void **socket_context,
                               enum MHD_ConnectionNotificationCode what)
{
    struct http_server *server = context;
    if (what == MHD_CONNECTION_NOTIFY_STARTED) {
        struct http_server_connection *started = MEMORY_NEW(struct http_server_connection);
        started->server = server;
        started->head.fd = descriptor_of(connection);
        list_init(&started->head.link);
        if (atomic_fetch_add(&server->connections, 1) >= server->connections_max)
            http_deadlines_shed(server->deadlines);
        http_deadline_watch(server->deadlines, &started->head);
        *socket_context = started;
    } else if (*socket_context) {
        struct http_server_connection *closed = *socket_context;
        http_deadline_unwatch(server->deadlines, &closed->head);
        free(closed);
        *socket_context = NULL;
        atomic_fetch_sub(&server->connections, 1);
    }
}

/* The library would now make each parameter a member of a list in its memory for the connection, and libmicrohttpd
 * 0.9.75 answers nothing at all when that runs out, as with 1,000 parameters. Nobody reads that list. The target is in
 * the library's own memory, where it puts NULs itself. */
static void hide_query(const char *target)
{
    char *mark = strchr(target, '?');
    if (mark)
        mark[1] = '\0';
}

/* The library tells the whole target here alone, before it takes it apart. */
static void *request_begun(void *context, const char *target, struct MHD_Connection *connection)
{
    struct http_server_request *request = MEMORY_NEW(struct http_server_request);
    request->server = context;
    request->connection = connection;
    request->target = memory_text(target);
    request->started = clock_now().steady;
    hide_query(target);
    return request;
}

/* The first time, or again after it let the request wait. */
static enum MHD_Result ask_owner(struct http_server *server, struct http_server_request *request)
{
    request->waits = false;
    request->queued = MHD_YES;
    if (!request->answered)
        atomic_fetch_add(&server->replies, 1);
    request->answered = true;
    request->context = server->settings.answer(server->settings.context, request, request->context);
    return request->queued;
}

static enum MHD_Result request_arrived(void *context, struct MHD_Connection *connection, const char *url,
                                       const char *method, const char *version, const char *upload, size_t *upload_size,
                                       void **request_context)
{
    (void)url, (void)version, (void)upload;
    struct http_server *server = context;
    struct http_server_request *request = *request_context;
    struct http_server_connection *state = connection_of(connection);
    /* A reply before the end of the request costs the connection, so that comes first; a body is read past. */
    bool more = !request || !request->begun || *upload_size > 0;
    *upload_size = 0;
    if (request)
        request->begun = true;
    if (request && request->waits)
        return ask_owner(server, request);
    if (more || request->answered)
        return MHD_YES;
    if (state)
        http_deadline_unwatch(server->deadlines, &state->head);
    request->method = method;
    return ask_owner(server, request);
}

/* What the client has acknowledged of a reply that was cut short: of all that went over the connection, the bodies
 * before it taken off. Heads count as body here; it is a figure for a log line. */
static uint64_t acknowledged_of(const struct http_server_request *request, const struct http_server_connection *state)
{
    struct tcp_info info = {0};
    socklen_t size = sizeof info;
    if (getsockopt(descriptor_of(request->connection), IPPROTO_TCP, TCP_INFO, &info, &size) != 0)
        return 0;
    uint64_t before = state ? state->octets : 0;
    uint64_t acknowledged = info.tcpi_bytes_acked > before ? info.tcpi_bytes_acked - before : 0;
    return acknowledged < request->body_size ? acknowledged : request->body_size;
}

static uint64_t body_size_of(const struct http_server_request *request)
{
    return request->body_size == HTTP_SERVER_LENGTH_UNKNOWN ? request->sent : request->body_size;
}

static void request_completed(void *context, struct MHD_Connection *connection, void **request_context,
                              enum MHD_RequestTerminationCode how)
{
    struct http_server *server = context;
    struct http_server_request *request = *request_context;
    struct http_server_connection *state = connection_of(connection);
    if (!request)
        return;
    *request_context = NULL;
    bool complete = how == MHD_REQUEST_TERMINATED_COMPLETED_OK;
    uint64_t octets = !request->has_body ? 0 : complete ? body_size_of(request) : acknowledged_of(request, state);
    if (state) {
        state->octets += octets;
        http_deadline_watch(server->deadlines, &state->head);
    }
    if (request->answered) {
        server->settings.completed(server->settings.context, request->context,
                                   &(struct http_server_result){.octets = octets,
                                                                .duration = clock_now().steady - request->started,
                                                                .complete = complete});
        atomic_fetch_sub(&server->replies, 1);
    }
    free(request->target);
    free(request);
}

const char *http_server_method(const struct http_server_request *request)
{
    return request->method;
}

const char *http_server_target(const struct http_server_request *request)
{
    return request->target;
}

const char *http_server_header(const struct http_server_request *request, const char *name)
{
    return MHD_lookup_connection_value(request->connection, MHD_HEADER_KIND, name);
}

struct ipv4 http_server_client(const struct http_server_request *request)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(request->connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    if (!info || info->client_addr->sa_family != AF_INET)
        return (struct ipv4){0};
    struct sockaddr_in address;
    memcpy(&address, info->client_addr, sizeof address);
    return (struct ipv4){.number = ntohl(address.sin_addr.s_addr)};
}

/* A part of a file that is read to be encrypted. */
struct file_part {
    int fd;
    uint64_t offset;
};

static ssize_t part_read(void *context, uint64_t position, char *buffer, size_t size)
{
    const struct file_part *part = context;
    ssize_t count = pread(part->fd, buffer, size, (off_t)(part->offset + position));
    return count > 0 ? count : MHD_CONTENT_READER_END_WITH_ERROR;
}

static void part_close(void *context)
{
    struct file_part *part = context;
    fd_close(part->fd);
    free(part);
}

/* The library would read it in pieces of 4 KiB, each a record of TLS. */
static struct MHD_Response *response_of_part(const struct http_server_reply *reply, int take_fd)
{
    struct file_part *part = MEMORY_NEW(struct file_part);
    *part = (struct file_part){.fd = take_fd, .offset = reply->offset};
    return MHD_create_response_from_callback(reply->length, TLS_PIECE, part_read, part, part_close);
}

void http_server_wait(struct http_server_request *request)
{
    request->waits = true;
    MHD_suspend_connection(request->connection);
}

void http_server_wake(void *request)
{
    MHD_resume_connection(((struct http_server_request *)request)->connection);
}

/* A body from a source while it is sent. */
struct source_part {
    struct http_server_source source;
    struct http_server_request *request;
    uint64_t offset;
};

/* The connection is suspended before it is asked for the wake, which may come at once, and from another thread. */
static ssize_t source_read(void *context, uint64_t position, char *buffer, size_t size)
{
    struct source_part *part = context;
    uint64_t offset = part->offset + position;
    int64_t count = part->source.read(part->source.context, offset, buffer, size);
    if (count == -EAGAIN) {
        MHD_suspend_connection(part->request->connection);
        part->source.wait(part->source.context, offset, http_server_wake, part->request);
        return 0;
    }
    if (count > 0)
        part->request->sent = position + (uint64_t)count;
    return count > 0 ? count : count == 0 ? MHD_CONTENT_READER_END_OF_STREAM : MHD_CONTENT_READER_END_WITH_ERROR;
}

static void source_close(void *context)
{
    struct source_part *part = context;
    part->source.close(part->source.context);
    free(part);
}

static struct MHD_Response *response_of_source(struct http_server_request *request,
                                               const struct http_server_reply *reply)
{
    struct source_part *part = MEMORY_NEW(struct source_part);
    *part = (struct source_part){.source = *reply->take_source, .request = request, .offset = reply->offset};
    uint64_t length = reply->length == HTTP_SERVER_LENGTH_UNKNOWN ? MHD_SIZE_UNKNOWN : reply->length;
    return MHD_create_response_from_callback(length, SOURCE_PIECE, source_read, part, source_close);
}

/* Takes over the body or the descriptor. */
static struct MHD_Response *response_of(struct http_server_request *request, struct http_server_reply *reply)
{
    const struct http_server *server = request->server;
    if (reply->take_source)
        return response_of_source(request, reply);
    int fd = take_fd(&reply->take_fd);
    char *body = take_pointer(reply->take_body);
    if (fd >= 0 && reply->length > 0 && server->settings.certificate)
        return response_of_part(reply, fd);
    if (fd >= 0 && reply->length > 0)
        return MHD_create_response_from_fd_at_offset64(reply->length, fd, reply->offset);
    fd_close(fd);
    if (body)
        return MHD_create_response_from_buffer(reply->body_size, body, MHD_RESPMEM_MUST_FREE);
    return MHD_create_response_from_buffer(0, NULL, MHD_RESPMEM_PERSISTENT);
}

void http_server_send(struct http_server_request *request, struct http_server_reply *reply)
{
    request->body_size = reply->take_fd >= 0 || reply->take_source ? reply->length : reply->body_size;
    request->has_body = strcmp(request->method, "HEAD") != 0 && reply->status != 304;
    struct MHD_Response *response = response_of(request, reply);
    for (size_t i = 0; i < reply->header_count; i++)
        if (reply->headers[i].value)
            MHD_add_response_header(response, reply->headers[i].name, reply->headers[i].value);
    if (atomic_load_explicit(&request->server->stopping, memory_order_relaxed))
        MHD_add_response_header(response, "Connection", "close");
    request->queued = MHD_queue_response(request->connection, reply->status, response);
    MHD_destroy_response(response);
}

/* The target stays as it was sent: what it means is for whoever looks it up. */
static size_t keep_escaped(void *context, struct MHD_Connection *connection, char *text)
{
    (void)context, (void)connection;
    return strlen(text);
}

static int fail_to_listen(struct diag *why, int error, const struct http_server_settings *settings)
{
    char address[IPV4_TEXT_MAX];
    char holder[PORT_HOLDER_TEXT_MAX] = "another process";
    const char *name = settings->certificate ? "HTTPS" : "HTTP";
    ipv4_to_text(address, settings->address);
    if (error == EADDRINUSE) {
        port_holder_find(holder, PORT_TCP, settings->port);
        return fail(why, -error, "TCP port %u for %s is taken by %s: stop it, or give another with %s", settings->port,
                    name, holder, settings->certificate ? "https: port:" : "--http-port or http: port:");
    }
    return fail(why, -error, "listen on %s port %u for %s: %s%s", address, settings->port, name, strerror(error),
                error == EACCES ? "; ports below 1024 need root or CAP_NET_BIND_SERVICE" : "");
}

static int open_listener(int *ret_fd, uint16_t *ret_port, const struct http_server_settings *settings, struct diag *why)
{
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons(settings->port), .sin_addr.s_addr = htonl(settings->address.number)};
    socklen_t size = sizeof address;
    AUTO(fd_close) int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return fail(why, -errno, "open a TCP socket: %s", strerror(errno));
    /* Connections of the run before, in TIME_WAIT, keep nobody from the port. */
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &(int){1}, sizeof(int));
    if (bind(fd, (struct sockaddr *)&address, size) < 0 || listen(fd, BACKLOG) < 0) {
        return fail_to_listen(why, errno, settings);
    }
    if (getsockname(fd, (struct sockaddr *)&address, &size) < 0)
        return fail(why, -errno, "ask the port of a TCP socket: %s", strerror(errno));
    *ret_port = ntohs(address.sin_port);
    *ret_fd = take_fd(&fd);
    return 0;
}

unsigned http_server_connections_max(void)
{
    struct rlimit limit = {.rlim_cur = 1024, .rlim_max = 1024};
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
        getrlimit(RLIMIT_NOFILE, &limit);
    }
    rlim_t half = limit.rlim_cur > DESCRIPTORS_KEPT ? (limit.rlim_cur - DESCRIPTORS_KEPT) / 2 : 0;
    return half < CONNECTIONS_MIN ? CONNECTIONS_MIN : half > CONNECTIONS_MAX ? CONNECTIONS_MAX : (unsigned)half;
}

static unsigned threads_of(const struct http_server_settings *settings)
{
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    return settings->threads > 0 ? settings->threads : processors > 2 ? (unsigned)processors : 2;
}

/* What the library asks in each handshake. It has made the connection the session's pointer. */
static int choose_certificate(gnutls_session_t session, const struct gnutls_cert_retr_st *asked,
                              gnutls_pcert_st **ret_chain, unsigned *ret_count, gnutls_ocsp_data_st **ret_ocsp,
                              unsigned *ret_ocsp_count, gnutls_privkey_t *ret_key, unsigned *ret_flags)
{
    (void)asked;
    struct http_server_connection *connection = connection_of(gnutls_session_get_ptr(session));
    if (!connection)
        return -1;
    http_certificate_current(connection->server->settings.certificate, ret_chain, ret_count, ret_key);
    *ret_ocsp = NULL;
    *ret_ocsp_count = 0;
    *ret_flags = 0; /* both stay ours */
    return 0;
}

/* clang-format off: an option and its values a line */
static struct MHD_Daemon *start_daemon(struct http_server *server, int listener)
{
    const struct http_server_settings *settings = &server->settings;
    unsigned tls = settings->certificate ? MHD_USE_TLS : 0;
    struct MHD_OptionItem tls_options[] = {
        {MHD_OPTION_HTTPS_CERT_CALLBACK2, 0, (void *)choose_certificate},
        {MHD_OPTION_HTTPS_PRIORITIES, 0, (void *)TLS_PRIORITIES},
        {MHD_OPTION_END, 0, NULL},
    };
    struct MHD_OptionItem no_options[] = {{MHD_OPTION_END, 0, NULL}};
    return MHD_start_daemon(MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_TURBO | tls, 0, NULL,
                            NULL, request_arrived, server, MHD_OPTION_ARRAY, tls ? tls_options : no_options,
                            MHD_OPTION_LISTEN_SOCKET, listener, MHD_OPTION_THREAD_POOL_SIZE, threads_of(settings),
                            MHD_OPTION_CONNECTION_LIMIT, server->connections_max + CONNECTIONS_CLOSING,
                            MHD_OPTION_PER_IP_CONNECTION_LIMIT, settings->connections_per_client,
                            MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)(HTTP_SERVER_STALL_PATIENCE / SECOND),
                            MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)HTTP_SERVER_HEAD_MAX,
                            MHD_OPTION_URI_LOG_CALLBACK, request_begun, server, MHD_OPTION_UNESCAPE_CALLBACK,
                            keep_escaped, NULL, MHD_OPTION_NOTIFY_CONNECTION, connection_changed, server,
                            MHD_OPTION_NOTIFY_COMPLETED, request_completed, server, MHD_OPTION_END);
}
/* clang-format on */

/* Signals are for the thread that waits for them: threads begin with the mask of the one that starts them. */
static int start_threads(struct http_server *server, int listener)
{
    sigset_t all;
    sigset_t kept;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &kept);
    server->deadlines = http_deadlines_create(HTTP_SERVER_HEAD_PATIENCE);
    errno = 0;
    server->daemon = start_daemon(server, listener);
    int error = server->daemon ? 0 : errno ? -errno : -EAGAIN;
    pthread_sigmask(SIG_SETMASK, &kept, NULL);
    return error;
}

static void server_destroy(struct http_server *server)
{
    http_deadlines_destroy(server->deadlines);
    free(server);
}

int http_server_start(struct http_server **ret, const struct http_server_settings *settings, struct diag *why)
{
    AUTO(fd_close) int listener = -1;
    uint16_t port = 0;
    int error = open_listener(&listener, &port, settings, why);
    if (error)
        return error;
    struct http_server *server = MEMORY_NEW(struct http_server);
    server->settings = *settings;
    server->connections_max = settings->connections > 0 ? settings->connections : http_server_connections_max();
    server->port = port;
    server->quiesced_fd = -1;
    error = start_threads(server, listener);
    if (error) {
        server_destroy(server);
        return fail(why, error, "start the threads of the HTTP service: %s", strerror(-error));
    }
    take_fd(&listener);
    *ret = server;
    return 0;
}

uint16_t http_server_port(const struct http_server *server)
{
    return server->port;
}

static void wait_for_replies(struct http_server *server, instant patience)
{
    instant deadline = clock_now().steady + patience;
    while (atomic_load(&server->replies) > 0 && clock_now().steady < deadline)
        nanosleep(&(struct timespec){.tv_nsec = 5 * MILLISECOND}, NULL);
}

void http_server_drain(struct http_server *server)
{
    if (atomic_exchange(&server->stopping, true))
        return;
    /* Nobody connects any more, and another server may have the port. The descriptor stays: until the daemon has
     * stopped one of its threads may be about to use it, and ends the program where that fails. */
    server->quiesced_fd = MHD_quiesce_daemon(server->daemon);
    if (server->quiesced_fd >= 0)
        shutdown(server->quiesced_fd, SHUT_RD);
}

size_t http_server_replies(const struct http_server *server)
{
    return atomic_load(&server->replies);
}

void http_server_stop(struct http_server *server, instant patience)
{
    if (!server)
        return;
    http_server_drain(server);
    wait_for_replies(server, patience);
    MHD_stop_daemon(server->daemon);
    fd_close(server->quiesced_fd);
    server_destroy(server);
}
