/* SPDX-License-Identifier: Apache-2.0 */
/* print, println and printf: the directives of a format and the arguments they take. */
#include "lang/template/format.h"

#include "lang/template/builtin.h"
#include "lang/template/format-value.h"
#include "lang/template/unicode.h"

/* Widths and precisions above this are no numbers to Go. */
#define NUMBER_MAX 1000000

bool format_value(struct text *ret, size_t limit, const struct value *value)
{
    return format_print(ret, limit, &value, 1);
}

bool format_print(struct text *ret, size_t limit, const struct value *const *values, size_t count)
{
    struct printer printer = {.out = ret, .limit = limit};
    for (size_t i = 0; i < count && !printer.full; i++) {
        if (i > 0 && values[i]->kind != VALUE_STRING && values[i - 1]->kind != VALUE_STRING)
            printer_write_text(&printer, " ");
        printer_print(&printer, values[i], 'v');
    }
    return !printer.full;
}

bool format_println(struct text *ret, size_t limit, const struct value *const *values, size_t count)
{
    struct printer printer = {.out = ret, .limit = limit};
    for (size_t i = 0; i < count && !printer.full; i++) {
        if (i > 0)
            printer_write_text(&printer, " ");
        printer_print(&printer, values[i], 'v');
    }
    printer_write_text(&printer, "\n");
    return !printer.full;
}

/* A format while it is worked through. */
struct directives {
    struct printer printer;
    struct bytes format;
    size_t at;
    const struct value *const *values;
    size_t count;
    size_t argument;  /* the next to be taken */
    bool reordered;   /* an index such as [3] was used: arguments left over are no fault */
    bool index_good;  /* the indexes of the directive at hand name arguments */
    bool after_index; /* an index was the last that was read */
};

static bool is_at(const struct directives *state, char character)
{
    return state->at < state->format.size && state->format.data[state->at] == (uint8_t)character;
}

/* Reads a number up to end; one that is far too large takes all up to end and is none. */
static bool read_number(size_t *ret, struct directives *state, size_t end)
{
    bool found = false;
    *ret = 0;
    while (state->at < end && state->format.data[state->at] >= '0' && state->format.data[state->at] <= '9') {
        if (*ret > NUMBER_MAX) {
            *ret = 0;
            state->at = end;
            return false;
        }
        *ret = *ret * 10 + (state->format.data[state->at++] - '0');
        found = true;
    }
    return found;
}

/* Reads an index in brackets, from 1; false when it is malformed. Goes past it either way. */
static bool read_bracket(size_t *ret, struct directives *state)
{
    size_t open = state->at++;
    const uint8_t *close = memchr(state->format.data + open, ']', state->format.size - open);
    if (state->format.size - open < 3 || !close)
        return false;
    size_t end = (size_t)(close - state->format.data);
    bool good = read_number(ret, state, end) && state->at == end;
    state->at = end + 1;
    return good;
}

/* An explicit argument index, where there is one. */
static void read_index(struct directives *state)
{
    state->after_index = is_at(state, '[');
    if (!state->after_index)
        return;
    state->reordered = true;
    size_t index;
    bool good = read_bracket(&index, state);
    if (good && index >= 1 && index <= state->count) {
        state->argument = index - 1;
        return;
    }
    state->index_good = false;
    state->after_index = good;
}

static void read_flags(struct directives *state)
{
    struct printer *printer = &state->printer;
    for (; state->at < state->format.size; state->at++)
        switch (state->format.data[state->at]) {
        case '#':
            printer->sharp = true;
            break;
        case '0':
            printer->zero = !printer->minus;
            break;
        case '+':
            printer->plus = true;
            break;
        case '-':
            printer->minus = true;
            printer->zero = false;
            break;
        case ' ':
            printer->space = true;
            break;
        default:
            return;
        }
}

/* The argument that a '*' takes; false when it is none that can be a width. */
static bool take_number(int64_t *ret, struct directives *state)
{
    *ret = 0;
    if (state->argument >= state->count)
        return false;
    const struct value *value = state->values[state->argument++];
    if (value->kind != VALUE_INTEGER && value->kind != TEMPLATE_VALUE_OCTET)
        return false;
    if (value->integer > NUMBER_MAX || value->integer < -NUMBER_MAX)
        return false;
    *ret = value->integer;
    return true;
}

static void read_width(struct directives *state)
{
    struct printer *printer = &state->printer;
    if (!is_at(state, '*')) {
        printer->has_width = read_number(&printer->width, state, state->format.size);
        if (state->after_index && printer->has_width)
            state->index_good = false;
        return;
    }
    state->at++;
    int64_t width;
    printer->has_width = take_number(&width, state);
    if (!printer->has_width)
        printer_write_text(printer, "%!(BADWIDTH)");
    if (width < 0) {
        printer->minus = true;
        printer->zero = false;
    }
    printer->width = (size_t)(width < 0 ? -width : width);
    state->after_index = false;
}

static void read_precision(struct directives *state)
{
    struct printer *printer = &state->printer;
    if (!is_at(state, '.') || state->at + 1 >= state->format.size)
        return;
    state->at++;
    if (state->after_index)
        state->index_good = false;
    read_index(state);
    if (!is_at(state, '*')) {
        read_number(&printer->precision, state, state->format.size);
        printer->has_precision = true;
        return;
    }
    state->at++;
    int64_t precision;
    printer->has_precision = take_number(&precision, state) && precision >= 0;
    if (!printer->has_precision)
        printer_write_text(printer, "%!(BADPREC)");
    printer->precision = printer->has_precision ? (size_t)precision : 0;
    state->after_index = false;
}

static void print_fault(struct directives *state, uint32_t verb, const char *fault)
{
    AUTO(text_finish) struct text written = {0};
    text_append(&written, "%!");
    unicode_append(&written, verb);
    text_append(&written, fault);
    printer_write(&state->printer, text_bytes(&written));
}

static void print_argument(struct directives *state, uint32_t verb)
{
    struct printer *printer = &state->printer;
    if (verb == 'v') {
        printer->go_syntax = printer->sharp;
        printer->sharp = false;
        printer->plus = false;
    }
    printer_print(printer, state->values[state->argument++], verb);
}

static void read_verb(struct directives *state)
{
    if (state->at >= state->format.size) {
        printer_write_text(&state->printer, "%!(NOVERB)");
        return;
    }
    uint32_t verb;
    state->at += unicode_decode(&verb, bytes_slice(state->format, state->at, 4));
    if (verb == '%')
        printer_write_text(&state->printer, "%");
    else if (!state->index_good)
        print_fault(state, verb, "(BADINDEX)");
    else if (state->argument >= state->count)
        print_fault(state, verb, "(MISSING)");
    else
        print_argument(state, verb);
}

/* What stands behind a '%'. */
static void print_directive(struct directives *state)
{
    state->printer = (struct printer){
        .out = state->printer.out,
        .limit = state->printer.limit,
        .full = state->printer.full,
    };
    state->index_good = true;
    read_flags(state);
    read_index(state);
    read_width(state);
    read_precision(state);
    if (!state->after_index)
        read_index(state);
    read_verb(state);
}

static void print_left_over(struct directives *state)
{
    struct printer printer = {.out = state->printer.out, .limit = state->printer.limit, .full = state->printer.full};
    printer_write_text(&printer, "%!(EXTRA ");
    for (size_t i = state->argument; i < state->count; i++) {
        if (i > state->argument)
            printer_write_text(&printer, ", ");
        printer_write_text(&printer, format_type(state->values[i]));
        if (state->values[i]->kind != VALUE_NULL) {
            printer_write_text(&printer, "=");
            printer_print(&printer, state->values[i], 'v');
        }
    }
    printer_write_text(&printer, ")");
    state->printer.full = printer.full;
}

bool format_printf(struct text *ret, size_t limit, struct bytes format, const struct value *const *values, size_t count)
{
    struct directives state = {
        .printer = {.out = ret, .limit = limit},
        .format = format,
        .values = values,
        .count = count,
    };
    while (state.at < format.size && !state.printer.full) {
        const uint8_t *start = format.data + state.at;
        const uint8_t *percent = memchr(start, '%', format.size - state.at);
        size_t plain = percent ? (size_t)(percent - start) : format.size - state.at;
        printer_write(&state.printer, bytes_of(start, plain));
        state.at += plain;
        if (!percent)
            break;
        state.at++;
        print_directive(&state);
    }
    if (!state.reordered && state.argument < count)
        print_left_over(&state);
    return !state.printer.full;
}
