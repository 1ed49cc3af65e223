/* SPDX-License-Identifier: Apache-2.0 */
/* What a rendering keeps: variables, temporaries, the bounds, and the reason it failed. */
#include "base/array.h"
#include "lang/template/evaluate.h"
#include "lang/template/render.h"

/* Blocks, templates and parentheses inside each other in one rendering; the stack it takes stays under half a MiB. */
#define RENDER_NESTING_MAX 1000

/* Variables that are looked at in one step. */
#define STEP_VARIABLES 16

void renderer_finish(struct renderer *renderer)
{
    renderer_pop_variables(renderer, 0);
    renderer_release(renderer, 0);
    free(renderer->variables);
    free(renderer->temporaries);
    free(renderer->arguments);
}

bool renderer_refuse(struct renderer *renderer, const char *format, ...)
{
    const struct template *template = renderer->template;
    AUTO(text_finish) struct text words = {0};
    va_list arguments;
    va_start(arguments, format);
    text_append_list(&words, format, arguments);
    va_end(arguments);
    AUTO(text_finish) struct text shown = {0};
    if (renderer->definition != template->main) {
        text_append(&shown, "in template \"");
        text_append_shown(&shown, renderer->definition->name, 60);
        text_append(&shown, "\": ");
    }
    text_append_shown(&shown, text_bytes(&words), DIAG_TEXT_MAX / 2);
    unsigned line, column;
    template_locate(&line, &column, template, renderer->at ? renderer->at->offset : 0);
    fail(renderer->why, TEMPLATE_E_RENDER, "%s:%u:%u: %s", template->name, line, column, text_characters(&shown));
    return false;
}

bool renderer_step(struct renderer *renderer, size_t count)
{
    if (renderer->steps_left < count)
        return renderer_refuse(renderer, "the template takes more than %zu steps", TEMPLATE_STEPS_MAX);
    renderer->steps_left -= count;
    return true;
}

bool renderer_descend(struct renderer *renderer)
{
    if (renderer->nesting == RENDER_NESTING_MAX)
        return renderer_refuse(renderer, "more than %d blocks, templates or parentheses inside each other",
                               RENDER_NESTING_MAX);
    renderer->nesting++;
    return true;
}

void renderer_ascend(struct renderer *renderer)
{
    renderer->nesting--;
}

const struct value *renderer_keep(struct renderer *renderer, struct value *take_value)
{
    *ARRAY_ADD(renderer->temporaries, renderer->temporary_count, renderer->temporary_capacity) = take_value;
    return take_value;
}

void renderer_release(struct renderer *renderer, size_t mark)
{
    while (renderer->temporary_count > mark)
        value_unref(renderer->temporaries[--renderer->temporary_count]);
}

void renderer_push_variable(struct renderer *renderer, const char *name, const struct value *value)
{
    *ARRAY_ADD(renderer->variables, renderer->variable_count, renderer->variable_capacity) = (struct variable){
        .name = name,
        .value = value_ref(value),
    };
}

void renderer_pop_variables(struct renderer *renderer, size_t mark)
{
    while (renderer->variable_count > mark)
        value_unref(renderer->variables[--renderer->variable_count].value);
}

/* Where the variable of this name that was declared last stands, from 1; 0 when nowhere. */
static size_t find_variable(struct renderer *renderer, const char *name)
{
    size_t at = renderer->variable_count;
    while (at > renderer->frame && strcmp(renderer->variables[at - 1].name, name) != 0)
        at--;
    size_t work = (renderer->variable_count - at) / STEP_VARIABLES;
    renderer->steps_left -= work < renderer->steps_left ? work : renderer->steps_left;
    return at > renderer->frame ? at : 0;
}

const struct value *renderer_variable(struct renderer *renderer, const char *name)
{
    size_t at = find_variable(renderer, name);
    return at > 0 ? renderer->variables[at - 1].value : NULL;
}

/* The old value stays among the temporaries, for who evaluates this may have it in hand. */
static void set_variable(struct renderer *renderer, size_t at, const struct value *value)
{
    struct value *old = renderer->variables[at].value;
    renderer->variables[at].value = value_ref(value);
    renderer_keep(renderer, old);
}

bool renderer_assign(struct renderer *renderer, const char *name, const struct value *value)
{
    size_t at = find_variable(renderer, name);
    if (at > 0) {
        set_variable(renderer, at - 1, value);
        return true;
    }
    return renderer_refuse(renderer, "variable %s is not declared (declare it with {{%s := ...}} first)", name, name);
}

void renderer_set_top(struct renderer *renderer, size_t from_top, const struct value *value)
{
    set_variable(renderer, renderer->variable_count - from_top, value);
}
