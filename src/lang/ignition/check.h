/* SPDX-License-Identifier: Apache-2.0 */
/* A config judged as Ignition will judge it. Within lang/ only. */
#pragma once

#include "lang/ignition/draft.h"

/* Adds to the draft's report all that is wrong with it by the rules of its version. */
void draft_check(struct draft *draft);
