/* SPDX-License-Identifier: Apache-2.0 */
/* Texts of systemd units, read as leniently as Ignition reads them. Within lang/ only. */
#pragma once

#include <stdbool.h>

#include "base/bytes.h"

struct unit_facts {
    bool has_install;     /* there is something in [Install] */
    bool has_stray_lines; /* before the first section: systemd passes over them */
    const char *fault;    /* why it cannot be read; NULL: it can */
};

struct unit_facts unit_text_read(struct bytes text);
