/* SPDX-License-Identifier: Apache-2.0 */
/* What cloud-init's data source NoCloud reads beside the user data. */
#pragma once

#include "base/text.h"

/* Appends meta-data: the instance, by which cloud-init knows its first boot from a later one, and the host's name (""
 * leaves it out). */
void nocloud_write_metadata(struct text *ret, const char *instance, const char *hostname);
