/* SPDX-License-Identifier: Apache-2.0 */
/* One value under one verb: strings, bools, nil, lists and maps. */
#include "lang/template/format-value.h"

#include "lang/template/builtin.h"
#include "lang/template/format.h"
#include "lang/template/quote.h"
#include "lang/template/unicode.h"

const char *format_type(const struct value *value)
{
    if (value->kind == TEMPLATE_VALUE_OCTET)
        return "uint8";
    switch (value->kind) {
    case VALUE_NULL:
        return "<nil>";
    case VALUE_BOOL:
        return "bool";
    case VALUE_INTEGER:
        return "int";
    case VALUE_NUMBER:
        return "float64";
    case VALUE_STRING:
        return "string";
    case VALUE_LIST:
        return "[]interface {}";
    case VALUE_MAP:
        break;
    }
    return value->map.strings ? "map[string]string" : "map[string]interface {}";
}

void printer_write(struct printer *printer, struct bytes characters)
{
    size_t room = printer->limit > printer->out->length ? printer->limit - printer->out->length : 0;
    if (printer->full || characters.size > room) {
        printer->full = true;
        return;
    }
    text_append_bytes(printer->out, characters);
}

void printer_write_text(struct printer *printer, const char *characters)
{
    printer_write(printer, bytes_of_text(characters));
}

static void write_padding(struct printer *printer, size_t count)
{
    static const char spaces[] = "                                ";
    static const char zeros[] = "00000000000000000000000000000000";
    while (count > 0 && !printer->full) {
        size_t part = count < sizeof spaces - 1 ? count : sizeof spaces - 1;
        printer_write(printer, bytes_of(printer->zero ? zeros : spaces, part));
        count -= part;
    }
}

void printer_pad(struct printer *printer, struct bytes characters)
{
    size_t count = printer->has_width && printer->width > 0 ? unicode_count(characters) : 0;
    size_t padding = printer->has_width && printer->width > count ? printer->width - count : 0;
    if (!printer->minus)
        write_padding(printer, padding);
    printer_write(printer, characters);
    if (printer->minus)
        write_padding(printer, padding);
}

void printer_print_bad_verb(struct printer *printer, const struct value *value, uint32_t verb)
{
    AUTO(text_finish) struct text shown = {0};
    unicode_append(&shown, verb);
    printer_write_text(printer, "%!");
    printer_write(printer, text_bytes(&shown));
    printer_write_text(printer, "(");
    printer_write_text(printer, format_type(value));
    if (value->kind != VALUE_NULL) {
        printer_write_text(printer, "=");
        printer_print(printer, value, 'v');
    }
    printer_write_text(printer, ")");
}

static void print_bool(struct printer *printer, const struct value *value, uint32_t verb)
{
    if (verb == 't' || verb == 'v')
        printer_pad(printer, bytes_of_text(value->boolean ? "true" : "false"));
    else
        printer_print_bad_verb(printer, value, verb);
}

/* As many characters as the precision allows. */
static struct bytes truncated(const struct printer *printer, struct bytes characters)
{
    if (!printer->has_precision)
        return characters;
    size_t at = 0;
    uint32_t character;
    for (size_t count = 0; at < characters.size && count < printer->precision; count++)
        at += unicode_decode(&character, bytes_slice(characters, at, 4));
    return bytes_slice(characters, 0, at);
}

static void print_quoted(struct printer *printer, struct bytes characters)
{
    characters = truncated(printer, characters);
    AUTO(text_finish) struct text quoted = {0};
    if (printer->sharp && quote_can_be_raw(characters)) {
        text_append_char(&quoted, '`');
        text_append_bytes(&quoted, characters);
        text_append_char(&quoted, '`');
    } else {
        quote_append(&quoted, characters, printer->plus);
    }
    printer_pad(printer, text_bytes(&quoted));
}

/* The octets in hexadecimal: the space flag parts them, the sharp flag puts 0x before them. */
static void print_octets(struct printer *printer, struct bytes octets, bool is_upper)
{
    if (printer->has_precision)
        octets = bytes_slice(octets, 0, printer->precision);
    const char *digits = is_upper ? "0123456789ABCDEF" : "0123456789abcdef";
    const char *prefix = !printer->sharp ? "" : is_upper ? "0X" : "0x";
    AUTO(text_finish) struct text written = {0};
    for (size_t i = 0; i < octets.size; i++) {
        if (printer->space && i > 0)
            text_append_char(&written, ' ');
        if (printer->space || i == 0)
            text_append(&written, prefix);
        text_append_char(&written, digits[octets.data[i] >> 4]);
        text_append_char(&written, digits[octets.data[i] & 0xf]);
    }
    printer_pad(printer, text_bytes(&written));
}

static void print_string(struct printer *printer, const struct value *value, uint32_t verb)
{
    struct bytes characters = bytes_of(value->string.characters, value->string.length);
    switch (verb) {
    case 'v':
        if (printer->go_syntax) {
            print_quoted(printer, characters);
            return;
        }
        printer_pad(printer, truncated(printer, characters));
        return;
    case 's':
        printer_pad(printer, truncated(printer, characters));
        return;
    case 'x':
    case 'X':
        print_octets(printer, characters, verb == 'X');
        return;
    case 'q':
        print_quoted(printer, characters);
        return;
    }
    printer_print_bad_verb(printer, value, verb);
}

/* A value inside of a list or map. There nil is nil under every verb. */
static void print_member(struct printer *printer, const struct value *value, uint32_t verb)
{
    if (value->kind == VALUE_NULL)
        printer_write_text(printer, printer->go_syntax ? "interface {}(nil)" : "<nil>");
    else
        printer_print(printer, value, verb);
}

static void print_list(struct printer *printer, const struct value *value, uint32_t verb)
{
    printer_write_text(printer, printer->go_syntax ? "[]interface {}{" : "[");
    for (size_t i = 0; i < value->list.count && !printer->full; i++) {
        if (i > 0)
            printer_write_text(printer, printer->go_syntax ? ", " : " ");
        print_member(printer, value->list.items[i], verb);
    }
    printer_write_text(printer, printer->go_syntax ? "}" : "]");
}

static void print_key(struct printer *printer, const char *key, uint32_t verb)
{
    const struct value value = {.kind = VALUE_STRING, .string = {(char *)key, strlen(key)}};
    print_string(printer, &value, verb);
}

static void print_map(struct printer *printer, const struct value *value, uint32_t verb)
{
    printer_write_text(printer, printer->go_syntax ? format_type(value) : "map");
    printer_write_text(printer, printer->go_syntax ? "{" : "[");
    for (size_t i = 0; i < value->map.count && !printer->full; i++) {
        if (i > 0)
            printer_write_text(printer, printer->go_syntax ? ", " : " ");
        print_key(printer, value->map.members[i].key, verb);
        printer_write_text(printer, ":");
        print_member(printer, value->map.members[i].value, verb);
    }
    printer_write_text(printer, printer->go_syntax ? "}" : "]");
}

static void print_nil(struct printer *printer, const struct value *value, uint32_t verb)
{
    if (verb == 'v' || verb == 'T')
        printer_pad(printer, bytes_of_text("<nil>"));
    else
        printer_print_bad_verb(printer, value, verb);
}

/* Lists and maps have an address. We say one that is none: ours are nobody's business. */
static void print_address(struct printer *printer, const struct value *value)
{
    const struct value address = {.kind = VALUE_INTEGER, .integer = 0xc000000000};
    if (value->kind != VALUE_LIST && value->kind != VALUE_MAP) {
        printer_print_bad_verb(printer, value, 'p');
        return;
    }
    bool sharp = printer->sharp;
    printer->sharp = !sharp;
    printer_print_integer(printer, &address, 'x');
    printer->sharp = sharp;
}

void printer_print(struct printer *printer, const struct value *value, uint32_t verb)
{
    if (value->kind == VALUE_NULL) {
        print_nil(printer, value, verb);
        return;
    }
    if (verb == 'T') {
        printer_pad(printer, truncated(printer, bytes_of_text(format_type(value))));
        return;
    }
    if (verb == 'p') {
        print_address(printer, value);
        return;
    }
    switch (value->kind) {
    case VALUE_BOOL:
        print_bool(printer, value, verb);
        return;
    case VALUE_NUMBER:
        printer_print_float(printer, value, verb);
        return;
    case VALUE_STRING:
        print_string(printer, value, verb);
        return;
    case VALUE_LIST:
    case VALUE_MAP:
        if (verb == 'w')
            printer_print_bad_verb(printer, value, verb);
        else if (value->kind == VALUE_LIST)
            print_list(printer, value, verb);
        else
            print_map(printer, value, verb);
        return;
    default:
        printer_print_integer(printer, value, verb);
    }
}
