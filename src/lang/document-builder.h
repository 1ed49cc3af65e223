/* SPDX-License-Identifier: Apache-2.0 */
/* How the readers of the syntaxes make a document's tree. The document owns every node, so that an alias may be the
 * node that it stands for. */
#pragma once

#include "lang/document.h"

/* Where in a document; both from 1. */
struct place {
    unsigned line;
    unsigned column;
};

struct node *document_add_node(struct document *document, enum node_kind kind, struct place place);
/* Takes over the text of a scalar. */
struct node *document_add_scalar(struct document *document, enum node_kind kind, struct place place, char *take_text);
void node_add_item(struct node *list, struct node *item);
void node_add_member(struct node *map, struct node *key, struct node *value);
/* To be called once all members are there: a key that stands twice is DOCUMENT_E_SYNTAX with a fault. */
int document_check_keys(const struct document *document, const struct node *map, struct faults *faults);
/* DOCUMENT_E_SYNTAX with a fault once the document, or this node with its aliases expanded, is too large. */
int document_check_count(const struct document *document, const struct node *node, struct faults *faults);
/* Adds an error at a place and returns DOCUMENT_E_SYNTAX. */
int document_fault_at(const struct document *document, struct place place, struct faults *faults, const char *format,
                      ...) __attribute__((format(printf, 4, 5)));

/* Each reads source and yields its root, or DOCUMENT_E_SYNTAX with faults. */
int document_read_json(struct node **ret, struct document *document, struct bytes source, struct faults *faults);
int document_read_yaml(struct node **ret, struct document *document, struct bytes source, bool as_go_yaml,
                       struct faults *faults);

/* Puts the members of what stands under "<<", a map or a list of maps, in its place: those that are not in the map
 * itself, and of several maps' the first one's. DOCUMENT_E_SYNTAX with a fault where it is neither. */
int document_merge_maps(const struct document *document, struct node *map, struct faults *faults);
