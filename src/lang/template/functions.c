/* SPDX-License-Identifier: Apache-2.0 */
/* The table of the functions beside the language's own, and what they share. Arguments stand in sprig's order: what a
 * pipeline brings comes last. */
#include "lang/template/functions.h"

#include <math.h>

#include "base/array.h"
#include "lang/template/format.h"

static const struct builtin functions[] = {
    {{"b64dec", functions_b64dec}, 1, 1},
    {{"b64enc", functions_b64enc}, 1, 1},
    {{"cidrhost", functions_cidrhost}, 2, 2},
    {{"cidrnetmask", functions_cidrnetmask}, 1, 1},
    {{"contains", functions_contains}, 2, 2},
    {{"default", functions_default}, 1, 2},
    {{"dict", functions_dict}, 0, BUILTIN_ANY},
    {{"get", functions_get}, 2, 2},
    {{"hasKey", functions_has_key}, 2, 2},
    {{"hasPrefix", functions_has_prefix}, 2, 2},
    {{"hasSuffix", functions_has_suffix}, 2, 2},
    {{"indent", functions_indent}, 2, 2},
    {{"int", functions_int}, 1, 1},
    {{"join", functions_join}, 2, 2},
    {{"list", functions_list}, 0, BUILTIN_ANY},
    {{"lower", functions_lower}, 1, 1},
    {{"nindent", functions_nindent}, 2, 2},
    {{"quote", functions_quote}, 0, BUILTIN_ANY},
    {{"replace", functions_replace}, 3, 3},
    {{"required", functions_required}, 2, 2},
    {{"sha256sum", functions_sha256sum}, 1, 1},
    {{"split", functions_split}, 2, 2},
    {{"splitList", functions_split_list}, 2, 2},
    {{"ternary", functions_ternary}, 3, 3},
    {{"toJson", functions_to_json}, 1, 1},
    {{"toYaml", functions_to_yaml}, 1, 1},
    {{"trim", functions_trim}, 1, 1},
    {{"upper", functions_upper}, 1, 1},
};

const struct builtin *builtin_of_sprig(const char *name)
{
    for (size_t i = 0; i < LENGTH(functions); i++)
        if (strcmp(functions[i].function.name, name) == 0)
            return &functions[i];
    return NULL;
}

size_t functions_names(const char *ret[FUNCTIONS_MAX])
{
    for (size_t i = 0; i < LENGTH(functions); i++)
        ret[i] = functions[i].function.name;
    return LENGTH(functions);
}

struct bytes functions_bytes(const struct value *string)
{
    return bytes_of(string->string.characters, string->string.length);
}

struct value *functions_finish(const struct text *text, struct diag *why)
{
    if (text->length > TEMPLATE_OUTPUT_MAX) {
        fail(why, 0, "the text grows longer than %zu octets", TEMPLATE_OUTPUT_MAX);
        return NULL;
    }
    return value_new_string_of(text_bytes(text));
}

struct value *functions_printed(const struct value *argument, struct diag *why)
{
    if (argument->kind == VALUE_STRING)
        return value_ref(argument);
    AUTO(text_finish) struct text printed = {0};
    if (format_value(&printed, TEMPLATE_OUTPUT_MAX, argument))
        return value_new_string_of(text_bytes(&printed));
    fail(why, 0, "the text grows longer than %zu octets", TEMPLATE_OUTPUT_MAX);
    return NULL;
}

struct value *functions_text(const struct value *argument, struct diag *why)
{
    if (argument->kind == VALUE_NULL) {
        fail(why, 0, "a text is needed and there is none (default gives another)");
        return NULL;
    }
    if (argument->kind == VALUE_LIST || argument->kind == VALUE_MAP) {
        fail(why, 0, "a text is needed, not %s (toJson or join make one of it)", format_type(argument));
        return NULL;
    }
    return functions_printed(argument, why);
}

bool functions_integer(int64_t *ret, const struct value *argument, struct diag *why)
{
    if (argument->kind == VALUE_INTEGER) {
        *ret = argument->integer;
        return true;
    }
    if (argument->kind != VALUE_NUMBER || argument->number != trunc(argument->number) ||
        fabs(argument->number) > 1e15) {
        fail(why, 0, "a whole number is needed, not %s", format_type(argument));
        return false;
    }
    *ret = (int64_t)argument->number;
    return true;
}
