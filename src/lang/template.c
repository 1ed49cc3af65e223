/* SPDX-License-Identifier: Apache-2.0 */
/* The template language: source to nodes, nodes and data to text. */
#include "lang/template.h"

#include "base/memory.h"
#include "lang/template/parser.h"
#include "lang/template/render.h"

int template_parse(struct template **ret, const char *name, struct bytes source,
                   const struct template_function *functions, size_t function_count, struct diag *why)
{
    if (source.size > TEMPLATE_SOURCE_MAX)
        return fail(why, TEMPLATE_E_PARSE, "%s:1:0: the template is longer than %zu octets", name, TEMPLATE_SOURCE_MAX);
    AUTO(template_destroy) struct template *template = MEMORY_NEW(struct template);
    template->name = memory_text(name);
    template->source = bytes_of(memory_text_of((const char *)source.data, source.size), source.size);
    int outcome = parser_run(template, functions, function_count, why);
    if (outcome == TEMPLATE_OK)
        *ret = take_pointer(template);
    return outcome;
}

int template_render(struct text *ret, const struct template *template, const struct value *data, void *context,
                    struct diag *why)
{
    return render_run(ret, NULL, template, data, context, why);
}

int template_render_mapped(struct text *ret, struct template_map *ret_map, const struct template *template,
                           const struct value *data, struct diag *why)
{
    return render_run(ret, ret_map, template, data, NULL, why);
}
