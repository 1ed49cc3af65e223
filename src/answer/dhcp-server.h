/* SPDX-License-Identifier: Apache-2.0 */
/* The DHCP server: addresses, and with them what to boot. Only for answer/dhcp*. */
#pragma once

#include "answer/dhcp-exchange.h"

/* Answers what came to port 67, RFC 2131 §4.3. */
void dhcp_server_answer(struct dhcp_exchange *exchange);
/* Whether this machine is to boot nothing since it is unknown, whoever gives it its address; says so. */
bool dhcp_server_refuses_boot(struct dhcp_exchange *exchange);
