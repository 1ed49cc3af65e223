/* SPDX-License-Identifier: Apache-2.0 */
/* A config document of a catalog: an Ignition config, a cloud-config, a kickstart file … as it was read, or a template
 * of one. Immutable once it is shared; counted references, safe to take and drop from several threads. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/auto.h"
#include "base/bytes.h"

enum catalog_document_kind {
    CATALOG_IGNITION,
    CATALOG_CLOUD,
    CATALOG_GENERIC,
};
#define CATALOG_DOCUMENT_KINDS 3

struct catalog_document {
    unsigned references;
    enum catalog_document_kind kind;
    const char *name; /* below the kind's folder, as profiles give it; may hold sub-folders: "site/worker.yaml.tmpl" */
    char *source;     /* for reasons: "ignition/site/worker.yaml.tmpl" */
    struct bytes content;
    void *made; /* catalog_document_make()'s, and what frees it */
    void (*made_destroy)(void *made);
};

/* "ignition", "cloud", "generic": the folder of the data directory. */
const char *catalog_document_folder(enum catalog_document_kind kind);
/* Whether a name stays below its folder: relative, without ".." as a part, and not empty. */
bool catalog_document_name_is_good(const char *name);

/* Copies name and content; one reference. */
struct catalog_document *catalog_document_create(enum catalog_document_kind kind, const char *name,
                                                 struct bytes content);
/* What make gives for the document, kept with it: a parsed template. Made when it is first asked for, by whichever
 * thread asks, and the same from then on; one use for each document. Borrowed. */
const void *catalog_document_make(const struct catalog_document *document,
                                  void *(*make)(const struct catalog_document *document), void (*destroy)(void *made));
struct catalog_document *catalog_document_ref(const struct catalog_document *document);
void catalog_document_unref(struct catalog_document *document);
AUTO_DEFINE(catalog_document_unref, struct catalog_document *);
