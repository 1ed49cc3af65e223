/* SPDX-License-Identifier: Apache-2.0 */
/* Makes nodes of a template's tokens: lists, blocks and definitions. */
#include "lang/template/parser.h"

#include "lang/template/pipeline.h"

static struct node *parse_action(struct tree *tree);

/* Lists */

static struct node *parse_text_or_action(struct tree *tree)
{
    struct token token = tree_next_word(tree);
    if (token.kind == TOKEN_LEFT_DELIMITER) {
        tree->action_line = token.line;
        struct node *node = parse_action(tree);
        tree->action_line = 0;
        return node;
    }
    if (token.kind != TOKEN_TEXT)
        return tree_refuse_token(tree, token, "a template");
    struct node *node = tree_new_node(tree, NODE_TEXT, token.offset);
    node->text = token.text;
    return node;
}

/* The block that a list belongs to, for the reason when its end is missing. */
struct opening {
    const char *word;
    unsigned line;
};

/* What stands up to {{end}} or {{else}}, which *ret_end says; NULL in *ret_end after an error. */
static struct node *parse_list(struct tree *tree, struct opening opening, struct node **ret_end)
{
    struct node_list list = {0};
    *ret_end = NULL;
    while (!tree->parser->failed && tree_peek_word(tree).kind != TOKEN_END_OF_TEXT) {
        struct node *node = parse_text_or_action(tree);
        if (node && (node->kind == NODE_END || node->kind == NODE_ELSE)) {
            *ret_end = node;
            return list.first;
        }
        node_list_add(&list, node);
    }
    return tree_refuse(tree, "the template ends where the {{end}} of the {{%s}} in line %u is missing", opening.word,
                       opening.line);
}

/* Blocks */

static struct node *parse_branch(struct tree *tree, enum node_kind kind, const char *word);

/* What follows {{else}}; "{{else if}}" has left the "if" to be read and shares its {{end}}. */
static struct node *parse_otherwise(struct tree *tree, struct opening opening, bool allows_else_if)
{
    if (allows_else_if && tree_peek(tree).kind == TOKEN_IF) {
        tree_next(tree);
        return parse_branch(tree, NODE_IF, "if");
    }
    struct node *end;
    struct node *list = parse_list(tree, opening, &end);
    if (end && end->kind != NODE_END)
        return tree_refuse(tree, "{{else}} a second time, where {{end}} is expected");
    return list;
}

static struct node *parse_branch(struct tree *tree, enum node_kind kind, const char *word)
{
    if (!tree_descend(tree))
        return NULL;
    const struct opening opening = {.word = word, .line = tree->tokens[0].line};
    size_t variables = tree->variable_count;
    struct node *pipe = pipeline_parse(tree, word, TOKEN_RIGHT_DELIMITER);
    tree->range_depth += kind == NODE_RANGE;
    struct node *end;
    struct node *body = parse_list(tree, opening, &end);
    tree->range_depth -= kind == NODE_RANGE;
    struct node *otherwise = end && end->kind == NODE_ELSE ? parse_otherwise(tree, opening, kind == NODE_IF) : NULL;
    tree->variable_count = variables;
    tree_ascend(tree);
    if (tree->parser->failed)
        return NULL;
    struct node *node = tree_new_node(tree, kind, pipe->offset);
    node->branch.pipe = pipe;
    node->branch.body = body;
    node->branch.otherwise = otherwise;
    return node;
}

static struct node *parse_leave(struct tree *tree, struct token token, enum node_kind kind)
{
    const char *word = kind == NODE_BREAK ? "break" : "continue";
    if (!tree_expect(tree, TOKEN_RIGHT_DELIMITER, word))
        return NULL;
    if (tree->range_depth == 0)
        return tree_refuse(tree, "{{%s}} stands outside of any {{range}}", word);
    return tree_new_node(tree, kind, token.offset);
}

static struct node *parse_else(struct tree *tree)
{
    if (tree_peek_word(tree).kind != TOKEN_IF && !tree_expect(tree, TOKEN_RIGHT_DELIMITER, "else"))
        return NULL;
    return tree_new_node(tree, NODE_ELSE, 0);
}

static struct node *parse_end(struct tree *tree)
{
    return tree_expect(tree, TOKEN_RIGHT_DELIMITER, "end") ? tree_new_node(tree, NODE_END, 0) : NULL;
}

/* Templates */

static bool parse_template_name(struct bytes *ret, struct tree *tree, struct token token, const char *context)
{
    if (token.kind != TOKEN_STRING && token.kind != TOKEN_RAW_STRING) {
        tree_refuse_token(tree, token, context);
        return false;
    }
    struct node *name = pipeline_parse_string(tree, token);
    if (name)
        *ret = bytes_of(name->constant->string.characters, name->constant->string.length);
    return name != NULL;
}

/* Adds the body under its name; only a blank one may be there already. */
static void define(struct tree *tree, struct bytes name, struct node *body)
{
    struct template *template = tree->parser->template;
    struct definition *known = (struct definition *)template_find(template, name);
    if (known && !template_body_is_blank(known->body)) {
        if (!template_body_is_blank(body))
            tree_refuse(tree, "template \"%.*s\" is defined a second time", (int)name.size, name.data);
        return;
    }
    if (!known && tree->parser->definition_count++ == TEMPLATE_DEFINITIONS_MAX) {
        tree_refuse(tree, "more than %d templates are defined", TEMPLATE_DEFINITIONS_MAX);
        return;
    }
    if (!known) {
        known = template_allocate(template, sizeof *known);
        known->next = template->definitions;
        known->name = name;
        template->definitions = known;
    }
    known->body = body;
}

/* The body of {{define}} or {{block}}: a tree of its own, which sees no variables of the one around it. */
static void parse_definition_body(struct tree *tree, struct tree *outer, struct bytes name, const char *context)
{
    const struct opening opening = {.word = context, .line = outer->tokens[0].line};
    struct node *end;
    struct node *body = parse_list(tree, opening, &end);
    if (end && end->kind != NODE_END)
        tree_refuse(outer, "{{else}} can't stand in %s", context);
    if (!tree->parser->failed)
        define(tree, name, body);
}

static void parse_define(struct tree *outer)
{
    AUTO(tree_finish) struct tree tree;
    tree_init(&tree, outer->parser);
    struct bytes name;
    if (parse_template_name(&name, &tree, tree_next_word(&tree), "define") &&
        tree_expect(&tree, TOKEN_RIGHT_DELIMITER, "define"))
        parse_definition_body(&tree, &tree, name, "define");
}

static struct node *new_call(struct tree *tree, size_t offset, struct bytes name, struct node *pipe)
{
    struct node *node = tree_new_node(tree, NODE_TEMPLATE, offset);
    node->call.name = name;
    node->call.pipe = pipe;
    node->call.next_call = tree->parser->calls;
    tree->parser->calls = node;
    return node;
}

static struct node *parse_block(struct tree *tree)
{
    struct bytes name;
    struct token token = tree_next_word(tree);
    if (!parse_template_name(&name, tree, token, "block") || !tree_descend(tree))
        return NULL;
    struct node *pipe = pipeline_parse(tree, "block", TOKEN_RIGHT_DELIMITER);
    if (tree->parser->failed)
        return NULL;
    AUTO(tree_finish) struct tree inner;
    tree_init(&inner, tree->parser);
    parse_definition_body(&inner, tree, name, "block");
    tree_ascend(tree);
    return new_call(tree, token.offset, name, pipe);
}

static struct node *parse_call(struct tree *tree)
{
    struct bytes name;
    struct token token = tree_next_word(tree);
    if (!parse_template_name(&name, tree, token, "template"))
        return NULL;
    struct node *pipe = NULL;
    if (tree_next_word(tree).kind != TOKEN_RIGHT_DELIMITER) {
        tree_back_up(tree);
        pipe = pipeline_parse(tree, "template", TOKEN_RIGHT_DELIMITER);
    }
    return new_call(tree, token.offset, name, pipe);
}

/* What stands behind "{{". */
static struct node *parse_action(struct tree *tree)
{
    struct token token = tree_next_word(tree);
    switch (token.kind) {
    case TOKEN_BLOCK:
        return parse_block(tree);
    case TOKEN_BREAK:
        return parse_leave(tree, token, NODE_BREAK);
    case TOKEN_CONTINUE:
        return parse_leave(tree, token, NODE_CONTINUE);
    case TOKEN_ELSE:
        return parse_else(tree);
    case TOKEN_END:
        return parse_end(tree);
    case TOKEN_IF:
        return parse_branch(tree, NODE_IF, "if");
    case TOKEN_RANGE:
        return parse_branch(tree, NODE_RANGE, "range");
    case TOKEN_TEMPLATE:
        return parse_call(tree);
    case TOKEN_WITH:
        return parse_branch(tree, NODE_WITH, "with");
    default:
        tree_back_up(tree);
    }
    struct node *node = tree_new_node(tree, NODE_ACTION, tree_peek(tree).offset);
    node->branch.pipe = pipeline_parse(tree, "an action", TOKEN_RIGHT_DELIMITER);
    return node;
}

/* Whether a {{define}} begins here; if so it is parsed. */
static bool parsed_define(struct tree *tree)
{
    if (tree_peek(tree).kind != TOKEN_LEFT_DELIMITER)
        return false;
    struct token delimiter = tree_next(tree);
    if (tree_next_word(tree).kind == TOKEN_DEFINE) {
        parse_define(tree);
        return true;
    }
    tree->tokens[1] = delimiter;
    tree->ahead = 2;
    return false;
}

static void parse_main(struct tree *tree)
{
    struct node_list list = {0};
    while (!tree->parser->failed && tree_peek(tree).kind != TOKEN_END_OF_TEXT) {
        if (parsed_define(tree))
            continue;
        struct node *node = parse_text_or_action(tree);
        if (node && (node->kind == NODE_END || node->kind == NODE_ELSE))
            tree_refuse(tree, "{{%s}} without a block that it belongs to", node->kind == NODE_END ? "end" : "else");
        node_list_add(&list, node);
    }
    if (!tree->parser->failed)
        define(tree, bytes_of_text(tree->parser->template->name), list.first);
}

static void link_calls(struct parser *parser)
{
    for (struct node *call = parser->calls; call; call = call->call.next_call)
        call->call.definition = template_find(parser->template, call->call.name);
}

int parser_run(struct template *template, const struct template_function *functions, size_t function_count,
               struct diag *why)
{
    struct parser parser = {
        .template = template,
        .functions = functions,
        .function_count = function_count,
        .why = why,
    };
    lexer_init(&parser.lexer, template->source);
    parser.lexer.break_is_function = pipeline_find_function(&parser, "break");
    parser.lexer.continue_is_function = pipeline_find_function(&parser, "continue");
    AUTO(tree_finish) struct tree tree;
    tree_init(&tree, &parser);
    parse_main(&tree);
    link_calls(&parser);
    template->main = template_find(template, bytes_of_text(template->name));
    return parser.failed ? TEMPLATE_E_PARSE : TEMPLATE_OK;
}
