/* SPDX-License-Identifier: Apache-2.0 */
/* The machines as HTTP clients: one connection each, kept from the script to the initrd as iPXE keeps it. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "storm.h"

/* What iPXE has room for: its window is no larger. */
#define WINDOW (256 * 1024)
/* Octets taken at a time. */
#define PIECE (256 * 1024)

/* "http://10.64.0.1:8080/path" */
static bool parse_url(struct sockaddr_in *ret, const char **ret_path, const char *url)
{
    unsigned octets[4], port = 80;
    int at = 0;
    if (sscanf(url, "http://%3u.%3u.%3u.%3u%n", &octets[0], &octets[1], &octets[2], &octets[3], &at) != 4)
        return false;
    int more = 0;
    if (sscanf(url + at, ":%5u%n", &port, &more) == 1)
        at += more;
    *ret_path = url[at] ? url + at : "/";
    *ret = (struct sockaddr_in){
        .sin_family = AF_INET,
        .sin_port = htons((uint16_t)port),
        .sin_addr.s_addr = htonl(octets[0] << 24 | octets[1] << 16 | octets[2] << 8 | octets[3]),
    };
    return true;
}

void http_close(struct storm *storm, struct machine *machine)
{
    struct tcp_info information;
    socklen_t size = sizeof information;
    int fd = machine->fetch.fd;
    if (fd < 0)
        return;
    if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &information, &size) == 0)
        storm->tcp_repeats += information.tcpi_total_retrans;
    close(fd);
    machine->fetch.fd = -1;
    machine->fetch.is_connected = false;
}

static void connect_machine(struct storm *storm, struct machine *machine, const struct sockaddr_in *to)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    int one = 1, window = WINDOW / 2; /* the kernel doubles it */
    struct sockaddr_in from = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(machine->address.number)};
    struct epoll_event event = {.events = EPOLLIN | EPOLLOUT | EPOLLET,
                                .data.u64 = (uint64_t)(machine - storm->machines)};
    setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &one, sizeof one);
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &window, sizeof window);
    machine->fetch.fd = fd;
    if (fd < 0 || bind(fd, (struct sockaddr *)&from, sizeof from) < 0 ||
        (connect(fd, (const struct sockaddr *)to, sizeof *to) < 0 && errno != EINPROGRESS)) {
        machine_fail(storm, machine, strerror(errno));
        return;
    }
    epoll_ctl(storm->epoll_fd, EPOLL_CTL_ADD, fd, &event);
}

static void send_request(struct storm *storm, struct machine *machine)
{
    struct sockaddr_in to;
    const char *path;
    char request[STORM_URL_MAX + 256];
    if (!parse_url(&to, &path, machine->fetch.url))
        return;
    int size = snprintf(request, sizeof request,
                        "GET %s HTTP/1.1\r\nConnection: keep-alive\r\nUser-Agent: iPXE/1.21.1\r\nHost: %.*s\r\n\r\n",
                        path, (int)(path - machine->fetch.url - 7), machine->fetch.url + 7);
    if (send(machine->fetch.fd, request, (size_t)size, MSG_NOSIGNAL) != size)
        machine_fail(storm, machine, "a request could not be sent");
}

void http_ask(struct storm *storm, struct machine *machine)
{
    struct fetch *fetch = &machine->fetch;
    const char *urls[PHASE_COUNT] = {[PHASE_KERNEL] = machine->kernel, [PHASE_INITRD] = machine->initrd};
    struct sockaddr_in to;
    const char *path;
    if (urls[machine->phase])
        snprintf(fetch->url, sizeof fetch->url, "%s", urls[machine->phase]);
    fetch->has_head = false;
    fetch->text_size = 0;
    fetch->size = fetch->got = 0;
    if (!parse_url(&to, &path, fetch->url))
        machine_fail(storm, machine, "an unknown kind of URL");
    else if (fetch->fd < 0)
        connect_machine(storm, machine, &to);
    else
        send_request(storm, machine);
}

/* --- replies --------------------------------------------------------------------------------------------------------
 */

/* The size that the head tells; false unless it is a good reply with one. */
static bool read_head(struct fetch *fetch)
{
    if (strncmp(fetch->text, "HTTP/1.1 200 ", 13) != 0)
        return false;
    for (const char *line = fetch->text; (line = strstr(line, "\r\n")) != NULL;) {
        line += 2;
        if (strncasecmp(line, "Content-Length:", 15) == 0) {
            fetch->size = strtoull(line + 15, NULL, 10);
            return true;
        }
    }
    return false;
}

static void take_script(struct storm *storm, struct machine *machine, instant now)
{
    struct fetch *fetch = &machine->fetch;
    char url[STORM_URL_MAX];
    fetch->text[fetch->text_size] = '\0';
    if (!script_chains(url, machine, fetch->url, fetch->text))
        machine_enter(storm, machine, machine->kernel[0] ? PHASE_KERNEL : PHASE_FAILED, now);
    else {
        snprintf(fetch->url, sizeof fetch->url, "%s", url);
        http_ask(storm, machine);
    }
}

static void end_reply(struct storm *storm, struct machine *machine, instant now)
{
    if (machine->phase == PHASE_SCRIPT)
        take_script(storm, machine, now);
    else
        machine_enter(storm, machine, machine->phase + 1, now);
}

/* Takes octets of a body. */
static void take_body(struct storm *storm, struct machine *machine, struct bytes part)
{
    struct fetch *fetch = &machine->fetch;
    if (machine->phase == PHASE_SCRIPT && fetch->text_size + part.size < STORM_TEXT_MAX) {
        memmove(fetch->text + fetch->text_size, part.data, part.size);
        fetch->text_size += part.size;
    } else if (part.data && !content_matches(storm, url_name(fetch->url), fetch->got, part))
        machine_fail(storm, machine, "a kernel or initrd is not what it should be");
    fetch->got += part.size;
    storm->octets += part.size;
}

/* Reads until the head is whole; what lies behind it is of the body. False: nothing more to read now. */
static bool receive_head(struct storm *storm, struct machine *machine)
{
    struct fetch *fetch = &machine->fetch;
    ssize_t got = recv(fetch->fd, fetch->text + fetch->text_size, STORM_TEXT_MAX - 1 - fetch->text_size, 0);
    if (got <= 0) {
        if (got == 0 || errno != EAGAIN)
            machine_fail(storm, machine, "the connection was closed");
        return false;
    }
    fetch->text_size += (size_t)got;
    fetch->text[fetch->text_size] = '\0';
    char *end = strstr(fetch->text, "\r\n\r\n");
    if (!end)
        return true;
    if (!read_head(fetch)) {
        machine_fail(storm, machine, "a reply that is not 200");
        return false;
    }
    char *body = end + 4;
    size_t size = fetch->text_size - (size_t)(body - fetch->text);
    fetch->has_head = true;
    fetch->text_size = 0;
    take_body(storm, machine, bytes_of(body, size));
    return true;
}

/* Where nothing is compared the kernel drops the octets without copying them: the load is to cost little. */
static bool receive_body(struct storm *storm, struct machine *machine)
{
    static uint8_t memory[PIECE];
    struct fetch *fetch = &machine->fetch;
    bool looks = storm->content || machine->phase == PHASE_SCRIPT;
    uint64_t left = fetch->size - fetch->got;
    ssize_t got = recv(fetch->fd, memory, left < PIECE ? (size_t)left : PIECE, looks ? 0 : MSG_TRUNC);
    if (got <= 0) {
        if (got == 0 || errno != EAGAIN)
            machine_fail(storm, machine, "the connection was closed");
        return false;
    }
    take_body(storm, machine, bytes_of(looks ? memory : NULL, (size_t)got));
    return true;
}

static bool is_fetching(const struct machine *machine)
{
    return machine->phase >= PHASE_SCRIPT && machine->phase <= PHASE_INITRD && machine->fetch.fd >= 0;
}

void http_go_on(struct storm *storm, struct machine *machine)
{
    struct fetch *fetch = &machine->fetch;
    int error = 0;
    socklen_t size = sizeof error;
    if (!fetch->is_connected && is_fetching(machine)) {
        struct sockaddr_in peer;
        socklen_t peer_size = sizeof peer;
        if (getsockopt(fetch->fd, SOL_SOCKET, SO_ERROR, &error, &size) < 0 || error != 0) {
            machine_fail(storm, machine, strerror(error));
            return;
        }
        if (getpeername(fetch->fd, (struct sockaddr *)&peer, &peer_size) < 0)
            return;
        fetch->is_connected = true;
        send_request(storm, machine);
    }
    while (is_fetching(machine)) {
        if (fetch->has_head && fetch->got >= fetch->size)
            end_reply(storm, machine, storm_now());
        else if (!(fetch->has_head ? receive_body(storm, machine) : receive_head(storm, machine)))
            return;
    }
}
