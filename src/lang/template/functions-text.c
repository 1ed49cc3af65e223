/* SPDX-License-Identifier: Apache-2.0 */
/* Functions on texts. A number or bool counts as what it prints. */
#include <stdio.h>

#include "lang/template/functions.h"
#include "lang/template/quote.h"
#include "lang/template/unicode.h"

/* Where the part begins in the whole; SIZE_MAX when nowhere. */
static size_t find(struct bytes whole, struct bytes part)
{
    if (part.size == 0)
        return 0;
    const uint8_t *found = whole.size > 0 ? memmem(whole.data, whole.size, part.data, part.size) : NULL;
    return found ? (size_t)(found - whole.data) : SIZE_MAX;
}

/* Both arguments as texts; false and nothing to free when one is none. */
static bool two_texts(struct value *ret[2], const struct value *const *arguments, struct diag *why)
{
    ret[0] = functions_text(arguments[0], why);
    ret[1] = ret[0] ? functions_text(arguments[1], why) : NULL;
    if (ret[1])
        return true;
    value_unref(ret[0]);
    return false;
}

enum place {
    PLACE_ANYWHERE,
    PLACE_START,
    PLACE_END,
};

/* Whether the second argument has the first in it. */
static struct value *look_for(const struct value *const *arguments, enum place place, struct diag *why)
{
    struct value *printed[2];
    if (!two_texts(printed, arguments, why))
        return NULL;
    struct bytes part = functions_bytes(printed[0]);
    struct bytes whole = functions_bytes(printed[1]);
    if (place == PLACE_START)
        whole = bytes_slice(whole, 0, part.size);
    else if (place == PLACE_END && whole.size > part.size)
        whole = bytes_slice(whole, whole.size - part.size, part.size);
    bool found = find(whole, part) != SIZE_MAX;
    value_unref(printed[0]);
    value_unref(printed[1]);
    return value_new_bool(found);
}

BUILTIN(functions_contains)
{
    return look_for(arguments, PLACE_ANYWHERE, why);
}

BUILTIN(functions_has_prefix)
{
    return look_for(arguments, PLACE_START, why);
}

BUILTIN(functions_has_suffix)
{
    return look_for(arguments, PLACE_END, why);
}

/* How many octets of white space the text begins with. */
static size_t leading_space(struct bytes text)
{
    size_t at = 0;
    while (at < text.size) {
        uint32_t character;
        size_t size = unicode_decode(&character, bytes_slice(text, at, 4));
        if (!unicode_is_space(character))
            break;
        at += size;
    }
    return at;
}

static struct bytes without_trailing_space(struct bytes text)
{
    size_t end = 0;
    for (size_t at = 0; at < text.size;) {
        uint32_t character;
        at += unicode_decode(&character, bytes_slice(text, at, 4));
        if (!unicode_is_space(character))
            end = at;
    }
    return bytes_slice(text, 0, end);
}

BUILTIN(functions_trim)
{
    AUTO(value_unref) struct value *printed = functions_text(arguments[0], why);
    if (!printed)
        return NULL;
    struct bytes text = functions_bytes(printed);
    text = bytes_slice(text, leading_space(text), SIZE_MAX);
    return value_new_string_of(without_trailing_space(text));
}

static struct value *change_case(const struct value *argument, uint32_t (*change)(uint32_t), struct diag *why)
{
    AUTO(value_unref) struct value *printed = functions_text(argument, why);
    if (!printed)
        return NULL;
    struct bytes text = functions_bytes(printed);
    AUTO(text_finish) struct text changed = {0};
    for (size_t at = 0; at < text.size;) {
        uint32_t character;
        at += unicode_decode(&character, bytes_slice(text, at, 4));
        unicode_append(&changed, change(character));
    }
    return functions_finish(&changed, why);
}

BUILTIN(functions_upper)
{
    return change_case(arguments[0], unicode_to_upper, why);
}

BUILTIN(functions_lower)
{
    return change_case(arguments[0], unicode_to_lower, why);
}

static void append_replaced(struct text *ret, struct bytes whole, struct bytes old, struct bytes new)
{
    while (ret->length <= TEMPLATE_OUTPUT_MAX) {
        size_t at = find(whole, old);
        text_append_bytes(ret, bytes_slice(whole, 0, at));
        if (at == SIZE_MAX)
            return;
        text_append_bytes(ret, new);
        whole = bytes_slice(whole, at + old.size, SIZE_MAX);
    }
}

/* replace OLD NEW TEXT */
BUILTIN(functions_replace)
{
    AUTO(value_unref) struct value *text = functions_text(arguments[2], why);
    struct value *printed[2];
    if (!text || !two_texts(printed, arguments, why))
        return NULL;
    AUTO(text_finish) struct text replaced = {0};
    if (printed[0]->string.length == 0)
        text_append_bytes(&replaced, functions_bytes(text));
    else
        append_replaced(&replaced, functions_bytes(text), functions_bytes(printed[0]), functions_bytes(printed[1]));
    value_unref(printed[0]);
    value_unref(printed[1]);
    return functions_finish(&replaced, why);
}

/* The parts between separators; between all characters where the separator is empty. */
static bool split(struct value *list, struct bytes separator, struct bytes text, struct diag *why)
{
    for (;;) {
        if (list->list.count == FUNCTIONS_ITEMS_MAX) {
            fail(why, 0, "the text has more than %d parts", FUNCTIONS_ITEMS_MAX);
            return false;
        }
        uint32_t character;
        size_t at = separator.size > 0 ? find(text, separator) : unicode_decode(&character, text);
        if (separator.size == 0 && at == text.size)
            at = SIZE_MAX;
        value_list_take(list, value_new_string_of(bytes_slice(text, 0, at)));
        if (at == SIZE_MAX)
            return true;
        text = bytes_slice(text, at + separator.size, SIZE_MAX);
    }
}

/* splitList SEPARATOR TEXT: the parts as a list. */
BUILTIN(functions_split_list)
{
    struct value *printed[2];
    if (!two_texts(printed, arguments, why))
        return NULL;
    AUTO(value_unref) struct value *list = value_new_list();
    bool done = split(list, functions_bytes(printed[0]), functions_bytes(printed[1]), why);
    value_unref(printed[0]);
    value_unref(printed[1]);
    return done ? take_pointer(list) : NULL;
}

/* split SEPARATOR TEXT: the parts as a map with the keys _0, _1, and so on, as sprig has it. */
BUILTIN(functions_split)
{
    AUTO(value_unref) struct value *list = functions_split_list(context, arguments, count, why);
    if (!list)
        return NULL;
    if (list->list.count > FUNCTIONS_PARTS_MAX) {
        fail(why, 0, "the text has more than %d parts (splitList takes more)", FUNCTIONS_PARTS_MAX);
        return NULL;
    }
    struct value *map = value_new_map();
    map->map.strings = true;
    for (size_t i = 0; i < list->list.count; i++) {
        char key[24];
        snprintf(key, sizeof key, "_%zu", i);
        value_map_take(map, key, value_ref(list->list.items[i]));
    }
    return map;
}

/* join SEPARATOR LIST: what the items print, but for nil. */
BUILTIN(functions_join)
{
    if (arguments[1]->kind == VALUE_NULL)
        return value_new_string("");
    if (arguments[1]->kind != VALUE_LIST)
        return functions_text(arguments[1], why);
    AUTO(value_unref) struct value *separator = functions_text(arguments[0], why);
    AUTO(text_finish) struct text joined = {0};
    bool first = true;
    for (size_t i = 0; separator && i < arguments[1]->list.count && joined.length <= TEMPLATE_OUTPUT_MAX; i++) {
        if (arguments[1]->list.items[i]->kind == VALUE_NULL)
            continue;
        AUTO(value_unref) struct value *item = functions_printed(arguments[1]->list.items[i], why);
        if (!item)
            return NULL;
        if (!first)
            text_append_bytes(&joined, functions_bytes(separator));
        text_append_bytes(&joined, functions_bytes(item));
        first = false;
    }
    return separator ? functions_finish(&joined, why) : NULL;
}

/* Puts so many spaces before every line. */
static void append_indented(struct text *ret, struct bytes text, size_t spaces)
{
    bool more = true;
    while (more && ret->length <= TEMPLATE_OUTPUT_MAX) {
        const uint8_t *end = text.size > 0 ? memchr(text.data, '\n', text.size) : NULL;
        size_t size = end ? (size_t)(end - text.data) + 1 : text.size;
        text_print(ret, "%*s", (int)spaces, "");
        text_append_bytes(ret, bytes_slice(text, 0, size));
        text = bytes_slice(text, size, SIZE_MAX);
        more = end != NULL;
    }
}

static struct value *indent(const struct value *const *arguments, const char *before, struct diag *why)
{
    int64_t spaces;
    if (!functions_integer(&spaces, arguments[0], why))
        return NULL;
    if (spaces < 0 || spaces > 1000) {
        fail(why, 0, "%lld spaces are no indentation", (long long)spaces);
        return NULL;
    }
    AUTO(value_unref) struct value *printed = functions_text(arguments[1], why);
    if (!printed)
        return NULL;
    AUTO(text_finish) struct text indented = {0};
    text_append(&indented, before);
    append_indented(&indented, functions_bytes(printed), (size_t)spaces);
    return functions_finish(&indented, why);
}

/* indent SPACES TEXT */
BUILTIN(functions_indent)
{
    return indent(arguments, "", why);
}

/* The same behind a line feed, to stand behind the key that the text belongs to. */
BUILTIN(functions_nindent)
{
    return indent(arguments, "\n", why);
}

/* Every argument but nil in double quotes. */
BUILTIN(functions_quote)
{
    AUTO(text_finish) struct text quoted = {0};
    for (size_t i = 0; i < count && quoted.length <= TEMPLATE_OUTPUT_MAX; i++) {
        if (arguments[i]->kind == VALUE_NULL)
            continue;
        AUTO(value_unref) struct value *printed = functions_printed(arguments[i], why);
        if (!printed)
            return NULL;
        if (quoted.length > 0)
            text_append_char(&quoted, ' ');
        quote_append(&quoted, functions_bytes(printed), false);
    }
    return functions_finish(&quoted, why);
}
