/* SPDX-License-Identifier: Apache-2.0 */
/* Whole transfers over a pretended network that loses, doubles, delays and reorders, in pretended time, with clients
 * that behave as the known ones do. Every transfer ends with the right octets. */
#include <assert.h>

#include "base/array.h"
#include "proto/tftp/transfer.h"
#include "test.h"

/* --- randomness that is the same in every run ------------------------------------------------------------------------
 */

static uint64_t random_state;

static unsigned random_below(unsigned bound)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return (unsigned)((random_state >> 33) % bound);
}

/* --- the network
 * -------------------------------------------------------------------------------------------------------- */

struct path {
    const char *name;
    unsigned loss_percent;
    unsigned double_percent;
    instant delay;
    instant jitter;       /* more than the time between two datagrams reorders them */
    unsigned queue_limit; /* datagrams that wait for the line at the same time; 0: any */
};

/* What one datagram takes on a line of 1 Gbit/s. */
#define LINE_TIME (12 * MICROSECOND)

enum side {
    TO_SERVER,
    TO_CLIENT,
};

/* Datagrams on their way; the longest there is in these tests is one DATA of 1468 octets. */
struct flying {
    instant at;
    uint64_t order; /* of sending: what arrives at the same instant arrives in this one */
    enum side side;
    size_t size;
    uint8_t octets[1472];
};

static const struct path *path;
static struct flying flying[8192];
static size_t flying_count;
static uint64_t sent_count;
static instant line_is_free[2]; /* of either way */
static instant now;

static void fly(enum side side, struct bytes datagram)
{
    instant leaves = (line_is_free[side] > now ? line_is_free[side] : now) + LINE_TIME;
    if (path->queue_limit > 0 && leaves - now > path->queue_limit * LINE_TIME)
        return;
    line_is_free[side] = leaves;
    assert(flying_count < LENGTH(flying) && datagram.size <= sizeof flying[0].octets);
    struct flying *one = &flying[flying_count++];
    *one = (struct flying){.order = sent_count++, .side = side, .size = datagram.size};
    one->at = leaves + path->delay + (path->jitter > 0 ? (instant)random_below((unsigned)path->jitter) : 0);
    memcpy(one->octets, datagram.data, datagram.size);
}

static void post(enum side side, struct bytes datagram)
{
    if (random_below(100) >= path->loss_percent)
        fly(side, datagram);
    if (random_below(100) < path->double_percent)
        fly(side, datagram);
}

static bool is_sooner(const struct flying *a, const struct flying *b)
{
    return a->at < b->at || (a->at == b->at && a->order < b->order);
}

static size_t soonest_flying(void)
{
    size_t soonest = 0;
    for (size_t i = 1; i < flying_count; i++)
        if (is_sooner(&flying[i], &flying[soonest]))
            soonest = i;
    return soonest;
}

/* --- the clients
 * -------------------------------------------------------------------------------------------------------- */

enum manner {
    LOCKSTEP,        /* no options but blksize: most ROMs */
    PLAIN,           /* no options at all */
    WINDOW,          /* RFC 7440 to the letter: a gap is told once */
    WINDOW_REPEATS,  /* EDK2: acknowledges again for each block out of order */
    WINDOW_SILENT,   /* tells no gap before its own wait is over */
    ACKS_EVERYTHING, /* acknowledges each block, whatever was agreed */
};

static const char *const manner_names[] = {"lockstep", "plain", "window", "window, repeats", "window, silent", "each"};

#define CLIENT_WAIT SECOND

struct client {
    enum manner manner;
    uint16_t blksize;
    unsigned windowsize;
    bool started;
    bool done;
    uint64_t size;     /* octets received */
    uint64_t received; /* blocks received in order */
    uint64_t acked;
    bool gap_is_told;
    instant deadline;
    bool wrong;
};

static struct client client;

static uint8_t octet_at(uint64_t offset)
{
    return (uint8_t)(offset * 31 + (offset >> 8) * 7 + (offset >> 16));
}

static void client_send_ack(void)
{
    uint8_t memory[4];
    struct writer w = writer_over(memory, sizeof memory);
    struct tftp_packet packet = {.opcode = TFTP_ACK, .ack.block = (uint16_t)client.received};
    tftp_packet_build(&w, &packet);
    client.acked = client.received;
    client.deadline = now + CLIENT_WAIT;
    post(TO_SERVER, writer_bytes(&w));
}

static void client_send_request(void)
{
    static const char *const sizes[] = {"blksize", "windowsize"};
    char digits[2][8];
    struct tftp_packet packet = {.opcode = TFTP_READ,
                                 .request = {.file = bytes_of_text("f"), .mode_name = bytes_of_text("octet")}};
    snprintf(digits[0], sizeof digits[0], "%u", client.blksize);
    snprintf(digits[1], sizeof digits[1], "%u", client.windowsize);
    size_t count = client.manner == PLAIN ? 0 : client.manner == LOCKSTEP ? 1 : 2;
    for (size_t i = 0; i < count; i++)
        packet.request.options.at[packet.request.options.count++] =
            (struct tftp_option){.name = bytes_of_text(sizes[i]), .value = bytes_of_text(digits[i])};
    uint8_t memory[128];
    struct writer w = writer_over(memory, sizeof memory);
    tftp_packet_build(&w, &packet);
    client.deadline = now + CLIENT_WAIT;
    post(TO_SERVER, writer_bytes(&w));
}

static void client_take_block(struct bytes data)
{
    for (size_t i = 0; i < data.size; i++)
        client.wrong |= data.data[i] != octet_at(client.size + i);
    client.size += data.size;
    client.received++;
    client.gap_is_told = false;
    client.deadline = now + CLIENT_WAIT;
    client.done = data.size < client.blksize;
    if (client.done || client.manner == ACKS_EVERYTHING || client.received - client.acked >= client.windowsize)
        client_send_ack();
}

/* A block that is not the next one: older, or newer with one missing before it. */
static void client_see_gap(bool is_older)
{
    if (is_older && client.manner == WINDOW)
        return;
    bool tells = client.manner == WINDOW_REPEATS || client.manner == ACKS_EVERYTHING ||
                 (client.manner == WINDOW && !client.gap_is_told);
    client.gap_is_told = true;
    if (tells)
        client_send_ack();
}

static void client_receive(const struct tftp_packet *packet)
{
    if (packet->opcode == TFTP_OACK && client.received == 0)
        client_send_ack();
    if (packet->opcode != TFTP_DATA)
        return;
    client.started = true;
    if (packet->data.block == (uint16_t)(client.received + 1) && !client.done)
        client_take_block(packet->data.data);
    else if (client.done || client.windowsize == 1)
        client_send_ack();
    else
        client_see_gap((uint16_t)(packet->data.block - client.received - 1) >= 1 << 15);
}

static void client_tick(void)
{
    if (now < client.deadline || client.done)
        return;
    if (client.started)
        client_send_ack();
    else
        client_send_request();
}

/* --- both
 * -------------------------------------------------------------------------------------------------------------- */

static struct tftp_transfer transfer;
static bool transfer_is_there;
static uint64_t content_size;

static int64_t read_content(void *context, uint64_t offset, void *buffer, size_t size)
{
    (void)context;
    uint64_t left = offset < content_size ? content_size - offset : 0;
    size_t count = left < size ? (size_t)left : size;
    for (size_t i = 0; i < count; i++)
        ((uint8_t *)buffer)[i] = octet_at(offset + i);
    return (int64_t)count;
}

static void server_receive(const struct tftp_packet *packet)
{
    if (packet->opcode != TFTP_READ) {
        if (transfer_is_there)
            tftp_transfer_receive(&transfer, packet, now);
    } else if (transfer_is_there)
        tftp_transfer_repeat(&transfer, now);
    else {
        struct tftp_source source = {.read = read_content, .size_is_known = true, .size = content_size};
        struct tftp_limits limits = {.blksize_max = 1468, .windowsize_max = 64};
        tftp_transfer_init(&transfer, &packet->request, source, &limits, now);
        transfer_is_there = true;
    }
}

static void server_send(void)
{
    static uint8_t memory[128 * 1024];
    struct tftp_run run;
    while (transfer_is_there && tftp_transfer_next(&run, &transfer, memory, sizeof memory, now))
        for (size_t at = 0; at < run.datagrams.size; at += run.segment)
            post(TO_CLIENT, bytes_slice(run.datagrams, at, run.segment));
}

static void deliver(void)
{
    size_t index = soonest_flying();
    struct flying one = flying[index];
    flying[index] = flying[--flying_count];
    struct tftp_packet packet;
    assert(tftp_packet_parse(&packet, bytes_of(one.octets, one.size)) == 0);
    if (one.side == TO_SERVER)
        server_receive(&packet);
    else
        client_receive(&packet);
}

/* Lets time pass to whatever happens next. */
static void step(void)
{
    instant next = client.done ? INSTANT_NEVER : client.deadline;
    if (transfer_is_there && transfer.deadline < next)
        next = transfer.deadline;
    if (flying_count > 0 && flying[soonest_flying()].at <= next) {
        now = flying[soonest_flying()].at;
        deliver();
    } else
        now = next;
    client_tick();
    if (transfer_is_there)
        tftp_transfer_tick(&transfer, now);
    server_send();
}

static bool is_at_rest(void)
{
    return client.done && transfer_is_there && tftp_transfer_is_over(&transfer) && flying_count == 0;
}

/* One whole transfer. Yields how long the client took, INSTANT_NEVER when it ended wrong. */
static instant run_transfer(const struct path *over, enum manner manner, uint16_t blksize, unsigned windowsize,
                            uint64_t size)
{
    path = over;
    now = SECOND;
    flying_count = 0;
    line_is_free[TO_SERVER] = line_is_free[TO_CLIENT] = 0;
    transfer_is_there = false;
    content_size = size;
    client = (struct client){.manner = manner, .blksize = blksize, .windowsize = windowsize};
    client_send_request();
    instant took = INSTANT_NEVER;
    for (uint64_t steps = 0; !is_at_rest() && steps < 4000000; steps++) {
        step();
        if (client.done && took == INSTANT_NEVER)
            took = now - SECOND;
    }
    bool ended = is_at_rest() && !client.wrong && client.size == size &&
                 (transfer.state == TFTP_TRANSFER_DONE || transfer.state == TFTP_TRANSFER_UNCONFIRMED);
    return ended ? took : INSTANT_NEVER;
}

static const struct path paths[] = {
    {.name = "a good path", .delay = 100 * MICROSECOND},
    {.name = "a path that loses", .loss_percent = 10, .delay = 200 * MICROSECOND},
    {.name = "a path that doubles", .double_percent = 30, .delay = 200 * MICROSECOND},
    {.name = "a path that reorders", .delay = 200 * MICROSECOND, .jitter = 2 * MILLISECOND},
    {.name = "a far path", .loss_percent = 1, .delay = 40 * MILLISECOND, .jitter = 5 * MILLISECOND},
    {.name = "a path with a short queue", .delay = MILLISECOND, .queue_limit = 6},
    {.name = "a path that does it all",
     .loss_percent = 10,
     .double_percent = 10,
     .delay = MILLISECOND,
     .jitter = 3 * MILLISECOND},
};

static const struct {
    enum manner manner;
    uint16_t blksize;
    unsigned windowsize;
} clients[] = {
    {PLAIN, 512, 1},           {LOCKSTEP, 1468, 1},      {WINDOW, 1468, 16},          {WINDOW, 512, 64},
    {WINDOW_REPEATS, 1468, 4}, {WINDOW_SILENT, 1024, 8}, {ACKS_EVERYTHING, 1468, 16},
};

static void every_transfer_ends_with_the_right_octets(void)
{
    static const uint64_t sizes[] = {0, 1, 511, 512, 1468, 1468 * 16, 100000, 300007};
    random_state = 88172645463325252u;
    for (size_t i = 0; i < LENGTH(paths); i++)
        for (size_t j = 0; j < LENGTH(clients); j++)
            for (size_t k = 0; k < LENGTH(sizes); k++) {
                instant took =
                    run_transfer(&paths[i], clients[j].manner, clients[j].blksize, clients[j].windowsize, sizes[k]);
                char row[160];
                snprintf(row, sizeof row, "%s, %s client, %llu octets (state %d, client has %llu)", paths[i].name,
                         manner_names[clients[j].manner], (unsigned long long)sizes[k], (int)transfer.state,
                         (unsigned long long)client.size);
                CHECK_ROW(row, took != INSTANT_NEVER);
            }
}

static void the_numbers_of_blocks_wrap_on_a_path_that_does_it_all(void)
{
    random_state = 42;
    CHECK(run_transfer(&paths[6], WINDOW_REPEATS, 8, 32, 8 * 66000) != INSTANT_NEVER);
    CHECK_NUMBER(client.received, 66001);
}

static void a_path_that_doubles_gets_no_more_than_its_due(void)
{
    random_state = 7;
    for (size_t j = 0; j < LENGTH(clients); j++) {
        run_transfer(&paths[2], clients[j].manner, clients[j].blksize, clients[j].windowsize, 300007);
        bool echoes = clients[j].manner == WINDOW_REPEATS || clients[j].manner == ACKS_EVERYTHING;
        CHECK_ROW(manner_names[clients[j].manner], transfer.resent <= transfer.last / (echoes ? 1 : 100));
    }
}

/* What ten clients of a kind take for 734 kB each, in all. */
static instant run_ten(const struct path *over, enum manner manner, unsigned windowsize)
{
    instant sum = 0;
    for (uint64_t seed = 1; seed <= 10; seed++) {
        random_state = seed * 100003;
        instant took = run_transfer(over, manner, 1468, windowsize, 1468 * 500);
        sum = took == INSTANT_NEVER || sum == INSTANT_NEVER ? INSTANT_NEVER : sum + took;
    }
    return sum;
}

static void a_window_is_worth_it_on_every_path(void)
{
    for (size_t i = 0; i < LENGTH(paths); i++) {
        instant lockstep = run_ten(&paths[i], LOCKSTEP, 1);
        CHECK_ROW(paths[i].name, run_ten(&paths[i], WINDOW, 16) < lockstep);
        CHECK_ROW(paths[i].name, run_ten(&paths[i], WINDOW_REPEATS, 16) < lockstep);
    }
}

int main(int argc, char **argv)
{
    (void)argv;
    RUN(every_transfer_ends_with_the_right_octets);
    RUN(the_numbers_of_blocks_wrap_on_a_path_that_does_it_all);
    RUN(a_path_that_doubles_gets_no_more_than_its_due);
    RUN(a_window_is_worth_it_on_every_path);
    /* With an argument: how long each kind of client takes for 3 MB on each path. */
    for (size_t i = 0; argc > 1 && i < LENGTH(paths); i++)
        for (size_t j = 0; j < LENGTH(clients); j++) {
            instant took =
                run_transfer(&paths[i], clients[j].manner, clients[j].blksize, clients[j].windowsize, 1468 * 2000);
            printf("%-26s %-16s %4u x %2u: %8.3f s, %6llu sent again\n", paths[i].name, manner_names[clients[j].manner],
                   clients[j].blksize, clients[j].windowsize,
                   took == INSTANT_NEVER ? -1.0 : (double)took / (double)SECOND, (unsigned long long)transfer.resent);
        }
    return test_result();
}
