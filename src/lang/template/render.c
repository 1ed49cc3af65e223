/* SPDX-License-Identifier: Apache-2.0 */
/* Renders a parsed template: the walk over its nodes. What pipelines give is evaluate.c's. */
#include "lang/template/render.h"

#include "base/array.h"
#include "lang/template/evaluate.h"
#include "lang/template/format.h"
#include "lang/template/map.h"
#include "lang/template/truth.h"

/* How a list was left. */
enum flow {
    FLOW_NEXT,
    FLOW_BREAK,
    FLOW_CONTINUE,
    FLOW_FAILED,
};

static enum flow walk_list(struct renderer *renderer, const struct value *dot, const struct node *node);

static enum flow refuse_output(struct renderer *renderer)
{
    renderer_refuse(renderer, "the output grows longer than %zu octets", TEMPLATE_OUTPUT_MAX);
    return FLOW_FAILED;
}

static enum flow walk_text(struct renderer *renderer, const struct node *node)
{
    if (node->text.size > renderer->out_limit - renderer->out->length)
        return refuse_output(renderer);
    if (renderer->map)
        map_add_text(renderer->map, renderer->out->length - renderer->out_start, renderer->template, node->text);
    text_append_bytes(renderer->out, node->text);
    return FLOW_NEXT;
}

static enum flow walk_action(struct renderer *renderer, const struct value *dot, const struct node *node)
{
    size_t mark = renderer->temporary_count;
    const struct value *value = evaluate_pipe(renderer, dot, node->branch.pipe);
    enum flow flow = value ? FLOW_NEXT : FLOW_FAILED;
    if (value && !node->branch.pipe->pipe.declared) {
        renderer->at = node;
        if (renderer->map)
            map_add_action(renderer->map, renderer->out->length - renderer->out_start, renderer->template,
                           node->offset);
        static const struct value no_value = {.kind = VALUE_STRING, .string = {(char *)"<no value>", 10}};
        if (!format_value(renderer->out, renderer->out_limit, value->kind == VALUE_NULL ? &no_value : value))
            flow = refuse_output(renderer);
    }
    renderer_release(renderer, mark);
    return flow;
}

static enum flow walk_if_or_with(struct renderer *renderer, const struct value *dot, const struct node *node)
{
    size_t mark = renderer->temporary_count;
    size_t variables = renderer->variable_count;
    enum flow flow = FLOW_FAILED;
    const struct value *value = evaluate_pipe(renderer, dot, node->branch.pipe);
    if (value && value_is_true(value)) {
        if (node->kind == NODE_WITH)
            dot = renderer_keep(renderer, value_ref(value));
        flow = walk_list(renderer, dot, node->branch.body);
    } else if (value) {
        flow = walk_list(renderer, dot, node->branch.otherwise);
    }
    renderer_pop_variables(renderer, variables);
    renderer_release(renderer, mark);
    return flow;
}

/* Gives a round's variables their values: the element goes to the last one declared, the index to the first of two. */
static bool set_range_variables(struct renderer *renderer, const struct node *pipe, struct value *index,
                                const struct value *element)
{
    const struct node *first = pipe->pipe.declared;
    if (!first)
        return true;
    const struct value *values[] = {first->next ? index : element, element};
    if (pipe->pipe.assigns)
        return renderer_assign(renderer, first->path.variable, values[0]) &&
               (!first->next || renderer_assign(renderer, first->next->path.variable, values[1]));
    renderer_set_top(renderer, first->next ? 2 : 1, values[0]);
    if (first->next)
        renderer_set_top(renderer, 1, values[1]);
    return true;
}

static enum flow walk_round(struct renderer *renderer, const struct node *node, struct value *take_index,
                            const struct value *element)
{
    size_t mark = renderer->temporary_count;
    size_t variables = renderer->variable_count;
    const struct node *pipe = node->branch.pipe;
    struct value *index = take_index ? (struct value *)renderer_keep(renderer, take_index) : NULL;
    enum flow flow = FLOW_FAILED;
    if (renderer_step(renderer, 1) && set_range_variables(renderer, pipe, index, element))
        flow = walk_list(renderer, element, node->branch.body);
    renderer_pop_variables(renderer, variables);
    renderer_release(renderer, mark);
    return flow == FLOW_CONTINUE ? FLOW_NEXT : flow;
}

static enum flow walk_elements(struct renderer *renderer, const struct node *node, const struct value *over)
{
    const struct node *declared = node->branch.pipe->pipe.declared;
    bool needs_index = declared && declared->next;
    size_t count = over->kind == VALUE_LIST ? over->list.count : over->map.count;
    enum flow flow = FLOW_NEXT;
    for (size_t i = 0; i < count && flow == FLOW_NEXT; i++)
        if (over->kind == VALUE_LIST)
            flow = walk_round(renderer, node, needs_index ? value_new_integer((int64_t)i) : NULL, over->list.items[i]);
        else
            flow = walk_round(renderer, node, needs_index ? value_new_string(over->map.members[i].key) : NULL,
                              over->map.members[i].value);
    return flow == FLOW_BREAK ? FLOW_NEXT : flow;
}

static enum flow walk_range_over(struct renderer *renderer, const struct value *dot, const struct node *node,
                                 const struct value *over)
{
    if (over->kind != VALUE_LIST && over->kind != VALUE_MAP && over->kind != VALUE_NULL) {
        renderer_refuse(renderer, "range goes over a list or a map, and this is %s", format_type(over));
        return FLOW_FAILED;
    }
    if (!value_is_true(over))
        return walk_list(renderer, dot, node->branch.otherwise);
    return walk_elements(renderer, node, renderer_keep(renderer, value_ref(over)));
}

static enum flow walk_range(struct renderer *renderer, const struct value *dot, const struct node *node)
{
    size_t mark = renderer->temporary_count;
    size_t variables = renderer->variable_count;
    const struct value *over = evaluate_pipe(renderer, dot, node->branch.pipe);
    enum flow flow = over ? walk_range_over(renderer, dot, node, over) : FLOW_FAILED;
    renderer_pop_variables(renderer, variables);
    renderer_release(renderer, mark);
    return flow;
}

/* The body of another template: it sees none of our variables but a "$" of its own. */
static enum flow walk_body(struct renderer *renderer, const struct definition *definition, const struct value *dot)
{
    const struct definition *caller = renderer->definition;
    size_t frame = renderer->frame;
    renderer->definition = definition;
    renderer->frame = renderer->variable_count;
    renderer->depth++;
    renderer_push_variable(renderer, "$", dot);
    enum flow flow = walk_list(renderer, dot, definition->body);
    renderer_pop_variables(renderer, renderer->frame);
    renderer->depth--;
    renderer->frame = frame;
    renderer->definition = caller;
    return flow;
}

static enum flow walk_call(struct renderer *renderer, const struct value *dot, const struct node *node)
{
    if (!node->call.definition) {
        renderer_refuse(renderer, "template \"%.*s\" is not defined", (int)node->call.name.size, node->call.name.data);
        return FLOW_FAILED;
    }
    if (renderer->depth > TEMPLATE_DEPTH_MAX) {
        renderer_refuse(renderer, "more than %d templates call each other (does one call itself without end?)",
                        TEMPLATE_DEPTH_MAX);
        return FLOW_FAILED;
    }
    size_t mark = renderer->temporary_count;
    const struct value *value =
        node->call.pipe ? evaluate_pipe(renderer, dot, node->call.pipe) : renderer_keep(renderer, value_new_null());
    enum flow flow = FLOW_FAILED;
    if (value)
        flow = walk_body(renderer, node->call.definition, renderer_keep(renderer, value_ref(value)));
    renderer_release(renderer, mark);
    return flow;
}

static enum flow walk_node(struct renderer *renderer, const struct value *dot, const struct node *node)
{
    renderer->at = node;
    if (!renderer_step(renderer, 1))
        return FLOW_FAILED;
    switch (node->kind) {
    case NODE_TEXT:
        return walk_text(renderer, node);
    case NODE_ACTION:
        return walk_action(renderer, dot, node);
    case NODE_IF:
    case NODE_WITH:
        return walk_if_or_with(renderer, dot, node);
    case NODE_RANGE:
        return walk_range(renderer, dot, node);
    case NODE_TEMPLATE:
        return walk_call(renderer, dot, node);
    case NODE_BREAK:
        return FLOW_BREAK;
    default:
        return FLOW_CONTINUE;
    }
}

static enum flow walk_list(struct renderer *renderer, const struct value *dot, const struct node *node)
{
    if (!renderer_descend(renderer))
        return FLOW_FAILED;
    enum flow flow = FLOW_NEXT;
    for (; node && flow == FLOW_NEXT; node = node->next)
        flow = walk_node(renderer, dot, node);
    renderer_ascend(renderer);
    return flow;
}

int render_run(struct text *ret, struct template_map *map, const struct template *template, const struct value *data,
               void *context, struct diag *why)
{
    size_t start = ret->length;
    struct renderer renderer = {
        .template = template,
        .out = ret,
        .out_start = start,
        .map = map,
        .out_limit = start + TEMPLATE_OUTPUT_MAX,
        .context = context,
        .why = why,
        .steps_left = TEMPLATE_STEPS_MAX,
        .made_left = TEMPLATE_MADE_MAX,
    };
    enum flow flow = walk_body(&renderer, template->main, data);
    renderer_finish(&renderer);
    if (flow != FLOW_FAILED)
        return TEMPLATE_OK;
    ret->length = start;
    if (ret->characters)
        ret->characters[start] = '\0';
    return TEMPLATE_E_RENDER;
}
