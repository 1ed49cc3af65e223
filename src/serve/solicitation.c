/* SPDX-License-Identifier: Apache-2.0 */
/* Router solicitations: receive -> answer -> send. */
#include "serve/solicitation.h"

#include <stdlib.h>

#include "answer/solicitation.h"
#include "base/memory.h"
#include "io/log.h"
#include "io/router-socket.h"

struct serve_solicitation {
    int fd;
    struct loop_watch *watch;
    struct fleet *fleet;
};

static void socket_ready(void *context)
{
    const struct serve_solicitation *solicitation = context;
    struct router_message message;
    if (router_socket_receive(&message, solicitation->fd) <= 0)
        return;
    struct answer_solicitation_request request = {
        .message = bytes_of(message.octets, message.size),
        .hop_limit = message.hop_limit,
        .has_source = !IN6_IS_ADDR_UNSPECIFIED(&message.source.sin6_addr),
    };
    struct answer_solicitation answer;
    answer_solicitation(&answer, &request, solicitation->fleet);
    char mac[MAC_TEXT_MAX];
    log_line(LOG_LEVEL_DEBUG, "dhcp", mac_to_text(mac, &answer.mac, ':'), "%s", answer.reason.text);
    if (answer.answers)
        router_socket_send(solicitation->fd, bytes_of(answer.reply, sizeof answer.reply), &message.source);
}

struct serve_solicitation *serve_solicitation_start(struct loop *loop, const struct interface *interface,
                                                    struct fleet *fleet)
{
    int fd;
    struct diag why;
    if (router_socket_is_router(interface->name))
        return NULL;
    if (router_socket_open(&fd, interface->name, interface->index, &why) < 0) {
        log_line(LOG_LEVEL_DEBUG, "dhcp", NULL, "%s: iPXE will wait for an IPv6 router for 16 s", why.text);
        return NULL;
    }
    struct serve_solicitation *solicitation = MEMORY_NEW(struct serve_solicitation);
    *solicitation = (struct serve_solicitation){.fd = fd, .fleet = fleet};
    solicitation->watch = loop_watch_create(loop, fd, socket_ready, solicitation);
    return solicitation;
}

void serve_solicitation_stop(struct serve_solicitation *solicitation)
{
    if (!solicitation)
        return;
    loop_watch_destroy(solicitation->watch);
    fd_close(solicitation->fd);
    free(solicitation);
}
