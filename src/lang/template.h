/* SPDX-License-Identifier: Apache-2.0 */
/* The template language of Go's text/template, as Matchbox's users write it, with option missingkey=error. What it does
 * is what Go 1.19 does, down to where an error is said to be; test/lang compares the two. On purpose it differs in that
 * - complex numbers are refused,
 * - an assignment in range sets the variables it names, not those declared last, as in newer Go,
 * - a list's address under %p is not told, and a slice can't be made longer than what it was taken from.
 *
 * Beside Go's functions there are those that people know from sprig: default required ternary, dict list get hasKey
 * int, trim upper lower replace split splitList join contains hasPrefix hasSuffix quote indent nindent, b64enc b64dec
 * sha256sum toJson toYaml; and cidrhost and cidrnetmask. */
#pragma once

#include <stddef.h>

#include "base/auto.h"
#include "base/diag.h"
#include "base/text.h"
#include "base/value.h"

/* What a template may cost before it is refused. */
#define TEMPLATE_SOURCE_MAX ((size_t)1 << 20)  /* octets of source */
#define TEMPLATE_OUTPUT_MAX ((size_t)16 << 20) /* octets of output */
#define TEMPLATE_DEPTH_MAX 100                 /* {{template}} calls inside each other */
#define TEMPLATE_STEPS_MAX ((size_t)10000000)  /* actions, loop rounds and function calls */

enum {
    TEMPLATE_OK = 0,
    TEMPLATE_E_PARSE = 1,
    TEMPLATE_E_RENDER = 2,
};

/* A function beside the built-in ones. Gives a new value, or NULL with the reason in *why. context is the renderer's.
 * It is called with any number of arguments. */
struct template_function {
    const char *name;
    struct value *(*call)(void *context, const struct value *const *arguments, size_t count, struct diag *why);
};

struct template;

/* Parses source. The name is that of the template itself, and is used in reasons, which read "name:line:column: what is
 * wrong"; lines count from 1 and columns, in octets, from 0, as Go counts them. The functions must outlive the
 * template; they may hide built-in ones. Returns TEMPLATE_OK or TEMPLATE_E_PARSE, and then leaves *ret alone. A parsed
 * template is immutable: any number of threads may render it at once. */
int template_parse(struct template **ret, const char *name, struct bytes source,
                   const struct template_function *functions, size_t function_count, struct diag *why);
void template_destroy(struct template *template);
AUTO_DEFINE(template_destroy, struct template *);
/* Renders onto the end of *ret. On TEMPLATE_E_RENDER *ret is as it was before. */
int template_render(struct text *ret, const struct template *template, const struct value *data, void *context,
                    struct diag *why);

/* Where each piece of an output comes from: what was rendered, told in terms of its source. Zero is empty. */
struct template_map {
    struct template_piece *at;
    size_t count;
    size_t capacity;
};

void template_map_finish(struct template_map *map);
AUTO_DEFINE_STRUCT(template_map_finish, struct template_map);
/* Renders as template_render() does and fills the map too: offsets count from where this output begins in *ret. */
int template_render_mapped(struct text *ret, struct template_map *ret_map, const struct template *template,
                           const struct value *data, struct diag *why);
/* Line and column in the source, both from 1 and the column in characters, of the octet at that offset of the output.
 * What an action made comes from where the action begins. */
void template_map_locate(unsigned *ret_line, unsigned *ret_column, const struct template_map *map,
                         const struct template *template, size_t offset);
