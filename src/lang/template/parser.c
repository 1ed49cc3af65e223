/* SPDX-License-Identifier: Apache-2.0 */
/* Makes nodes of a template's tokens. What is looked ahead at is kept per body (struct tree), as Go does it, because
 * the line that an error names is the line of the last token which that body has read. */
#include "lang/template/parser.h"

#include "base/array.h"
#include "base/text.h"
#include "lang/template/lexer.h"
#include "lang/template/literal.h"

struct parser {
    struct template *template;
    struct lexer lexer;
    const struct template_function *functions;
    size_t function_count;
    struct node *calls; /* every NODE_TEMPLATE, through next_call */
    unsigned nesting;
    bool failed; /* the reason is in *why; all that runs on only returns */
    struct diag *why;
};

/* One body while it is parsed: the template itself or that of a {{define}} or {{block}}. */
struct tree {
    struct parser *parser;
    struct token tokens[3];
    unsigned ahead;
    unsigned range_depth;
    const char **variables;
    size_t variable_count;
    size_t variable_capacity;
};

/* A list of nodes while it grows. */
struct node_list {
    struct node *first;
    struct node **end;
};

static const char *const token_names[] = {
    [TOKEN_END_OF_TEXT] = "the end of the template",
    [TOKEN_TEXT] = "text",
    [TOKEN_LEFT_DELIMITER] = "\"{{\"",
    [TOKEN_RIGHT_DELIMITER] = "\"}}\"",
    [TOKEN_SPACE] = "a space",
    [TOKEN_PIPE] = "\"|\"",
};

static struct node *parse_action(struct tree *tree);
static struct node *parse_pipeline(struct tree *tree, const char *context, enum token_kind end);

/* Says what is wrong at the last token read. Always NULL, so that a caller can return it. */
static void *refuse(struct tree *tree, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void *refuse(struct tree *tree, const char *format, ...)
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

static void *refuse_token(struct tree *tree, struct token token, const char *context)
{
    if (token.kind == TOKEN_ERROR)
        return refuse(tree, "%s", token.message);
    if (token.kind < (int)LENGTH(token_names) && token_names[token.kind])
        return refuse(tree, "%s can't stand in %s", token_names[token.kind], context);
    int size = token.text.size < 40 ? (int)token.text.size : 40;
    return refuse(tree, "\"%.*s\" can't stand in %s", size, token.text.data, context);
}

/* Tokens */

static struct token next_token(struct tree *tree)
{
    if (tree->parser->failed)
        return (struct token){.kind = TOKEN_END_OF_TEXT};
    if (tree->ahead > 0)
        tree->ahead--;
    else
        tree->tokens[0] = lexer_next(&tree->parser->lexer);
    return tree->tokens[tree->ahead];
}

static void back_up(struct tree *tree)
{
    tree->ahead++;
}

static struct token peek_token(struct tree *tree)
{
    struct token token = next_token(tree);
    back_up(tree);
    return token;
}

static struct token next_word(struct tree *tree)
{
    struct token token = next_token(tree);
    while (token.kind == TOKEN_SPACE)
        token = next_token(tree);
    return token;
}

static struct token peek_word(struct tree *tree)
{
    struct token token = next_word(tree);
    back_up(tree);
    return token;
}

static bool expect(struct tree *tree, enum token_kind kind, const char *context)
{
    struct token token = next_word(tree);
    if (token.kind != kind)
        refuse_token(tree, token, context);
    return !tree->parser->failed;
}

/* Nodes */

static struct node *new_node(struct tree *tree, enum node_kind kind, size_t offset)
{
    struct node *node = template_allocate(tree->parser->template, sizeof *node);
    node->kind = kind;
    node->offset = (uint32_t)offset;
    return node;
}

static void add_node(struct node_list *list, struct node *node)
{
    if (!node)
        return;
    *(list->end ?: &list->first) = node;
    list->end = &node->next;
}

static struct node *new_constant(struct tree *tree, size_t offset, struct value *take_value)
{
    struct node *node = new_node(tree, NODE_CONSTANT, offset);
    node->constant = template_take_constant(tree->parser->template, take_value);
    return node;
}

/* Going one block or parenthesis deeper; false when that is too deep. */
static bool descend(struct tree *tree)
{
    if (tree->parser->nesting == TEMPLATE_NESTING_MAX)
        refuse(tree, "more than %d blocks or parentheses inside each other", TEMPLATE_NESTING_MAX);
    else
        tree->parser->nesting++;
    return !tree->parser->failed;
}

static void ascend(struct tree *tree)
{
    tree->parser->nesting--;
}

/* Variables */

static void tree_init(struct tree *ret, struct parser *parser)
{
    *ret = (struct tree){.parser = parser};
    *ARRAY_ADD(ret->variables, ret->variable_count, ret->variable_capacity) = "$";
}

static void tree_finish(struct tree *tree)
{
    free(tree->variables);
}

AUTO_DEFINE_STRUCT(tree_finish, struct tree);

static struct node *declare_variable(struct tree *tree, struct token token)
{
    struct node *node = new_node(tree, NODE_VARIABLE, token.offset);
    node->path.variable = template_keep_text(tree->parser->template, token.text);
    *ARRAY_ADD(tree->variables, tree->variable_count, tree->variable_capacity) = node->path.variable;
    return node;
}

static struct node *use_variable(struct tree *tree, struct token token)
{
    for (size_t i = tree->variable_count; i > 0; i--)
        if (bytes_equal_text(token.text, tree->variables[i - 1])) {
            struct node *node = new_node(tree, NODE_VARIABLE, token.offset);
            node->path.variable = tree->variables[i - 1];
            return node;
        }
    return refuse(tree, "variable %.*s is not declared here (declare it with {{%.*s := ...}})", (int)token.text.size,
                  token.text.data, (int)token.text.size, token.text.data);
}

/* Functions */

static const struct template_function *callers_function(const struct parser *parser, const char *name)
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
        refuse(tree, "there is no function \"%s\" (did you mean \"%s\"? a value of the data is written .%s)", name,
               nearest, name);
    else
        refuse(tree, "there is no function \"%s\" (a value of the data is written .%s)", name, name);
}

static struct node *parse_function(struct tree *tree, struct token token)
{
    AUTO(free) char *name = memory_text_of((const char *)token.text.data, token.text.size);
    struct node *node = new_node(tree, NODE_FUNCTION, token.offset);
    const struct template_function *function = callers_function(tree->parser, name);
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

static struct node *parse_string(struct tree *tree, struct token token)
{
    AUTO(text_finish) struct text characters = {0};
    if (!literal_string(&characters, token.text))
        return refuse(tree, "the string holds an escape that is none (a backslash is written \\\\)");
    return new_constant(tree, token.offset, value_new_string_of(text_bytes(&characters)));
}

static struct node *parse_character(struct tree *tree, struct token token)
{
    uint32_t character;
    if (!literal_character(&character, token.text))
        return refuse(tree, "a character constant holds one character or escape (strings stand in double quotes)");
    return new_constant(tree, token.offset, value_new_integer(character));
}

static struct node *parse_number(struct tree *tree, struct token token)
{
    struct value *number = NULL;
    if (token.text.data[token.text.size - 1] == 'i')
        return refuse(tree, "complex numbers are not supported");
    switch (literal_number(&number, token.text)) {
    case LITERAL_OK:
        return new_constant(tree, token.offset, number);
    case LITERAL_TOO_LARGE: {
        struct node *node = new_node(tree, NODE_OVERFLOW, token.offset);
        node->text = token.text;
        return node;
    }
    case LITERAL_OVERFLOW:
        return refuse(tree, "the number is larger than an integer can be");
    case LITERAL_MALFORMED:
        break;
    }
    return refuse(tree, "this is no number");
}

/* Operands */

static struct node *parse_parentheses(struct tree *tree)
{
    if (!descend(tree))
        return NULL;
    struct node *pipe = parse_pipeline(tree, "parentheses", TOKEN_RIGHT_PARENTHESIS);
    ascend(tree);
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
    struct node *node = new_node(tree, NODE_FIELD, token.offset);
    add_field(tree, node, token);
    return node;
}

/* NULL when the next token begins no operand. */
static struct node *parse_term(struct tree *tree)
{
    struct token token = next_word(tree);
    switch (token.kind) {
    case TOKEN_IDENTIFIER:
        return parse_function(tree, token);
    case TOKEN_DOT:
        return new_node(tree, NODE_DOT, token.offset);
    case TOKEN_NIL:
        return new_node(tree, NODE_NIL, token.offset);
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
        return parse_string(tree, token);
    default:
        back_up(tree);
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
        struct node *chain = new_node(tree, NODE_CHAIN, 0);
        chain->path.base = term;
        return chain;
    }
    default:
        return refuse(tree, "a constant or \".\" has no fields (a field of the dot is written .name, without space)");
    }
}

/* A term with the fields that follow it at once. Errors in a path are placed at its second part, as Go places them. */
static struct node *parse_operand(struct tree *tree)
{
    struct node *term = parse_term(tree);
    if (!term || peek_token(tree).kind != TOKEN_FIELD)
        return term;
    size_t offset = peek_token(tree).offset;
    struct node *chain = NULL;
    while (peek_token(tree).kind == TOKEN_FIELD) {
        struct token token = next_token(tree);
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
    struct node *command = new_node(tree, NODE_COMMAND, peek_word(tree).offset);
    struct node_list arguments = {0};
    for (bool more = true; more && !tree->parser->failed;) {
        peek_word(tree);
        struct node *operand = parse_operand(tree);
        add_node(&arguments, operand);
        command->command.count += operand != NULL;
        struct token token = next_token(tree);
        more = token.kind == TOKEN_SPACE;
        if (token.kind == TOKEN_RIGHT_DELIMITER || token.kind == TOKEN_RIGHT_PARENTHESIS)
            back_up(tree);
        else if (!more && token.kind != TOKEN_PIPE)
            refuse_token(tree, token, "an operand");
    }
    command->command.arguments = arguments.first;
    if (!arguments.first)
        return refuse(tree, "a command is missing");
    return command;
}

/* Pipelines */

/* "$x :=", "$x =", and in a range "$i, $x :=". Whether another declaration follows. */
static bool parse_declaration(struct tree *tree, struct node *pipe, struct node_list *declared, const char *context)
{
    struct token variable = next_token(tree);
    struct token after = peek_token(tree);
    struct token next = peek_word(tree);
    if (next.kind == TOKEN_ASSIGN || next.kind == TOKEN_DECLARE) {
        pipe->pipe.assigns = next.kind == TOKEN_ASSIGN;
        next_word(tree);
        add_node(declared, declare_variable(tree, variable));
        return false;
    }
    if (next.kind == TOKEN_CHARACTER && bytes_equal_text(next.text, ",")) {
        next_word(tree);
        bool is_first = !declared->first;
        add_node(declared, declare_variable(tree, variable));
        if (!is_first || strcmp(context, "range") != 0)
            return refuse(tree, "too many variables are declared in %s", context);
        enum token_kind following = peek_word(tree).kind;
        if (following == TOKEN_VARIABLE || following == TOKEN_RIGHT_DELIMITER || following == TOKEN_RIGHT_PARENTHESIS)
            return true;
        return refuse(tree, "behind \",\" a range declares a second variable");
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
    while (!tree->parser->failed && peek_word(tree).kind == TOKEN_VARIABLE)
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
        refuse(tree, "a value is missing in %s", context);
        return;
    }
    for (const struct node *command = pipe->pipe.commands->next; command; command = command->next)
        switch (command->command.arguments->kind) {
        case NODE_CONSTANT:
        case NODE_OVERFLOW:
        case NODE_DOT:
        case NODE_NIL:
            refuse(tree, "what stands behind \"|\" must be a function");
            return;
        default:
            break;
        }
}

static struct node *parse_pipeline(struct tree *tree, const char *context, enum token_kind end)
{
    struct node *pipe = new_node(tree, NODE_PIPE, peek_word(tree).offset);
    parse_declarations(tree, pipe, context);
    struct node_list commands = {0};
    while (!tree->parser->failed) {
        struct token token = next_word(tree);
        if (token.kind == end) {
            pipe->pipe.commands = commands.first;
            check_commands(tree, pipe, context);
            break;
        }
        if (!begins_command(token.kind))
            return refuse_token(tree, token, context);
        back_up(tree);
        add_node(&commands, parse_command(tree));
    }
    return tree->parser->failed ? NULL : pipe;
}

/* Lists */

static struct node *parse_text_or_action(struct tree *tree)
{
    struct token token = next_word(tree);
    if (token.kind == TOKEN_LEFT_DELIMITER)
        return parse_action(tree);
    if (token.kind != TOKEN_TEXT)
        return refuse_token(tree, token, "a template");
    struct node *node = new_node(tree, NODE_TEXT, token.offset);
    node->text = token.text;
    return node;
}

/* What stands up to {{end}} or {{else}}, which *ret_end says; NULL in *ret_end after an error. */
static struct node *parse_list(struct tree *tree, struct node **ret_end)
{
    struct node_list list = {0};
    *ret_end = NULL;
    while (!tree->parser->failed && peek_word(tree).kind != TOKEN_END_OF_TEXT) {
        struct node *node = parse_text_or_action(tree);
        if (node && (node->kind == NODE_END || node->kind == NODE_ELSE)) {
            *ret_end = node;
            return list.first;
        }
        add_node(&list, node);
    }
    return refuse(tree, "the template ends where {{end}} is missing");
}

/* Blocks */

static struct node *parse_branch(struct tree *tree, enum node_kind kind, const char *context);

/* What follows {{else}}; "{{else if}}" has left the "if" to be read and shares its {{end}}. */
static struct node *parse_otherwise(struct tree *tree, bool allows_else_if)
{
    if (allows_else_if && peek_token(tree).kind == TOKEN_IF) {
        next_token(tree);
        return parse_branch(tree, NODE_IF, "if");
    }
    struct node *end;
    struct node *list = parse_list(tree, &end);
    if (end && end->kind != NODE_END)
        return refuse(tree, "{{else}} a second time, where {{end}} is expected");
    return list;
}

static struct node *parse_branch(struct tree *tree, enum node_kind kind, const char *context)
{
    if (!descend(tree))
        return NULL;
    size_t variables = tree->variable_count;
    struct node *pipe = parse_pipeline(tree, context, TOKEN_RIGHT_DELIMITER);
    tree->range_depth += kind == NODE_RANGE;
    struct node *end;
    struct node *body = parse_list(tree, &end);
    tree->range_depth -= kind == NODE_RANGE;
    struct node *otherwise = end && end->kind == NODE_ELSE ? parse_otherwise(tree, kind == NODE_IF) : NULL;
    tree->variable_count = variables;
    ascend(tree);
    if (tree->parser->failed)
        return NULL;
    struct node *node = new_node(tree, kind, pipe->offset);
    node->branch.pipe = pipe;
    node->branch.body = body;
    node->branch.otherwise = otherwise;
    return node;
}

static struct node *parse_leave(struct tree *tree, struct token token, enum node_kind kind)
{
    const char *word = kind == NODE_BREAK ? "break" : "continue";
    if (!expect(tree, TOKEN_RIGHT_DELIMITER, word))
        return NULL;
    if (tree->range_depth == 0)
        return refuse(tree, "{{%s}} stands outside of any {{range}}", word);
    return new_node(tree, kind, token.offset);
}

static struct node *parse_else(struct tree *tree)
{
    if (peek_word(tree).kind != TOKEN_IF && !expect(tree, TOKEN_RIGHT_DELIMITER, "else"))
        return NULL;
    return new_node(tree, NODE_ELSE, 0);
}

static struct node *parse_end(struct tree *tree)
{
    return expect(tree, TOKEN_RIGHT_DELIMITER, "end") ? new_node(tree, NODE_END, 0) : NULL;
}

/* Templates */

static bool parse_template_name(struct bytes *ret, struct tree *tree, struct token token, const char *context)
{
    if (token.kind != TOKEN_STRING && token.kind != TOKEN_RAW_STRING) {
        refuse_token(tree, token, context);
        return false;
    }
    struct node *name = parse_string(tree, token);
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
            refuse(tree, "template \"%.*s\" is defined a second time", (int)name.size, name.data);
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
    struct node *end;
    struct node *body = parse_list(tree, &end);
    if (end && end->kind != NODE_END)
        refuse(outer, "{{else}} can't stand in %s", context);
    if (!tree->parser->failed)
        define(tree, name, body);
}

static void parse_define(struct tree *outer)
{
    AUTO(tree_finish) struct tree tree;
    tree_init(&tree, outer->parser);
    struct bytes name;
    if (parse_template_name(&name, &tree, next_word(&tree), "define") && expect(&tree, TOKEN_RIGHT_DELIMITER, "define"))
        parse_definition_body(&tree, &tree, name, "define");
}

static struct node *new_call(struct tree *tree, size_t offset, struct bytes name, struct node *pipe)
{
    struct node *node = new_node(tree, NODE_TEMPLATE, offset);
    node->call.name = name;
    node->call.pipe = pipe;
    node->call.next_call = tree->parser->calls;
    tree->parser->calls = node;
    return node;
}

static struct node *parse_block(struct tree *tree)
{
    struct bytes name;
    struct token token = next_word(tree);
    if (!parse_template_name(&name, tree, token, "block") || !descend(tree))
        return NULL;
    struct node *pipe = parse_pipeline(tree, "block", TOKEN_RIGHT_DELIMITER);
    if (tree->parser->failed)
        return NULL;
    AUTO(tree_finish) struct tree inner;
    tree_init(&inner, tree->parser);
    parse_definition_body(&inner, tree, name, "block");
    ascend(tree);
    return new_call(tree, token.offset, name, pipe);
}

static struct node *parse_call(struct tree *tree)
{
    struct bytes name;
    struct token token = next_word(tree);
    if (!parse_template_name(&name, tree, token, "template"))
        return NULL;
    struct node *pipe = NULL;
    if (next_word(tree).kind != TOKEN_RIGHT_DELIMITER) {
        back_up(tree);
        pipe = parse_pipeline(tree, "template", TOKEN_RIGHT_DELIMITER);
    }
    return new_call(tree, token.offset, name, pipe);
}

/* What stands behind "{{". */
static struct node *parse_action(struct tree *tree)
{
    struct token token = next_word(tree);
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
        back_up(tree);
    }
    struct node *node = new_node(tree, NODE_ACTION, peek_token(tree).offset);
    node->branch.pipe = parse_pipeline(tree, "an action", TOKEN_RIGHT_DELIMITER);
    return node;
}

/* Whether a {{define}} begins here; if so it is parsed. */
static bool parsed_define(struct tree *tree)
{
    if (peek_token(tree).kind != TOKEN_LEFT_DELIMITER)
        return false;
    struct token delimiter = next_token(tree);
    if (next_word(tree).kind == TOKEN_DEFINE) {
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
    while (!tree->parser->failed && peek_token(tree).kind != TOKEN_END_OF_TEXT) {
        if (parsed_define(tree))
            continue;
        struct node *node = parse_text_or_action(tree);
        if (node && (node->kind == NODE_END || node->kind == NODE_ELSE))
            refuse(tree, "{{%s}} without a block that it belongs to", node->kind == NODE_END ? "end" : "else");
        add_node(&list, node);
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
    parser.lexer.break_is_function = callers_function(&parser, "break");
    parser.lexer.continue_is_function = callers_function(&parser, "continue");
    AUTO(tree_finish) struct tree tree;
    tree_init(&tree, &parser);
    parse_main(&tree);
    link_calls(&parser);
    template->main = template_find(template, bytes_of_text(template->name));
    return parser.failed ? TEMPLATE_E_PARSE : TEMPLATE_OK;
}
