/* SPDX-License-Identifier: Apache-2.0 */
/* One body of a template while it is parsed: its tokens, its variables, and the reason it is refused. What is looked
 * ahead at is kept per body, as Go does it, because the line that an error names is the line of the last token which
 * that body has read. */
#pragma once

#include "base/auto.h"
#include "lang/template/lexer.h"
#include "lang/template/node.h"

struct parser {
    struct template *template;
    struct lexer lexer;
    const struct template_function *functions;
    size_t function_count;
    struct node *calls; /* every NODE_TEMPLATE, through next_call */
    unsigned nesting;
    size_t definition_count;
    bool failed; /* the reason is in *why; all that runs on only returns */
    struct diag *why;
};

/* The template itself, or the body of a {{define}} or {{block}}. */
struct tree {
    struct parser *parser;
    struct token tokens[3];
    unsigned ahead;
    unsigned range_depth;
    unsigned action_line; /* where the action at hand began; 0 outside of any */
    const char **variables;
    size_t variable_count;
    size_t variable_capacity;
};

/* A list of nodes while it grows. */
struct node_list {
    struct node *first;
    struct node **end;
};

void tree_init(struct tree *ret, struct parser *parser);
void tree_finish(struct tree *tree);
AUTO_DEFINE_STRUCT(tree_finish, struct tree);

/* Says what is wrong at the last token read. Always NULL, so that a caller can return it. */
void *tree_refuse(struct tree *tree, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Says that the token can't stand where it does. Always NULL. */
void *tree_refuse_token(struct tree *tree, struct token token, const char *context);

/* The next token, one that is no space, and the same without taking it. */
struct token tree_next(struct tree *tree);
struct token tree_next_word(struct tree *tree);
struct token tree_peek(struct tree *tree);
struct token tree_peek_word(struct tree *tree);
/* Puts the token taken last back. */
void tree_back_up(struct tree *tree);
/* Takes the next word, which must be of this kind. */
bool tree_expect(struct tree *tree, enum token_kind kind, const char *context);

struct node *tree_new_node(struct tree *tree, enum node_kind kind, size_t offset);
/* Appends the node; NULL is left out. */
void node_list_add(struct node_list *list, struct node *node);

/* Going one block or parenthesis deeper; false when that is too deep. */
bool tree_descend(struct tree *tree);
void tree_ascend(struct tree *tree);
