/* SPDX-License-Identifier: Apache-2.0 */
/* One config document for one machine: the template that its profile names, rendered with what its group says of it. */
#pragma once

#include "base/diag.h"
#include "base/text.h"
#include "base/value.h"
#include "boot/catalog.h"
#include "lang/files.h"
#include "lang/ignition/report.h"

enum {
    DOCUMENT_E_MISSING = 1, /* the profile names none, or one that the catalog does not have */
    DOCUMENT_E_BROKEN = 2,  /* it cannot be rendered, or what comes of it is not what the machine asks for */
};

/* Who a document is for. */
struct document_request {
    const struct labels *labels; /* what the group was chosen by */
    const struct labels *query;  /* what templates see as the query: often only what was sent */
    const char *raw_query;
    const struct file_source *files; /* what Butane configs may take contents from; NULL: nothing */
};

/* What templates read, as Matchbox puts it together: the profile's metadata, over it the group's, over it what the
 * group's selectors were met by under their names in lower case, over all "request": {query, raw_query}. The caller
 * owns it. profile may be NULL. */
struct value *document_data(const struct group *group, const struct profile *profile,
                            const struct document_request *request);
/* Appends the document of that kind and name, which the profile names. One of Ignition's own JSON is passed through as
 * it is; all others are rendered; a cloud-config must then be one, and Butane is translated. Parsed templates are kept
 * with the catalog, and what Butane became too.
 * Returns 0, or a DOCUMENT_E_ code with the reason, which names the document and, where there is one, the place in it;
 * and then *ret is as it was. */
int document_render(struct text *ret, const struct catalog *catalog, const struct group *group,
                    const struct profile *profile, const struct document_request *request,
                    enum catalog_document_kind kind, const char *name, struct diag *why);
/* Adds all that Butane says, errors and warnings, of the profile's Ignition document as it is rendered for this
 * request, each at its place in the document's own file. Nothing of Ignition's own JSON, and of what cannot be
 * rendered. */
void document_examine(struct report *report, const struct catalog *catalog, const struct group *group,
                      const struct profile *profile, const struct document_request *request);
