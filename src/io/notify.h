/* SPDX-License-Identifier: Apache-2.0 */
/* Word to the service manager. sd_notify(3) */
#pragma once

/* Sends one state such as "READY=1"; does nothing where no service manager asked for it, nor where that one
 * has not read what it was sent before: it is not waited for. */
void notify_send(const char *state);
