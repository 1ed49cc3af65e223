/* SPDX-License-Identifier: Apache-2.0 */
/* The tree of a document and what is asked of it. */
#include "lang/document.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/array.h"
#include "base/text.h"
#include "lang/document-builder.h"

struct document {
    char *file;
    struct node *root;
    struct node **nodes; /* all of them, each once */
    size_t count;
    size_t capacity;
};

enum document_syntax document_syntax_from_name(const char *name)
{
    return text_ends_with(name, ".json") ? DOCUMENT_JSON : DOCUMENT_YAML;
}

static void node_free(struct node *node)
{
    free(node->text);
    free(node->items);
    free(node->members);
    free(node);
}

void document_destroy(struct document *document)
{
    if (!document)
        return;
    for (size_t i = 0; i < document->count; i++)
        node_free(document->nodes[i]);
    free(document->nodes);
    free(document->file);
    free(document);
}

struct node *document_add_node(struct document *document, enum node_kind kind, struct place place)
{
    struct node *node = MEMORY_NEW(struct node);
    *node = (struct node){.kind = kind, .line = place.line, .column = place.column, .weight = 1};
    *ARRAY_ADD(document->nodes, document->count, document->capacity) = node;
    return node;
}

struct node *document_add_scalar(struct document *document, enum node_kind kind, struct place place, char *take_text)
{
    struct node *node = document_add_node(document, kind, place);
    node->text = take_text;
    node->size = strlen(take_text);
    return node;
}

void node_add_item(struct node *list, struct node *item)
{
    *ARRAY_ADD(list->items, list->count, list->capacity) = item;
    list->weight += item->weight;
}

void node_add_member(struct node *map, struct node *key, struct node *value)
{
    *ARRAY_ADD(map->members, map->count, map->capacity) = (struct node_member){.key = key, .value = value};
    map->weight += key->weight + value->weight;
}

/* By text, of equal ones the one that stands first in the document. */
static int compare_keys(const void *a_pointer, const void *b_pointer)
{
    const struct node *a = *(const struct node *const *)a_pointer;
    const struct node *b = *(const struct node *const *)b_pointer;
    int order = strcmp(a->text, b->text);
    if (order != 0)
        return order;
    if (a->line != b->line)
        return a->line < b->line ? -1 : 1;
    return a->column < b->column ? -1 : a->column > b->column;
}

int document_check_keys(const struct document *document, const struct node *map, struct faults *faults)
{
    AUTO(free) const struct node **keys = memory_new(map->count, sizeof *keys);
    for (size_t i = 0; i < map->count; i++)
        keys[i] = map->members[i].key;
    qsort(keys, map->count, sizeof *keys, compare_keys);
    for (size_t i = 1; i < map->count; i++)
        if (strcmp(keys[i - 1]->text, keys[i]->text) == 0) {
            document_fault(document, keys[i], faults, FAULT_ERROR, "key '%s' is there twice, first in line %u",
                           keys[i]->text, keys[i - 1]->line);
            return DOCUMENT_E_SYNTAX;
        }
    return DOCUMENT_OK;
}

int document_check_count(const struct document *document, const struct node *node, struct faults *faults)
{
    if (document->count <= DOCUMENT_NODES_MAX && node->weight <= DOCUMENT_NODES_MAX)
        return DOCUMENT_OK;
    document_fault(document, node, faults, FAULT_ERROR,
                   "more than %d values in one document, aliases counted as all they stand for", DOCUMENT_NODES_MAX);
    return DOCUMENT_E_SYNTAX;
}

int document_fault_at(const struct document *document, struct place place, struct faults *faults, const char *format,
                      ...)
{
    AUTO(text_finish) struct text text = {0};
    va_list arguments;
    va_start(arguments, format);
    text_append_list(&text, format, arguments);
    va_end(arguments);
    faults_add(faults, FAULT_ERROR, document->file, place.line, place.column, "%s", text_characters(&text));
    return DOCUMENT_E_SYNTAX;
}

void document_fault(const struct document *document, const struct node *node, struct faults *faults,
                    enum fault_severity severity, const char *format, ...)
{
    AUTO(text_finish) struct text text = {0};
    AUTO(text_finish) struct text shown = {0};
    va_list arguments;
    va_start(arguments, format);
    text_append_list(&text, format, arguments);
    va_end(arguments);
    text_append_shown(&shown, text_bytes(&text), DIAG_TEXT_MAX);
    faults_add(faults, severity, document->file, node->line, node->column, "%s", text_characters(&shown));
}

int document_parse(struct document **ret, const char *file, struct bytes source, enum document_syntax syntax,
                   struct faults *faults)
{
    AUTO(document_destroy) struct document *document = MEMORY_NEW(struct document);
    document->file = memory_text(file);
    if (source.size > DOCUMENT_SIZE_MAX) {
        faults_add(faults, FAULT_ERROR, file, 0, 0, "%zu octets are more than a document may have (%zu)", source.size,
                   DOCUMENT_SIZE_MAX);
        return DOCUMENT_E_SYNTAX;
    }
    int code = syntax == DOCUMENT_JSON
                   ? document_read_json(&document->root, document, source, faults)
                   : document_read_yaml(&document->root, document, source, syntax == DOCUMENT_BUTANE, faults);
    if (code != DOCUMENT_OK)
        return code;
    *ret = take_pointer(document);
    return DOCUMENT_OK;
}

/* Reads the whole file: one octet more than a document may have is enough to see that it is too large. */
static int file_read(struct text *ret, int fd)
{
    char piece[16384];
    while (ret->length <= DOCUMENT_SIZE_MAX) {
        ssize_t size = read(fd, piece, sizeof piece);
        if (size < 0 && errno == EINTR)
            continue;
        if (size < 0)
            return -errno;
        if (size == 0)
            return 0;
        text_append_bytes(ret, bytes_of(piece, (size_t)size));
    }
    return 0;
}

int document_load(struct document **ret, int folder_fd, const char *path, const char *file, struct faults *faults)
{
    AUTO(text_finish) struct text content = {0};
    /* Without O_NONBLOCK the open of a FIFO would wait for somebody to write. */
    AUTO(fd_close) int fd = openat(folder_fd, path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    int code = fd < 0 ? -errno : file_read(&content, fd);
    if (code < 0) {
        faults_add(faults, FAULT_ERROR, file, 0, 0, "cannot read it: %s", strerror(-code));
        return DOCUMENT_E_UNREADABLE;
    }
    return document_parse(ret, file, text_bytes(&content), document_syntax_from_name(path), faults);
}

const char *document_file(const struct document *document)
{
    return document->file;
}

const struct node *document_root(const struct document *document)
{
    return document->root;
}

const char *node_kind_to_text(enum node_kind kind)
{
    static const char *const texts[] = {
        [NODE_NULL] = "nothing", [NODE_BOOL] = "true or false", [NODE_NUMBER] = "a number",
        [NODE_TEXT] = "a text",  [NODE_LIST] = "a list",        [NODE_MAP] = "a map of keys",
    };
    return texts[kind];
}

const char *node_text(const struct node *node)
{
    bool as_written = node->plain && (node->kind == NODE_NUMBER || node->kind == NODE_BOOL);
    return node->kind == NODE_TEXT || as_written ? node->text : NULL;
}

static struct value *value_from_list(const struct node *node)
{
    struct value *list = value_new_list();
    for (size_t i = 0; i < node->count; i++)
        value_list_take(list, value_from_node(node->items[i]));
    return list;
}

static struct value *value_from_map(const struct node *node)
{
    struct value *map = value_new_map();
    for (size_t i = 0; i < node->count; i++)
        value_map_take(map, node->members[i].key->text, value_from_node(node->members[i].value));
    return map;
}

struct value *value_from_node(const struct node *node)
{
    switch (node->kind) {
    case NODE_BOOL:
        return value_new_bool(node->boolean);
    case NODE_NUMBER:
        return value_new_number(node->number);
    case NODE_TEXT:
        return value_new_string(node->text);
    case NODE_LIST:
        return value_from_list(node);
    case NODE_MAP:
        return value_from_map(node);
    case NODE_NULL:
        break;
    }
    return value_new_null();
}
