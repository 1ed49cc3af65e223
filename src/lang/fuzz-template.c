/* SPDX-License-Identifier: Apache-2.0 */
/* Parses the input as a template and renders it over a fixed tree of values. */
#include <stdlib.h>

#include "lang/template.h"

static struct value *new_list(const char *const *items, size_t count)
{
    struct value *list = value_new_list();
    for (size_t i = 0; i < count; i++)
        value_list_take(list, value_new_string(items[i]));
    return list;
}

static struct value *new_data(void)
{
    static const char *const words[] = {"a", "größe", "two\nlines", "", "<&>\"'"};
    struct value *strings = value_new_map();
    strings->map.strings = true;
    value_map_take(strings, "os", value_new_string("installed"));
    struct value *mixed = value_new_list();
    value_list_take(mixed, value_new_null());
    value_list_take(mixed, value_new_bool(true));
    value_list_take(mixed, value_new_number(0.1));
    value_list_take(mixed, new_list(words, 2));
    struct value *data = value_new_map();
    value_map_take(data, "name", value_new_string("node1"));
    value_map_take(data, "list", new_list(words, sizeof words / sizeof words[0]));
    value_map_take(data, "mixed", mixed);
    value_map_take(data, "map", strings);
    value_map_take(data, "null", value_new_null());
    value_map_take(data, "big", value_new_number(1e21));
    value_map_take(data, "one", value_new_number(1));
    return data;
}

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *input, size_t size)
{
    static struct value *data;
    if (!data)
        data = new_data();
    AUTO(template_destroy) struct template *template = NULL;
    AUTO(text_finish) struct text out = {0};
    struct diag why = {{0}};
    int outcome = template_parse(&template, "fuzz", bytes_of(input, size), NULL, 0, &why);
    if (outcome == TEMPLATE_OK)
        outcome = template_render(&out, template, data, NULL, &why);
    /* A refusal has its reason and no output; an output keeps to its limit. */
    if ((outcome != TEMPLATE_OK) != (why.text[0] != '\0') || out.length > TEMPLATE_OUTPUT_MAX ||
        (outcome != TEMPLATE_OK && out.length > 0))
        abort();
    return 0;
}
