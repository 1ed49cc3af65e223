/* SPDX-License-Identifier: Apache-2.0 */
/* A bad network cable: joins two tap devices and loses, doubles, reorders and delays the frames between them, by given
 * percentages from a seeded generator, so that a run can be repeated. It creates both taps and says "ready"; moving
 * them into namespaces is the caller's. For kernels without netem, and for users who may not load it. */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

enum {
    FRAME_MAX = 9216,
    QUEUE_MAX = 4096, /* frames on their way in one direction; more are lost, as in a full switch */
    BATCH = 64,       /* frames read from one side before the other gets its turn */
};

struct frame {
    int64_t due; /* nanoseconds of the monotonic clock */
    uint64_t order;
    size_t size;
    uint8_t *data;
};

/* One direction: the frames not yet delivered, as a heap by due and then by order of arrival. */
struct direction {
    int from;
    int to;
    size_t count;
    struct frame heap[QUEUE_MAX];
};

struct faults {
    double drop;
    double duplicate;
    double reorder;
    double delay_ms;
    uint64_t seed;
};

static struct faults faults = {.seed = 1};
static uint64_t frames_seen, frames_dropped, frames_doubled, frames_reordered;

static volatile sig_atomic_t stopping;

static void stop(int number)
{
    (void)number;
    stopping = 1;
}

static int64_t nanoseconds_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

static bool chance(double percent)
{
    faults.seed ^= faults.seed << 13;
    faults.seed ^= faults.seed >> 7;
    faults.seed ^= faults.seed << 17;
    return (double)(faults.seed >> 11) / (double)(UINT64_C(1) << 53) * 100 < percent;
}

static bool frame_is_before(const struct frame *a, const struct frame *b)
{
    return a->due != b->due ? a->due < b->due : a->order < b->order;
}

static void frames_swap(struct frame *a, struct frame *b)
{
    struct frame kept = *a;
    *a = *b;
    *b = kept;
}

static void direction_push(struct direction *direction, const uint8_t *data, size_t size, int64_t due)
{
    if (direction->count == QUEUE_MAX) {
        frames_dropped++;
        return;
    }
    size_t at = direction->count++;
    direction->heap[at] = (struct frame){.due = due, .order = frames_seen, .size = size, .data = malloc(size)};
    if (!direction->heap[at].data)
        abort();
    memcpy(direction->heap[at].data, data, size);
    for (; at > 0 && frame_is_before(&direction->heap[at], &direction->heap[(at - 1) / 2]); at = (at - 1) / 2)
        frames_swap(&direction->heap[at], &direction->heap[(at - 1) / 2]);
}

static struct frame direction_pop(struct direction *direction)
{
    struct frame first = direction->heap[0];
    direction->heap[0] = direction->heap[--direction->count];
    for (size_t at = 0;;) {
        size_t least = at;
        for (size_t child = 2 * at + 1; child <= 2 * at + 2 && child < direction->count; child++)
            if (frame_is_before(&direction->heap[child], &direction->heap[least]))
                least = child;
        if (least == at)
            return first;
        frames_swap(&direction->heap[at], &direction->heap[least]);
        at = least;
    }
}

/* A tap that is down or full takes no frame; then the frame is lost, as on a cable. */
static void frame_send(int to, const uint8_t *data, size_t size)
{
    if (write(to, data, size) < 0)
        frames_dropped++;
}

static void frame_forward(struct direction *direction, const uint8_t *data, size_t size, int64_t now)
{
    frames_seen++;
    if (chance(faults.drop)) {
        frames_dropped++;
        return;
    }
    int64_t due = now + (int64_t)(faults.delay_ms * 1e6);
    if (chance(faults.reorder)) {
        frames_reordered++;
        due += 2000000; /* 2 ms late: others overtake it */
    }
    bool twice = chance(faults.duplicate);
    frames_doubled += twice;
    for (int copies = twice ? 2 : 1; copies > 0; copies--) {
        if (due <= now && direction->count == 0)
            frame_send(direction->to, data, size);
        else
            direction_push(direction, data, size, due);
    }
}

static void direction_read(struct direction *direction)
{
    static uint8_t data[FRAME_MAX];
    int64_t now = nanoseconds_now();
    for (int i = 0; i < BATCH; i++) {
        ssize_t size = read(direction->from, data, sizeof data);
        if (size <= 0)
            return;
        frame_forward(direction, data, (size_t)size, now);
    }
}

static void direction_deliver(struct direction *direction)
{
    int64_t now = nanoseconds_now();
    while (direction->count > 0 && direction->heap[0].due <= now) {
        struct frame frame = direction_pop(direction);
        frame_send(direction->to, frame.data, frame.size);
        free(frame.data);
    }
}

static int tap_open(const char *name)
{
    struct ifreq request = {.ifr_flags = IFF_TAP | IFF_NO_PI};
    int fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
    snprintf(request.ifr_name, sizeof request.ifr_name, "%s", name);
    if (fd < 0 || ioctl(fd, TUNSETIFF, &request) < 0) {
        fprintf(stderr, "lossy-link: tap '%s': %s\n", name, strerror(errno));
        exit(EXIT_FAILURE);
    }
    return fd;
}

static int64_t next_due(const struct direction *one, const struct direction *other)
{
    int64_t due = INT64_MAX;
    if (one->count > 0)
        due = one->heap[0].due;
    if (other->count > 0 && other->heap[0].due < due)
        due = other->heap[0].due;
    return due;
}

/* Waits for a frame or for one to be due. */
static void links_wait(struct pollfd polled[2], const struct direction *out, const struct direction *back)
{
    int64_t due = next_due(out, back);
    int64_t left = due == INT64_MAX ? 0 : due - nanoseconds_now();
    if (left < 0)
        left = 0;
    struct timespec wait = {.tv_sec = left / 1000000000, .tv_nsec = left % 1000000000};
    sigset_t none;
    sigemptyset(&none);
    if (ppoll(polled, 2, due == INT64_MAX ? NULL : &wait, &none) < 0)
        polled[0].revents = polled[1].revents = 0;
}

static double percent_from_text(const char *text)
{
    char *end;
    double value = strtod(text, &end);
    if (*end || end == text || value < 0) {
        fprintf(stderr, "lossy-link: not a number: %s\n", text);
        exit(2);
    }
    return value;
}

static void arguments_read(int argc, char **argv)
{
    static const struct option options[] = {{"drop", 1, NULL, 'd'},    {"duplicate", 1, NULL, 'u'},
                                            {"reorder", 1, NULL, 'r'}, {"delay", 1, NULL, 'l'},
                                            {"seed", 1, NULL, 's'},    {NULL, 0, NULL, 0}};
    for (int option; (option = getopt_long(argc, argv, "", options, NULL)) != -1;) {
        if (option == '?')
            exit(2);
        double value = percent_from_text(optarg);
        switch (option) {
        case 'd':
            faults.drop = value;
            break;
        case 'u':
            faults.duplicate = value;
            break;
        case 'r':
            faults.reorder = value;
            break;
        case 'l':
            faults.delay_ms = value;
            break;
        default:
            faults.seed = (uint64_t)value * 2 + 1;
        }
    }
    if (argc - optind != 2) {
        fprintf(stderr,
                "usage: lossy-link [--drop %%] [--duplicate %%] [--reorder %%] [--delay ms] [--seed n] TAP TAP\n");
        exit(2);
    }
}

/* SIGTERM is caught only while we wait, so that none is missed. */
static void signals_prepare(void)
{
    sigset_t blocked;
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGTERM);
    sigprocmask(SIG_BLOCK, &blocked, NULL);
    signal(SIGTERM, stop);
}

int main(int argc, char **argv)
{
    static struct direction out, back;
    arguments_read(argc, argv);
    signals_prepare();
    out.from = back.to = tap_open(argv[optind]);
    out.to = back.from = tap_open(argv[optind + 1]);
    printf("ready\n");
    fflush(stdout);
    struct pollfd polled[2] = {{.fd = out.from, .events = POLLIN}, {.fd = back.from, .events = POLLIN}};
    while (!stopping && !((polled[0].revents | polled[1].revents) & POLLERR)) {
        links_wait(polled, &out, &back);
        if (polled[0].revents & POLLIN)
            direction_read(&out);
        if (polled[1].revents & POLLIN)
            direction_read(&back);
        direction_deliver(&out);
        direction_deliver(&back);
    }
    printf("%llu frames, %llu lost, %llu doubled, %llu reordered\n", (unsigned long long)frames_seen,
           (unsigned long long)frames_dropped, (unsigned long long)frames_doubled,
           (unsigned long long)frames_reordered);
}
