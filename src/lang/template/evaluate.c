/* SPDX-License-Identifier: Apache-2.0 */
/* Pipelines, commands and operands. renderer->at moves from node to node as Go's does, since errors name its place. */
#include "lang/template/evaluate.h"

#include "base/array.h"
#include "lang/template/format.h"
#include "lang/template/render.h"
#include "lang/template/truth.h"

/* Octets of text that a function goes over in one step. */
#define STEP_OCTETS 64

/* What an argument of a call is evaluated for. */
struct call {
    const struct value *dot;
    const struct node *function;
    const struct node *place;     /* where an error of the function is said to be */
    const struct node *arguments; /* the nodes behind its name */
    size_t count;                 /* of these */
    const struct value *final;    /* what the command before it in the pipeline gave, or NULL */
};

static const struct value *evaluate_call(struct renderer *renderer, const struct call *call);

/* Fields */

static const struct value *map_in(const struct value *map, const char *field)
{
    return map && map->kind == VALUE_MAP ? value_map_get(map, field) : NULL;
}

/* Whether the data has the field with what the machine says of itself: labels that the group selects on are beside it,
 * and so people expect it there. */
static bool request_says(const struct value *map, const char *field)
{
    return map_in(map_in(map_in(map, "request"), "query"), field) != NULL;
}

static const struct value *refuse_missing(struct renderer *renderer, const struct value *map, const char *field)
{
    const char *keys[64];
    size_t count = 0;
    for (; count < map->map.count && count < LENGTH(keys); count++)
        keys[count] = map->map.members[count].key;
    const char *nearest = strlen(field) > 2 ? text_nearest(field, keys, count) : NULL;
    if (request_says(map, field))
        renderer_refuse(renderer, "there is no \"%s\" here (what the machine says is .request.query.%s)", field, field);
    else if (nearest)
        renderer_refuse(renderer, "there is no \"%s\" here (did you mean \"%s\"?)", field, nearest);
    else
        renderer_refuse(renderer, "there is no \"%s\" here (index . \"%s\" takes a missing one)", field, field);
    return NULL;
}

static const struct value *evaluate_field(struct renderer *renderer, const struct value *receiver, const char *field,
                                          bool has_arguments)
{
    if (receiver->kind != VALUE_MAP) {
        renderer_refuse(renderer, "%s has no fields, so no \"%s\"", format_type(receiver), field);
        return NULL;
    }
    if (has_arguments) {
        renderer_refuse(renderer, "\"%s\" is no function and takes no arguments", field);
        return NULL;
    }
    return value_map_get(receiver, field) ?: refuse_missing(renderer, receiver, field);
}

static const struct value *evaluate_fields(struct renderer *renderer, const struct value *receiver,
                                           const struct node *node, bool has_arguments)
{
    for (size_t i = 0; receiver && i < node->path.count; i++)
        receiver = evaluate_field(renderer, receiver, node->path.fields[i], has_arguments && i + 1 == node->path.count);
    return receiver;
}

static bool refuse_arguments(struct renderer *renderer)
{
    return renderer_refuse(renderer, "what is given arguments here is no function");
}

static const struct value *evaluate_variable(struct renderer *renderer, const struct node *node, bool has_arguments)
{
    renderer->at = node;
    const struct value *value = renderer_variable(renderer, node->path.variable);
    if (!value) {
        renderer_refuse(renderer, "variable %s has no value here", node->path.variable);
        return NULL;
    }
    if (node->path.count == 0 && has_arguments) {
        refuse_arguments(renderer);
        return NULL;
    }
    return evaluate_fields(renderer, value, node, has_arguments);
}

static const struct value *evaluate_function(struct renderer *renderer, const struct value *dot,
                                             const struct node *node)
{
    renderer->at = node;
    return evaluate_call(renderer, &(struct call){.dot = dot, .function = node, .place = node});
}

static const struct value *evaluate_chain(struct renderer *renderer, const struct value *dot, const struct node *node,
                                          bool has_arguments)
{
    const struct node *base = node->path.base;
    renderer->at = base;
    const struct value *receiver =
        base->kind == NODE_PIPE ? evaluate_pipe(renderer, dot, base) : evaluate_function(renderer, dot, base);
    return evaluate_fields(renderer, receiver, node, has_arguments);
}

static const struct value *refuse_overflow(struct renderer *renderer, const struct node *node)
{
    renderer_refuse(renderer, "%.*s is larger than an integer can be", (int)node->text.size, node->text.data);
    return NULL;
}

static const struct value *evaluate_argument(struct renderer *renderer, const struct value *dot,
                                             const struct node *node)
{
    renderer->at = node;
    if (!renderer_step(renderer, 1))
        return NULL;
    switch (node->kind) {
    case NODE_DOT:
        return dot;
    case NODE_NIL:
        return renderer_keep(renderer, value_new_null());
    case NODE_FIELD:
        return evaluate_fields(renderer, dot, node, false);
    case NODE_VARIABLE:
        return evaluate_variable(renderer, node, false);
    case NODE_PIPE:
        return evaluate_pipe(renderer, dot, node);
    case NODE_FUNCTION:
        return evaluate_function(renderer, dot, node);
    case NODE_CHAIN:
        return evaluate_chain(renderer, dot, node, false);
    case NODE_OVERFLOW:
        return refuse_overflow(renderer, node);
    default:
        return node->constant;
    }
}

/* Calls */

/* What a function made is counted: text by its octets, and 64 for each value. */
static bool charge(struct renderer *renderer, const struct value *value)
{
    size_t made = 64;
    if (value->kind == VALUE_STRING)
        made += value->string.length;
    else if (value->kind == VALUE_LIST)
        made += value->list.count * 64;
    else if (value->kind == VALUE_MAP)
        made += value->map.count * 64;
    if (__atomic_load_n(&value->references, __ATOMIC_RELAXED) > 1)
        made = 0;
    if (made > renderer->made_left)
        return renderer_refuse(renderer, "the functions of this template make more than %zu octets of values",
                               TEMPLATE_MADE_MAX);
    renderer->made_left -= made;
    return true;
}

/* The octets that indexing a string gives are known to the language's own functions only. */
static void replace_octets(struct renderer *renderer, size_t first)
{
    for (size_t i = first; i < renderer->argument_count; i++)
        if (renderer->arguments[i]->kind == TEMPLATE_VALUE_OCTET)
            renderer->arguments[i] = renderer_keep(renderer, value_new_integer(renderer->arguments[i]->integer));
}

/* The steps that a function may take over its arguments. */
static size_t work_of(const struct value *const *arguments, size_t count)
{
    size_t work = 1;
    for (size_t i = 0; i < count; i++)
        if (arguments[i]->kind == VALUE_STRING)
            work += arguments[i]->string.length / STEP_OCTETS;
    return work;
}

static const struct value *call_function(struct renderer *renderer, const struct call *call, size_t first)
{
    const struct builtin *function = call->function->function;
    if (!function->takes_octets)
        replace_octets(renderer, first);
    size_t count = renderer->argument_count - first;
    const struct value *const *arguments = count > 0 ? renderer->arguments + first : NULL;
    if (!renderer_step(renderer, work_of(arguments, count)))
        return NULL;
    renderer->reason.text[0] = '\0';
    struct value *made = function->function.call(renderer->context, arguments, count, &renderer->reason);
    if (!made) {
        renderer->at = call->place;
        renderer_refuse(renderer, "%s: %s", function->function.name, renderer->reason.text);
        return NULL;
    }
    const struct value *kept = renderer_keep(renderer, made);
    return charge(renderer, kept) ? kept : NULL;
}

/* and, or: the first argument that decides, or the last. Those behind it are not evaluated. */
static const struct value *evaluate_and_or(struct renderer *renderer, const struct call *call, bool deciding)
{
    const struct value *value = NULL;
    for (const struct node *node = call->arguments; node; node = node->next) {
        value = evaluate_argument(renderer, call->dot, node);
        if (!value || value_is_true(value) == deciding)
            return value;
    }
    return call->final ?: value;
}

static bool push_argument(struct renderer *renderer, const struct value *value)
{
    if (value)
        *ARRAY_ADD(renderer->arguments, renderer->argument_count, renderer->argument_capacity) = value;
    return value != NULL;
}

/* A format must be a string; a constant that is none is refused where it stands. */
static bool check_format(struct renderer *renderer, const struct call *call, size_t first)
{
    if (call->function->function->manner != BUILTIN_FORMAT || renderer->argument_count != first + 1)
        return true;
    const struct value *value = renderer->arguments[first];
    return value->kind == VALUE_STRING || renderer_refuse(renderer, "the first argument of %s must be a string, not %s",
                                                          call->function->function->function.name, format_type(value));
}

static bool push_arguments(struct renderer *renderer, const struct call *call, size_t first)
{
    for (const struct node *node = call->arguments; node; node = node->next)
        if (!push_argument(renderer, evaluate_argument(renderer, call->dot, node)) ||
            !check_format(renderer, call, first))
            return false;
    return !call->final || (push_argument(renderer, call->final) && check_format(renderer, call, first));
}

static bool refuse_count(struct renderer *renderer, const struct builtin *function, const char *bound, unsigned wanted,
                         size_t count)
{
    return renderer_refuse(renderer, "%s takes %s%u argument%s and is given %zu", function->function.name,
                           function->minimum == function->maximum ? "" : bound, wanted, wanted == 1 ? "" : "s", count);
}

static bool check_count(struct renderer *renderer, const struct call *call)
{
    const struct builtin *function = call->function->function;
    size_t count = call->count + (call->final != NULL);
    if (count < function->minimum)
        return refuse_count(renderer, function, "at least ", function->minimum, count);
    if (function->maximum != BUILTIN_ANY && count > function->maximum)
        return refuse_count(renderer, function, "at most ", function->maximum, count);
    return true;
}

static const struct value *evaluate_call(struct renderer *renderer, const struct call *call)
{
    if (!check_count(renderer, call))
        return NULL;
    enum builtin_manner manner = call->function->function->manner;
    if (manner == BUILTIN_AND || manner == BUILTIN_OR)
        return evaluate_and_or(renderer, call, manner == BUILTIN_OR);
    size_t first = renderer->argument_count;
    const struct value *value = NULL;
    if (push_arguments(renderer, call, first))
        value = call_function(renderer, call, first);
    renderer->argument_count = first;
    return value;
}

/* Pipelines */

static const struct value *evaluate_constant(struct renderer *renderer, const struct value *dot,
                                             const struct node *node, bool has_arguments)
{
    renderer->at = node;
    if (has_arguments) {
        refuse_arguments(renderer);
        return NULL;
    }
    if (node->kind == NODE_NIL) {
        renderer_refuse(renderer, "nil can't stand alone");
        return NULL;
    }
    return evaluate_argument(renderer, dot, node);
}

static const struct value *evaluate_command(struct renderer *renderer, const struct value *dot,
                                            const struct node *command, const struct value *final)
{
    const struct node *first = command->command.arguments;
    bool has_arguments = final || command->command.count > 1;
    if (!renderer_step(renderer, 1))
        return NULL;
    switch (first->kind) {
    case NODE_FIELD:
        renderer->at = first;
        return evaluate_fields(renderer, dot, first, has_arguments);
    case NODE_CHAIN:
        return evaluate_chain(renderer, dot, first, has_arguments);
    case NODE_FUNCTION:
        renderer->at = first;
        return evaluate_call(renderer, &(struct call){.dot = dot,
                                                      .function = first,
                                                      .place = command,
                                                      .arguments = first->next,
                                                      .count = command->command.count - 1,
                                                      .final = final});
    case NODE_PIPE:
        if (!has_arguments)
            return evaluate_pipe(renderer, dot, first);
        refuse_arguments(renderer);
        return NULL;
    case NODE_VARIABLE:
        return evaluate_variable(renderer, first, has_arguments);
    default:
        return evaluate_constant(renderer, dot, first, has_arguments);
    }
}

static bool set_variables(struct renderer *renderer, const struct node *pipe, const struct value *value)
{
    for (const struct node *declared = pipe->pipe.declared; declared; declared = declared->next) {
        if (!pipe->pipe.assigns)
            renderer_push_variable(renderer, declared->path.variable, value);
        else if (!renderer_assign(renderer, declared->path.variable, value))
            return false;
    }
    return true;
}

const struct value *evaluate_pipe(struct renderer *renderer, const struct value *dot, const struct node *pipe)
{
    if (!renderer_descend(renderer))
        return NULL;
    renderer->at = pipe;
    const struct value *value = NULL;
    for (const struct node *command = pipe->pipe.commands; command; command = command->next) {
        value = evaluate_command(renderer, dot, command, value);
        if (!value)
            break;
    }
    renderer_ascend(renderer);
    return value && set_variables(renderer, pipe, value) ? value : NULL;
}
