/* SPDX-License-Identifier: Apache-2.0 */
/* Ignition configs: what a machine of Fedora CoreOS or Flatcar configures itself by at its first boot. */
#pragma once

#include <stdbool.h>

#include "base/bytes.h"
#include "base/diag.h"
#include "lang/ignition/report.h"

/* Deepest nesting of lists and maps that is looked into. */
#define IGNITION_DEPTH_MAX 200

/* Whether a document of that name is Ignition's own JSON (".ign", ".ignition"), which is passed through as it is;
 * any other is a template of Butane. */
bool ignition_name_is_json(const char *name);
/* Adds what is wrong with an Ignition config: one of version 3.0 to 3.6 is judged as Ignition judges it; of other
 * versions 2.x and 3.x, and of one larger than a document may be, it is looked at only whether they are configs at all.
 * 0, or -1 with at least one error. */
int ignition_examine(struct report *report, struct bytes json);
/* The same for who wants but the first error: "line:column: $.path: what is wrong", as far as its place is known. */
int ignition_check(struct bytes json, struct diag *why);

/* 3.4 of "3.4.0"; all zero: none. */
struct ignition_version {
    unsigned major;
    unsigned minor;
    bool is_experimental;
};

/* The ignition.version of a config that has been checked; none when it is not found. */
struct ignition_version ignition_version_of(struct bytes json);
/* The newest version that a client reads, by the Accept header that it sends: Ignition names each it knows. None when
 * it does not say. NULL is no header. */
struct ignition_version ignition_version_accepted(const char *accept);
