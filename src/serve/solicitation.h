/* SPDX-License-Identifier: Apache-2.0 */
/* Answers iPXE's router solicitations on one interface; see answer/solicitation.h. Runs on the loop's thread. */
#pragma once

#include "base/auto.h"
#include "fleet/fleet.h"
#include "io/interfaces.h"
#include "io/loop.h"

struct serve_solicitation;

/* NULL where there is nothing to answer from: IPv6 is off, the capability is missing, or this host is an IPv6 router
 * itself. That is no error: machines then wait for themselves, as they do everywhere else. */
struct serve_solicitation *serve_solicitation_start(struct loop *loop, const struct interface *interface,
                                                    struct fleet *fleet);
void serve_solicitation_stop(struct serve_solicitation *solicitation);
