/* SPDX-License-Identifier: Apache-2.0 */
/* The JSON of Pixiecore's API, read as Pixiecore reads it. */
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/memory.h"
#include "lang/document.h"
#include "lang/json.h"
#include "lang/pixiecore.h"

void pixiecore_answer_finish(struct pixiecore_answer *answer)
{
    free(answer->kernel);
    for (size_t i = 0; i < answer->initrd_count; i++)
        free(answer->initrd[i]);
    free(answer->initrd);
    free(answer->cmdline);
    free(answer->message);
    free(answer->script);
    *answer = (struct pixiecore_answer){0};
}

/* What a reader needs to say what is wrong with a member. */
struct reading {
    struct pixiecore_answer *answer;
    struct diag *why;
};

static int fail_at(struct reading *reading, const struct node *node, const char *name, const char *wanted)
{
    return fail(reading->why, -1, "line %u, column %u: '%s' must be %s, this is %s", node->line, node->column, name,
                wanted, node_kind_to_text(node->kind));
}

static int read_text(char **ret, struct reading *reading, const char *name, const struct node *value)
{
    if (value->kind != NODE_TEXT)
        return fail_at(reading, value, name, "a text");
    free(*ret);
    *ret = memory_text(value->text);
    return 0;
}

static int read_kernel(struct reading *reading, const struct node *value)
{
    return read_text(&reading->answer->kernel, reading, "kernel", value);
}

static int read_message(struct reading *reading, const struct node *value)
{
    return read_text(&reading->answer->message, reading, "message", value);
}

static int read_script(struct reading *reading, const struct node *value)
{
    return read_text(&reading->answer->script, reading, "ipxe-script", value);
}

static int read_initrd(struct reading *reading, const struct node *value)
{
    struct pixiecore_answer *answer = reading->answer;
    if (value->kind != NODE_LIST)
        return fail_at(reading, value, "initrd", "a list of URLs");
    if (value->count > PIXIECORE_INITRDS_MAX)
        return fail(reading->why, -1, "line %u, column %u: 'initrd' has %zu URLs, and %d is the most", value->line,
                    value->column, value->count, PIXIECORE_INITRDS_MAX);
    answer->initrd = memory_new(value->count + 1, sizeof *answer->initrd);
    for (size_t i = 0; i < value->count; i++)
        if (read_text(&answer->initrd[answer->initrd_count++], reading, "initrd[]", value->items[i]) != 0)
            return -1;
    return 0;
}

/* The URL of {"url": "..."}; NULL when it is none. */
static const char *url_of(const struct node *value)
{
    for (size_t i = 0; value->kind == NODE_MAP && i < value->count; i++)
        if (text_is_ignoring_case(value->members[i].key->text, "url"))
            return node_text(value->members[i].value);
    return NULL;
}

static void append_value(struct text *line, const char *value)
{
    bool quoted = strpbrk(value, " \t") != NULL;
    text_append(line, quoted ? "\"" : "");
    text_append(line, value);
    text_append(line, quoted ? "\"" : "");
}

static void append_url(struct text *line, const char *url)
{
    text_append(line, "{{ URL ");
    json_append_string(line, bytes_of_text(url));
    text_append(line, " }}");
}

static int append_pair(struct text *line, struct reading *reading, const struct node_member *member)
{
    const struct node *value = member->value;
    const char *name = member->key->text;
    const char *url = url_of(value);
    bool is_scalar = value->kind == NODE_TEXT || value->kind == NODE_NUMBER;
    if (!is_scalar && !url && value->kind != NODE_BOOL)
        return fail_at(reading, value, name, "a text, true, or {\"url\": URL}");
    text_append(line, line->length > 0 ? " " : "");
    text_append(line, name);
    if (value->kind == NODE_BOOL || (is_scalar && value->text[0] == '\0'))
        return 0;
    text_append(line, "=");
    if (url)
        append_url(line, url);
    else
        append_value(line, value->text);
    return 0;
}

static int compare_members(const void *a, const void *b)
{
    return strcmp((*(const struct node_member *const *)a)->key->text,
                  (*(const struct node_member *const *)b)->key->text);
}

/* Sorted by name, as Pixiecore sorts it. */
static int append_pairs(struct text *line, struct reading *reading, const struct node *map)
{
    AUTO(free) const struct node_member **members = memory_new(map->count + 1, sizeof *members);
    int result = 0;
    for (size_t i = 0; i < map->count; i++)
        members[i] = &map->members[i];
    if (map->count > 0)
        qsort(members, map->count, sizeof *members, compare_members);
    for (size_t i = 0; result == 0 && i < map->count; i++)
        result = append_pair(line, reading, members[i]);
    return result;
}

static int read_cmdline(struct reading *reading, const struct node *value)
{
    AUTO(text_finish) struct text line = {0};
    int result = 0;
    if (value->kind == NODE_MAP)
        result = append_pairs(&line, reading, value);
    else if (value->kind == NODE_TEXT)
        text_append(&line, value->text + strspn(value->text, " \t\r\n"));
    else
        result = fail_at(reading, value, "cmdline", "a text or a map");
    while (line.length > 0 && strchr(" \t\r\n", line.characters[line.length - 1]))
        text_truncate(&line, line.length - 1);
    if (result == 0 && strpbrk(text_characters(&line), "\r\n"))
        result =
            fail(reading->why, -1, "line %u, column %u: 'cmdline' has a line break in it", value->line, value->column);
    free(reading->answer->cmdline);
    reading->answer->cmdline = text_take(&line);
    return result;
}

static const struct member {
    const char *name;
    int (*read)(struct reading *reading, const struct node *value);
} members[] = {
    {"kernel", read_kernel},   {"initrd", read_initrd},      {"cmdline", read_cmdline},
    {"message", read_message}, {"ipxe-script", read_script},
};

static int read_member(struct reading *reading, const struct node_member *member)
{
    for (size_t i = 0; i < LENGTH(members) && member->value->kind != NODE_NULL; i++)
        if (text_is_ignoring_case(members[i].name, member->key->text))
            return members[i].read(reading, member->value);
    return 0;
}

/* "Kernel" and "KERNEL" are one name given twice. */
static int check_names(struct reading *reading, const struct node *root)
{
    for (size_t i = 0; i < LENGTH(members); i++)
        for (size_t k = 0, seen = 0; k < root->count; k++)
            if (text_is_ignoring_case(members[i].name, root->members[k].key->text) && seen++ > 0)
                return fail(reading->why, -1, "line %u, column %u: '%s' is there twice", root->members[k].key->line,
                            root->members[k].key->column, members[i].name);
    return 0;
}

static bool is_script(const char *script)
{
    return text_starts_with(script, "#!ipxe") || text_starts_with(script, "#!gpxe");
}

static int read_root(struct reading *reading, const struct node *root)
{
    const struct pixiecore_answer *answer = reading->answer;
    if (root->kind != NODE_MAP)
        return fail(reading->why, -1, "it must be a map, this is %s", node_kind_to_text(root->kind));
    int result = check_names(reading, root);
    for (size_t i = 0; result == 0 && i < root->count; i++)
        result = read_member(reading, &root->members[i]);
    if (result != 0)
        return result;
    bool has_script = answer->script && answer->script[0];
    if (has_script && !is_script(answer->script))
        return fail(reading->why, -1, "'ipxe-script' does not begin with '#!ipxe', without which iPXE runs none");
    if (!has_script && (!answer->kernel || !answer->kernel[0]))
        return fail(reading->why, -1, "it has neither 'kernel' nor 'ipxe-script': nothing says what to boot");
    return 0;
}

/* What is missing becomes "". */
static void fill(struct pixiecore_answer *answer)
{
    char **texts[] = {&answer->kernel, &answer->cmdline, &answer->message};
    for (size_t i = 0; i < LENGTH(texts); i++)
        if (!*texts[i])
            *texts[i] = memory_text("");
    if (answer->script && !answer->script[0]) {
        free(answer->script);
        answer->script = NULL;
    }
}

static int fail_to_parse(struct diag *why, const struct faults *faults)
{
    const struct fault *fault = &faults->at[0];
    return fault->line > 0 ? fail(why, -1, "line %u, column %u: %s", fault->line, fault->column, fault->text)
                           : fail(why, -1, "%s", fault->text);
}

int pixiecore_read_answer(struct pixiecore_answer *ret, struct bytes source, struct diag *why)
{
    AUTO(document_destroy) struct document *document = NULL;
    struct faults faults = {0};
    struct reading reading = {.answer = ret, .why = why};
    *ret = (struct pixiecore_answer){0};
    int result = document_parse(&document, "answer", source, DOCUMENT_JSON, &faults) == DOCUMENT_OK
                     ? read_root(&reading, document_root(document))
                     : fail_to_parse(why, &faults);
    faults_finish(&faults);
    if (result == 0)
        fill(ret);
    else
        pixiecore_answer_finish(ret);
    return result;
}
