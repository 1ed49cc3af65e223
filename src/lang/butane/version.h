/* SPDX-License-Identifier: Apache-2.0 */
/* The variants of Butane and their versions. Within lang/ only. */
#pragma once

#include "base/text.h"
#include "lang/document.h"
#include "lang/ignition/draft.h"

/* What a variant does not take though Ignition does. */
struct butane_filter {
    const char *names[4]; /* from the config on; lists are gone through; NULL ends */
    const char *reason;
};

struct butane_version {
    const char *variant;
    const char *version;
    unsigned minor; /* it makes Ignition 3.minor */
    unsigned features;
    const struct butane_filter *filters; /* one without names ends them; NULL: none */
};

/* The version that the document names; NULL, with an error in the report, where there is none. */
const struct butane_version *butane_version_of(const struct document *document, struct bytes source,
                                               struct report *report);
/* Adds an error for each thing in the config that the variant does not take. */
void butane_filter(struct draft *draft, const struct butane_version *version);
