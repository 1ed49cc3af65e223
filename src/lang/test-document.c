/* SPDX-License-Identifier: Apache-2.0 */
#include "lang/document.h"

#include "base/array.h"
#include "base/text.h"
#include "test.h"

static void write_value(struct text *text, const struct value *value)
{
    switch (value->kind) {
    case VALUE_BOOL:
        text_append(text, value->boolean ? "true" : "false");
        break;
    case VALUE_NUMBER:
        text_print(text, "%g", value->number);
        break;
    case VALUE_STRING:
        text_print(text, "'%s'", value->string.characters);
        break;
    case VALUE_LIST:
        text_append(text, "[");
        for (size_t i = 0; i < value->list.count; i++)
            write_value(text, value->list.items[i]);
        text_append(text, "]");
        break;
    case VALUE_MAP:
        text_append(text, "{");
        for (size_t i = 0; i < value->map.count; i++) {
            text_append(text, value->map.members[i].key);
            text_append(text, ":");
            write_value(text, value->map.members[i].value);
        }
        text_append(text, "}");
        break;
    default:
        text_append(text, "null");
    }
}

/* The document as one line of text, or its first fault. */
static char *outcome(struct bytes source, enum document_syntax syntax)
{
    AUTO(document_destroy) struct document *document = NULL;
    struct faults faults = {0};
    struct text text = {0};
    int code = document_parse(&document, "f", source, syntax, &faults);
    CHECK((code == DOCUMENT_OK) == (faults.count == 0) && (code == DOCUMENT_OK) == (document != NULL));
    if (document) {
        AUTO(value_unref) struct value *value = value_from_node(document_root(document));
        write_value(&text, value);
    } else if (faults.count > 0) {
        AUTO(free) char *fault = fault_to_text(&faults.at[0]);
        text_append(&text, fault);
    }
    faults_finish(&faults);
    return text_take(&text);
}

static void check_outcome(const char *source, enum document_syntax syntax, const char *expected)
{
    AUTO(free) char *actual = outcome(bytes_of_text(source), syntax);
    CHECK_TEXT(actual, expected);
}

static void yaml_is_read_by_its_core_schema(void)
{
    const struct {
        const char *source, *outcome;
    } rows[] = {
        {"", "null"},
        {"# nothing\n", "null"},
        {"a: 1\nb: [x, \"y\", 'z', ~]\n", "{a:1b:['x''y''z'null]}"},
        {"a: true\nb: False\nc: yes\nd: \"true\"\n", "{a:trueb:falsec:'yes'd:'true'}"},
        {"[0x1f, 0o17, 1.5, -2e3, +7, .5, 5., 1_000, 0x, e5, .inf]", "[31151.5-200070.55'1_000''0x''e5''.inf']"},
        {"a: !!str 5\nb: !!str\n", "{a:'5'b:''}"},
        {"a: |\n  one\n  two\nb: >\n  one\n  two\n", "{a:'one\ntwo\n'b:'one two\n'}"},
        {"mac: 52:54:00:12:34:56\n", "{mac:'52:54:00:12:34:56'}"},
        {"a: &x {k: [1]}\nb: *x\nc: [*x]\n", "{a:{k:[1]}b:{k:[1]}c:[{k:[1]}]}"},
        {"a: &x 1\nb: &x 2\nc: *x\n", "{a:1b:2c:2}"},
        {"a:\nb:\n  -\n  - c:\n", "{a:nullb:[null{c:null}]}"},
        {"1: x\ntrue: y\n", "{1:'x'true:'y'}"},
        {"a: \"\\u00e9 \\U0001f600\"\n", "{a:'\xc3\xa9 \xf0\x9f\x98\x80'}"},
        {"{\"a\": [1, {\"b\": null}], \"c\": \"d\"}", "{a:[1{b:null}]c:'d'}"},
    };
    for (size_t i = 0; i < LENGTH(rows); i++)
        check_outcome(rows[i].source, DOCUMENT_YAML, rows[i].outcome);
}

static void json_is_read_to_the_letter(void)
{
    const struct {
        const char *source, *outcome;
    } rows[] = {
        {"{}", "{}"},
        {"{\"b\": [1, -2.5e1, true, false, null, \"x\\n\\u00e9\\ud83d\\ude00\\\"\"], \"a\": {}}",
         "{a:{}b:[1-25truefalsenull'x\n\xc3\xa9\xf0\x9f\x98\x80\"']}"},
        {"{\"a\": 123456789012345678901234567890}", "{a:1.23457e+29}"},
        {"", "f:1:1: error: not JSON: '[' or '{' expected near end of file"},
        {"{\"a\": 1,}", "f:1:9: error: not JSON: string or '}' expected near '}'"},
        {"{\"a\": 1}\n x", "f:2:2: error: not JSON: end of file expected near 'x'"},
        {"{\n  \"a\": yes}", "f:2:8: error: not JSON: invalid token near 'yes'"},
        {"# no\n{}", "f:1:1: error: not JSON: '[' or '{' expected near '#'"},
        {"{\"a\": 1e999}", "f:1:7: error: not JSON: real number overflow near '1e999'"},
        {"{\"a\": \"\\u0000\"}",
         "f:1:7: error: not JSON: \\u0000 is not allowed without JSON_ALLOW_NUL near '\"\\u0000\"'"},
        {"{\"a\": 1, \"b\": 2,\n \"a\": 3}", "f:2:2: error: not JSON: duplicate object key near '\"a\"'"},
        {"{\"a\": \"\xff\"}", "f:1:7: error: not JSON: unable to decode byte 0xff near '\"'"},
        {"\xef\xbb\xbf{}", "f:1:1: error: not JSON: '[' or '{' expected near '\xef\xbb\xbf'"},
    };
    for (size_t i = 0; i < LENGTH(rows); i++)
        check_outcome(rows[i].source, DOCUMENT_JSON, rows[i].outcome);
}

static void a_fault_of_yaml_says_where(void)
{
    const struct {
        const char *source, *fault;
    } rows[] = {
        {"a: 1\nb: 2\na: 3\n", "f:3:1: error: key 'a' is there twice, first in line 1"},
        {"x:\n  - {a: 1, b: 2, a: 3}\n", "f:2:18: error: key 'a' is there twice, first in line 2"},
        {"a: 1\n---\nb: 2\n", "f:2:1: error: a second document: one file holds one"},
        {"a: [1, 2\n", "f:2:1: error: not YAML: flow sequence without a closing bracket"},
        {"a:\n  b: 1\n c: 2\n", "f:3:2: error: not YAML: invalid indentation in mapping"},
        {"\ta: 1\n", "f:1:1: error: not YAML: invalid tab as indendation in a mapping"},
        {"a: *x\n", "f:1:4: error: there is no anchor '&x' before this alias"},
        {"a: &x\n  b: *x\n", "f:2:6: error: alias '*x' stands inside of itself"},
        {"a: !mine 1\n", "f:1:10: error: tag '!mine' means nothing here"},
        {"? [a]\n: b\n", "f:1:3: error: a key must be a text, this is a list"},
        {"a: 1\n<<: {b: 2}\n", "f:2:1: error: merging with '<<' is not known here: write the members out"},
        {"a: 1\nb: \xff\n",
         "f:2:4: error: octet 0xff is no character: a document is UTF-8 text without control characters"},
        {"a: \x01\n", "f:1:4: error: octet 0x01 is no character: a document is UTF-8 text without control characters"},
        {"a: \"\\0\"\n", "f:1:4: error: a NUL character inside a text"},
        {"a: 1e999\n", "f:1:4: error: number is too large"},
    };
    for (size_t i = 0; i < LENGTH(rows); i++)
        check_outcome(rows[i].source, DOCUMENT_YAML, rows[i].fault);
}

static const char *first_words(const char *fault)
{
    const char *words = strstr(fault, "error: ");
    return words ? words + strlen("error: ") : fault;
}

static void check_hostile(const struct text *source, const char *words_yaml, const char *words_json)
{
    AUTO(free) char *yaml = outcome(text_bytes(source), DOCUMENT_YAML);
    AUTO(free) char *json = outcome(text_bytes(source), DOCUMENT_JSON);
    CHECK_ROW(yaml, text_starts_with(first_words(yaml), words_yaml));
    CHECK_ROW(json, text_starts_with(first_words(json), words_json));
}

static void append_times(struct text *text, const char *characters, size_t times)
{
    for (; times > 0; times--)
        text_append(text, characters);
}

static void a_hostile_document_is_refused_at_a_bounded_cost(void)
{
    const struct {
        const char *start, *repeated;
        size_t times;
        const char *yaml, *json;
    } rows[] = {
        {"", "[", 100000, "more than 60 levels", "not JSON: maximum parsing depth reached"},
        {"", "{\"a\":", 100000, "more than 60 levels", "not JSON: maximum parsing depth reached"},
        {"", "- ", 100000, "more than 60 levels", "not JSON: "},
        {"", " ", 10 << 20, "10485760 octets are more", "10485760 octets are more"},
        {"", " ", 1 << 20, "null", "not JSON: "},
        {"a: |\n", "\n", 1 << 19, "more than 400 empty lines in a row", "not JSON: "},
        {"a: |\n", "\r", 1 << 19, "more than 400 empty lines in a row", "not JSON: "},
        {"a: '\n", " \t\r\n", 1 << 17, "more than 400 empty lines in a row", "not JSON: "},
        {"[1", ",1", 1 << 18, "more than 200000 values", "not JSON: "},
        {"a: ", "9", 100000, "number is too large", "not JSON: "},
    };
    for (size_t i = 0; i < LENGTH(rows); i++) {
        AUTO(text_finish) struct text source = {0};
        text_append(&source, rows[i].start);
        append_times(&source, rows[i].repeated, rows[i].times);
        check_hostile(&source, rows[i].yaml, rows[i].json);
    }
    AUTO(text_finish) struct text deep = {0};
    append_times(&deep, "[", 100);
    append_times(&deep, "]", 100);
    check_hostile(&deep, "more than 60 levels", "more than 60 levels");
    AUTO(text_finish) struct text wide = {0};
    text_append(&wide, "[1");
    append_times(&wide, ",1", DOCUMENT_NODES_MAX);
    text_append(&wide, "]");
    check_hostile(&wide, "more than 200000 values", "more than 200000 values");
}

static void an_alias_bomb_is_counted_before_it_is_expanded(void)
{
    AUTO(text_finish) struct text source = {0};
    text_append(&source, "a0: &a0 [x, x, x, x, x, x, x, x, x]\n");
    for (int i = 1; i < 40; i++) {
        text_print(&source, "a%d: &a%d [", i, i);
        for (int j = 0; j < 9; j++)
            text_print(&source, "%s*a%d", j > 0 ? ", " : "", i - 1);
        text_append(&source, "]\n");
    }
    AUTO(free) char *fault = outcome(text_bytes(&source), DOCUMENT_YAML);
    CHECK_TEXT(first_words(fault), "more than 200000 values in one document, aliases counted as all they stand for");
}

static void every_node_knows_its_place_in_either_syntax(void)
{
    const char source[] = "{\n \"\xc3\xa9\": [1,\n  {\"c\": \"x\\\"]\", \"d\": {}}], \"e\": true\n}";
    for (enum document_syntax syntax = DOCUMENT_YAML; syntax <= DOCUMENT_JSON; syntax++) {
        struct faults faults = {0};
        AUTO(document_destroy) struct document *document = NULL;
        CHECK_NUMBER(document_parse(&document, "f", bytes_of_text(source), syntax, &faults), DOCUMENT_OK);
        const struct node *root = document_root(document);
        const struct node *list = root->members[0].value;
        const struct node *map = list->items[1];
        const struct node *const nodes[] = {root,
                                            root->members[0].key,
                                            list,
                                            list->items[0],
                                            map,
                                            map->members[0].value,
                                            map->members[1].key,
                                            map->members[1].value,
                                            root->members[1].value};
        const unsigned places[][2] = {{1, 1}, {2, 2}, {2, 7}, {2, 8}, {3, 3}, {3, 9}, {3, 17}, {3, 22}, {3, 33}};
        for (size_t i = 0; i < LENGTH(nodes); i++) {
            CHECK_NUMBER(nodes[i]->line, places[i][0]);
            CHECK_NUMBER(nodes[i]->column, places[i][1]);
        }
    }
}

static void a_plain_scalar_is_also_the_text_as_written(void)
{
    struct faults faults = {0};
    AUTO(document_destroy) struct document *document = NULL;
    const char source[] = "[0012, true, x, ~, \"5\", []]";
    CHECK_NUMBER(document_parse(&document, "f", bytes_of_text(source), DOCUMENT_YAML, &faults), DOCUMENT_OK);
    const char *const texts[] = {"0012", "true", "x", NULL, "5", NULL};
    for (size_t i = 0; i < LENGTH(texts); i++)
        CHECK_TEXT(node_text(document_root(document)->items[i]), texts[i]);
    AUTO(document_destroy) struct document *json = NULL;
    CHECK_NUMBER(document_parse(&json, "f", bytes_of_text("[12]"), DOCUMENT_JSON, &faults), DOCUMENT_OK);
    CHECK(node_text(document_root(json)->items[0]) == NULL);
}

static void butanes_yaml_merges_and_ends_at_its_first_document(void)
{
    static const struct {
        const char *source, *tree;
    } rows[] = {
        {"a: &x {p: 1, q: 2}\nb:\n  <<: *x\n  q: 3\n", "{a:{p:1q:2}b:{p:1q:3}}"},
        {"a: &x {p: 1}\nb: &y {p: 2, r: 4}\nc: {<<: [*x, *y], s: 5}\n", "{a:{p:1}b:{p:2r:4}c:{p:1r:4s:5}}"},
        {"a: {<<: {}}\n", "{a:{}}"},
        {"a: {<<: {<<: {p: 1}}}\n", "{a:{p:1}}"},
        {"a: {\"<<\": 1}\n", "{a:{<<:1}}"},
        {"a: 1\n---\nb: [\n", "{a:1}"},
        {"a: {<<: 1}\n", "f:1:5: error: '<<' merges a map, or a list of maps, into this one, and this is a number"},
        {"a: {<<: [{}, 1]}\n",
         "f:1:5: error: '<<' merges a map, or a list of maps, into this one, and this is a number"},
        {"a: {<<: {}, <<: {}}\n", "f:1:13: error: key '<<' is there twice, first in line 1"},
        {"a: !!int 5\nb: !!seq [!!bool true]\n", "{a:5b:[true]}"},
        {"a: !!map [b]\n", "f:1:10: error: tag 'tag:yaml.org,2002:map' means nothing here"},
        {"a: !!binary aGVs\n  bG8=\n", "{a:'hello'}"},
        {"a: !!binary a\n", "f:1:13: error: what is tagged !!binary is not Base64"},
        {"a: !!binary YQ==YQ\n", "f:1:13: error: what is tagged !!binary is not Base64"},
    };
    for (size_t i = 0; i < LENGTH(rows); i++)
        check_outcome(rows[i].source, DOCUMENT_BUTANE, rows[i].tree);
}

static void maps_that_merge_each_other_are_a_bomb_too(void)
{
    AUTO(text_finish) struct text source = {0};
    struct faults faults = {0};
    struct document *document = NULL;
    text_append(&source, "a0: &a0 {x: 1}\n");
    for (int i = 1; i < 30; i++)
        text_print(&source, "a%d: &a%d {x: *a%d, y: *a%d, <<: *a%d}\n", i, i, i - 1, i - 1, i - 1);
    CHECK(document_parse(&document, "f", text_bytes(&source), DOCUMENT_BUTANE, &faults) == DOCUMENT_E_SYNTAX);
    CHECK(faults.count == 1 && strstr(faults.at[0].text, "more than 200000 values"));
    faults_finish(&faults);
}

static void a_text_that_is_a_block_stands_where_its_indicator_does(void)
{
    static const struct {
        const char *source;
        unsigned line, column;
    } rows[] = {
        {"a: |\n  x\n", 1, 4},           {"a: >-  # comment\n  x\n", 1, 4}, {"a:\n  - |2\n    x\n", 2, 5},
        {"\"a|b\": |\n\n\n  x\n", 1, 8}, {"\xc3\xa4: |\n x\n", 1, 4},
    };
    for (size_t i = 0; i < LENGTH(rows); i++) {
        struct faults faults = {0};
        AUTO(document_destroy) struct document *document = NULL;
        document_parse(&document, "f", bytes_of_text(rows[i].source), DOCUMENT_YAML, &faults);
        const struct node *node = document ? document_root(document)->members[0].value : NULL;
        while (node && node->kind == NODE_LIST)
            node = node->items[0];
        CHECK_ROW(rows[i].source, node && node->line == rows[i].line && node->column == rows[i].column);
    }
}

static void a_file_that_cannot_be_read_is_a_fault(void)
{
    struct faults faults = {0};
    struct document *document = NULL;
    CHECK_NUMBER(document_load(&document, -1, "/nowhere/muster.yaml", "muster.yaml", &faults), DOCUMENT_E_UNREADABLE);
    CHECK_NUMBER(document_load(&document, -1, "/", "folder", &faults), DOCUMENT_E_UNREADABLE);
    AUTO(free) char *first = fault_to_text(&faults.at[0]);
    AUTO(free) char *second = fault_to_text(&faults.at[1]);
    CHECK_TEXT(first, "muster.yaml: error: cannot read it: No such file or directory");
    CHECK_TEXT(second, "folder: error: cannot read it: Is a directory");
    faults_finish(&faults);
}

int main(void)
{
    RUN(yaml_is_read_by_its_core_schema);
    RUN(json_is_read_to_the_letter);
    RUN(a_fault_of_yaml_says_where);
    RUN(a_hostile_document_is_refused_at_a_bounded_cost);
    RUN(an_alias_bomb_is_counted_before_it_is_expanded);
    RUN(every_node_knows_its_place_in_either_syntax);
    RUN(a_plain_scalar_is_also_the_text_as_written);
    RUN(butanes_yaml_merges_and_ends_at_its_first_document);
    RUN(maps_that_merge_each_other_are_a_bomb_too);
    RUN(a_text_that_is_a_block_stands_where_its_indicator_does);
    RUN(a_file_that_cannot_be_read_is_a_fault);
    return test_result();
}
