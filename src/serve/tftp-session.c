/* SPDX-License-Identifier: Apache-2.0 */
/* Transfers with their timers, their content and their line in the log. */
#include "serve/tftp-session.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "io/log.h"
#include "proto/tftp/netascii.h"
#include "serve/tftp-words.h"

/* A client that was heard and then silent for so long, and asks again from the same port, was restarted. */
#define RESTART_SILENCE (3 * SECOND)
/* A client that was silent for longer is not waited for when we stop: it may be gone for good. */
#define LIVE_SILENCE (2 * SECOND)

/* For so long after a loss others are thought of. */
#define LOSS_MEMORY (10 * SECOND)

/* Who answers sooner than this is waited for without sleeping: to be woken may take half as long. */
#define AWAKE (100 * MICROSECOND)

struct endpoint_key {
    uint32_t address;
    uint32_t port;
};

struct tftp_session {
    struct endpoint_key key; /* the client */
    UT_hash_handle hh;       /* tftp_sessions::all */
    struct tftp_sessions *sessions;
    int fd;
    uint16_t port;     /* of fd */
    struct ipv4 local; /* our address that the client asked */
    struct tftp_shortcut_use shortcut;
    struct tftp_transfer transfer;
    struct loop_timer *timer;
    instant timer_deadline; /* what the timer is set to, at the latest */
    struct moment started;

    char *name;
    char *reason; /* why the client gets it; "" when the name says it all */
    bool refused; /* it is told that there is nothing to boot for it */
    enum stage stage;
    struct mac mac;   /* of the client, where it is known */
    uint8_t *request; /* the datagram, to know its repetition */
    size_t request_size;
    struct file *file;        /* the content, or … */
    struct text content;      /* … this, or … */
    struct image_copy *image; /* … this; NULL: none */
    struct tftp_netascii *netascii;

    char client_error[64]; /* the words of its ERROR */
    int send_error;        /* the last errno of sending */
};

static struct datagram_endpoint client_of(const struct tftp_session *session)
{
    return (struct datagram_endpoint){.address = {session->key.address}, .port = (uint16_t)session->key.port};
}

/* --- the end --------------------------------------------------------------------------------------------------- */

/* Who a line is about: the machine where it is known, else the address. */
static const char *subject_of(char ret[MAC_TEXT_MAX], const struct tftp_session *session)
{
    return session->mac.size > 0 ? mac_to_text(ret, &session->mac, ':') : ipv4_to_text(ret, client_of(session).address);
}

static void report_end(const struct tftp_session *session)
{
    char subject[MAC_TEXT_MAX];
    struct moment now = clock_now();
    AUTO(text_finish) struct text text = {0};
    enum log_level level = tftp_end_describe(&text, &(struct tftp_end){
                                                        .name = session->name,
                                                        .reason = session->reason,
                                                        .refused = session->refused,
                                                        .transfer = &session->transfer,
                                                        .client_error = session->client_error,
                                                        .send_error = session->send_error,
                                                        .span = now.steady - session->started.steady,
                                                    });
    struct fleet *fleet = session->sessions->fleet;
    if (fleet && session->mac.size > 0 && level != LOG_LEVEL_DEBUG)
        fleet_record(fleet, &session->mac, session->stage, now, text_characters(&text));
    log_line(level, "tftp", subject_of(subject, session), "%s", text_characters(&text));
}

static void session_destroy(struct tftp_session *session)
{
    HASH_DEL(session->sessions->all, session);
    loop_timer_destroy(session->timer);
    file_close(session->file);
    if (session->image)
        image_copy_release(session->image);
    text_finish(&session->content);
    free(session->netascii);
    free(session->request);
    free(session->reason);
    free(session->name);
    free(session);
}

/* --- driving ---------------------------------------------------------------------------------------------------- */

/* The timer is moved only to an earlier time: one that fires too early is set again, which is seldom, where moving it
 * with each acknowledgement would be work on each. */
static void session_set_timer(struct tftp_session *session)
{
    if (session->transfer.deadline >= session->timer_deadline)
        return;
    session->timer_deadline = session->transfer.deadline;
    loop_timer_set(session->timer, session->timer_deadline);
}

static void session_send(struct tftp_session *session, bool is_heard, instant now)
{
    struct tftp_way way = {.fd = session->fd,
                           .to = client_of(session),
                           .from = session->local,
                           .port = session->port,
                           .is_heard = is_heard,
                           .hop = tftp_shortcut_hop(&session->shortcut, is_heard, now)};
    tftp_outbox_take(&session->sessions->outbox, &session->transfer, &way, now);
    instant round_trip = session->transfer.round_trip;
    session->sessions->answer_is_near |= round_trip > 0 && round_trip < AWAKE;
}

/* The one that is stalled for longest. */
static struct tftp_session *find_stalled(const struct tftp_sessions *sessions, instant now)
{
    struct tftp_session *found = NULL;
    struct tftp_session *session, *next;
    HASH_ITER (hh, sessions->all, session, next)
        if (tftp_transfer_is_stalled(&session->transfer, now) &&
            (!found || session->transfer.sent_at < found->transfer.sent_at))
            found = session;
    return found;
}

/* On a full network some transfers run and the others lose what they send, and wait the longer for the next try the
 * more they lost. When one that ran is over its place is given to the one that waits for longest. */
static void give_place(struct tftp_sessions *sessions, instant now)
{
    struct tftp_session *stalled = now < sessions->lossy_until ? find_stalled(sessions, now) : NULL;
    if (!stalled)
        return;
    tftp_transfer_hurry(&stalled->transfer, now);
    tftp_shortcut_leave(&sessions->shortcut, &stalled->shortcut, &stalled->transfer, now);
    session_send(stalled, false, now);
    session_set_timer(stalled);
}

/* After anything happened to the transfer. The session may be gone afterwards. */
static void session_go_on(struct tftp_session *session, bool is_heard, instant now)
{
    session_send(session, is_heard, now);
    if (!tftp_transfer_is_over(&session->transfer)) {
        session_set_timer(session);
        return;
    }
    struct tftp_sessions *sessions = session->sessions;
    report_end(session);
    session_destroy(session);
    give_place(sessions, now);
}

static void session_due(void *context)
{
    struct tftp_session *session = context;
    instant now = clock_now().steady;
    session->timer_deadline = INSTANT_NEVER;
    struct tftp_sessions *sessions = session->sessions;
    tftp_transfer_tick(&session->transfer, now);
    if (session->transfer.tries > 0) {
        sessions->lossy_until = now + LOSS_MEMORY;
        tftp_shortcut_leave(&sessions->shortcut, &session->shortcut, &session->transfer, now);
    }
    session_go_on(session, false, now);
    tftp_sessions_flush(sessions);
}

static void note_client_error(struct tftp_session *session, struct bytes words)
{
    AUTO(text_finish) struct text shown = {0};
    text_append_shown(&shown, words, sizeof session->client_error - 4);
    snprintf(session->client_error, sizeof session->client_error, "%s", text_characters(&shown));
}

/* To a client that knows us by another address, through NAT, what comes from this one is a stranger's. RFC 1350 §4 */
static bool is_about_shortcut(const struct tftp_session *session, const struct tftp_packet *packet)
{
    return packet->opcode == TFTP_ERROR && packet->error.code == TFTP_ERROR_UNKNOWN_TRANSFER &&
           tftp_shortcut_is_unproven(&session->shortcut, &session->transfer);
}

void tftp_session_receive(struct tftp_session *session, const struct tftp_packet *packet, instant now)
{
    if (is_about_shortcut(session, packet)) {
        tftp_shortcut_leave(&session->sessions->shortcut, &session->shortcut, &session->transfer, now);
        return;
    }
    if (packet->opcode == TFTP_ERROR)
        note_client_error(session, packet->error.text);
    tftp_transfer_receive(&session->transfer, packet, now);
    if (packet->opcode == TFTP_ACK)
        tftp_shortcut_progress(&session->sessions->shortcut, &session->shortcut, &session->transfer, now);
    session_go_on(session, packet->opcode == TFTP_ACK, now);
}

bool tftp_session_repeat(struct tftp_session *session, struct bytes request, instant now)
{
    const struct tftp_transfer *transfer = &session->transfer;
    bool is_same = bytes_equal(bytes_of(session->request, session->request_size), request);
    if (!is_same || (transfer->heard && now - transfer->heard_at >= RESTART_SILENCE)) {
        session_destroy(session);
        return false;
    }
    tftp_transfer_repeat(&session->transfer, now);
    session_go_on(session, false, now);
    return true;
}

int tftp_session_fd(const struct tftp_session *session)
{
    return session->fd;
}

/* --- the start -------------------------------------------------------------------------------------------------- */

static int64_t read_file(void *context, uint64_t offset, void *buffer, size_t size)
{
    return file_read(context, offset, buffer, size);
}

static int64_t read_content(void *context, uint64_t offset, void *buffer, size_t size)
{
    const struct tftp_session *session = context;
    struct bytes part = bytes_slice(text_bytes(&session->content), (size_t)offset, size);
    if (part.size > 0)
        memcpy(buffer, part.data, part.size);
    return (int64_t)part.size;
}

/* A block is sent when all of it is here. */
static int64_t read_image(void *context, uint64_t offset, void *buffer, size_t size)
{
    struct image_copy *image = context;
    bool is_whole = image_copy_is_whole(image);
    int64_t count = image_copy_read(image, offset, buffer, size);
    bool is_last = count >= 0 && offset + (uint64_t)count == image_copy_size(image);
    return count >= 0 && (size_t)count < size && !is_whole && !is_last ? -EAGAIN : count;
}

static struct tftp_source image_source(struct image_copy *image)
{
    uint64_t size = image_copy_size(image);
    return (struct tftp_source){
        .read = read_image, .context = image, .size_is_known = size != HTTP_SIZE_UNKNOWN, .size = size};
}

static struct tftp_source session_source(struct tftp_session *session, enum tftp_mode mode)
{
    struct tftp_source source = {
        .read = session->file ? read_file : read_content,
        .context = session->file ? (void *)session->file : session,
        .size_is_known = true,
        .size = session->file ? file_size(session->file) : session->content.length,
    };
    if (session->image && !session->file)
        source = image_source(session->image);
    if (mode != TFTP_MODE_NETASCII)
        return source;
    session->netascii = MEMORY_NEW(struct tftp_netascii);
    return tftp_netascii_over(session->netascii, source);
}

static struct tftp_session *session_create(struct tftp_sessions *sessions, struct tftp_session_start *take_start)
{
    const struct datagram *datagram = take_start->datagram;
    struct tftp_session *session = MEMORY_NEW(struct tftp_session);
    *session = (struct tftp_session){
        .key = {.address = datagram->source.address.number, .port = datagram->source.port},
        .sessions = sessions,
        .fd = take_start->fd,
        .port = take_start->port,
        .local = datagram->local,
        .shortcut = {.client = datagram->source.address, .interface = datagram->interface},
        .timer_deadline = INSTANT_NEVER,
        .started = take_start->now,
        .name = memory_text(take_start->name),
        .reason = memory_text(take_start->reason),
        .refused = take_start->refused,
        .stage = take_start->stage,
        .mac = take_start->mac,
        .request = memory_new(1, datagram->payload.size),
        .request_size = datagram->payload.size,
        .file = take_pointer(take_start->take_file),
        .content = take_start->content,
        .image = take_pointer(take_start->take_image),
    };
    take_start->content = (struct text){0};
    memcpy(session->request, datagram->payload.data, datagram->payload.size);
    session->timer = loop_timer_create(sessions->loop, session_due, session);
    HASH_ADD(hh, sessions->all, key, sizeof session->key, session);
    return session;
}

void tftp_session_start(struct tftp_sessions *sessions, struct tftp_session_start *take_start)
{
    struct tftp_session *session = session_create(sessions, take_start);
    struct tftp_source source = session_source(session, take_start->request->mode);
    instant now = take_start->now.steady;
    tftp_transfer_init(&session->transfer, take_start->request, source, &take_start->limits, now);
    session_go_on(session, false, now);
}

/* --- all of them ------------------------------------------------------------------------------------------------ */

struct tftp_session *tftp_session_find(const struct tftp_sessions *sessions, struct datagram_endpoint client)
{
    struct endpoint_key key = {.address = client.address.number, .port = client.port};
    struct tftp_session *session = NULL;
    HASH_FIND(hh, sessions->all, &key, sizeof key, session);
    return session;
}

static void note_send_error(void *context, struct datagram_endpoint to, int error)
{
    struct tftp_session *session = tftp_session_find(context, to);
    if (session)
        session->send_error = error;
}

void tftp_sessions_init(struct tftp_sessions *ret, struct loop *loop, struct fleet *fleet,
                        const struct interfaces *interfaces, bool with_shortcut)
{
    ret->loop = loop;
    ret->fleet = fleet;
    ret->shortcut.fd = -1;
    if (with_shortcut)
        tftp_shortcut_open(&ret->shortcut, interfaces);
    ret->outbox.raw_fd = ret->shortcut.fd;
    ret->outbox.failed = note_send_error;
    ret->outbox.context = ret;
}

void tftp_sessions_flush(struct tftp_sessions *sessions)
{
    tftp_outbox_flush(&sessions->outbox);
    if (sessions->answer_is_near)
        loop_stay_awake(sessions->loop, AWAKE);
    sessions->answer_is_near = false;
}

size_t tftp_sessions_count(const struct tftp_sessions *sessions)
{
    return HASH_COUNT(sessions->all);
}

size_t tftp_sessions_live(const struct tftp_sessions *sessions, instant now)
{
    size_t live = 0;
    const struct tftp_session *session, *next;
    HASH_ITER (hh, sessions->all, session, next) {
        instant heard = session->transfer.heard ? session->transfer.heard_at : session->started.steady;
        live += now - heard < LIVE_SILENCE;
    }
    return live;
}

void tftp_sessions_finish(struct tftp_sessions *sessions)
{
    instant now = clock_now().steady;
    struct tftp_session *session, *next;
    HASH_ITER (hh, sessions->all, session, next) {
        tftp_transfer_cancel(&session->transfer, TFTP_ERROR_UNDEFINED);
        session_go_on(session, false, now);
    }
    tftp_sessions_flush(sessions);
    tftp_shortcut_close(&sessions->shortcut);
}
