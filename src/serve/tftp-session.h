/* SPDX-License-Identifier: Apache-2.0 */
/* The transfers under way, each told apart by its client's address and port: started with a request, driven by what the
 * client says and by time, and reported when over. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "answer/tftp.h"
#include "base/hash.h"
#include "fleet/fleet.h"
#include "io/datagram.h"
#include "io/file.h"
#include "io/loop.h"
#include "proto/tftp/transfer.h"
#include "serve/tftp-outbox.h"
#include "serve/tftp-shortcut.h"
#include "store/images.h"

/* Transfers at once: a bound for the memory that requests with made-up addresses can take. */
#define TFTP_SESSIONS_MAX 32768

struct tftp_session;

struct tftp_sessions {
    struct loop *loop;
    struct fleet *fleet; /* where the loaders of machines are recorded; NULL: nowhere */
    struct tftp_session *all;
    instant lossy_until; /* something had to be sent again lately */
    bool answer_is_near; /* a client that was sent something is quick to answer */
    struct tftp_shortcut shortcut;
    struct tftp_outbox outbox;
};

/* What a transfer is started with. */
struct tftp_session_start {
    const struct datagram *datagram; /* the request, with the client's address and ours */
    const struct tftp_request *request;
    struct tftp_limits limits;
    int fd;                        /* where it leaves from, … */
    uint16_t port;                 /* … and the port of that */
    struct mac mac;                /* the client's, where it is known */
    const char *name;              /* of the file, for the log */
    const char *reason;            /* why the client gets it; "" when the name says it all */
    bool refused;                  /* it is told that there is nothing to boot for it */
    enum stage stage;              /* of the machine's boot */
    struct file *take_file;        /* the content, or … */
    struct text content;           /* … this, taken over, or … */
    struct image_copy *take_image; /* … this; beside a file it is only held as long as that is sent */
    struct moment now;
};

/* interfaces: those of this host, borrowed, as they are at any time. with_shortcut: whether transfers may take it. */
void tftp_sessions_init(struct tftp_sessions *ret, struct loop *loop, struct fleet *fleet,
                        const struct interfaces *interfaces, bool with_shortcut);
/* Ends what still runs, telling the clients. */
void tftp_sessions_finish(struct tftp_sessions *sessions);
size_t tftp_sessions_count(const struct tftp_sessions *sessions);
/* Those whose client was heard, or began, in the last two seconds. */
size_t tftp_sessions_live(const struct tftp_sessions *sessions, instant now);
/* Sends what waits. To be called when a batch of datagrams is through. */
void tftp_sessions_flush(struct tftp_sessions *sessions);

void tftp_session_start(struct tftp_sessions *sessions, struct tftp_session_start *take_start);
/* The transfer of that client; NULL: there is none. */
struct tftp_session *tftp_session_find(const struct tftp_sessions *sessions, struct datagram_endpoint client);
/* The socket that it leaves from, and that the client answers to. */
int tftp_session_fd(const struct tftp_session *session);
/* Takes a request from the same address and port. True: it was the same one again, and what it waits for is sent
 * again. False: the client began anew; the session is gone. */
bool tftp_session_repeat(struct tftp_session *session, struct bytes request, instant now);
/* Takes a datagram of the client. The session may be gone afterwards. */
void tftp_session_receive(struct tftp_session *session, const struct tftp_packet *packet, instant now);
