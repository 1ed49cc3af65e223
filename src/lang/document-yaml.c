/* SPDX-License-Identifier: Apache-2.0 */
/* YAML documents: libfyaml's events become the tree. It passes silently over what is no UTF-8, so that is looked for
 * first; and what it would build of an alias is its own copy, so aliases are resolved here, where they cost nothing. */
#include <libfyaml.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/memory.h"
#include "base/text.h"
#include "lang/document-builder.h"

/* Lines with nothing on them in a row: libfyaml 0.7.12 takes time by the square of their number inside of a text, so
 * that 100 KB of them would hold it for twenty seconds. */
#define BLANK_LINES_MAX 400
/* Anchors are looked up one by one. */
#define ANCHORS_MAX 1000

struct anchor {
    char *name;
    struct node *node;
};

/* A list or map whose end has not been read yet. */
struct open_node {
    struct node *node;
    struct node *key; /* of a map, the one whose value comes next; NULL: a key comes next */
};

struct yaml_reading {
    struct document *document;
    struct faults *faults;
    bool as_go_yaml; /* "<<" merges, and only the first document is read */
    bool has_ended;
    struct fy_diag *diag;
    struct fy_parser *parser;
    struct bytes source;
    struct node *root;
    struct anchor *anchors;
    size_t anchor_count;
    size_t anchor_capacity;
    struct open_node open[DOCUMENT_DEPTH_MAX];
    size_t depth;
    struct place last; /* of the last event that had one */
};

/* The size of the UTF-8 sequence of a character that YAML allows (§5.1) at the start of bytes; 0 when there is none. */
static size_t character_size(struct bytes bytes)
{
    const uint8_t *b = bytes.data;
    if (b[0] < 0x80)
        return b[0] >= 0x20 ? b[0] != 0x7f : b[0] == '\t' || b[0] == '\n' || b[0] == '\r';
    size_t size = b[0] >= 0xc2 && b[0] <= 0xdf ? 2 : (b[0] & 0xf0) == 0xe0 ? 3 : b[0] >= 0xf0 && b[0] <= 0xf4 ? 4 : 0;
    if (size == 0 || size > bytes.size)
        return 0;
    for (size_t i = 1; i < size; i++)
        if ((b[i] & 0xc0) != 0x80)
            return 0;
    bool overlong = (b[0] == 0xe0 && b[1] < 0xa0) || (b[0] == 0xf0 && b[1] < 0x90);
    bool beyond = (b[0] == 0xed && b[1] > 0x9f) || (b[0] == 0xf4 && b[1] > 0x8f);
    return overlong || beyond ? 0 : size;
}

/* Where a check of the characters stands. */
struct checking {
    struct place place;
    bool line_is_blank;
    unsigned blank_lines;
};

/* A carriage return alone ends a line too (YAML 1.2 §5.4), so that empty lines of CR LF count twice. */
static void checking_pass(struct checking *checking, uint8_t character)
{
    checking->place.column++;
    if (character == '\n')
        checking->place = (struct place){.line = checking->place.line + 1, .column = 1};
    if (character == '\n' || character == '\r') {
        checking->blank_lines = checking->line_is_blank ? checking->blank_lines + 1 : 0;
        checking->line_is_blank = true;
    } else if (character != ' ' && character != '\t') {
        checking->line_is_blank = false;
    }
}

static int check_characters(const struct document *document, struct bytes source, struct faults *faults)
{
    struct checking checking = {.place = {.line = 1, .column = 1}, .line_is_blank = true};
    for (size_t size; source.size > 0; source = bytes_slice(source, size, source.size)) {
        size = character_size(source);
        if (size == 0)
            return document_fault_at(
                document, checking.place, faults,
                "octet 0x%02x is no character: a document is UTF-8 text without control characters", source.data[0]);
        checking_pass(&checking, source.data[0]);
        if (checking.blank_lines > BLANK_LINES_MAX)
            return document_fault_at(document, checking.place, faults, "more than %d empty lines in a row",
                                     BLANK_LINES_MAX);
    }
    return DOCUMENT_OK;
}

static bool text_is_number(const char *text)
{
    const char *c = text + (*text == '+' || *text == '-');
    size_t digits = strspn(c, "0123456789");
    c += digits;
    if (*c == '.') {
        size_t fraction = strspn(++c, "0123456789");
        digits += fraction;
        c += fraction;
    }
    if (digits > 0 && (*c == 'e' || *c == 'E')) {
        c++;
        c += *c == '+' || *c == '-';
        digits = strspn(c, "0123456789");
        c += digits;
    }
    return digits > 0 && *c == '\0';
}

/* The core schema of YAML 1.2 §10.3.2 as far as JSON has a word for it: .inf and .nan stay texts. */
static bool number_from_text(double *ret, const char *text)
{
    if (text_starts_with(text, "0x") && text[2] != '\0' &&
        text[2 + strspn(text + 2, "0123456789abcdefABCDEF")] == '\0') {
        *ret = strtod(text, NULL);
        return true;
    }
    if (text_starts_with(text, "0o") && text[2] != '\0' && text[2 + strspn(text + 2, "01234567")] == '\0') {
        *ret = 0;
        for (const char *digit = text + 2; *digit; digit++)
            *ret = *ret * 8 + (*digit - '0');
        return true;
    }
    if (!text_is_number(text))
        return false;
    *ret = strtod(text, NULL);
    return true;
}

static bool text_is_one_of(const char *text, const char *const *words, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(text, words[i]) == 0)
            return true;
    return false;
}

/* What a scalar without quotes means. */
static void node_resolve_plain(struct node *node)
{
    static const char *const nulls[] = {"", "~", "null", "Null", "NULL"};
    static const char *const trues[] = {"true", "True", "TRUE"};
    static const char *const falses[] = {"false", "False", "FALSE"};
    node->plain = true;
    if (text_is_one_of(node->text, nulls, LENGTH(nulls)))
        node->kind = NODE_NULL;
    else if (text_is_one_of(node->text, trues, LENGTH(trues)) || text_is_one_of(node->text, falses, LENGTH(falses)))
        node->kind = NODE_BOOL;
    else if (number_from_text(&node->number, node->text))
        node->kind = NODE_NUMBER;
    node->boolean = node->kind == NODE_BOOL && (node->text[0] == 't' || node->text[0] == 'T');
}

static struct bytes token_bytes(struct fy_token *token)
{
    size_t size = 0;
    const char *characters = token ? fy_token_get_text(token, &size) : NULL;
    return bytes_of(characters, characters ? size : 0);
}

/* libfyaml marks quoted scalars behind their quote, and aliases behind their asterisk. */
static bool event_mark_is_behind(struct fy_event *event)
{
    struct fy_token *token = fy_event_get_token(event);
    enum fy_scalar_style style = event->type == FYET_SCALAR && token ? fy_scalar_token_get_style(token) : FYSS_PLAIN;
    return event->type == FYET_ALIAS || style == FYSS_DOUBLE_QUOTED || style == FYSS_SINGLE_QUOTED;
}

/* Whether a block's header stands here: its indicator, what goes with it, and a comment at most. */
static bool is_block_header(const char *at, const char *end)
{
    if (*at != '|' && *at != '>')
        return false;
    for (at++; at < end && strchr("+-123456789", *at); at++)
        ;
    while (at < end && (*at == ' ' || *at == '\t' || *at == '\r'))
        at++;
    return at == end || *at == '#';
}

/* libfyaml marks a block where its first line begins; it stands where its indicator does, in the line before. */
static struct place block_place(const struct yaml_reading *reading, size_t offset, struct place place)
{
    const char *source = (const char *)reading->source.data;
    const char *end = source + (offset > 0 && offset <= reading->source.size ? offset - 1 : 0);
    const char *start = end;
    unsigned column = 1;
    while (start > source && start[-1] != '\n')
        start--;
    for (const char *at = start; at < end; at++) {
        if (is_block_header(at, end))
            return (struct place){.line = place.line - 1, .column = column};
        column += (*at & 0xc0) != 0x80;
    }
    return place;
}

static bool event_is_block(struct fy_event *event)
{
    struct fy_token *token = event->type == FYET_SCALAR ? fy_event_get_token(event) : NULL;
    enum fy_scalar_style style = token ? fy_scalar_token_get_style(token) : FYSS_PLAIN;
    return style == FYSS_LITERAL || style == FYSS_FOLDED;
}

/* The position of an event; one without (an empty value) stands where the last one stood. */
static struct place event_place(struct yaml_reading *reading, struct fy_event *event)
{
    const struct fy_mark *mark = fy_event_start_mark(event);
    if (mark && mark->line >= 0)
        reading->last = (struct place){
            .line = (unsigned)mark->line + 1,
            .column = (unsigned)mark->column + (mark->column == 0 || !event_mark_is_behind(event)),
        };
    if (mark && mark->line > 0 && event_is_block(event))
        reading->last = block_place(reading, mark->input_pos, reading->last);
    return reading->last;
}

/* What a tag makes of a scalar. */
enum tag_meaning {
    TAG_NONE,
    TAG_TEXT,
    TAG_BINARY, /* Base64 of a text */
};

/* A tag that says what the value is of itself. */
static bool is_own_tag(enum fy_event_type type, struct bytes tag)
{
    static const struct {
        enum fy_event_type type;
        const char *tag;
    } own[] = {
        {FYET_MAPPING_START, "tag:yaml.org,2002:map"}, {FYET_SEQUENCE_START, "tag:yaml.org,2002:seq"},
        {FYET_SCALAR, "tag:yaml.org,2002:int"},        {FYET_SCALAR, "tag:yaml.org,2002:float"},
        {FYET_SCALAR, "tag:yaml.org,2002:bool"},       {FYET_SCALAR, "tag:yaml.org,2002:null"},
    };
    for (size_t i = 0; i < LENGTH(own); i++)
        if (own[i].type == type && bytes_equal_text(tag, own[i].tag))
            return true;
    return false;
}

/* Tags mean something only where they say what is a text. */
static int event_tag(enum tag_meaning *ret, struct yaml_reading *reading, struct fy_event *event, struct place place)
{
    struct bytes tag = token_bytes(fy_event_get_tag_token(event));
    bool is_binary = reading->as_go_yaml && bytes_equal_text(tag, "tag:yaml.org,2002:binary");
    *ret = is_binary ? TAG_BINARY : bytes_equal_text(tag, "tag:yaml.org,2002:str") ? TAG_TEXT : TAG_NONE;
    if (tag.size == 0 || *ret != TAG_NONE || (reading->as_go_yaml && is_own_tag(event->type, tag)))
        return DOCUMENT_OK;
    AUTO(text_finish) struct text shown = {0};
    text_append_shown(&shown, tag, 80);
    return document_fault_at(reading->document, place, reading->faults, "tag '%s' means nothing here",
                             text_characters(&shown));
}

static int read_anchor(struct yaml_reading *reading, struct fy_event *event, struct node *node, struct place place)
{
    struct bytes name = token_bytes(fy_event_get_anchor_token(event));
    if (name.size == 0)
        return DOCUMENT_OK;
    if (reading->anchor_count == ANCHORS_MAX)
        return document_fault_at(reading->document, place, reading->faults, "more than %d anchors", ANCHORS_MAX);
    *ARRAY_ADD(reading->anchors, reading->anchor_count, reading->anchor_capacity) = (struct anchor){
        .name = memory_text_of((const char *)name.data, name.size),
        .node = node,
    };
    return DOCUMENT_OK;
}

static int base64_digit(char c)
{
    static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const char *at = c ? strchr(alphabet, c) : NULL;
    return at ? (int)(at - alphabet) : -1;
}

/* Replaces a text by what it is Base64 of, with breaks of lines in it or not. */
static bool node_decode(struct node *node)
{
    uint32_t group = 0;
    unsigned bits = 0;
    size_t size = 0;
    size_t padding = 0;
    for (const char *c = node->text; *c; c++) {
        int digit = base64_digit(*c);
        if (*c == '\n' || *c == '\r' || *c == ' ')
            continue;
        if (*c == '=' && ++padding <= 2)
            continue;
        if (digit < 0 || padding > 0)
            return false;
        group = group << 6 | (unsigned)digit;
        bits += 6;
        if (bits >= 8)
            node->text[size++] = (char)(group >> (bits -= 8));
    }
    node->text[size] = '\0';
    node->size = size;
    return bits < 6;
}

static int read_scalar(struct node **ret, struct yaml_reading *reading, struct fy_event *event, struct place place)
{
    enum tag_meaning tag;
    int code = event_tag(&tag, reading, event, place);
    if (code != DOCUMENT_OK)
        return code;
    struct fy_token *token = fy_event_get_token(event);
    struct bytes content = token_bytes(token);
    if (!reading->as_go_yaml && content.size > 0 && memchr(content.data, '\0', content.size))
        return document_fault_at(reading->document, place, reading->faults, "a NUL character inside a text");
    *ret = document_add_scalar(reading->document, NODE_TEXT, place,
                               memory_text_of((const char *)content.data, content.size));
    (*ret)->size = content.size;
    if (tag == TAG_BINARY && !node_decode(*ret))
        return document_fault_at(reading->document, place, reading->faults, "what is tagged !!binary is not Base64");
    if (tag == TAG_NONE && (!token || fy_scalar_token_get_style(token) == FYSS_PLAIN))
        node_resolve_plain(*ret);
    if ((*ret)->kind == NODE_NUMBER && !isfinite((*ret)->number))
        return document_fault_at(reading->document, place, reading->faults, "number is too large");
    return read_anchor(reading, event, *ret, place);
}

static const struct anchor *find_anchor(const struct yaml_reading *reading, struct bytes name)
{
    for (size_t i = reading->anchor_count; i > 0; i--)
        if (bytes_equal_text(name, reading->anchors[i - 1].name))
            return &reading->anchors[i - 1];
    return NULL;
}

static bool node_is_open(const struct yaml_reading *reading, const struct node *node)
{
    for (size_t i = 0; i < reading->depth; i++)
        if (reading->open[i].node == node)
            return true;
    return false;
}

static int read_alias(struct node **ret, struct yaml_reading *reading, struct fy_event *event, struct place place)
{
    struct bytes name = token_bytes(fy_event_get_token(event));
    const struct anchor *anchor = find_anchor(reading, name);
    AUTO(text_finish) struct text shown = {0};
    text_append_shown(&shown, name, 80);
    if (!anchor)
        return document_fault_at(reading->document, place, reading->faults,
                                 "there is no anchor '&%s' before this alias", text_characters(&shown));
    if (node_is_open(reading, anchor->node))
        return document_fault_at(reading->document, place, reading->faults, "alias '*%s' stands inside of itself",
                                 text_characters(&shown));
    *ret = anchor->node;
    return DOCUMENT_OK;
}

static bool node_is_merge(const struct node *key)
{
    return key->plain && strcmp(key->text, "<<") == 0;
}

static int check_key(struct yaml_reading *reading, const struct node *key, struct place place)
{
    if (!node_text(key))
        return document_fault_at(reading->document, place, reading->faults, "a key must be a text, this is %s",
                                 node_kind_to_text(key->kind));
    if (!reading->as_go_yaml && node_is_merge(key))
        return document_fault_at(reading->document, place, reading->faults,
                                 "merging with '<<' is not known here: write the members out");
    return DOCUMENT_OK;
}

/* Puts a complete node where it belongs: into the list or map that is open, or at the root. */
static int place_node(struct yaml_reading *reading, struct node *node, struct place place)
{
    if (reading->depth == 0) {
        reading->root = node;
        return DOCUMENT_OK;
    }
    struct open_node *open = &reading->open[reading->depth - 1];
    if (open->node->kind == NODE_LIST) {
        node_add_item(open->node, node);
    } else if (open->key) {
        node_add_member(open->node, open->key, node);
        open->key = NULL;
    } else {
        open->key = node;
        return check_key(reading, node, place);
    }
    return document_check_count(reading->document, open->node, reading->faults);
}

static int open_node(struct yaml_reading *reading, struct fy_event *event, enum node_kind kind, struct place place)
{
    enum tag_meaning tag;
    int code = event_tag(&tag, reading, event, place);
    if (code != DOCUMENT_OK)
        return code;
    if (reading->depth == DOCUMENT_DEPTH_MAX)
        return document_fault_at(reading->document, place, reading->faults, "more than %d levels inside each other",
                                 DOCUMENT_DEPTH_MAX);
    struct node *node = document_add_node(reading->document, kind, place);
    reading->open[reading->depth++] = (struct open_node){.node = node};
    return read_anchor(reading, event, node, place);
}

static bool map_merges(const struct node *map)
{
    for (size_t i = 0; i < map->count; i++)
        if (node_is_merge(map->members[i].key))
            return true;
    return false;
}

static int close_map(struct yaml_reading *reading, struct node *map)
{
    int code = document_check_keys(reading->document, map, reading->faults);
    return code == DOCUMENT_OK && map_merges(map) ? document_merge_maps(reading->document, map, reading->faults) : code;
}

/* The list or map that is innermost has ended. */
static int close_node(struct yaml_reading *reading)
{
    struct node *node = reading->open[--reading->depth].node;
    struct place place = {.line = node->line, .column = node->column};
    int code = node->kind == NODE_MAP ? close_map(reading, node) : DOCUMENT_OK;
    return code != DOCUMENT_OK ? code : place_node(reading, node, place);
}

static int read_event(struct yaml_reading *reading, struct fy_event *event)
{
    struct node *node = NULL;
    struct place place = event_place(reading, event);
    int code = DOCUMENT_OK;
    switch (event->type) {
    case FYET_SCALAR:
        code = read_scalar(&node, reading, event, place);
        break;
    case FYET_ALIAS:
        code = read_alias(&node, reading, event, place);
        break;
    case FYET_SEQUENCE_START:
        return open_node(reading, event, NODE_LIST, place);
    case FYET_MAPPING_START:
        return open_node(reading, event, NODE_MAP, place);
    case FYET_SEQUENCE_END:
    case FYET_MAPPING_END:
        return close_node(reading);
    case FYET_DOCUMENT_START:
        reading->has_ended = reading->root && reading->as_go_yaml;
        if (reading->root && !reading->has_ended)
            code =
                document_fault_at(reading->document, place, reading->faults, "a second document: one file holds one");
        break;
    default:
        break;
    }
    return code == DOCUMENT_OK && node ? place_node(reading, node, place) : code;
}

/* What libfyaml found wrong; its marks count from 1. */
static int fail_syntax(struct yaml_reading *reading)
{
    void *iterator = NULL;
    struct fy_diag_error *error = fy_diag_errors_iterate(reading->diag, &iterator);
    struct place place = reading->last;
    if (error && error->line > 0)
        place = (struct place){.line = (unsigned)error->line, .column = (unsigned)error->column};
    AUTO(text_finish) struct text shown = {0};
    text_append_shown(&shown, bytes_of_text(error ? error->msg : "it does not follow the syntax"), 200);
    return document_fault_at(reading->document, place, reading->faults, "not YAML: %s", text_characters(&shown));
}

static int read_events(struct yaml_reading *reading)
{
    bool ended = false;
    for (struct fy_event *event; !ended && (event = fy_parser_parse(reading->parser));) {
        ended = event->type == FYET_STREAM_END;
        int code = read_event(reading, event);
        fy_parser_event_free(reading->parser, event);
        if (code != DOCUMENT_OK || reading->has_ended)
            return code;
    }
    return ended && !fy_parser_get_stream_error(reading->parser) ? DOCUMENT_OK : fail_syntax(reading);
}

static void reading_start(struct yaml_reading *reading, struct bytes source)
{
    struct fy_diag_cfg diag_config;
    fy_diag_cfg_default(&diag_config);
    reading->diag = fy_diag_create(&diag_config);
    fy_diag_set_collect_errors(reading->diag, true);
    struct fy_parse_cfg config = {
        .flags = FYPCF_QUIET | FYPCF_COLLECT_DIAG | FYPCF_JSON_NONE | FYPCF_DISABLE_MMAP_OPT,
        .diag = reading->diag,
    };
    reading->parser = fy_parser_create(&config);
    fy_parser_set_string(reading->parser, (const char *)source.data, source.size);
}

static void reading_finish(struct yaml_reading *reading)
{
    fy_parser_destroy(reading->parser);
    fy_diag_destroy(reading->diag);
    for (size_t i = 0; i < reading->anchor_count; i++)
        free(reading->anchors[i].name);
    free(reading->anchors);
}

int document_read_yaml(struct node **ret, struct document *document, struct bytes source, bool as_go_yaml,
                       struct faults *faults)
{
    struct yaml_reading reading = {
        .document = document,
        .faults = faults,
        .as_go_yaml = as_go_yaml,
        .source = source,
        .last = {.line = 1, .column = 1},
    };
    int code = check_characters(document, source, faults);
    if (code != DOCUMENT_OK)
        return code;
    if (source.size > 0) {
        reading_start(&reading, source);
        code = read_events(&reading);
        reading_finish(&reading);
    }
    *ret = reading.root ? reading.root : document_add_scalar(document, NODE_NULL, reading.last, memory_text(""));
    return code;
}
