/* SPDX-License-Identifier: Apache-2.0 */
/* Which machine asks: its labels and what is known of it. Within answer/ only. */
#pragma once

#include "answer/http.h"
#include "base/bytes.h"
#include "boot/labels.h"

/* The labels in a query, as Matchbox takes them: of a repeated name the first, the MAC in one spelling, one that is no
 * MAC left out. *ret_unread_mac is that one, "" when there is none; the caller finishes it. */
void http_labels_read(struct labels *ret, struct text *ret_unread_mac, struct bytes query);
/* The machine of those labels, or the one that the fleet last saw with the client's address; of both the facts that the
 * labels tell win. mac.size 0: unknown. */
void http_machine_find(struct machine *ret, const struct labels *labels, struct ipv4 client, struct fleet *fleet);
