/* SPDX-License-Identifier: Apache-2.0 */
/* A Unix stream socket. The end of a question is the end of what its side sends; so is the end of an answer. */
#include "io/control.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/memory.h"

struct control {
    struct loop *loop;
    char *path;
    int fd;
    int stop_fd; /* can be read when the thread is to end */
    pthread_t thread;
    pthread_mutex_t lock; /* over the next two */
    int connection;       /* -1: none */
    bool closing;
    void (*asked)(void *context, struct bytes question);
    void *context;
    struct text question; /* the thread's but between asked and answered */
    struct text answer;
    sem_t answered;
};

/* A socket's address, by way of its folder where the path is longer than an address can be. */
struct place {
    struct sockaddr_un address;
    int folder_fd; /* -1: not needed */
};

static void place_finish(struct place *place)
{
    fd_close(place->folder_fd);
}
AUTO_DEFINE_STRUCT(place_finish, struct place);

static int place_of(struct place *ret, const char *path, struct diag *why)
{
    *ret = (struct place){.address.sun_family = AF_UNIX, .folder_fd = -1};
    size_t room = sizeof ret->address.sun_path;
    if (strlen(path) < room) {
        memcpy(ret->address.sun_path, path, strlen(path) + 1);
        return 0;
    }
    const char *slash = strrchr(path, '/');
    AUTO(free) char *folder = slash ? memory_text_of(path, (size_t)(slash - path)) : memory_text(".");
    AUTO(fd_close) int fd = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return fail(why, -errno, "open '%s': %s", folder, strerror(errno));
    int length = snprintf(ret->address.sun_path, room, "/proc/self/fd/%d/%s", fd, slash ? slash + 1 : path);
    if (length < 0 || (size_t)length >= room)
        return fail(why, -ENAMETOOLONG, "'%s' is too long a name for a socket", path);
    ret->folder_fd = take_fd(&fd);
    return 0;
}

/* Reads to the end of what the other side sends. */
static int read_all(struct text *ret, int fd, size_t max)
{
    char piece[16384];
    for (;;) {
        ssize_t size = read(fd, piece, sizeof piece);
        if (size < 0 && errno == EINTR)
            continue;
        if (size < 0)
            return -errno;
        if (size == 0)
            return 0;
        if (ret->length + (size_t)size > max)
            return -EMSGSIZE;
        text_append_bytes(ret, bytes_of(piece, (size_t)size));
    }
}

static int write_all(int fd, struct bytes octets)
{
    while (octets.size > 0) {
        ssize_t size = send(fd, octets.data, octets.size, MSG_NOSIGNAL);
        if (size < 0 && errno == EINTR)
            continue;
        if (size < 0)
            return -errno;
        octets = bytes_slice(octets, (size_t)size, octets.size);
    }
    return 0;
}

static void set_patience(int fd)
{
    struct timeval patience = {.tv_sec = CONTROL_PATIENCE / SECOND};
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
}

/* Nobody is there to answer once it closes. */
static bool is_closing(struct control *control)
{
    pthread_mutex_lock(&control->lock);
    bool closing = control->closing;
    pthread_mutex_unlock(&control->lock);
    return closing;
}

static void ask_on_loop(void *context)
{
    struct control *control = context;
    if (!is_closing(control))
        control->asked(control->context, text_bytes(&control->question));
}

static void converse(struct control *control, int fd)
{
    set_patience(fd);
    text_clear(&control->question);
    text_clear(&control->answer);
    if (read_all(&control->question, fd, CONTROL_QUESTION_MAX) < 0 || is_closing(control))
        return;
    loop_post(control->loop, ask_on_loop, control);
    while (sem_wait(&control->answered) < 0)
        continue;
    write_all(fd, text_bytes(&control->answer));
}

/* Waits for somebody to connect; -1 when the thread is to end. */
static int next_connection(const struct control *control)
{
    struct pollfd fds[] = {{.fd = control->stop_fd, .events = POLLIN}, {.fd = control->fd, .events = POLLIN}};
    for (;;) {
        if (poll(fds, 2, -1) < 0)
            continue;
        if (fds[0].revents)
            return -1;
        int fd = accept4(control->fd, NULL, NULL, SOCK_CLOEXEC);
        if (fd >= 0)
            return fd;
    }
}

static void set_connection(struct control *control, int fd)
{
    pthread_mutex_lock(&control->lock);
    fd_close(control->connection);
    control->connection = fd;
    pthread_mutex_unlock(&control->lock);
}

static void *run(void *context)
{
    struct control *control = context;
    int fd;
    while ((fd = next_connection(control)) >= 0) {
        set_connection(control, fd);
        converse(control, fd);
        set_connection(control, -1);
    }
    return NULL;
}

static int listen_at(struct control *control, struct diag *why)
{
    AUTO(place_finish) struct place place = {.folder_fd = -1};
    int result = place_of(&place, control->path, why);
    if (result < 0)
        return result;
    AUTO(fd_close) int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    unlink(control->path);
    /* The mode that the socket has now bounds the one that its file gets. */
    if (fd < 0 || fchmod(fd, 0600) < 0 || bind(fd, (struct sockaddr *)&place.address, sizeof place.address) < 0 ||
        chmod(control->path, 0660) < 0 || listen(fd, 8) < 0)
        return fail(why, -errno, "listen at '%s': %s", control->path, strerror(errno));
    control->fd = take_fd(&fd);
    return 0;
}

/* Signals are for the thread of the loop. */
static int start_thread(struct control *control, struct diag *why)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int error = pthread_create(&control->thread, NULL, run, control);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return error ? fail(why, -error, "start a thread: %s", strerror(error)) : 0;
}

static void control_free(struct control *control)
{
    fd_close(control->fd);
    fd_close(control->stop_fd);
    sem_destroy(&control->answered);
    pthread_mutex_destroy(&control->lock);
    text_finish(&control->question);
    text_finish(&control->answer);
    free(control->path);
    free(control);
}

int control_listen(struct control **ret, struct loop *loop, const char *path,
                   void (*asked)(void *context, struct bytes question), void *context, struct diag *why)
{
    struct control *control = MEMORY_NEW(struct control);
    control->loop = loop;
    control->path = memory_text(path);
    control->fd = control->connection = -1;
    pthread_mutex_init(&control->lock, NULL);
    control->stop_fd = eventfd(0, EFD_CLOEXEC);
    control->asked = asked;
    control->context = context;
    sem_init(&control->answered, 0, 0);
    int result = control->stop_fd < 0 ? fail(why, -errno, "make an event: %s", strerror(errno)) : 0;
    if (result == 0)
        result = listen_at(control, why);
    if (result == 0)
        result = start_thread(control, why);
    if (result < 0)
        control_free(control);
    else
        *ret = control;
    return result;
}

void control_answer(struct control *control, struct bytes answer)
{
    text_append_bytes(&control->answer, answer);
    sem_post(&control->answered);
}

/* Ends the thread, whatever it waits for. */
static void stop_thread(struct control *control)
{
    uint64_t one = 1;
    pthread_mutex_lock(&control->lock);
    control->closing = true;
    if (control->connection >= 0)
        shutdown(control->connection, SHUT_RDWR);
    pthread_mutex_unlock(&control->lock);
    (void)!write(control->stop_fd, &one, sizeof one);
    sem_post(&control->answered);
    pthread_join(control->thread, NULL);
}

void control_close(struct control *control)
{
    if (!control)
        return;
    unlink(control->path);
    stop_thread(control);
    /* A question may still wait for its turn there. */
    loop_run_posted(control->loop);
    control_free(control);
}

static int connect_to(int *ret_fd, const char *path, struct diag *why)
{
    AUTO(place_finish) struct place place = {.folder_fd = -1};
    int result = place_of(&place, path, why);
    if (result < 0)
        return result == -ENOENT ? CONTROL_E_NOBODY : result;
    AUTO(fd_close) int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || connect(fd, (struct sockaddr *)&place.address, sizeof place.address) < 0)
        return fd >= 0 && (errno == ENOENT || errno == ECONNREFUSED)
                   ? CONTROL_E_NOBODY
                   : fail(why, -errno, "ask the server at '%s': %s", path, strerror(errno));
    *ret_fd = take_fd(&fd);
    return CONTROL_OK;
}

int control_ask(struct text *ret, const char *path, struct bytes question, struct diag *why)
{
    AUTO(fd_close) int fd = -1;
    int result = connect_to(&fd, path, why);
    if (result != CONTROL_OK)
        return result;
    result = write_all(fd, question);
    shutdown(fd, SHUT_WR);
    if (result == 0)
        result = read_all(ret, fd, SIZE_MAX);
    return result < 0 ? fail(why, result, "ask the server at '%s': %s", path, strerror(-result)) : CONTROL_OK;
}
