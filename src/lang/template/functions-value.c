/* SPDX-License-Identifier: Apache-2.0 */
/* Functions on values: what stands in for a missing one, maps and lists, numbers, addresses. */
#include <math.h>

#include "base/ipv4.h"
#include "lang/template/format.h"
#include "lang/template/functions.h"
#include "lang/template/truth.h"

/* default OTHERWISE VALUE: the value, or what to take when it is empty. */
BUILTIN(functions_default)
{
    return value_ref(count == 2 && value_is_true(arguments[1]) ? arguments[1] : arguments[0]);
}

/* required REASON VALUE: the value, which must be there and no empty text. */
BUILTIN(functions_required)
{
    bool is_missing =
        arguments[1]->kind == VALUE_NULL || (arguments[1]->kind == VALUE_STRING && arguments[1]->string.length == 0);
    if (!is_missing)
        return value_ref(arguments[1]);
    AUTO(value_unref) struct value *reason = functions_text(arguments[0], why);
    if (reason)
        fail(why, 0, "%s", reason->string.characters);
    return NULL;
}

/* ternary YES NO CONDITION */
BUILTIN(functions_ternary)
{
    if (arguments[2]->kind != VALUE_BOOL) {
        fail(why, 0, "the condition must be a bool, not %s", format_type(arguments[2]));
        return NULL;
    }
    return value_ref(arguments[arguments[2]->boolean ? 0 : 1]);
}

static struct value *refuse_depth(struct value *take_value, struct diag *why)
{
    if (take_value->depth <= FUNCTIONS_DEPTH_MAX)
        return take_value;
    value_unref(take_value);
    fail(why, 0, "more than %d lists and maps inside each other", FUNCTIONS_DEPTH_MAX);
    return NULL;
}

BUILTIN(functions_list)
{
    struct value *list = value_new_list();
    for (size_t i = 0; i < count; i++)
        value_list_take(list, value_ref(arguments[i]));
    return refuse_depth(list, why);
}

/* dict KEY VALUE KEY VALUE ...; a key left alone has the value "". */
BUILTIN(functions_dict)
{
    AUTO(value_unref) struct value *map = value_new_map();
    for (size_t i = 0; i < count; i += 2) {
        AUTO(value_unref) struct value *key = functions_text(arguments[i], why);
        if (!key)
            return NULL;
        value_map_take(map, key->string.characters, i + 1 < count ? value_ref(arguments[i + 1]) : value_new_string(""));
    }
    return refuse_depth(take_pointer(map), why);
}

/* What the map, the first argument, has under the key, the second; false when it is no map or the key no string. */
static bool look_up(const struct value **ret, const struct value *const *arguments, struct diag *why)
{
    if (arguments[0]->kind != VALUE_MAP || arguments[1]->kind != VALUE_STRING) {
        fail(why, 0, "a map and a key are needed, not %s and %s", format_type(arguments[0]), format_type(arguments[1]));
        return false;
    }
    bool is_possible = !memchr(arguments[1]->string.characters, '\0', arguments[1]->string.length);
    *ret = is_possible ? value_map_get(arguments[0], arguments[1]->string.characters) : NULL;
    return true;
}

/* hasKey MAP KEY */
BUILTIN(functions_has_key)
{
    const struct value *found;
    return look_up(&found, arguments, why) ? value_new_bool(found != NULL) : NULL;
}

/* get MAP KEY: the value, or "". */
BUILTIN(functions_get)
{
    const struct value *found;
    if (!look_up(&found, arguments, why))
        return NULL;
    return found ? value_ref(found) : value_new_string("");
}

/* The number before the point, of a number or of a text that is one: what integer constants compare with. */
BUILTIN(functions_int)
{
    const struct value *value = arguments[0];
    if (value->kind == VALUE_INTEGER)
        return value_ref(value);
    if (value->kind == VALUE_BOOL)
        return value_new_integer(value->boolean);
    double number = value->kind == VALUE_NUMBER ? value->number : NAN;
    if (value->kind == VALUE_STRING && value->string.length > 0) {
        char *end;
        number = strtod(value->string.characters, &end);
        number = end == value->string.characters + value->string.length ? number : NAN;
    }
    if (!(fabs(number) < 0x1p63)) {
        fail(why, 0, "this %s is no number that an integer can hold", format_type(value));
        return NULL;
    }
    return value_new_integer((int64_t)number);
}

static bool subnet_of(struct ipv4_subnet *ret, const struct value *argument, struct diag *why)
{
    if (argument->kind == VALUE_STRING && ipv4_subnet_from_text(ret, argument->string.characters))
        return true;
    fail(why, 0, "a subnet such as \"10.0.0.0/24\" is needed");
    return false;
}

static struct value *address_value(struct ipv4 address)
{
    char text[IPV4_TEXT_MAX];
    return value_new_string(ipv4_to_text(text, address));
}

/* cidrhost SUBNET NUMBER: the address of this number in the subnet; a negative one counts from its end. */
BUILTIN(functions_cidrhost)
{
    struct ipv4_subnet subnet;
    int64_t number;
    if (!subnet_of(&subnet, arguments[0], why) || !functions_integer(&number, arguments[1], why))
        return NULL;
    int64_t size = INT64_C(1) << (32 - subnet.prefix);
    if (number >= size || number < -size) {
        fail(why, 0, "the subnet has %lld addresses, and none of the number %lld", (long long)size, (long long)number);
        return NULL;
    }
    int64_t offset = number < 0 ? size + number : number;
    return address_value((struct ipv4){.number = subnet.network.number + (uint32_t)offset});
}

BUILTIN(functions_cidrnetmask)
{
    struct ipv4_subnet subnet;
    return subnet_of(&subnet, arguments[0], why) ? address_value(ipv4_subnet_mask(subnet)) : NULL;
}
