/* SPDX-License-Identifier: Apache-2.0 */
/* Takes the commands of `muster leases` while the server runs, on the socket beside its state file. */
#pragma once

#include "base/auto.h"
#include "base/diag.h"
#include "io/loop.h"
#include "lease/lease.h"
#include "store/state.h"

struct lease_control;

/* Always makes *ret. 0, or a negative errno with the reason why nobody listens there yet: that is tried again and
 * again. State and table are borrowed. */
int lease_control_start(struct lease_control **ret, struct loop *loop, const char *state_path, struct state *state,
                        struct lease_table *table, struct diag *why);
/* The table of a new configuration. */
void lease_control_set_table(struct lease_control *control, struct lease_table *table);
/* Begins no more: to be called before the state is closed, which ends what was begun. NULL is left alone. */
void lease_control_drain(struct lease_control *control);
/* Once nothing that was begun is left. */
void lease_control_stop(struct lease_control *control);
AUTO_DEFINE(lease_control_stop, struct lease_control *);
