/* SPDX-License-Identifier: Apache-2.0 */
/* The comparisons of Go's text/template. */
#include "lang/template/compare.h"

#include "lang/template/builtin.h"
#include "lang/template/format.h"

/* What a value is for a comparison. */
enum class {
    CLASS_NONE, /* nil, lists, maps: only eq and ne take them, and only against nil */
    CLASS_BOOL,
    CLASS_INTEGER,
    CLASS_NUMBER,
    CLASS_STRING,
};

static enum class class_of(const struct value *value) {
    switch (value->kind){
        case VALUE_BOOL : return CLASS_BOOL; case VALUE_NUMBER : return CLASS_NUMBER;
        case VALUE_STRING : return CLASS_STRING;
        case VALUE_NULL : case VALUE_LIST : case VALUE_MAP : return CLASS_NONE;
        case VALUE_INTEGER : break;
    }
return CLASS_INTEGER;
}

static bool refuse_pair(const struct value *a, const struct value *b, struct diag *why)
{
    enum class classes[] = {class_of(a), class_of(b)};
    if ((classes[0] == CLASS_INTEGER && classes[1] == CLASS_NUMBER) ||
        (classes[0] == CLASS_NUMBER && classes[1] == CLASS_INTEGER))
        fail(why, 0, "an integer and a float64 can't be compared (numbers of the data are float64: write 3.0, not 3)");
    else
        fail(why, 0, "%s and %s can't be compared", format_type(a), format_type(b));
    return false;
}

static int compare_strings(const struct value *a, const struct value *b)
{
    size_t shorter = a->string.length < b->string.length ? a->string.length : b->string.length;
    int order = memcmp(a->string.characters, b->string.characters, shorter);
    if (order != 0)
        return order;
    return (a->string.length > b->string.length) - (a->string.length < b->string.length);
}

static bool equal_in_class(const struct value *a, const struct value *b)
{
    switch (class_of(a)) {
    case CLASS_BOOL:
        return a->boolean == b->boolean;
    case CLASS_INTEGER:
        return a->integer == b->integer;
    case CLASS_NUMBER:
        return a->number == b->number;
    case CLASS_STRING:
        return compare_strings(a, b) == 0;
    case CLASS_NONE:
        break;
    }
    return a->kind == VALUE_NULL && b->kind == VALUE_NULL;
}

/* False when the two can't be compared. */
static bool equal(bool *ret, const struct value *a, const struct value *b, struct diag *why)
{
    bool has_nil = a->kind == VALUE_NULL || b->kind == VALUE_NULL;
    enum class class = class_of(a);
    if (!has_nil && (class != class_of(b) || class == CLASS_NONE))
        return refuse_pair(a, b, why);
    *ret = class == class_of(b) && equal_in_class(a, b);
    return true;
}

static bool less(bool *ret, const struct value *a, const struct value *b, struct diag *why)
{
    enum class class = class_of(a);
    if (class != class_of(b) || class == CLASS_NONE || class == CLASS_BOOL)
        return refuse_pair(a, b, why);
    if (class == CLASS_INTEGER)
        *ret = a->integer < b->integer;
    else if (class == CLASS_NUMBER)
        *ret = a->number < b->number;
    else
        *ret = compare_strings(a, b) < 0;
    return true;
}

BUILTIN(compare_eq)
{
    if (count == 1) {
        fail(why, 0, "there is nothing to compare with");
        return NULL;
    }
    bool result = false;
    for (size_t i = 1; i < count && !result; i++)
        if (!equal(&result, arguments[0], arguments[i], why))
            return NULL;
    return value_new_bool(result);
}

BUILTIN(compare_ne)
{
    bool result;
    return equal(&result, arguments[0], arguments[1], why) ? value_new_bool(!result) : NULL;
}

BUILTIN(compare_lt)
{
    bool result;
    return less(&result, arguments[0], arguments[1], why) ? value_new_bool(result) : NULL;
}

/* Less or equal. Not the opposite of greater where a number is none (NaN). */
static bool less_or_equal(bool *ret, const struct value *const *arguments, struct diag *why)
{
    return less(ret, arguments[0], arguments[1], why) && (*ret || equal(ret, arguments[0], arguments[1], why));
}

BUILTIN(compare_le)
{
    bool result;
    return less_or_equal(&result, arguments, why) ? value_new_bool(result) : NULL;
}

BUILTIN(compare_gt)
{
    bool result;
    return less_or_equal(&result, arguments, why) ? value_new_bool(!result) : NULL;
}

BUILTIN(compare_ge)
{
    bool result;
    return less(&result, arguments[0], arguments[1], why) ? value_new_bool(!result) : NULL;
}
