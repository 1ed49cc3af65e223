/* SPDX-License-Identifier: Apache-2.0 */
/* Pipelines of a template while it is rendered, and what a rendering keeps. Values are borrowed: from the data, from
 * the template, from a variable, or from the temporaries, which a node drops when it is done with them. */
#pragma once

#include <stdbool.h>

#include "lang/template/node.h"

/* A variable holds a reference of its own. */
struct variable {
    const char *name;
    struct value *value;
};

struct renderer {
    const struct template *template;
    const struct definition *definition; /* whose body is walked */
    const struct node *at;               /* where an error is said to be */
    struct text *out;
    size_t out_start;
    size_t out_limit;
    struct template_map *map; /* of the output; NULL: nobody asks */
    void *context;
    struct diag *why;
    struct diag reason; /* a function's; here and not on the stack, which recursion needs */
    size_t steps_left;
    size_t made_left;
    unsigned depth;   /* templates inside each other */
    unsigned nesting; /* blocks and parentheses inside each other */
    struct variable *variables;
    size_t variable_count;
    size_t variable_capacity;
    size_t frame; /* the first variable of the body that is walked */
    struct value **temporaries;
    size_t temporary_count;
    size_t temporary_capacity;
    const struct value **arguments; /* those of the calls being made */
    size_t argument_count;
    size_t argument_capacity;
};

void renderer_finish(struct renderer *renderer);
/* Says what is wrong at renderer->at. Always false. */
bool renderer_refuse(struct renderer *renderer, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Counts steps of work, one nesting more: false when that is too much. */
bool renderer_step(struct renderer *renderer, size_t count);
bool renderer_descend(struct renderer *renderer);
void renderer_ascend(struct renderer *renderer);

/* Takes the value over until the temporaries are released to a count before it. */
const struct value *renderer_keep(struct renderer *renderer, struct value *take_value);
void renderer_release(struct renderer *renderer, size_t mark);

void renderer_push_variable(struct renderer *renderer, const char *name, const struct value *value);
void renderer_pop_variables(struct renderer *renderer, size_t mark);
/* The value of the variable of this name that was declared last; NULL when there is none. */
const struct value *renderer_variable(struct renderer *renderer, const char *name);
/* Sets the variable of this name that was declared last; false when there is none. */
bool renderer_assign(struct renderer *renderer, const char *name, const struct value *value);
/* Sets the variable that is so many from the top. */
void renderer_set_top(struct renderer *renderer, size_t from_top, const struct value *value);

/* NULL after an error. */
const struct value *evaluate_pipe(struct renderer *renderer, const struct value *dot, const struct node *pipe);
