/* SPDX-License-Identifier: Apache-2.0 */
/* A raw ICMP socket for echo: requests go out by route, replies come in from wherever. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/diag.h"
#include "base/ipv4.h"

/* Opens a socket that hears replies with this identifier alone, not those to others of this host who ask. Needs
 * CAP_NET_RAW. 0 or a negative errno with the reason. */
int echo_socket_open(int *ret_fd, uint16_t identifier, struct diag *why);
/* Sends one ICMP message. 0 or a negative errno. */
int echo_socket_send(int fd, struct bytes message, struct ipv4 to);
/* Receives one IPv4 datagram into memory, with its header, cut to size; no bytes when there is none. */
struct bytes echo_socket_receive(int fd, void *memory, size_t size);
