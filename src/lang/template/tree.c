/* SPDX-License-Identifier: Apache-2.0 */
/* One body of a template while it is parsed. */
#include "lang/template/tree.h"

#include "base/array.h"
#include "base/text.h"

static const char *const token_names[] = {
    [TOKEN_END_OF_TEXT] = "the end of the template",
    [TOKEN_TEXT] = "text",
    [TOKEN_LEFT_DELIMITER] = "\"{{\"",
    [TOKEN_RIGHT_DELIMITER] = "\"}}\"",
    [TOKEN_SPACE] = "a space",
    [TOKEN_PIPE] = "\"|\"",
};

void tree_init(struct tree *ret, struct parser *parser)
{
    *ret = (struct tree){.parser = parser};
    *ARRAY_ADD(ret->variables, ret->variable_count, ret->variable_capacity) = "$";
}

void tree_finish(struct tree *tree)
{
    free(tree->variables);
}

void *tree_refuse(struct tree *tree, const char *format, ...)
{
    struct parser *parser = tree->parser;
    if (parser->failed)
        return NULL;
    parser->failed = true;
    AUTO(text_finish) struct text words = {0};
    va_list arguments;
    va_start(arguments, format);
    text_append_list(&words, format, arguments);
    va_end(arguments);
    AUTO(text_finish) struct text shown = {0};
    text_append_shown(&shown, text_bytes(&words), DIAG_TEXT_MAX / 2);
    unsigned line, column;
    template_locate(&line, &column, parser->template, tree->tokens[0].offset);
    fail(parser->why, TEMPLATE_E_PARSE, "%s:%u:%u: %s", parser->template->name, tree->tokens[0].line, column,
         text_characters(&shown));
    return NULL;
}

void *tree_refuse_token(struct tree *tree, struct token token, const char *context)
{
    if (token.kind == TOKEN_ERROR && tree->action_line > 0 && tree->action_line != token.line)
        return tree_refuse(tree, "%s (the action began in line %u)", token.message, tree->action_line);
    if (token.kind == TOKEN_ERROR)
        return tree_refuse(tree, "%s", token.message);
    if (token.kind < (int)LENGTH(token_names) && token_names[token.kind])
        return tree_refuse(tree, "%s can't stand in %s", token_names[token.kind], context);
    int size = token.text.size < 40 ? (int)token.text.size : 40;
    return tree_refuse(tree, "\"%.*s\" can't stand in %s", size, token.text.data, context);
}

/* Tokens */

struct token tree_next(struct tree *tree)
{
    if (tree->parser->failed)
        return (struct token){.kind = TOKEN_END_OF_TEXT};
    if (tree->ahead > 0)
        tree->ahead--;
    else
        tree->tokens[0] = lexer_next(&tree->parser->lexer);
    return tree->tokens[tree->ahead];
}

void tree_back_up(struct tree *tree)
{
    tree->ahead++;
}

struct token tree_peek(struct tree *tree)
{
    struct token token = tree_next(tree);
    tree_back_up(tree);
    return token;
}

struct token tree_next_word(struct tree *tree)
{
    struct token token = tree_next(tree);
    while (token.kind == TOKEN_SPACE)
        token = tree_next(tree);
    return token;
}

struct token tree_peek_word(struct tree *tree)
{
    struct token token = tree_next_word(tree);
    tree_back_up(tree);
    return token;
}

bool tree_expect(struct tree *tree, enum token_kind kind, const char *context)
{
    struct token token = tree_next_word(tree);
    if (token.kind != kind)
        tree_refuse_token(tree, token, context);
    return !tree->parser->failed;
}

/* Nodes */

struct node *tree_new_node(struct tree *tree, enum node_kind kind, size_t offset)
{
    struct node *node = template_allocate(tree->parser->template, sizeof *node);
    node->kind = kind;
    node->offset = (uint32_t)offset;
    return node;
}

void node_list_add(struct node_list *list, struct node *node)
{
    if (!node)
        return;
    *(list->end ?: &list->first) = node;
    list->end = &node->next;
}

bool tree_descend(struct tree *tree)
{
    if (tree->parser->nesting == TEMPLATE_NESTING_MAX)
        tree_refuse(tree, "more than %d blocks or parentheses inside each other", TEMPLATE_NESTING_MAX);
    else
        tree->parser->nesting++;
    return !tree->parser->failed;
}

void tree_ascend(struct tree *tree)
{
    tree->parser->nesting--;
}
