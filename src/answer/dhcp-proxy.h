/* SPDX-License-Identifier: Apache-2.0 */
/* proxyDHCP beside another DHCP server, and the PXE boot server on port 4011. Only for answer/dhcp*. */
#pragma once

#include "answer/dhcp-exchange.h"

/* Answers what came to port 67: PXE 2.1 §2.1, the proxyDHCP offer. */
void dhcp_proxy_answer(struct dhcp_exchange *exchange);
/* Answers what came to port 4011, in either mode: PXE 2.1 §2.1, the boot server's acknowledgement. */
void dhcp_boot_server_answer(struct dhcp_exchange *exchange);
