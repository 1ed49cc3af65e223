/* SPDX-License-Identifier: Apache-2.0 */
/* Renders every case of the files named and prints one line for each; template-conformance.go prints the same of the
 * same files with Go's own text/template. See test_template.py for the format of the files. */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "lang/template.h"

struct document {
    char name[64];
    struct value *data;
};

static struct document documents[64];
static size_t document_count;

static struct value *value_of_json(const json_t *json);

static struct value *map_of_json(const json_t *json)
{
    struct value *map = value_new_map();
    const char *key;
    json_t *member;
    json_object_foreach((json_t *)json, key, member)
    {
        struct value *value = value_of_json(member);
        if (strcmp(key, "strings") == 0 && value->kind == VALUE_MAP)
            value->map.strings = true;
        value_map_take(map, key, value);
    }
    return map;
}

static struct value *value_of_json(const json_t *json)
{
    switch (json_typeof(json)) {
    case JSON_OBJECT:
        return map_of_json(json);
    case JSON_ARRAY: {
        struct value *list = value_new_list();
        size_t index;
        json_t *item;
        json_array_foreach(json, index, item) value_list_take(list, value_of_json(item));
        return list;
    }
    case JSON_STRING:
        return value_new_string_of(bytes_of(json_string_value(json), json_string_length(json)));
    case JSON_INTEGER:
    case JSON_REAL:
        return value_new_number(json_number_value(json));
    case JSON_TRUE:
    case JSON_FALSE:
        return value_new_bool(json_is_true(json));
    case JSON_NULL:
        break;
    }
    return value_new_null();
}

static void print_escaped(const char *characters, size_t length)
{
    for (size_t i = 0; i < length; i++)
        if ((unsigned char)characters[i] < 0x20 || (unsigned char)characters[i] > 0x7e || characters[i] == '\\')
            printf("\\x%02x", (unsigned char)characters[i]);
        else
            putchar(characters[i]);
}

/* The reason's position: of a parse error the line alone, for Go says no more. */
static void print_failure(const char *stage, const char *reason, int with_column)
{
    unsigned line = 0, column = 0;
    if (sscanf(reason, "main:%u:%u: ", &line, &column) != 2)
        printf("%s nowhere", stage);
    else if (with_column)
        printf("%s %u:%u", stage, line, column);
    else
        printf("%s %u", stage, line);
    printf("\t");
    print_escaped(reason, strlen(reason));
}

static void render(struct bytes source, const struct value *data)
{
    AUTO(template_destroy) struct template *template = NULL;
    AUTO(text_finish) struct text out = {0};
    struct diag why = {{0}};
    if (template_parse(&template, "main", source, NULL, 0, &why) != TEMPLATE_OK) {
        print_failure("parse", why.text, 0);
    } else if (template_render(&out, template, data, NULL, &why) != TEMPLATE_OK) {
        print_failure("render", why.text, 1);
    } else {
        printf("ok ");
        print_escaped(text_characters(&out), out.length);
    }
    putchar('\n');
}

static void add_document(const char *name, struct bytes body)
{
    json_error_t error;
    json_t *json = json_loadb((const char *)body.data, body.size,
                              JSON_DECODE_ANY | JSON_ALLOW_NUL | JSON_DECODE_INT_AS_REAL, &error);
    if (!json || document_count == sizeof documents / sizeof documents[0]) {
        fprintf(stderr, "data %s: %s\n", name, error.text);
        exit(EXIT_FAILURE);
    }
    struct document *document = &documents[document_count++];
    snprintf(document->name, sizeof document->name, "%.60s", name);
    document->data = value_of_json(json);
    json_decref(json);
}

static const struct value *find_document(const char *name)
{
    for (size_t i = document_count; i > 0; i--)
        if (strcmp(documents[i - 1].name, name) == 0)
            return documents[i - 1].data;
    fprintf(stderr, "no data %s\n", name);
    exit(EXIT_FAILURE);
}

/* One part of a file: its first line names the data it defines or uses. */
static void run_part(struct bytes part)
{
    const uint8_t *line_end = memchr(part.data, '\n', part.size);
    size_t head_size = line_end ? (size_t)(line_end - part.data) : part.size;
    char head[80];
    snprintf(head, sizeof head, "%.*s", (int)head_size, (const char *)part.data);
    struct bytes body = bytes_slice(part, head_size + 1, SIZE_MAX);
    if (body.size > 0 && body.data[body.size - 1] == '\n')
        body.size--;
    if (strncmp(head, "data ", 5) == 0)
        add_document(head + 5, body);
    else
        render(body, find_document(head));
}

static void run_file(struct bytes content)
{
    static const char mark[] = "\n==== ";
    const uint8_t *end = content.data + content.size;
    const uint8_t *part = memmem(content.data, content.size, mark, strlen(mark));
    while (part) {
        part += strlen(mark);
        const uint8_t *next = memmem(part, (size_t)(end - part), mark, strlen(mark));
        run_part(bytes_of(part, (size_t)((next ? next : end) - part)));
        part = next;
    }
}

int main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        AUTO(text_finish) struct text content = {0};
        FILE *file = fopen(argv[i], "rb");
        if (!file) {
            perror(argv[i]);
            return EXIT_FAILURE;
        }
        char block[65536];
        text_append_char(&content, '\n');
        for (size_t size; (size = fread(block, 1, sizeof block, file)) > 0;)
            text_append_bytes(&content, bytes_of(block, size));
        fclose(file);
        run_file(text_bytes(&content));
    }
    while (document_count > 0)
        value_unref(documents[--document_count].data);
    return EXIT_SUCCESS;
}
