/* SPDX-License-Identifier: Apache-2.0 */
/* Makes nodes of what is evaluated. */
#include "lang/template/pipeline.h"

#include "base/array.h"
#include "base/text.h"
#include "lang/template/literal.h"

static struct node *new_constant(struct tree *tree, size_t offset, struct value *take_value)
{
    struct node *node = tree_new_node(tree, NODE_CONSTANT, offset);
    node->constant = template_take_constant(tree->parser->template, take_value);
    return node;
}

/* The variable's name as the body knows it; NULL when none is declared. */
static const char *find_variable(const struct tree *tree, struct bytes name)
{
    for (size_t i = tree->variable_count; i > 0; i--)
        if (bytes_equal_text(name, tree->variables[i - 1]))
            return tree->variables[i - 1];
    return NULL;
}

static struct node *new_variable(struct tree *tree, size_t offset, const char *name)
{
    struct node *node = tree_new_node(tree, NODE_VARIABLE, offset);
    node->path.variable = name;
    return node;
}

static struct node *declare_variable(struct tree *tree, struct token token)
{
    const char *known = find_variable(tree, token.text);
    if (known)
        return new_variable(tree, token.offset, known);
    if (tree->variable_count == TEMPLATE_VARIABLES_MAX)
        return tree_refuse(tree, "more than %d variables are declared here", TEMPLATE_VARIABLES_MAX);
    const char *name = template_keep_text(tree->parser->template, token.text);
    *ARRAY_ADD(tree->variables, tree->variable_count, tree->variable_capacity) = name;
    return new_variable(tree, token.offset, name);
}

static struct node *use_variable(struct tree *tree, struct token token)
{
    const char *known = find_variable(tree, token.text);
    if (known)
        return new_variable(tree, token.offset, known);
    return tree_refuse(tree, "variable %.*s is not declared here (declare it with {{%.*s := ...}})",
                       (int)token.text.size, token.text.data, (int)token.text.size, token.text.data);
}

/* Functions */

const struct template_function *pipeline_find_function(const struct parser *parser, const char *name)
{
    for (size_t i = 0; i < parser->function_count; i++)
        if (strcmp(parser->functions[i].name, name) == 0)
            return &parser->functions[i];
    return NULL;
}

static void refuse_function(struct tree *tree, const char *name)
{
    const char *nearest = builtin_nearest(name);
    if (nearest)
        tree_refuse(tree, "there is no function \"%s\" (did you mean \"%s\"? a value of the data is written .%s)", name,
                    nearest, name);
    else
        tree_refuse(tree, "there is no function \"%s\" (a value of the data is written .%s)", name, name);
}

static struct node *parse_function(struct tree *tree, struct token token)
{
    AUTO(free) char *name = memory_text_of((const char *)token.text.data, token.text.size);
    struct node *node = tree_new_node(tree, NODE_FUNCTION, token.offset);
    const struct template_function *function = pipeline_find_function(tree->parser, name);
    const struct builtin *builtin = builtin_of_go(name) ?: builtin_of_sprig(name);
    node->function = template_allocate(tree->parser->template, sizeof *node->function);
    if (function)
        *node->function = (struct builtin){.function = *function, .maximum = BUILTIN_ANY};
    else if (builtin)
        *node->function = *builtin;
    else
        refuse_function(tree, name);
    return node;
}

/* Constants */

struct node *pipeline_parse_string(struct tree *tree, struct token token)
{
    AUTO(text_finish) struct text characters = {0};
    if (!literal_string(&characters, token.text))
        return tree_refuse(tree, "the string holds an escape that is none (a backslash is written \\\\)");
    return new_constant(tree, token.offset, value_new_string_of(text_bytes(&characters)));
}

static struct node *parse_character(struct tree *tree, struct token token)
{
    uint32_t character;
    if (!literal_character(&character, token.text))
        return tree_refuse(tree, "a character constant holds one character or escape (strings stand in double quotes)");
    return new_constant(tree, token.offset, value_new_integer(character));
}

static struct node *parse_number(struct tree *tree, struct token token)
{
    struct value *number = NULL;
    if (token.text.data[token.text.size - 1] == 'i')
        return tree_refuse(tree, "complex numbers are not supported");
    switch (literal_number(&number, token.text)) {
    case LITERAL_OK:
        return new_constant(tree, token.offset, number);
    case LITERAL_TOO_LARGE: {
        struct node *node = tree_new_node(tree, NODE_OVERFLOW, token.offset);
        node->text = token.text;
        return node;
    }
    case LITERAL_OVERFLOW:
        return tree_refuse(tree, "the number is larger than an integer can be");
    case LITERAL_MALFORMED:
        break;
    }
    return tree_refuse(tree, "this is no number");
}

/* Operands */

static struct node *parse_parentheses(struct tree *tree)
{
    if (!tree_descend(tree))
        return NULL;
    struct node *pipe = pipeline_parse(tree, "parentheses", TOKEN_RIGHT_PARENTHESIS);
    tree_ascend(tree);
    return pipe;
}

/* Puts the field's name, which comes with its dot, behind the others of the path. */
static void add_field(struct tree *tree, struct node *node, struct token token)
{
    size_t count = node->path.count;
    if ((count & (count - 1)) == 0) { /* grows at the powers of two */
        const char **fields =
            template_allocate(tree->parser->template, (count > 0 ? count * 2 : 1) * sizeof node->path.fields[0]);
        if (count > 0)
            memcpy(fields, node->path.fields, count * sizeof fields[0]);
        node->path.fields = fields;
    }
    node->path.fields[node->path.count++] =
        template_keep_text(tree->parser->template, bytes_slice(token.text, 1, SIZE_MAX));
}

static struct node *parse_field(struct tree *tree, struct token token)
{
    struct node *node = tree_new_node(tree, NODE_FIELD, token.offset);
    add_field(tree, node, token);
    return node;
}

/* NULL when the next token begins no operand. */
static struct node *parse_term(struct tree *tree)
{
    struct token token = tree_next_word(tree);
    switch (token.kind) {
    case TOKEN_IDENTIFIER:
        return parse_function(tree, token);
    case TOKEN_DOT:
        return tree_new_node(tree, NODE_DOT, token.offset);
    case TOKEN_NIL:
        return tree_new_node(tree, NODE_NIL, token.offset);
    case TOKEN_VARIABLE:
        return use_variable(tree, token);
    case TOKEN_FIELD:
        return parse_field(tree, token);
    case TOKEN_BOOL:
        return new_constant(tree, token.offset, value_new_bool(bytes_equal_text(token.text, "true")));
    case TOKEN_CHARACTER_CONSTANT:
        return parse_character(tree, token);
    case TOKEN_COMPLEX:
    case TOKEN_NUMBER:
        return parse_number(tree, token);
    case TOKEN_LEFT_PARENTHESIS:
        return parse_parentheses(tree);
    case TOKEN_STRING:
    case TOKEN_RAW_STRING:
        return pipeline_parse_string(tree, token);
    default:
        tree_back_up(tree);
        return NULL;
    }
}

/* The node that fields can follow: the term itself, or a chain that begins with it. */
static struct node *chain_of(struct tree *tree, struct node *term)
{
    switch (term->kind) {
    case NODE_FIELD:
    case NODE_VARIABLE:
        return term;
    case NODE_PIPE:
    case NODE_FUNCTION: {
        struct node *chain = tree_new_node(tree, NODE_CHAIN, 0);
        chain->path.base = term;
        return chain;
    }
    default:
        return tree_refuse(tree,
                           "a constant or \".\" has no fields (a field of the dot is written .name, without space)");
    }
}

/* A term with the fields that follow it at once. Errors in a path are placed at its second part, as Go places them. */
static struct node *parse_operand(struct tree *tree)
{
    struct node *term = parse_term(tree);
    if (!term || tree_peek(tree).kind != TOKEN_FIELD)
        return term;
    size_t offset = tree_peek(tree).offset;
    struct node *chain = NULL;
    while (tree_peek(tree).kind == TOKEN_FIELD) {
        struct token token = tree_next(tree);
        chain = chain ?: chain_of(tree, term);
        if (!chain)
            return NULL;
        add_field(tree, chain, token);
    }
    chain->offset = (uint32_t)offset;
    return chain;
}

static struct node *parse_command(struct tree *tree)
{
    struct node *command = tree_new_node(tree, NODE_COMMAND, tree_peek_word(tree).offset);
    struct node_list arguments = {0};
    for (bool more = true; more && !tree->parser->failed;) {
        tree_peek_word(tree);
        struct node *operand = parse_operand(tree);
        node_list_add(&arguments, operand);
        command->command.count += operand != NULL;
        struct token token = tree_next(tree);
        more = token.kind == TOKEN_SPACE;
        if (token.kind == TOKEN_RIGHT_DELIMITER || token.kind == TOKEN_RIGHT_PARENTHESIS)
            tree_back_up(tree);
        else if (!more && token.kind != TOKEN_PIPE)
            tree_refuse_token(tree, token, "an operand");
    }
    command->command.arguments = arguments.first;
    if (!arguments.first)
        return tree_refuse(tree, "a command is missing");
    return command;
}

/* Pipelines */

/* "$x :=", "$x =", and in a range "$i, $x :=". Whether another declaration follows. */
static bool parse_declaration(struct tree *tree, struct node *pipe, struct node_list *declared, const char *context)
{
    struct token variable = tree_next(tree);
    struct token after = tree_peek(tree);
    struct token next = tree_peek_word(tree);
    if (next.kind == TOKEN_ASSIGN || next.kind == TOKEN_DECLARE) {
        pipe->pipe.assigns = next.kind == TOKEN_ASSIGN;
        tree_next_word(tree);
        node_list_add(declared, declare_variable(tree, variable));
        return false;
    }
    if (next.kind == TOKEN_CHARACTER && bytes_equal_text(next.text, ",")) {
        tree_next_word(tree);
        bool is_first = !declared->first;
        node_list_add(declared, declare_variable(tree, variable));
        if (!is_first || strcmp(context, "range") != 0)
            return tree_refuse(tree, "too many variables are declared in %s", context);
        enum token_kind following = tree_peek_word(tree).kind;
        if (following == TOKEN_VARIABLE || following == TOKEN_RIGHT_DELIMITER || following == TOKEN_RIGHT_PARENTHESIS)
            return true;
        return tree_refuse(tree, "behind \",\" a range declares a second variable");
    }
    /* The variable is an argument: it goes back, with the space that was read behind it. */
    if (after.kind == TOKEN_SPACE) {
        tree->tokens[1] = after;
        tree->tokens[2] = variable;
        tree->ahead = 3;
    } else {
        tree->tokens[1] = variable;
        tree->ahead = 2;
    }
    return false;
}

static void parse_declarations(struct tree *tree, struct node *pipe, const char *context)
{
    struct node_list declared = {0};
    while (!tree->parser->failed && tree_peek_word(tree).kind == TOKEN_VARIABLE)
        if (!parse_declaration(tree, pipe, &declared, context))
            break;
    pipe->pipe.declared = declared.first;
}

static bool begins_command(enum token_kind kind)
{
    return (kind >= TOKEN_BOOL && kind <= TOKEN_VARIABLE) || kind == TOKEN_NIL || kind == TOKEN_LEFT_PARENTHESIS;
}

/* Only the first command may be a value alone: those behind it are given a value, which no constant takes. */
static void check_commands(struct tree *tree, const struct node *pipe, const char *context)
{
    if (!pipe->pipe.commands) {
        tree_refuse(tree, "a value is missing in %s", context);
        return;
    }
    for (const struct node *command = pipe->pipe.commands->next; command; command = command->next)
        switch (command->command.arguments->kind) {
        case NODE_CONSTANT:
        case NODE_OVERFLOW:
        case NODE_DOT:
        case NODE_NIL:
            tree_refuse(tree, "what stands behind \"|\" must be a function");
            return;
        default:
            break;
        }
}

struct node *pipeline_parse(struct tree *tree, const char *context, enum token_kind end)
{
    struct node *pipe = tree_new_node(tree, NODE_PIPE, tree_peek_word(tree).offset);
    parse_declarations(tree, pipe, context);
    struct node_list commands = {0};
    while (!tree->parser->failed) {
        struct token token = tree_next_word(tree);
        if (token.kind == end) {
            pipe->pipe.commands = commands.first;
            check_commands(tree, pipe, context);
            break;
        }
        if (!begins_command(token.kind))
            return tree_refuse_token(tree, token, context);
        tree_back_up(tree);
        node_list_add(&commands, parse_command(tree));
    }
    return tree->parser->failed ? NULL : pipe;
}
