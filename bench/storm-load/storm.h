/* SPDX-License-Identifier: Apache-2.0 */
/* Many machines that are switched on together, in one process: each asks as its ROM, loads its boot program, asks as
 * iPXE, and loads its script, kernel and initrd. They share the process, not their addresses: what a machine sends
 * leaves from the address it was given. What waits for an answer is sent again when firmware would send it again, and
 * counted. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/instant.h"
#include "base/ipv4.h"
#include "base/text.h"
#include "base/writer.h"
#include "io/datagram.h"

/* What a machine waits for. */
enum phase {
    PHASE_OFF,
    PHASE_ROM_OFFER,
    PHASE_ROM_ACK,
    PHASE_SIZE, /* of the loader, as ROMs ask before they load it */
    PHASE_LOADER,
    PHASE_IPXE_OFFER,
    PHASE_IPXE_ACK,
    PHASE_SCRIPT, /* and those it chains to */
    PHASE_KERNEL,
    PHASE_INITRD,
    PHASE_DONE,
    PHASE_FAILED,
    PHASE_COUNT,
};

/* Tries of one question before the machine gives up, the first among them. */
#define STORM_TRIES 5
/* What of a script, or the head of a reply, is kept. */
#define STORM_TEXT_MAX 4096
#define STORM_URL_MAX 512

/* A reply of HTTP as far as it has come. */
struct fetch {
    int fd;            /* -1: not connected */
    bool is_connected; /* the request was sent on it */
    bool has_head;
    char url[STORM_URL_MAX];
    char text[STORM_TEXT_MAX]; /* the head, then the body of a script */
    size_t text_size;
    uint64_t size; /* of the body */
    uint64_t got;
};

struct machine {
    enum phase phase;
    const char *failure; /* what went wrong first */
    instant switched_on;
    instant reached[PHASE_COUNT]; /* when each phase ended */
    instant deadline;
    unsigned tries;
    unsigned repeats; /* questions asked again, whatever of */
    uint8_t mac[6];
    uint32_t xid;
    struct ipv4 address;
    struct ipv4 server_id;
    struct ipv4 next_server;
    char file[STORM_URL_MAX]; /* of the last ACK */
    uint16_t tftp_port;       /* the server's; 69 before it answered */
    size_t tftp_blksize;
    uint64_t tftp_blocks;
    uint64_t tftp_octets;
    uint64_t tftp_size; /* as the server said */
    char kernel[STORM_URL_MAX];
    char initrd[STORM_URL_MAX];
    struct fetch fetch;
};

/* A socket that machines share, and what waits to be sent from it. */
struct shared_socket {
    int fd;
    struct datagram_sending sendings[DATAGRAM_BATCH_MAX];
    uint8_t packets[DATAGRAM_BATCH_MAX][1024];
    size_t count;
};

struct storm {
    struct machine *machines;
    size_t count;
    size_t running;
    size_t failures;
    instant began;
    instant spread;      /* all are switched on within it */
    const char *content; /* folder of what is loaded, compared octet by octet; NULL: sizes only */
    int epoll_fd;
    int route_fd;
    struct datagram_batch *batch;
    struct shared_socket dhcp;
    struct shared_socket size; /* ROMs ask for the size from one port and for the file from another */
    struct shared_socket loader;
    uint32_t by_address[1 << 16]; /* a machine's number + 1 by the lower half of its address */
    uint64_t tcp_repeats;         /* segments that our side sent again, SYN among them */
    uint64_t octets;              /* of content that came */
};

/* --- storm-load.c: the course of a machine --- */
instant storm_now(void);
/* Goes on to a phase, whose question is asked at once. */
void machine_enter(struct storm *storm, struct machine *machine, enum phase phase, instant now);
void machine_fail(struct storm *storm, struct machine *machine, const char *failure);
/* Takes one datagram's memory; it leaves with the next flush. */
struct writer shared_socket_write(struct shared_socket *socket);
void shared_socket_send(struct shared_socket *socket, struct writer w, struct datagram_endpoint to, struct ipv4 from);
void shared_socket_flush(struct shared_socket *socket);

/* --- dhcp.c --- */
void dhcp_open(struct storm *storm, const char *interface);
void dhcp_ask(struct storm *storm, struct machine *machine);
void dhcp_receive(struct storm *storm);

/* --- tftp.c --- */
void tftp_open(struct storm *storm);
void tftp_ask(struct storm *storm, struct machine *machine);
void tftp_receive(struct storm *storm, struct shared_socket *socket);

/* --- http.c --- */
void http_ask(struct storm *storm, struct machine *machine);
/* After an event on the machine's connection. */
void http_go_on(struct storm *storm, struct machine *machine);
void http_close(struct storm *storm, struct machine *machine);

/* --- script.c --- */
/* Makes a URL absolute, its variables replaced by the machine's. False: it does not fit. */
bool script_resolve(char ret[STORM_URL_MAX], const struct machine *machine, const char *base, const char *url,
                    size_t size);
/* What the script says to do: fills in the machine's kernel and initrd, or the URL it chains to. */
bool script_chains(char ret[STORM_URL_MAX], struct machine *machine, const char *base, const char *script);
/* The last part of a URL's path. */
const char *url_name(const char *url);

/* --- content.c --- */
/* Whether the octets are those of the file at that place; true where nothing is compared. */
bool content_matches(const struct storm *storm, const char *name, uint64_t offset, struct bytes octets);
