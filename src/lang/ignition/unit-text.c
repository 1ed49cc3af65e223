/* SPDX-License-Identifier: Apache-2.0 */
/* Texts of systemd units. */
#include "lang/ignition/unit-text.h"

#include <ctype.h>
#include <string.h>

struct unit_reading {
    struct bytes rest;
    struct unit_facts facts;
    bool in_section;
    bool in_install;
};

static void skip(struct unit_reading *reading, size_t size)
{
    reading->rest = bytes_slice(reading->rest, size, reading->rest.size);
}

/* Up to the end of the line, which is passed; borrowed. */
static struct bytes take_line(struct unit_reading *reading)
{
    const uint8_t *end = memchr(reading->rest.data, '\n', reading->rest.size);
    struct bytes line = bytes_slice(reading->rest, 0, end ? (size_t)(end - reading->rest.data) : reading->rest.size);
    skip(reading, line.size + 1);
    return line;
}

static bool is_blank(struct bytes text)
{
    for (size_t i = 0; i < text.size; i++)
        if (!isspace(text.data[i]))
            return false;
    return true;
}

static void read_section(struct unit_reading *reading)
{
    const uint8_t *end = memchr(reading->rest.data, ']', reading->rest.size);
    if (!end) {
        reading->facts.fault = "unable to find end of section: write ']' behind its name";
        return;
    }
    struct bytes name = bytes_slice(reading->rest, 1, (size_t)(end - reading->rest.data) - 1);
    skip(reading, name.size + 2);
    reading->in_section = true;
    reading->in_install = bytes_equal_text(name, "Install");
    if (reading->rest.size > 0 && !is_blank(take_line(reading)))
        reading->facts.fault = "found garbage after section name: nothing may follow the ']'";
}

/* An option's value goes on in the next line behind a backslash. */
static void pass_value(struct unit_reading *reading)
{
    struct bytes line;
    do
        line = take_line(reading);
    while (line.size > 0 && !is_blank(line) && line.data[line.size - 1] == '\\' && reading->rest.size > 0);
}

static void read_option(struct unit_reading *reading)
{
    size_t size = 0;
    while (size < reading->rest.size && !memchr("=\r\n", reading->rest.data[size], 3))
        size++;
    if (size == reading->rest.size || reading->rest.data[size] != '=') {
        reading->facts.fault = "a line in a section has no '=': write \"Name=value\", or '#' before a comment";
        return;
    }
    skip(reading, size + 1);
    reading->facts.has_install = reading->facts.has_install || reading->in_install;
    if (reading->rest.size > 0)
        pass_value(reading);
}

struct unit_facts unit_text_read(struct bytes text)
{
    struct unit_reading reading = {.rest = text};
    while (reading.rest.size > 0 && !reading.facts.fault) {
        uint8_t first = reading.rest.data[0];
        if (isspace(first))
            skip(&reading, 1);
        else if (first == '[')
            read_section(&reading);
        else if (first == '#' || first == ';')
            take_line(&reading);
        else if (reading.in_section)
            read_option(&reading);
        else {
            reading.facts.has_stray_lines = true;
            struct bytes line = take_line(&reading);
            const uint8_t *bracket = memchr(line.data, '[', line.size);
            if (bracket)
                reading.rest = bytes_of(bracket, (size_t)(text.data + text.size - bracket));
        }
    }
    return reading.facts;
}
