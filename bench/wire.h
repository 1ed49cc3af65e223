/* SPDX-License-Identifier: Apache-2.0 */
/* The network as a load sees it: UDP in Ethernet frames, past the kernel's own UDP and IP, from as many addresses as it
 * likes. Machines of a real network bring processors of their own; a load on the processors of what it measures has to
 * cost as little as it can, else it is itself what is measured. */
#pragma once

#include "base/bytes.h"
#include "base/instant.h"
#include "base/mac.h"
#include "io/datagram.h"

/* Longest payload sent, octets. */
#define WIRE_PAYLOAD_MAX 512

struct wire;

/* Opens an interface; frames are sent to the hardware address of the server, from own. The interface should have
 * another hardware address than own, and none of IPv4: the kernel then leaves its frames alone. Of what
 * comes in, the first look octets of a frame are there, and of the rest only how many they were. Ends the program where
 * that fails, with the reason on standard error. */
struct wire *wire_open(const char *interface, const struct mac *own, const struct mac *server, unsigned look);

/* The next datagram that came in; false when there is none now. Its payload is borrowed until the next call; it
 * tells how long it waited. */
bool wire_receive(struct datagram *ret, struct wire *wire);

/* Queues a datagram, copied; what is queued leaves with wire_flush(), or before when it is much. */
void wire_send(struct wire *wire, struct bytes payload, struct datagram_endpoint from, struct datagram_endpoint to);
void wire_flush(struct wire *wire);

/* Returns when a frame is there or the time has passed. For some microseconds it looks without sleeping, as who sleeps
 * is woken late and by somebody else's processor. */
void wire_wait(struct wire *wire, instant span);

/* The clock of it all. */
instant wire_clock(void);
