/* SPDX-License-Identifier: Apache-2.0 */
/* The functions of Go's text/template that are not about comparing or escaping, and the table of all of them. */
#include "lang/template/builtin.h"

#include "base/array.h"
#include "base/text.h"
#include "lang/template/compare.h"
#include "lang/template/escape.h"
#include "lang/template/format.h"
#include "lang/template/functions.h"
#include "lang/template/truth.h"

/* Never called: the renderer stops at the first argument that decides. */
static BUILTIN(call_and_or)
{
    return value_ref(arguments[count - 1]);
}

static BUILTIN(call_not)
{
    return value_new_bool(!value_is_true(arguments[0]));
}

static BUILTIN(call_len)
{
    switch (arguments[0]->kind) {
    case VALUE_STRING:
        return value_new_integer((int64_t)arguments[0]->string.length);
    case VALUE_LIST:
        return value_new_integer((int64_t)arguments[0]->list.count);
    case VALUE_MAP:
        return value_new_integer((int64_t)arguments[0]->map.count);
    default:
        fail(why, 0, "%s has no length", format_type(arguments[0]));
        return NULL;
    }
}

/* An index into something of size elements; one past the last is allowed here, for slices end there. */
static bool index_of(size_t *ret, const struct value *value, size_t size, struct diag *why)
{
    if (value->kind != VALUE_INTEGER && value->kind != TEMPLATE_VALUE_OCTET) {
        fail(why, 0,
             "the index must be an integer, not %s (numbers of the data are float64; printf \"%%.0f\" shows one)",
             format_type(value));
        return false;
    }
    if (value->integer < 0 || (uint64_t)value->integer > size) {
        fail(why, 0, "index %lld is out of range: there are %zu elements", (long long)value->integer, size);
        return false;
    }
    *ret = (size_t)value->integer;
    return true;
}

static struct value *new_octet(uint8_t octet)
{
    struct value *value = value_new_integer(octet);
    value->kind = TEMPLATE_VALUE_OCTET;
    return value;
}

/* The element at position; the caller's reference. */
static struct value *element_of(const struct value *item, const struct value *position, struct diag *why)
{
    size_t size = item->kind == VALUE_STRING ? item->string.length : item->list.count;
    size_t at;
    if (!index_of(&at, position, size, why))
        return NULL;
    if (at == size) {
        fail(why, 0, "index %zu is out of range: there are %zu elements, counted from 0", at, size);
        return NULL;
    }
    if (item->kind == VALUE_STRING)
        return new_octet((uint8_t)item->string.characters[at]);
    return value_ref(item->list.items[at]);
}

static struct value *entry_of(const struct value *item, const struct value *key, struct diag *why)
{
    if (key->kind != VALUE_STRING) {
        fail(why, 0, "the key of a map must be a string, not %s", format_type(key));
        return NULL;
    }
    bool is_possible = !memchr(key->string.characters, '\0', key->string.length);
    const struct value *entry = is_possible ? value_map_get(item, key->string.characters) : NULL;
    if (entry)
        return value_ref(entry);
    return item->map.strings ? value_new_string("") : value_new_null();
}

static struct value *index_once(const struct value *item, const struct value *position, struct diag *why)
{
    switch (item->kind) {
    case VALUE_STRING:
    case VALUE_LIST:
        return element_of(item, position, why);
    case VALUE_MAP:
        return entry_of(item, position, why);
    default:
        fail(why, 0, "%s has no elements", format_type(item));
        return NULL;
    }
}

static BUILTIN(call_index)
{
    if (arguments[0]->kind == VALUE_NULL) {
        fail(why, 0, "nil has no elements");
        return NULL;
    }
    AUTO(value_unref) struct value *item = value_ref(arguments[0]);
    for (size_t i = 1; i < count; i++) {
        struct value *element = index_once(item, arguments[i], why);
        value_unref(item);
        item = element;
        if (!item)
            return NULL;
    }
    return take_pointer(item);
}

static struct value *slice_list(const struct value *list, size_t from, size_t to)
{
    struct value *sliced = value_new_list();
    for (size_t i = from; i < to; i++)
        value_list_take(sliced, value_ref(list->list.items[i]));
    return sliced;
}

static BUILTIN(call_slice)
{
    const struct value *item = arguments[0];
    if (item->kind != VALUE_STRING && item->kind != VALUE_LIST) {
        fail(why, 0, "%s can't be sliced", format_type(item));
        return NULL;
    }
    if (count > 4 || (count == 4 && item->kind == VALUE_STRING)) {
        fail(why, 0, "%zu indexes are too many", count - 1);
        return NULL;
    }
    size_t size = item->kind == VALUE_STRING ? item->string.length : item->list.count;
    size_t bounds[3] = {0, size, size};
    for (size_t i = 1; i < count; i++)
        if (!index_of(&bounds[i - 1], arguments[i], size, why))
            return NULL;
    if (bounds[0] > bounds[1] || bounds[1] > bounds[2]) {
        fail(why, 0, "the slice ends before it begins");
        return NULL;
    }
    if (item->kind == VALUE_LIST)
        return slice_list(item, bounds[0], bounds[1]);
    return value_new_string_of(bytes_of(item->string.characters + bounds[0], bounds[1] - bounds[0]));
}

static BUILTIN(call_call)
{
    fail(why, 0, "%s is no function that could be called", format_type(arguments[0]));
    return NULL;
}

static struct value *finish_text(struct text *text, bool fits, struct diag *why)
{
    if (!fits) {
        fail(why, 0, "the text grows longer than %zu octets", TEMPLATE_OUTPUT_MAX);
        return NULL;
    }
    return value_new_string_of(text_bytes(text));
}

static BUILTIN(call_print)
{
    AUTO(text_finish) struct text text = {0};
    return finish_text(&text, format_print(&text, TEMPLATE_OUTPUT_MAX, arguments, count), why);
}

static BUILTIN(call_println)
{
    AUTO(text_finish) struct text text = {0};
    return finish_text(&text, format_println(&text, TEMPLATE_OUTPUT_MAX, arguments, count), why);
}

static BUILTIN(call_printf)
{
    AUTO(text_finish) struct text text = {0};
    struct bytes format = bytes_of(arguments[0]->string.characters, arguments[0]->string.length);
    return finish_text(&text, format_printf(&text, TEMPLATE_OUTPUT_MAX, format, arguments + 1, count - 1), why);
}

static const struct builtin builtins[] = {
    {{"and", call_and_or}, 1, BUILTIN_ANY, BUILTIN_AND, true},
    {{"call", call_call}, 1, BUILTIN_ANY, BUILTIN_PLAIN, true},
    {{"eq", compare_eq}, 1, BUILTIN_ANY, BUILTIN_PLAIN, true},
    {{"ge", compare_ge}, 2, 2, BUILTIN_PLAIN, true},
    {{"gt", compare_gt}, 2, 2, BUILTIN_PLAIN, true},
    {{"html", escape_html}, 0, BUILTIN_ANY, BUILTIN_PLAIN, true},
    {{"index", call_index}, 1, BUILTIN_ANY, BUILTIN_PLAIN, true},
    {{"js", escape_js}, 0, BUILTIN_ANY, BUILTIN_PLAIN, true},
    {{"le", compare_le}, 2, 2, BUILTIN_PLAIN, true},
    {{"len", call_len}, 1, 1, BUILTIN_PLAIN, true},
    {{"lt", compare_lt}, 2, 2, BUILTIN_PLAIN, true},
    {{"ne", compare_ne}, 2, 2, BUILTIN_PLAIN, true},
    {{"not", call_not}, 1, 1, BUILTIN_PLAIN, true},
    {{"or", call_and_or}, 1, BUILTIN_ANY, BUILTIN_OR, true},
    {{"print", call_print}, 0, BUILTIN_ANY, BUILTIN_PLAIN, true},
    {{"printf", call_printf}, 1, BUILTIN_ANY, BUILTIN_FORMAT, true},
    {{"println", call_println}, 0, BUILTIN_ANY, BUILTIN_PLAIN, true},
    {{"slice", call_slice}, 1, BUILTIN_ANY, BUILTIN_PLAIN, true},
    {{"urlquery", escape_urlquery}, 0, BUILTIN_ANY, BUILTIN_PLAIN, true},
};

const struct builtin *builtin_of_go(const char *name)
{
    for (size_t i = 0; i < LENGTH(builtins); i++)
        if (strcmp(builtins[i].function.name, name) == 0)
            return &builtins[i];
    return NULL;
}

const char *builtin_nearest(const char *name)
{
    const char *names[LENGTH(builtins) + FUNCTIONS_MAX];
    size_t count = functions_names(names);
    for (size_t i = 0; i < LENGTH(builtins); i++)
        names[count++] = builtins[i].function.name;
    return text_nearest(name, names, count);
}
