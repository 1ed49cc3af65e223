/* SPDX-License-Identifier: Apache-2.0 */
/* storm-load INTERFACE MACHINES SPREAD [CONTENT]: switches so many machines on within SPREAD milliseconds, in a network
 * where nothing but the server answers, and loads until all are done or have failed. With CONTENT, a folder, what they
 * load is compared with the files there. Prints a line of NAME=VALUE for the whole and one for each phase, in seconds.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <time.h>

#include "base/array.h"
#include "base/memory.h"
#include "base/writer.h"
#include "storm.h"

#define EVENTS_MAX 256
#define FAILURES_SHOWN 3
/* Connections served before datagrams are looked for again. */
#define CONNECTIONS_AT_A_TIME 8
/* Deadlines are looked at this often. */
#define TICK (20 * MILLISECOND)

/* How each question is asked, and for how long its answer is waited for before it is asked again: PXE 2.1 §2.2.7 has
 * ROMs wait 4, 8, 16 and 32 seconds for DHCP; iPXE begins with one second; ROMs wait a second for a block. */
static const struct {
    const char *name; /* of what was waited for */
    void (*ask)(struct storm *storm, struct machine *machine);
    instant wait; /* the first; each further one is twice as long. 0: the kernel repeats */
} phases[PHASE_COUNT] = {
    [PHASE_ROM_OFFER] = {"offer", dhcp_ask, 4 * SECOND},
    [PHASE_ROM_ACK] = {"address", dhcp_ask, 4 * SECOND},
    [PHASE_SIZE] = {"size", tftp_ask, SECOND},
    [PHASE_LOADER] = {"loader", tftp_ask, SECOND},
    [PHASE_IPXE_OFFER] = {"offer-again", dhcp_ask, SECOND},
    [PHASE_IPXE_ACK] = {"address-again", dhcp_ask, SECOND},
    [PHASE_SCRIPT] = {"script", http_ask, 0},
    [PHASE_KERNEL] = {"kernel", http_ask, 0},
    [PHASE_INITRD] = {"initrd", http_ask, 0},
};
/* A connection that stands still for so long has failed: iPXE's own patience. */
#define HTTP_PATIENCE (120 * SECOND)

instant storm_now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * SECOND + t.tv_nsec;
}

/* --- sockets that are shared ---------------------------------------------------------------------------------------
 */

struct writer shared_socket_write(struct shared_socket *socket)
{
    if (socket->count == DATAGRAM_BATCH_MAX)
        shared_socket_flush(socket);
    return writer_over(socket->packets[socket->count], sizeof socket->packets[0]);
}

void shared_socket_send(struct shared_socket *socket, struct writer w, struct datagram_endpoint to, struct ipv4 from)
{
    struct bytes payload = writer_bytes(&w);
    socket->sendings[socket->count++] =
        (struct datagram_sending){.payload = payload, .segment = payload.size, .to = to, .from = from};
}

void shared_socket_flush(struct shared_socket *socket)
{
    datagram_send_many(socket->fd, socket->sendings, socket->count);
    socket->count = 0;
}

/* --- the course of a machine -----------------------------------------------------------------------------------------
 */

static void machine_ask(struct storm *storm, struct machine *machine, instant now)
{
    instant wait = phases[machine->phase].wait;
    machine->deadline = now + (wait > 0 ? wait << machine->tries : HTTP_PATIENCE);
    phases[machine->phase].ask(storm, machine);
}

static void machine_end(struct storm *storm, struct machine *machine)
{
    http_close(storm, machine);
    machine->deadline = INSTANT_NEVER;
    storm->running--;
}

void machine_enter(struct storm *storm, struct machine *machine, enum phase phase, instant now)
{
    if (phase == PHASE_FAILED) {
        machine_fail(storm, machine, "the script names no kernel");
        return;
    }
    machine->reached[machine->phase] = now;
    machine->phase = phase;
    machine->tries = 0;
    if (phase == PHASE_ROM_OFFER || phase == PHASE_IPXE_OFFER)
        machine->xid++;
    if (phase == PHASE_SCRIPT)
        snprintf(machine->fetch.url, sizeof machine->fetch.url, "%s", machine->file);
    if (phase == PHASE_DONE)
        machine_end(storm, machine);
    else
        machine_ask(storm, machine, now);
}

void machine_fail(struct storm *storm, struct machine *machine, const char *failure)
{
    if (machine->phase >= PHASE_DONE)
        return;
    if (storm->failures++ < FAILURES_SHOWN)
        fprintf(stderr, "storm-load: machine %zu, waiting for '%s': %s\n", (size_t)(machine - storm->machines),
                phases[machine->phase].name, failure);
    machine->failure = failure;
    machine->phase = PHASE_FAILED;
    machine_end(storm, machine);
}

static void machine_tick(struct storm *storm, struct machine *machine, instant now)
{
    if (now < machine->deadline)
        return;
    if (machine->phase == PHASE_OFF) {
        machine_enter(storm, machine, PHASE_ROM_OFFER, now);
        return;
    }
    if (++machine->tries >= STORM_TRIES || phases[machine->phase].wait == 0) {
        machine_fail(storm, machine, "no answer came");
        return;
    }
    machine->repeats++;
    machine_ask(storm, machine, now);
}

/* --- all of them ----------------------------------------------------------------------------------------------------
 */

static void flush(struct storm *storm)
{
    shared_socket_flush(&storm->dhcp);
    shared_socket_flush(&storm->size);
    shared_socket_flush(&storm->loader);
}

static void tick(struct storm *storm, instant now)
{
    for (size_t i = 0; i < storm->count; i++)
        machine_tick(storm, &storm->machines[i], now);
    flush(storm);
}

/* Machines that wait for a datagram have a processor of their own in truth: they must not wait until this one has read
 * what all the others load. */
static void receive_datagrams(struct storm *storm)
{
    dhcp_receive(storm);
    tftp_receive(storm, &storm->size);
    tftp_receive(storm, &storm->loader);
    flush(storm);
}

static void dispatch(struct storm *storm, const struct epoll_event *events, int count)
{
    receive_datagrams(storm);
    for (int i = 0; i < count; i++) {
        if (events[i].data.u64 < storm->count)
            http_go_on(storm, &storm->machines[events[i].data.u64]);
        if (i % CONNECTIONS_AT_A_TIME == CONNECTIONS_AT_A_TIME - 1)
            receive_datagrams(storm);
    }
}

static void run(struct storm *storm)
{
    instant ticked = 0;
    while (storm->running > 0) {
        struct epoll_event events[EVENTS_MAX];
        int count = epoll_wait(storm->epoll_fd, events, EVENTS_MAX, (int)(TICK / MILLISECOND));
        dispatch(storm, events, count);
        instant now = storm_now();
        if (now - ticked < TICK)
            continue;
        ticked = now;
        tick(storm, now);
    }
}

static void start(struct storm *storm, const char *interface)
{
    struct rlimit limit = {.rlim_cur = storm->count + 64, .rlim_max = storm->count + 64};
    if (setrlimit(RLIMIT_NOFILE, &limit) < 0)
        perror("storm-load: more descriptors");
    storm->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    storm->batch = datagram_batch_create();
    storm->machines = memory_new(storm->count, sizeof *storm->machines);
    storm->running = storm->count;
    dhcp_open(storm, interface);
    tftp_open(storm);
    storm->began = storm_now();
    for (size_t i = 0; i < storm->count; i++) {
        struct machine *machine = &storm->machines[i];
        *machine = (struct machine){.mac = {0x52, 0x54, 0, (uint8_t)(i >> 16), (uint8_t)(i >> 8), (uint8_t)i}};
        machine->fetch.fd = -1;
        machine->xid = (uint32_t)i << 8;
        machine->switched_on = machine->deadline = storm->began + storm->spread * (instant)i / (instant)storm->count;
    }
}

/* --- figures
 * ---------------------------------------------------------------------------------------------------------- */

static int compare_instants(const void *a, const void *b)
{
    instant x = *(const instant *)a, y = *(const instant *)b;
    return (x > y) - (x < y);
}

/* How long machines took from one phase's end to another's; those that failed are left out. */
static void print_span(const struct storm *storm, const char *name, enum phase from, enum phase to)
{
    instant *spans = memory_new(storm->count + 1, sizeof *spans);
    size_t count = 0;
    for (size_t i = 0; i < storm->count; i++) {
        const struct machine *machine = &storm->machines[i];
        instant began = from == PHASE_OFF ? machine->switched_on : machine->reached[from];
        if (machine->reached[to] > 0)
            spans[count++] = machine->reached[to] - began;
    }
    qsort(spans, count, sizeof *spans, compare_instants);
    double half = (double)spans[count / 2] / (double)SECOND;
    double most = (double)spans[count * 99 / 100] / (double)SECOND;
    double worst = (double)spans[count > 0 ? count - 1 : 0] / (double)SECOND;
    printf("phase=%s machines=%zu p50=%.4f p99=%.4f worst=%.4f\n", name, count, half, most, worst);
    free(spans);
}

static double processor_seconds(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
           (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

static void print_result(const struct storm *storm, double seconds)
{
    size_t failed = 0, repeated = 0;
    unsigned repeats = 0;
    for (size_t i = 0; i < storm->count; i++) {
        failed += storm->machines[i].phase == PHASE_FAILED;
        repeated += storm->machines[i].repeats > 0;
        repeats += storm->machines[i].repeats;
    }
    printf("seconds=%.3f failed=%zu repeats=%u repeated=%zu tcp_repeats=%llu octets=%llu processor_load=%.2f\n",
           seconds, failed, repeats, repeated, (unsigned long long)storm->tcp_repeats,
           (unsigned long long)storm->octets, processor_seconds());
    print_span(storm, "address", PHASE_OFF, PHASE_ROM_ACK);
    print_span(storm, "loader", PHASE_ROM_ACK, PHASE_LOADER);
    print_span(storm, "address-again", PHASE_LOADER, PHASE_IPXE_ACK);
    print_span(storm, "script", PHASE_IPXE_ACK, PHASE_SCRIPT);
    print_span(storm, "kernel", PHASE_SCRIPT, PHASE_KERNEL);
    print_span(storm, "initrd", PHASE_KERNEL, PHASE_INITRD);
    print_span(storm, "all", PHASE_OFF, PHASE_INITRD);
}

int main(int argc, char **argv)
{
    if (argc < 4) {
        fprintf(stderr, "usage: storm-load INTERFACE MACHINES SPREAD [CONTENT]\n");
        return 2;
    }
    static struct storm storm;
    storm.count = strtoul(argv[2], NULL, 10);
    storm.spread = (instant)strtoul(argv[3], NULL, 10) * MILLISECOND;
    storm.content = argc > 4 ? argv[4] : NULL;
    start(&storm, argv[1]);
    run(&storm);
    print_result(&storm, (double)(storm_now() - storm.began) / (double)SECOND);
    return EXIT_SUCCESS;
}
