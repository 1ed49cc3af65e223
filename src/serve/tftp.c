/* SPDX-License-Identifier: Apache-2.0 */
/* Datagrams in, datagrams out: requests to answer/tftp, the rest to the transfer it belongs to. */
#include "serve/tftp.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "base/hash.h"

#include "base/array.h"
#include "io/datagram.h"
#include "io/file.h"
#include "io/interfaces.h"
#include "io/log.h"
#include "proto/tftp/netascii.h"
#include "proto/tftp/transfer.h"

#define TFTP_PORT 69
/* Sockets that transfers share. More than one, so that a client which asks again from the port it used before meets
 * another one, and what is late for its old transfer is not taken for the new one's; no more, since what comes in for
 * one socket is received, and answered, with one system call. */
#define SOCKETS_MAX 2
/* Transfers at once: a bound for the memory that requests with made-up addresses can take. */
#define TRANSFERS_MAX 32768
/* IPv4, UDP and TFTP headers: what of an interface's MTU is not content. */
#define HEADERS_SIZE 32
/* What waits to be sent, of all clients that a batch of datagrams came from. */
#define OUTBOX_SIZE (256 << 10)
/* A client that was heard and then silent for so long, and asks again from the same port, was restarted. */
#define RESTART_SILENCE (3 * SECOND)
/* A client that was silent for longer is not waited for when we stop: it may be gone for good. */
#define LIVE_SILENCE (2 * SECOND)
/* Refusals logged a second: firmware and boot loaders probe for dozens of names. */
#define REFUSALS_LOGGED 20

struct endpoint_key {
    uint32_t address;
    uint32_t port;
};

struct tftp_socket {
    struct serve_tftp *tftp;
    int fd;
    struct loop_watch *watch;
};

struct session {
    struct endpoint_key key; /* the client */
    UT_hash_handle hh;       /* serve_tftp::sessions */
    struct serve_tftp *tftp;
    struct tftp_socket *socket;
    struct ipv4 local; /* our address that the client asked */
    struct tftp_transfer transfer;
    struct loop_timer *timer;
    instant timer_deadline; /* what the timer is set to, at the latest */
    struct moment started;

    char *name;
    struct mac mac;   /* of the client, where it is known */
    uint8_t *request; /* the datagram, to know its repetition */
    size_t request_size;
    struct file *file;   /* the content, or … */
    struct text content; /* … this */
    struct tftp_netascii *netascii;

    char client_error[64]; /* the words of its ERROR */
    int send_error;        /* the last errno of sending */
};

struct serve_tftp {
    struct serve_tftp_settings settings;
    struct loop *loop;
    struct tftp_socket listener;
    struct tftp_socket sockets[SOCKETS_MAX];
    size_t socket_count;
    size_t next_socket;
    struct session *sessions;
    struct files *files;
    struct interfaces interfaces;
    int interfaces_fd;
    struct loop_watch *interfaces_watch;
    struct datagram_batch *batch;
    int outbox_fd;
    struct datagram_sending outbox[DATAGRAM_BATCH_MAX];
    size_t outbox_count;
    size_t outbox_used; /* octets */
    uint8_t outbox_octets[OUTBOX_SIZE];

    int64_t refusal_second; /* of the refusals counted */
    unsigned refusals;

    bool draining; /* new requests are not answered */
};

/* --- words ----------------------------------------------------------------------------------------------------------
 */

/* Who a line is about: the machine where it is known, else the address. */
static const char *subject_of(char ret[MAC_TEXT_MAX], const struct mac *mac, struct ipv4 address)
{
    return mac->size > 0 ? mac_to_text(ret, mac, ':') : ipv4_to_text(ret, address);
}

static struct ipv4 session_address(const struct session *session)
{
    return (struct ipv4){session->key.address};
}

/* "1044480 octets in 0.812 s (1.3 MB/s), blksize 1468, windowsize 4, 2 sent again" */
static void append_figures(struct text *text, const struct session *session, struct moment now)
{
    const struct tftp_transfer *transfer = &session->transfer;
    double seconds = (double)(now.steady - session->started.steady) / (double)SECOND;
    double octets = (double)tftp_transfer_octets(transfer);
    text_print(text, "%.0f octets in %.3f s (%.1f MB/s), blksize %u", octets, seconds,
               seconds > 0 ? octets / seconds / 1e6 : 0.0, transfer->blksize);
    if (transfer->windowsize > 1)
        text_print(text, ", windowsize %u", transfer->windowsize);
    if (transfer->resent > 0)
        text_print(text, ", %llu sent again", (unsigned long long)transfer->resent);
}

static void append_place(struct text *text, const struct tftp_transfer *transfer)
{
    if (transfer->last > 0)
        text_print(text, "after block %llu of %llu", (unsigned long long)transfer->acked,
                   (unsigned long long)transfer->last);
    else
        text_print(text, "after block %llu", (unsigned long long)transfer->acked);
}

static void append_silence(struct text *text, const struct session *session)
{
    const struct tftp_transfer *transfer = &session->transfer;
    text_print(text, "'%s' not sent: ", session->name);
    if (session->send_error)
        text_print(text, "sending fails with '%s', and the client ", strerror(session->send_error));
    else
        text_append(text, "the client ");
    if (!transfer->heard) {
        text_append(text, "never answered; does a firewall drop what does not come from port 69?");
        return;
    }
    text_append(text, "stopped answering ");
    append_place(text, transfer);
}

/* The one line of a transfer that is over. */
static enum log_level describe_end(struct text *text, const struct session *session, struct moment now)
{
    const struct tftp_transfer *transfer = &session->transfer;
    switch (transfer->state) {
    case TFTP_TRANSFER_DONE:
    case TFTP_TRANSFER_UNCONFIRMED:
        text_print(text, "'%s' sent: ", session->name);
        append_figures(text, session, now);
        if (transfer->state == TFTP_TRANSFER_UNCONFIRMED)
            text_append(text, ", the last acknowledgement never came");
        return LOG_LEVEL_INFO;
    case TFTP_TRANSFER_PROBED:
        text_print(text, "'%s' was asked for its size or options only", session->name);
        return LOG_LEVEL_DEBUG;
    case TFTP_TRANSFER_ABORTED:
        text_print(text, "'%s' not sent: the client ended the transfer ", session->name);
        append_place(text, transfer);
        text_print(text, ": %s (%s)", session->client_error, tftp_error_to_text((uint16_t)transfer->error));
        return LOG_LEVEL_WARNING;
    case TFTP_TRANSFER_BROKEN:
        text_print(text, "'%s' not sent: %s ", session->name,
                   transfer->read_error == 0 || transfer->read_error == ESTALE ? "the file was written to meanwhile,"
                                                                               : strerror(transfer->read_error));
        append_place(text, transfer);
        return LOG_LEVEL_ERROR;
    case TFTP_TRANSFER_CANCELLED:
        text_print(text, "'%s' not sent: the service stopped ", session->name);
        append_place(text, transfer);
        return LOG_LEVEL_WARNING;
    default:
        append_silence(text, session);
        return LOG_LEVEL_WARNING;
    }
}

static void report_end(const struct session *session)
{
    char subject[MAC_TEXT_MAX];
    struct moment now = clock_now();
    AUTO(text_finish) struct text text = {0};
    enum log_level level = describe_end(&text, session, now);
    struct fleet *fleet = session->tftp->settings.fleet;
    if (fleet && session->mac.size > 0 && level != LOG_LEVEL_DEBUG)
        fleet_record(fleet, &session->mac, STAGE_LOADER, now, text_characters(&text));
    log_line(level, "tftp", subject_of(subject, &session->mac, session_address(session)), "%s", text_characters(&text));
}

/* --- sessions -------------------------------------------------------------------------------------------------------
 */

static void session_destroy(struct session *session)
{
    HASH_DEL(session->tftp->sessions, session);
    loop_timer_destroy(session->timer);
    file_close(session->file);
    text_finish(&session->content);
    free(session->netascii);
    free(session->request);
    free(session->name);
    free(session);
}

static void session_end(struct session *session)
{
    report_end(session);
    session_destroy(session);
}

static struct session *session_find(struct serve_tftp *tftp, struct datagram_endpoint client)
{
    struct endpoint_key key = {.address = client.address.number, .port = client.port};
    struct session *session = NULL;
    HASH_FIND(hh, tftp->sessions, &key, sizeof key, session);
    return session;
}

/* Sends what waits. What the kernel does not take is lost as on a wire, and the transfers send it again. */
static void outbox_flush(struct serve_tftp *tftp)
{
    datagram_send_many(tftp->outbox_fd, tftp->outbox, tftp->outbox_count);
    for (size_t i = 0; i < tftp->outbox_count; i++) {
        int result = tftp->outbox[i].result;
        struct session *session = result < 0 && result != -EAGAIN ? session_find(tftp, tftp->outbox[i].to) : NULL;
        if (session)
            session->send_error = -result;
    }
    tftp->outbox_count = tftp->outbox_used = 0;
}

/* Makes room for a run of the session's transfer. */
static void outbox_make_room(struct serve_tftp *tftp, const struct session *session)
{
    bool is_full = tftp->outbox_count == DATAGRAM_BATCH_MAX ||
                   sizeof tftp->outbox_octets - tftp->outbox_used < DATAGRAM_SENDING_MAX;
    if (tftp->outbox_count > 0 && (is_full || tftp->outbox_fd != session->socket->fd))
        outbox_flush(tftp);
    tftp->outbox_fd = session->socket->fd;
}

/* Puts what the transfer has to send now into the outbox. */
static void session_send(struct session *session, instant now)
{
    struct serve_tftp *tftp = session->tftp;
    struct datagram_endpoint to = {.address = session_address(session), .port = (uint16_t)session->key.port};
    for (;;) {
        struct tftp_run run;
        outbox_make_room(tftp, session);
        if (!tftp_transfer_next(&run, &session->transfer, tftp->outbox_octets + tftp->outbox_used, DATAGRAM_SENDING_MAX,
                                now))
            return;
        tftp->outbox[tftp->outbox_count++] = (struct datagram_sending){
            .payload = run.datagrams, .segment = run.segment, .to = to, .from = session->local};
        tftp->outbox_used += run.datagrams.size;
    }
}

/* The timer is moved only to an earlier time: one that fires too early is set again, which is seldom, where moving it
 * with each acknowledgement would be work on each. */
static void session_set_timer(struct session *session)
{
    if (session->transfer.deadline >= session->timer_deadline)
        return;
    session->timer_deadline = session->transfer.deadline;
    loop_timer_set(session->timer, session->timer_deadline);
}

/* After anything happened to the transfer. The session may be gone afterwards. */
static void session_go_on(struct session *session, instant now)
{
    session_send(session, now);
    if (tftp_transfer_is_over(&session->transfer))
        session_end(session);
    else
        session_set_timer(session);
}

static void session_due(void *context)
{
    struct session *session = context;
    instant now = clock_now().steady;
    session->timer_deadline = INSTANT_NEVER;
    struct serve_tftp *tftp = session->tftp;
    tftp_transfer_tick(&session->transfer, now);
    session_go_on(session, now);
    outbox_flush(tftp);
}

static int64_t read_file(void *context, uint64_t offset, void *buffer, size_t size)
{
    return file_read(context, offset, buffer, size);
}

static int64_t read_content(void *context, uint64_t offset, void *buffer, size_t size)
{
    const struct session *session = context;
    struct bytes part = bytes_slice(text_bytes(&session->content), (size_t)offset, size);
    if (part.size > 0)
        memcpy(buffer, part.data, part.size);
    return (int64_t)part.size;
}

static struct tftp_source session_source(struct session *session, enum tftp_mode mode)
{
    struct tftp_source source = {
        .read = session->file ? read_file : read_content,
        .context = session->file ? (void *)session->file : session,
        .size_is_known = true,
        .size = session->file ? file_size(session->file) : session->content.length,
    };
    if (mode != TFTP_MODE_NETASCII)
        return source;
    session->netascii = MEMORY_NEW(struct tftp_netascii);
    return tftp_netascii_over(session->netascii, source);
}

/* --- requests -------------------------------------------------------------------------------------------------------
 */

/* A request while it is answered. */
struct asking {
    struct serve_tftp *tftp;
    const struct datagram *datagram;
    const struct tftp_request *request;
    const struct interface *interface;
    struct machine machine;
    struct moment now;
    struct file *found; /* by find_in_root() */
};

static void send_error(const struct tftp_socket *from, const struct datagram *datagram, enum tftp_error error,
                       const char *text)
{
    uint8_t memory[TFTP_HEADER_SIZE + ANSWER_TFTP_ERROR_MAX];
    struct writer w = writer_over(memory, sizeof memory);
    struct tftp_packet packet = {.opcode = TFTP_ERROR, .error = {(uint16_t)error, bytes_of_text(text)}};
    tftp_packet_build(&w, &packet);
    datagram_send(from->fd, writer_bytes(&w), datagram->source, datagram->local, 0);
}

/* Whether one more refusal of this second is logged. */
static bool refusal_is_logged(struct serve_tftp *tftp, struct moment now)
{
    int64_t second = now.steady / SECOND;
    if (second != tftp->refusal_second) {
        if (tftp->refusals > REFUSALS_LOGGED)
            log_line(LOG_LEVEL_INFO, "tftp", NULL, "%u more requests were refused", tftp->refusals - REFUSALS_LOGGED);
        tftp->refusal_second = second;
        tftp->refusals = 0;
    }
    return ++tftp->refusals <= REFUSALS_LOGGED;
}

static void refuse(struct asking *asking, enum tftp_error error, const char *text)
{
    char subject[MAC_TEXT_MAX];
    send_error(&asking->tftp->listener, asking->datagram, error, text);
    if (!refusal_is_logged(asking->tftp, asking->now))
        return;
    /* Loaders probe for files that need not be there; whoever wants another's files is worth a warning. */
    log_line(error == TFTP_ERROR_NOT_FOUND ? LOG_LEVEL_INFO : LOG_LEVEL_WARNING, "tftp",
             subject_of(subject, &asking->machine.mac, asking->datagram->source.address), "refused: %s", text);
}

static int find_in_root(void *context, const char *name)
{
    struct asking *asking = context;
    int result = file_open(&asking->found, asking->tftp->files, asking->tftp->settings.root, name, NULL);
    bool is_nothing = result == -EISDIR || result == -ENOTDIR || result == -ENAMETOOLONG;
    return is_nothing ? -ENOENT : result;
}

static struct tftp_limits limits_on(const struct serve_tftp *tftp, const struct interface *interface)
{
    size_t blksize =
        interface->mtu > TFTP_BLKSIZE_DEFAULT + HEADERS_SIZE ? interface->mtu - HEADERS_SIZE : TFTP_BLKSIZE_DEFAULT;
    if (tftp->settings.blksize_max > 0 && blksize > tftp->settings.blksize_max)
        blksize = tftp->settings.blksize_max;
    unsigned windowsize = tftp->settings.windowsize_max;
    return (struct tftp_limits){
        .blksize_max = blksize < TFTP_BLKSIZE_DEFAULT ? TFTP_BLKSIZE_DEFAULT : blksize,
        .windowsize_max = windowsize > 0 && windowsize < TFTP_WINDOWSIZE_MAX ? windowsize : TFTP_WINDOWSIZE_MAX,
    };
}

static struct session *session_create(struct asking *asking, struct answer_tftp *answer, struct file *take_file)
{
    struct serve_tftp *tftp = asking->tftp;
    const struct datagram *datagram = asking->datagram;
    struct session *session = MEMORY_NEW(struct session);
    *session = (struct session){
        .key = {.address = datagram->source.address.number, .port = datagram->source.port},
        .tftp = tftp,
        .socket = tftp->settings.single_port ? &tftp->listener : &tftp->sockets[tftp->next_socket],
        .local = datagram->local,
        .timer_deadline = INSTANT_NEVER,
        .started = asking->now,
        .name = memory_text(answer->name),
        .mac = asking->machine.mac,
        .request = memory_new(1, datagram->payload.size),
        .request_size = datagram->payload.size,
        .file = take_file,
        .content = answer->content,
    };
    answer->content = (struct text){0};
    memcpy(session->request, datagram->payload.data, datagram->payload.size);
    session->timer = loop_timer_create(tftp->loop, session_due, session);
    if (++tftp->next_socket >= tftp->socket_count)
        tftp->next_socket = 0;
    HASH_ADD(hh, tftp->sessions, key, sizeof session->key, session);
    return session;
}

static void start_transfer(struct asking *asking, struct answer_tftp *answer, struct file *take_file)
{
    struct session *session = session_create(asking, answer, take_file);
    struct tftp_limits limits = limits_on(asking->tftp, asking->interface);
    struct tftp_source source = session_source(session, asking->request->mode);
    tftp_transfer_init(&session->transfer, asking->request, source, &limits, asking->now.steady);
    session_go_on(session, asking->now.steady);
}

/* The file of a boot program; refuses when it cannot be opened after all. */
static struct file *open_program(struct asking *asking, const char *path)
{
    struct diag why = {0};
    struct file *file = NULL;
    char text[ANSWER_TFTP_ERROR_MAX];
    if (file_open(&file, asking->tftp->files, NULL, path, &why) == 0)
        return file;
    snprintf(text, sizeof text, "%.*s", (int)sizeof text - 1, why.text);
    refuse(asking, TFTP_ERROR_ACCESS, text);
    return NULL;
}

static void answer_request(struct asking *asking)
{
    const struct serve_tftp_settings *settings = &asking->tftp->settings;
    const struct answer_tftp_places places = {
        .root = settings->root,
        .find_in_root = settings->root ? find_in_root : NULL,
        .root_context = asking,
        .find_program = settings->find_program,
        .program_context = settings->program_context,
        .generate = settings->generate,
        .generate_context = settings->generate_context,
    };
    AUTO(answer_tftp_finish) struct answer_tftp answer;
    const struct machine *machine = asking->machine.mac.size > 0 ? &asking->machine : NULL;
    answer_tftp(&answer, asking->request, asking->datagram->source.address, machine, &places);
    struct file *program = answer.kind == ANSWER_TFTP_PROGRAM ? open_program(asking, answer.path) : NULL;
    if (answer.kind == ANSWER_TFTP_REFUSAL)
        refuse(asking, answer.error, answer.error_text);
    else if (answer.kind == ANSWER_TFTP_ROOT_FILE)
        start_transfer(asking, &answer, take_pointer(asking->found));
    else if (answer.kind == ANSWER_TFTP_CONTENT || program)
        start_transfer(asking, &answer, program);
}

/* A request from an address and port that has a transfer: the same one again, or that of a client which began anew. */
static bool is_repetition(const struct session *session, struct bytes request, instant now)
{
    const struct tftp_transfer *transfer = &session->transfer;
    bool is_same = bytes_equal(bytes_of(session->request, session->request_size), request);
    return is_same && (!transfer->heard || now - transfer->heard_at < RESTART_SILENCE);
}

static bool interface_is_served(const struct serve_tftp *tftp, const struct interface *interface)
{
    if (interface->loopback || tftp->settings.interface_count == 0)
        return true;
    for (size_t i = 0; i < tftp->settings.interface_count; i++)
        if (text_is(tftp->settings.interfaces[i], interface->name))
            return true;
    return false;
}

/* Which request is none of ours: from elsewhere, or broadcast. RFC 1123 §4.2.3.4 */
static bool is_for_us(const struct serve_tftp *tftp, const struct datagram *datagram, const struct interface *interface)
{
    return interface && interface_is_served(tftp, interface) && !tftp->draining &&
           ipv4_equal(datagram->destination, datagram->local);
}

static void receive_request(struct serve_tftp *tftp, const struct datagram *datagram,
                            const struct tftp_request *request, struct moment now)
{
    struct session *running = session_find(tftp, datagram->source);
    const struct interface *interface = interfaces_find_index(&tftp->interfaces, datagram->interface);
    if (!is_for_us(tftp, datagram, interface) || (!running && HASH_COUNT(tftp->sessions) >= TRANSFERS_MAX))
        return;
    if (running && is_repetition(running, datagram->payload, now.steady)) {
        tftp_transfer_repeat(&running->transfer, now.steady);
        session_go_on(running, now.steady);
        return;
    }
    if (running)
        session_destroy(running);
    struct asking asking = {.tftp = tftp, .datagram = datagram, .request = request, .interface = interface, .now = now};
    if (tftp->settings.fleet)
        fleet_find_address(&asking.machine, tftp->settings.fleet, datagram->source.address);
    answer_request(&asking);
    file_close(asking.found);
}

/* --- datagrams ------------------------------------------------------------------------------------------------------
 */

static void note_client_error(struct session *session, const struct tftp_packet *packet)
{
    AUTO(text_finish) struct text shown = {0};
    text_append_shown(&shown, packet->error.text, sizeof session->client_error - 4);
    snprintf(session->client_error, sizeof session->client_error, "%s", text_characters(&shown));
}

static void receive_in_transfer(struct tftp_socket *socket, const struct datagram *datagram,
                                const struct tftp_packet *packet, struct moment now)
{
    struct session *session = session_find(socket->tftp, datagram->source);
    if (!session || session->socket != socket) {
        /* RFC 1350 §4: whoever it is, the transfers are not disturbed. An ERROR is never answered. */
        if (packet->opcode != TFTP_ERROR)
            send_error(socket, datagram, TFTP_ERROR_UNKNOWN_TRANSFER, "no such transfer");
        return;
    }
    if (packet->opcode == TFTP_ERROR)
        note_client_error(session, packet);
    tftp_transfer_receive(&session->transfer, packet, now.steady);
    session_go_on(session, now.steady);
}

static void receive_malformed(struct tftp_socket *socket, const struct datagram *datagram, struct moment now)
{
    char address[IPV4_TEXT_MAX];
    if (socket != &socket->tftp->listener)
        return;
    if (refusal_is_logged(socket->tftp, now))
        log_line(LOG_LEVEL_WARNING, "tftp", ipv4_to_text(address, datagram->source.address),
                 "a datagram of %zu octets from port %u is no TFTP request", datagram->payload.size,
                 datagram->source.port);
    /* Port 69 would be another server's, which might answer an ERROR with an ERROR. */
    if (datagram->source.port != TFTP_PORT)
        send_error(socket, datagram, TFTP_ERROR_ILLEGAL, "this is no TFTP request");
}

static void receive(struct tftp_socket *socket, const struct datagram *datagram, struct moment now)
{
    struct tftp_packet packet;
    bool is_listener = socket == &socket->tftp->listener;
    if (datagram->cut || tftp_packet_parse(&packet, datagram->payload) != 0)
        receive_malformed(socket, datagram, now);
    else if (packet.opcode != TFTP_READ && packet.opcode != TFTP_WRITE)
        receive_in_transfer(socket, datagram, &packet, now);
    else if (is_listener)
        receive_request(socket->tftp, datagram, &packet.request, now);
}

static void socket_ready(void *context)
{
    struct tftp_socket *socket = context;
    const struct datagram *datagrams;
    int count = datagram_receive(&datagrams, socket->tftp->batch, socket->fd);
    struct moment now = clock_now();
    for (int i = 0; i < count; i++)
        receive(socket, &datagrams[i], now);
    outbox_flush(socket->tftp);
}

/* --- start and stop
 * --------------------------------------------------------------------------------------------------- */

static int socket_open(struct tftp_socket *ret, struct serve_tftp *tftp, uint16_t port, struct diag *why)
{
    int result = datagram_open(&ret->fd, (struct datagram_endpoint){.port = port}, NULL, why);
    if (result < 0)
        return result;
    ret->tftp = tftp;
    ret->watch = loop_watch_create(tftp->loop, ret->fd, socket_ready, ret);
    return 0;
}

static void socket_close(struct tftp_socket *socket)
{
    loop_watch_destroy(socket->watch);
    if (socket->tftp)
        fd_close(socket->fd);
    *socket = (struct tftp_socket){0};
}

/* As many of the ports as are free, up to SOCKETS_MAX; of none given, the kernel's choice. */
static int open_transfer_sockets(struct serve_tftp *tftp, struct diag *why)
{
    uint16_t first = tftp->settings.first_port;
    uint16_t last = tftp->settings.last_port;
    int result = 0;
    if (first == 0)
        last = SOCKETS_MAX - 1;
    for (unsigned port = first; port <= last && tftp->socket_count < SOCKETS_MAX; port++) {
        result = socket_open(&tftp->sockets[tftp->socket_count], tftp, first > 0 ? (uint16_t)port : 0, why);
        tftp->socket_count += result == 0;
    }
    return tftp->socket_count > 0 ? 0 : result;
}

static int open_sockets(struct serve_tftp *tftp, struct diag *why)
{
    uint16_t port = tftp->settings.port > 0 ? tftp->settings.port : TFTP_PORT;
    int result = socket_open(&tftp->listener, tftp, port, why);
    if (result < 0)
        return result;
    return tftp->settings.single_port ? 0 : open_transfer_sockets(tftp, why);
}

static void interfaces_changed(void *context)
{
    struct serve_tftp *tftp = context;
    struct interfaces now = {0};
    interfaces_watch_drain(tftp->interfaces_fd);
    if (interfaces_read(&now, NULL) < 0)
        return;
    interfaces_finish(&tftp->interfaces);
    tftp->interfaces = now;
}

static int watch_interfaces(struct serve_tftp *tftp, struct diag *why)
{
    int result = interfaces_watch(&tftp->interfaces_fd, why);
    if (result < 0)
        return result;
    tftp->interfaces_watch = loop_watch_create(tftp->loop, tftp->interfaces_fd, interfaces_changed, tftp);
    return interfaces_read(&tftp->interfaces, why);
}

static void log_start(const struct serve_tftp *tftp)
{
    const struct serve_tftp_settings *settings = &tftp->settings;
    AUTO(text_finish) struct text text = {0};
    text_print(&text, "port %u on ", datagram_port(tftp->listener.fd));
    for (size_t i = 0; i < settings->interface_count; i++)
        text_print(&text, "%s%s", i > 0 ? ", " : "", settings->interfaces[i]);
    if (settings->interface_count == 0)
        text_append(&text, "every interface");
    if (settings->root)
        text_print(&text, ", plain files below %s", settings->root);
    log_line(LOG_LEVEL_INFO, "tftp", NULL, "%s", text_characters(&text));
}

int serve_tftp_start(struct serve_tftp **ret, struct loop *loop, const struct serve_tftp_settings *settings,
                     struct diag *why)
{
    struct serve_tftp *tftp = MEMORY_NEW(struct serve_tftp);
    tftp->settings = *settings;
    tftp->loop = loop;
    tftp->interfaces_fd = -1;
    tftp->files = files_create();
    tftp->batch = datagram_batch_create();
    int result = watch_interfaces(tftp, why);
    if (result == 0)
        result = open_sockets(tftp, why);
    if (result < 0) {
        serve_tftp_stop(tftp);
        return result;
    }
    log_start(tftp);
    *ret = tftp;
    return 0;
}

void serve_tftp_drain(struct serve_tftp *tftp)
{
    tftp->draining = true;
}

size_t serve_tftp_live(const struct serve_tftp *tftp, instant now)
{
    size_t live = 0;
    const struct session *session, *next;
    HASH_ITER (hh, tftp->sessions, session, next) {
        instant heard = session->transfer.heard ? session->transfer.heard_at : session->started.steady;
        live += now - heard < LIVE_SILENCE;
    }
    return live;
}

void serve_tftp_stop(struct serve_tftp *tftp)
{
    if (!tftp)
        return;
    instant now = clock_now().steady;
    struct session *session, *next;
    HASH_ITER (hh, tftp->sessions, session, next) {
        tftp_transfer_cancel(&session->transfer, TFTP_ERROR_UNDEFINED);
        session_go_on(session, now);
    }
    outbox_flush(tftp);
    socket_close(&tftp->listener);
    for (size_t i = 0; i < SOCKETS_MAX; i++)
        socket_close(&tftp->sockets[i]);
    loop_watch_destroy(tftp->interfaces_watch);
    fd_close(tftp->interfaces_fd);
    interfaces_finish(&tftp->interfaces);
    datagram_batch_destroy(tftp->batch);
    files_destroy(tftp->files);
    free(tftp);
}
