/* SPDX-License-Identifier: Apache-2.0 */
/* What a parsed template is made of: nodes that live in the template's memory and are never changed after parsing. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/value.h"
#include "lang/template.h"
#include "lang/template/builtin.h"

/* Blocks and parentheses inside each other: what is parsed and rendered recursively stays within a small stack. */
#define TEMPLATE_NESTING_MAX 500
/* Variables that one body may declare, and templates that may be defined: each is looked for among all. */
#define TEMPLATE_VARIABLES_MAX 250
#define TEMPLATE_DEFINITIONS_MAX 1000

enum node_kind {
    /* what stands in a list */
    NODE_TEXT,
    NODE_ACTION,
    NODE_IF,
    NODE_WITH,
    NODE_RANGE,
    NODE_TEMPLATE,
    NODE_BREAK,
    NODE_CONTINUE,
    /* what ends a list; only while parsing */
    NODE_END,
    NODE_ELSE,
    /* what is evaluated */
    NODE_PIPE,
    NODE_COMMAND,
    NODE_FIELD,
    NODE_VARIABLE,
    NODE_CHAIN,
    NODE_FUNCTION,
    NODE_DOT,
    NODE_NIL,
    NODE_CONSTANT,
    NODE_OVERFLOW,
};

struct node {
    enum node_kind kind;
    uint32_t offset;   /* where errors say it is, in octets from the start of the source */
    struct node *next; /* the next in its list, pipeline or command */
    union {
        struct bytes text; /* NODE_TEXT; the spelling of NODE_OVERFLOW */
        struct {
            struct node *pipe;
            struct node *body;
            struct node *otherwise;
        } branch; /* NODE_ACTION (pipe only), NODE_IF, NODE_WITH, NODE_RANGE */
        struct {
            struct bytes name;
            struct node *pipe;                   /* NULL when there is none */
            const struct definition *definition; /* NULL when there is none of this name */
            struct node *next_call;              /* of the whole template, while parsing */
        } call;                                  /* NODE_TEMPLATE */
        struct {
            struct node *declared; /* NODE_VARIABLE each */
            struct node *commands;
            bool assigns;
        } pipe;
        struct {
            struct node *arguments;
            size_t count;
        } command;
        struct {
            struct node *base;    /* NODE_CHAIN: a NODE_PIPE or NODE_FUNCTION */
            const char *variable; /* NODE_VARIABLE: its name with the $ */
            const char **fields;
            size_t count;
        } path;                   /* NODE_FIELD, NODE_VARIABLE, NODE_CHAIN */
        struct builtin *function; /* NODE_FUNCTION */
        struct value *constant;   /* NODE_CONSTANT */
    };
};

/* A named body: the template itself, or what {{define}} and {{block}} make. */
struct definition {
    struct definition *next;
    struct bytes name;
    struct node *body;
};

struct template_memory;

struct template
{
    char *name;
    struct bytes source; /* our copy */
    struct definition *definitions;
    const struct definition *main;
    struct value **constants; /* what the nodes refer to, for the day they are dropped */
    size_t constant_count;
    size_t constant_capacity;
    struct template_memory *memory;
};

/* Zeroed memory that is freed with the template. */
void *template_allocate(struct template *template, size_t size);
/* A NUL-terminated copy that is freed with the template. */
char *template_keep_text(struct template *template, struct bytes text);
/* The template takes the value over. */
struct value *template_take_constant(struct template *template, struct value *take_value);

const struct definition *template_find(const struct template *template, struct bytes name);
/* A body of nothing but space: it may be defined anew. */
bool template_body_is_blank(const struct node *body);

/* Line from 1 and column from 0 in octets, the way Go counts, of an offset. */
void template_locate(unsigned *ret_line, unsigned *ret_column, const struct template *template, size_t offset);
