/* SPDX-License-Identifier: Apache-2.0 */
/* The escaping functions of Go's text/template. */
#include "lang/template/escape.h"

#include <ctype.h>

#include "base/array.h"
#include "base/text.h"
#include "lang/template.h"
#include "lang/template/format.h"
#include "lang/template/unicode.h"

/* The arguments as print writes them, but for nil, which is shown the way a template shows it. */
static bool join_arguments(struct text *ret, const struct value *const *arguments, size_t count)
{
    bool after_string = true;
    for (size_t i = 0; i < count; i++) {
        bool is_string = arguments[i]->kind == VALUE_STRING || arguments[i]->kind == VALUE_NULL;
        if (i > 0 && !is_string && !after_string)
            text_append_char(ret, ' ');
        if (arguments[i]->kind == VALUE_NULL)
            text_append(ret, "<no value>");
        else if (!format_value(ret, TEMPLATE_OUTPUT_MAX, arguments[i]))
            return false;
        after_string = is_string;
    }
    return true;
}

typedef size_t (*escape_one)(struct text *ret, struct bytes rest);

/* Escapes what the arguments print; one writes what stands for the first character and says how much that took. */
static struct value *escape_all(const struct value *const *arguments, size_t count, struct diag *why, escape_one one)
{
    AUTO(text_finish) struct text plain = {0};
    AUTO(text_finish) struct text escaped = {0};
    bool fits = join_arguments(&plain, arguments, count);
    for (size_t at = 0; fits && at < plain.length; fits = escaped.length <= TEMPLATE_OUTPUT_MAX)
        at += one(&escaped, bytes_slice(text_bytes(&plain), at, SIZE_MAX));
    if (!fits) {
        fail(why, 0, "the text grows longer than %zu octets", TEMPLATE_OUTPUT_MAX);
        return NULL;
    }
    return value_new_string_of(text_bytes(&escaped));
}

static size_t escape_one_html(struct text *ret, struct bytes rest)
{
    static const struct {
        char character;
        const char *escape;
    } escapes[] = {{'"', "&#34;"}, {'\'', "&#39;"}, {'&', "&amp;"},
                   {'<', "&lt;"},  {'>', "&gt;"},   {'\0', "\xef\xbf\xbd"}};
    for (size_t i = 0; i < LENGTH(escapes); i++)
        if (rest.data[0] == (uint8_t)escapes[i].character) {
            text_append(ret, escapes[i].escape);
            return 1;
        }
    text_append_char(ret, (char)rest.data[0]);
    return 1;
}

static size_t escape_one_js(struct text *ret, struct bytes rest)
{
    uint32_t character;
    size_t size = unicode_decode(&character, rest);
    if (character < 0x80 && strchr("\\'\"", (int)character) && character > 0) {
        text_append_char(ret, '\\');
        text_append_char(ret, (char)character);
    } else if (character < ' ' || (character < 0x80 && strchr("<>&=", (int)character)) ||
               !(character == 0x7f || unicode_is_printable(character))) {
        text_print(ret, "\\u%04X", character);
    } else if (size == 1 && character == UNICODE_REPLACEMENT) {
        text_append_bytes(ret, bytes_slice(rest, 0, 1));
    } else {
        unicode_append(ret, character);
    }
    return size;
}

static size_t escape_one_urlquery(struct text *ret, struct bytes rest)
{
    uint8_t octet = rest.data[0];
    if (octet == ' ')
        text_append_char(ret, '+');
    else if (octet < 0x80 && (isalnum(octet) || (octet > 0 && strchr("-_.~", octet))))
        text_append_char(ret, (char)octet);
    else
        text_print(ret, "%%%02X", octet);
    return 1;
}

BUILTIN(escape_html)
{
    return escape_all(arguments, count, why, escape_one_html);
}

BUILTIN(escape_js)
{
    return escape_all(arguments, count, why, escape_one_js);
}

BUILTIN(escape_urlquery)
{
    return escape_all(arguments, count, why, escape_one_urlquery);
}
