/* SPDX-License-Identifier: Apache-2.0 */
/* An HTTP server that knows no path: it hands each request to its owner and sends the reply it is given. It is the only
 * place that knows the HTTP library, and runs on threads of its own. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/auto.h"
#include "base/diag.h"
#include "base/instant.h"
#include "base/ipv4.h"
#include "io/http-certificate.h"

/* Request line and header fields together, in octets; beyond it the client gets 414 or 431. What the library needs for
 * itself of its memory for a connection is in it. */
#define HTTP_SERVER_HEAD_MAX 32768
/* How long a connection may take for the head of a request, idle time before it included, however it is dripped. */
#define HTTP_SERVER_HEAD_PATIENCE (30 * SECOND)
/* How long a reply may stand still: a client that writes to a slow disk reads nothing meanwhile. */
#define HTTP_SERVER_STALL_PATIENCE (300 * SECOND)

#define HTTP_SERVER_LENGTH_UNKNOWN UINT64_MAX

struct http_server;
struct http_server_request;

struct http_server_header {
    const char *name;
    const char *value; /* NULL: left out */
};

/* A body that may not be there yet. */
struct http_server_source {
    /* How many octets were read at offset of the body, 0 at its end; -EAGAIN: not there yet; any other negative errno
     * breaks the reply off. From any of the server's threads. */
    int64_t (*read)(void *context, uint64_t offset, void *buffer, size_t size);
    /* Calls wake once, from any thread and maybe at once, when read() has something else to say at offset. */
    void (*wait)(void *context, uint64_t offset, void (*wake)(void *context), void *wake_context);
    void (*close)(void *context);
    void *context;
};

/* What to send. The body is text, a part of a file, or a source. */
struct http_server_reply {
    unsigned status;
    const struct http_server_header *headers;
    size_t header_count;
    char *take_body; /* on the heap; NULL: none, or a file */
    size_t body_size;
    int take_fd; /* a regular file's, sent without copying; -1: none */
    uint64_t offset, length;
    /* In place of the descriptor, closed by the server; length may be HTTP_SERVER_LENGTH_UNKNOWN. */
    const struct http_server_source *take_source;
};

/* How a request ended. */
struct http_server_result {
    uint64_t octets; /* of the body, that went out; of one cut short, those the client has acknowledged */
    instant duration;
    bool complete; /* false: the client went away, stalled, or the server was stopped */
};

struct http_server_settings {
    struct ipv4 address; /* unset: every address */
    uint16_t port;       /* 0: one the kernel picks */
    unsigned threads;    /* 0: one for each processor, at least two */
    /* Most at one time; 0: http_server_connections_max(). One more ends the connection that has waited longest for its
     * client: whoever holds connections open loses them to those who ask for something. */
    unsigned connections;
    unsigned connections_per_client; /* 0: as many */
    /* What to show: HTTPS, by TLS 1.2 and later; NULL: HTTP. Borrowed. */
    struct http_certificate *certificate;
    /* Answers one request by http_server_send(), called once before it returns; returns what completed() gets. Called
     * from any of the threads. Or it calls http_server_wait() instead, and is called again for the same request;
     * answered is what it returned then, NULL the first time. */
    void *(*answer)(void *context, struct http_server_request *request, void *answered);
    /* Called once for each answer() when its reply has gone, or could not. */
    void (*completed)(void *context, void *answered, const struct http_server_result *result);
    void *context;
};

/* Connections this process has descriptors for: half of the files it may open, since each may be sent one. Raises the
 * limit of open files as far as the process may. */
unsigned http_server_connections_max(void);

/* Returns 0 or a negative errno with the reason; -EADDRINUSE for a port that is taken. The limit of open files is
 * raised as far as the process may. */
int http_server_start(struct http_server **ret, const struct http_server_settings *settings, struct diag *why);
uint16_t http_server_port(const struct http_server *server);
/* Accepts nobody any more; replies under way go on, and connections end with them. */
void http_server_drain(struct http_server *server);
/* Replies under way. */
size_t http_server_replies(const struct http_server *server);
/* Accepts nobody any more, waits at most patience for the replies under way, and ends the rest. */
void http_server_stop(struct http_server *server, instant patience);

/* Of a request, borrowed until answer() returns. */
const char *http_server_method(const struct http_server_request *request);
/* As it was sent, not decoded. */
const char *http_server_target(const struct http_server_request *request);
/* The first header field of that name, in any case; NULL when there is none. */
const char *http_server_header(const struct http_server_request *request, const char *name);
struct ipv4 http_server_client(const struct http_server_request *request);

void http_server_send(struct http_server_request *request, struct http_server_reply *reply);
/* Puts the answer off, holding up nobody else: answer() is called again once http_server_wake() is, from any thread,
 * with the request as its context. Whoever is to wake requests must do so before the server is stopped. */
void http_server_wait(struct http_server_request *request);
void http_server_wake(void *request);
