/* SPDX-License-Identifier: Apache-2.0 */
/* Documents that people write, YAML or JSON, as one kind of tree in which every node knows its line and column, so that
 * whatever is wrong with it can be said as file:line:column. The tree is read-only and bounded: nobody can make a
 * document that costs more than its size. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/auto.h"
#include "base/bytes.h"
#include "base/diag.h"
#include "base/value.h"

/* Largest document, in octets: far above any that a person writes, and read in some tenths of a second. */
#define DOCUMENT_SIZE_MAX ((size_t)1 << 20)
/* Most nodes of a document after its aliases are expanded, and how deep they may stand inside each other. */
#define DOCUMENT_NODES_MAX 200000
#define DOCUMENT_DEPTH_MAX 60

enum {
    DOCUMENT_OK = 0,
    DOCUMENT_E_UNREADABLE = 1, /* no such file, no permission, too large … */
    DOCUMENT_E_SYNTAX = 2,     /* not YAML, not JSON, a key given twice, too deep … */
};

enum document_syntax {
    DOCUMENT_YAML,
    DOCUMENT_JSON,   /* RFC 8259 to the letter */
    DOCUMENT_BUTANE, /* YAML as go-yaml reads it: "<<" merges maps, and what stands behind the first document is not
                        read */
};

enum node_kind {
    NODE_NULL,
    NODE_BOOL,
    NODE_NUMBER,
    NODE_TEXT,
    NODE_LIST,
    NODE_MAP,
};

struct node;

struct node_member {
    struct node *key; /* a NODE_TEXT */
    struct node *value;
};

struct node {
    enum node_kind kind;
    bool plain;      /* YAML without quotes: "0123" is a number, and also the text as it is written */
    unsigned line;   /* from 1 */
    unsigned column; /* from 1, in characters */
    char *text;      /* of a text its characters, of other scalars as written; NUL-terminated */
    size_t size;     /* octets of text; only in DOCUMENT_BUTANE may NULs and what is no UTF-8 be among them */
    bool boolean;
    double number;
    struct node **items;         /* of a list */
    struct node_member *members; /* of a map, in the order of the document; keys are unique */
    size_t count;                /* items or members */
    size_t capacity;
    size_t weight; /* nodes in it and below, an alias counting as all that it stands for */
};

struct document;

/* By the name's end: .json is JSON, all else YAML. */
enum document_syntax document_syntax_from_name(const char *name);
/* Reads source into a tree. file is where it is said to come from. Returns DOCUMENT_OK, or DOCUMENT_E_SYNTAX with what
 * is wrong in faults, and then leaves *ret alone. */
int document_parse(struct document **ret, const char *file, struct bytes source, enum document_syntax syntax,
                   struct faults *faults);
/* The same for a file, in folder_fd unless path is absolute; file is its name in faults. */
int document_load(struct document **ret, int folder_fd, const char *path, const char *file, struct faults *faults);
void document_destroy(struct document *document);
AUTO_DEFINE(document_destroy, struct document *);

const char *document_file(const struct document *document);
/* The whole content; a YAML document without any is a NODE_NULL. */
const struct node *document_root(const struct document *document);

/* "a text", "a list" …: the node in the words of a fault. */
const char *node_kind_to_text(enum node_kind kind);
/* The characters where a text is wanted: of a text, or of a plain scalar of YAML as it is written, so that nobody needs
 * quotes around a serial number. NULL for all else. Borrowed from the document. */
const char *node_text(const struct node *node);
/* Numbers are floating-point, as Go's encoding/json has them, so that a template prints the same for either syntax. */
struct value *value_from_node(const struct node *node);
/* Adds a fault at the node's place. */
void document_fault(const struct document *document, const struct node *node, struct faults *faults,
                    enum fault_severity severity, const char *format, ...) __attribute__((format(printf, 5, 6)));
