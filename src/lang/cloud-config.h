/* SPDX-License-Identifier: Apache-2.0 */
/* Cloud-configs as Matchbox takes them: YAML under a first line that says so, or a script. */
#pragma once

#include "base/bytes.h"
#include "base/diag.h"

/* Whether content is what a machine that asks for its cloud-config can act on: a script ("#!" at its start), or a first
 * line "#cloud-config" and YAML below it whose known members are of their kind, '-' in their names being as good as
 * '_'. source is where it comes from, for the reason. 0, or -1 with the reason. */
int cloud_config_check(struct bytes content, const char *source, struct diag *why);
