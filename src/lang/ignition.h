/* SPDX-License-Identifier: Apache-2.0 */
/* Ignition configs: what a machine of Fedora CoreOS or Flatcar configures itself by at its first boot. */
#pragma once

#include <stdbool.h>

#include "base/bytes.h"
#include "base/diag.h"

/* Deepest nesting of lists and maps that is looked into. */
#define IGNITION_DEPTH_MAX 200

/* Whether a document of that name is Ignition's own JSON (".ign", ".ignition"), which is passed through as it is;
 * any other is a template of Butane. */
bool ignition_name_is_json(const char *name);
/* Whether json is an Ignition config of a version 2.x or 3.x: an object whose ignition.version says so. What else is in
 * it Ignition judges: a newer version than we know is no error. 0, or -1 with the reason, "line:column: what is wrong"
 * where it is no JSON. */
int ignition_check(struct bytes json, struct diag *why);
