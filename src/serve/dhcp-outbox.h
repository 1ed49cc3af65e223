/* SPDX-License-Identifier: Apache-2.0 */
/* Replies that wait to be sent. While more messages wait to be answered another thread sends them, for that takes half
 * of the time that a reply takes. All calls are for one thread. */
#pragma once

#include "base/auto.h"
#include "serve/dhcp-tray.h"

struct dhcp_outbox;

struct dhcp_outbox *dhcp_outbox_create(const struct dhcp_senders *senders);
/* Sends nothing any more but what the other thread has. NULL is left alone. */
void dhcp_outbox_destroy(struct dhcp_outbox *outbox);
AUTO_DEFINE(dhcp_outbox_destroy, struct dhcp_outbox *);

/* Takes in a reply, copied: at most DHCP_REPLY_MAX octets. */
void dhcp_outbox_put(struct dhcp_outbox *outbox, struct bytes reply, const struct dhcp_way *way,
                     const struct mac *client);
/* Sends what waits, or lets it be sent: is_busy tells that the caller has more to do. */
void dhcp_outbox_flush(struct dhcp_outbox *outbox, bool is_busy);
/* Returns when the other thread has sent what it had: before a socket is closed. */
void dhcp_outbox_settle(struct dhcp_outbox *outbox);
