/* SPDX-License-Identifier: Apache-2.0 */
/* UDP sockets that know where each datagram came in and let the answer leave the same way. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/diag.h"
#include "base/instant.h"
#include "base/ipv4.h"

/* Longest datagram we look at; the rest of a longer one is cut and marked. */
#define DATAGRAM_SIZE_MAX 9216
/* Datagrams received with one system call. */
#define DATAGRAM_BATCH_MAX 64

struct datagram_endpoint {
    struct ipv4 address;
    uint16_t port;
};

struct datagram {
    struct bytes payload; /* borrowed from the batch until the next receive */
    bool cut;             /* it was longer than DATAGRAM_SIZE_MAX */
    struct datagram_endpoint source;
    struct ipv4 destination; /* the address it was sent to; a broadcast address for broadcasts */
    struct ipv4 local;       /* our address that an answer should leave from, as the kernel sees it */
    unsigned interface;      /* index of the interface it came in on */
    instant waited;          /* in the socket, of one that datagram_note_arrival() was called for; else 0 */
};

struct datagram_batch;
struct datagram_batch *datagram_batch_create(void);
void datagram_batch_destroy(struct datagram_batch *batch);

/* Opens a socket bound to address (unset: any) and port (0: one the kernel picks). interface, when not NULL, keeps it
 * to that interface, sending and receiving. Broadcasts may be sent; path MTU discovery is off, so that a firmware
 * without reassembly gets what fits and no DF bit. Returns 0 or a negative errno with the reason, which for an address
 * in use names the process that holds it where that can be seen. */
int datagram_open(int *ret_fd, struct datagram_endpoint local, const char *interface, struct diag *why);
/* Has as much wait in a socket as the kernel grants; what is opened here has it. */
void datagram_make_room(int fd);
/* Lets what is received tell how long it waited. */
void datagram_note_arrival(int fd);
/* Receives what is there, at most DATAGRAM_BATCH_MAX: returns how many, 0 for none now, or a negative errno. */
int datagram_receive(const struct datagram **ret, struct datagram_batch *batch, int fd);
/* Sends one. from (unset: the kernel chooses) and interface (0: by route) say how it leaves. 0 or a negative errno. */
int datagram_send(int fd, struct bytes payload, struct datagram_endpoint to, struct ipv4 from, unsigned interface);
/* Sends payload as datagrams of segment octets, the last possibly shorter, with one system call where the kernel
 * can. 0 or a negative errno. */
int datagram_send_segments(int fd, struct bytes payload, size_t segment, struct datagram_endpoint to, struct ipv4 from);
/* What one of many sends is: payload as datagrams of segment octets, the last possibly shorter. */
struct datagram_sending {
    struct bytes payload;
    size_t segment;
    struct datagram_endpoint to;
    struct ipv4 from;
    bool is_heard; /* its receiver has just acknowledged what we sent before */
    int result;    /* 0 or a negative errno, filled in */
};
/* Sends all of them, at most DATAGRAM_BATCH_MAX and each of at most DATAGRAM_SENDING_MAX octets, with as few system
 * calls as the kernel lets. Where all receivers were heard the kernel does not ask by ARP whether they are still there:
 * boot ROMs that are busy with a transfer may not answer. send(2), MSG_CONFIRM. */
#define DATAGRAM_SENDING_MAX 65000
void datagram_send_many(int fd, struct datagram_sending *sendings, size_t count);
/* What the way to an address carries in one piece as far as the kernel knows, in octets of IPv4 packets: the MTU of its
 * route and what path MTU discovery found; 0 when there is no way. fd is a socket that is used for nothing else. */
size_t datagram_path_mtu(int fd, struct ipv4 to);
/* How many datagrams the kernel had no room for in the socket since it was opened. Counts on from zero behind the
 * highest number. */
uint32_t datagram_dropped(int fd);
/* The port a socket is bound to; 0 when it is none. */
uint16_t datagram_port(int fd);
