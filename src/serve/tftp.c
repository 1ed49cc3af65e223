/* SPDX-License-Identifier: Apache-2.0 */
/* Datagrams in, datagrams out: requests to answer/tftp, the rest to the transfer it belongs to. */
#include "serve/tftp.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "boot/loader.h"
#include "io/interfaces.h"
#include "io/log.h"
#include "io/neighbour.h"
#include "serve/tftp-session.h"

#define TFTP_PORT 69
/* Sockets that transfers share. More than one, so that a client which asks again from the port it used before meets
 * another one, and what is late for its old transfer is not taken for the new one's; no more, since what comes in for
 * one socket is received, and answered, with one system call. */
#define SOCKETS_MAX 2
/* IPv4, UDP and TFTP headers: what of an interface's MTU is not content. */
#define HEADERS_SIZE 32
/* The longest block that one sending carries. */
#define BLKSIZE_MAX (DATAGRAM_SENDING_MAX - TFTP_HEADER_SIZE)
/* Refusals logged a second: firmware and boot loaders probe for dozens of names. */
#define REFUSALS_LOGGED 20

struct tftp_socket {
    struct serve_tftp *tftp;
    int fd;
    uint16_t port;
    struct loop_watch *watch;
};

struct serve_tftp {
    struct serve_tftp_settings settings;
    struct loop *loop;
    struct tftp_socket listener;
    struct tftp_socket sockets[SOCKETS_MAX];
    size_t socket_count;
    size_t next_socket;
    struct tftp_sessions sessions;
    struct files *files;
    struct interfaces interfaces;
    int interfaces_fd;
    struct loop_watch *interfaces_watch;
    struct datagram_batch *batch;
    int path_fd;            /* asked what ways to clients carry */
    int64_t refusal_second; /* of the refusals counted */
    unsigned refusals;

    bool draining; /* new requests are not answered */
};

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

/* Who a line is about: the machine where it is known, else the address. */
static const char *subject_of(char ret[MAC_TEXT_MAX], const struct asking *asking)
{
    const struct mac *mac = &asking->machine.mac;
    return mac->size > 0 ? mac_to_text(ret, mac, ':') : ipv4_to_text(ret, asking->datagram->source.address);
}

/* Loaders probe for files that need not be there; whoever wants another's files is worth a warning. */
static enum log_level refusal_level(enum tftp_error error, const char *name)
{
    if (error != TFTP_ERROR_NOT_FOUND)
        return LOG_LEVEL_WARNING;
    return loader_file_is_optional(name) ? LOG_LEVEL_DEBUG : LOG_LEVEL_INFO;
}

static void refuse(struct asking *asking, enum tftp_error error, const char *name, const char *text)
{
    char subject[MAC_TEXT_MAX];
    send_error(&asking->tftp->listener, asking->datagram, error, text);
    if (refusal_is_logged(asking->tftp, asking->now))
        log_line(refusal_level(error, name), "tftp", subject_of(subject, asking), "refused: %s", text);
}

static int find_in_root(void *context, const char *name)
{
    struct asking *asking = context;
    int result = file_open(&asking->found, asking->tftp->files, asking->tftp->settings.root, name, NULL);
    bool is_nothing = result == -EISDIR || result == -ENOTDIR || result == -ENAMETOOLONG;
    return is_nothing ? -ENOENT : result;
}

/* What one datagram to that client may hold: by the interface it asked on, and by the way to it. */
static size_t mtu_to(const struct serve_tftp *tftp, struct ipv4 client, const struct interface *interface)
{
    size_t path = datagram_path_mtu(tftp->path_fd, client);
    return path > 0 && path < interface->mtu ? path : interface->mtu;
}

static struct tftp_limits limits_for(const struct serve_tftp *tftp, struct ipv4 client,
                                     const struct interface *interface)
{
    size_t mtu = mtu_to(tftp, client, interface);
    size_t blksize = mtu > TFTP_BLKSIZE_DEFAULT + HEADERS_SIZE ? mtu - HEADERS_SIZE : TFTP_BLKSIZE_DEFAULT;
    if (tftp->settings.blksize_max > 0 && blksize > tftp->settings.blksize_max)
        blksize = tftp->settings.blksize_max;
    if (blksize > BLKSIZE_MAX)
        blksize = BLKSIZE_MAX;
    unsigned windowsize = tftp->settings.windowsize_max;
    return (struct tftp_limits){
        .blksize_max = blksize < TFTP_BLKSIZE_DEFAULT ? TFTP_BLKSIZE_DEFAULT : blksize,
        .windowsize_max = windowsize > 0 && windowsize < TFTP_WINDOWSIZE_MAX ? windowsize : TFTP_WINDOWSIZE_MAX,
    };
}

/* The sockets take turns. */
static const struct tftp_socket *next_socket(struct serve_tftp *tftp)
{
    if (tftp->settings.single_port)
        return &tftp->listener;
    if (++tftp->next_socket >= tftp->socket_count)
        tftp->next_socket = 0;
    return &tftp->sockets[tftp->next_socket];
}

static void start_transfer(struct asking *asking, struct answer_tftp *answer, struct file *take_file,
                           struct image_copy *take_image)
{
    const struct tftp_socket *socket = next_socket(asking->tftp);
    struct tftp_session_start start = {
        .datagram = asking->datagram,
        .request = asking->request,
        .limits = limits_for(asking->tftp, asking->datagram->source.address, asking->interface),
        .fd = socket->fd,
        .port = socket->port,
        .mac = asking->machine.mac,
        .name = answer->name,
        .reason = answer->reason.text,
        .refused = answer->refused,
        .stage = answer->stage,
        .take_file = take_file,
        .content = answer->content,
        .take_image = take_image,
        .now = asking->now,
    };
    answer->content = (struct text){0};
    tftp_session_start(&asking->tftp->sessions, &start);
}

/* The file that the answer names; refuses when it cannot be opened after all. */
static struct file *open_file(struct asking *asking, const struct answer_tftp *answer)
{
    struct diag why = {0};
    struct file *file = NULL;
    char text[ANSWER_TFTP_ERROR_MAX];
    const char *folder = answer->kind == ANSWER_TFTP_ASSET ? asking->tftp->settings.assets : NULL;
    const char *path = answer->kind == ANSWER_TFTP_PROGRAM ? answer->path : answer->file;
    int result = file_open(&file, asking->tftp->files, folder, path, &why);
    if (result == 0)
        return file;
    snprintf(text, sizeof text, "%.*s", (int)sizeof text - 1, why.text);
    refuse(asking, result == -ENOENT ? TFTP_ERROR_NOT_FOUND : TFTP_ERROR_ACCESS, answer->name, text);
    return NULL;
}

static void start_with_file(struct asking *asking, struct answer_tftp *answer)
{
    struct file *file = open_file(asking, answer);
    if (file)
        start_transfer(asking, answer, file, NULL);
}

/* A whole image is read as any file is, never waiting for a disk; one that is downloaded is sent as it comes. */
static void start_with_image(struct asking *asking, struct answer_tftp *answer)
{
    struct images *images = asking->tftp->settings.images;
    AUTO(image_copy_release) struct image_copy *image = NULL;
    struct file *file = NULL;
    struct diag why;
    switch (images_get(&image, images, answer->file, &why)) {
    case IMAGES_OK:
        if (image_copy_is_whole(image))
            file_open(&file, asking->tftp->files, images_folder(images), answer->file, NULL);
        start_transfer(asking, answer, file, take_pointer(image));
        return;
    case IMAGES_WAIT:
        return;
    case IMAGES_UNKNOWN:
        refuse(asking, TFTP_ERROR_NOT_FOUND, answer->name, "no image has this id any more: start the machine anew");
        return;
    default:
        why.text[ANSWER_TFTP_ERROR_MAX - 1] = '\0';
        refuse(asking, TFTP_ERROR_UNDEFINED, answer->name, why.text);
    }
}

/* What the request told of the machine counts for this transfer and those that follow. */
static void learn(struct asking *asking, const struct answer_tftp *answer)
{
    struct fleet *fleet = asking->tftp->settings.fleet;
    if (answer->machine.mac.size > 0)
        asking->machine = answer->machine;
    if (fleet && answer->told)
        fleet_learn(fleet, &answer->machine, asking->now);
    if (fleet && answer->chosen && answer->machine.mac.size > 0)
        fleet_choose(fleet, &answer->machine.mac, answer->chosen, asking->now);
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
    const struct answer_tftp_client client = {asking->datagram->source.address, asking->datagram->local};
    AUTO(answer_tftp_finish) struct answer_tftp answer;
    answer_tftp(&answer, asking->request, &client, &places);
    learn(asking, &answer);
    switch (answer.kind) {
    case ANSWER_TFTP_REFUSAL:
        refuse(asking, answer.error, answer.name, answer.error_text);
        return;
    case ANSWER_TFTP_ROOT_FILE:
        start_transfer(asking, &answer, take_pointer(asking->found), NULL);
        return;
    case ANSWER_TFTP_CONTENT:
        start_transfer(asking, &answer, NULL, NULL);
        return;
    case ANSWER_TFTP_LATER:
        return;
    case ANSWER_TFTP_IMAGE:
        start_with_image(asking, &answer);
        return;
    case ANSWER_TFTP_PROGRAM:
    case ANSWER_TFTP_FILE:
    case ANSWER_TFTP_ASSET:
        start_with_file(asking, &answer);
    }
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

/* Where another DHCP server gives the addresses ARP says whose they are. */
static void recognise(struct asking *asking)
{
    struct fleet *fleet = asking->tftp->settings.fleet;
    struct ipv4 address = asking->datagram->source.address;
    struct machine seen = {.address = address};
    if (!fleet || fleet_find_address(&asking->machine, fleet, address) ||
        !neighbour_find(&seen.mac, asking->interface->name, address))
        return;
    fleet_learn(fleet, &seen, asking->now);
    fleet_find(&asking->machine, fleet, &seen.mac);
}

static void receive_request(struct serve_tftp *tftp, const struct datagram *datagram,
                            const struct tftp_request *request, struct moment now)
{
    struct tftp_session *running = tftp_session_find(&tftp->sessions, datagram->source);
    const struct interface *interface = interfaces_find_index(&tftp->interfaces, datagram->interface);
    if (!is_for_us(tftp, datagram, interface))
        return;
    if (running && tftp_session_repeat(running, datagram->payload, now.steady))
        return;
    if (tftp_sessions_count(&tftp->sessions) >= TFTP_SESSIONS_MAX)
        return;
    struct asking asking = {.tftp = tftp, .datagram = datagram, .request = request, .interface = interface, .now = now};
    recognise(&asking);
    answer_request(&asking);
    file_close(asking.found);
}

/* --- datagrams --------------------------------------------------------------------------------------------------- */

static void receive_in_transfer(struct tftp_socket *socket, const struct datagram *datagram,
                                const struct tftp_packet *packet, struct moment now)
{
    struct tftp_session *session = tftp_session_find(&socket->tftp->sessions, datagram->source);
    if (session && tftp_session_fd(session) == socket->fd)
        tftp_session_receive(session, packet, now.steady);
    /* RFC 1350 §4: whoever it is, the transfers are not disturbed. An ERROR is never answered. */
    else if (packet->opcode != TFTP_ERROR)
        send_error(socket, datagram, TFTP_ERROR_UNKNOWN_TRANSFER, "no such transfer");
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
    tftp_sessions_flush(&socket->tftp->sessions);
}

/* --- start and stop
 * --------------------------------------------------------------------------------------------------- */

static int socket_open(struct tftp_socket *ret, struct serve_tftp *tftp, uint16_t port, struct diag *why)
{
    int result = datagram_open(&ret->fd, (struct datagram_endpoint){.port = port}, NULL, why);
    if (result < 0)
        return result;
    ret->tftp = tftp;
    ret->port = datagram_port(ret->fd);
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
    if (result == 0)
        result = datagram_open(&tftp->path_fd, (struct datagram_endpoint){0}, NULL, why);
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
    tftp->interfaces_fd = tftp->path_fd = -1;
    tftp->files = files_create();
    tftp_sessions_init(&tftp->sessions, loop, settings->fleet, &tftp->interfaces,
                       !settings->no_shortcut && !settings->single_port);
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
    return tftp_sessions_live(&tftp->sessions, now);
}

void serve_tftp_stop(struct serve_tftp *tftp)
{
    if (!tftp)
        return;
    tftp_sessions_finish(&tftp->sessions);
    socket_close(&tftp->listener);
    for (size_t i = 0; i < SOCKETS_MAX; i++)
        socket_close(&tftp->sockets[i]);
    loop_watch_destroy(tftp->interfaces_watch);
    fd_close(tftp->interfaces_fd);
    fd_close(tftp->path_fd);
    interfaces_finish(&tftp->interfaces);
    datagram_batch_destroy(tftp->batch);
    files_destroy(tftp->files);
    free(tftp);
}
