/* SPDX-License-Identifier: Apache-2.0 */
/* Which process holds a port: for the message a person gets when it is taken. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define PORT_HOLDER_TEXT_MAX 128

enum port_protocol {
    PORT_UDP,
    PORT_TCP,
};

/* Describes the process that has a socket on the port, as in "process 'dnsmasq' (pid 812)". False when there is none,
 * or none that this process may see: without root only one's own processes are. */
bool port_holder_find(char ret[PORT_HOLDER_TEXT_MAX], enum port_protocol protocol, uint16_t port);
