/* SPDX-License-Identifier: Apache-2.0 */
/* Generated documents: made by the schema, with values that are right, odd or wrong, and with lines that are cut,
 * doubled or moved. Each is translated, and then Ignition takes it, or is refused at a place.
 *
 * GENERATED_DOCUMENTS says how many; with GENERATED_MILLISECONDS none may take longer. */
#include <jansson.h>
#include <time.h>

#include "base/array.h"
#include "base/memory.h"
#include "lang/butane/butane.h"
#include "lang/ignition.h"
#include "lang/ignition/schema.h"
#include "test.h"

#define DOCUMENTS_USUAL 3000
#define LEVELS_MAX 7

static uint64_t state = 0x853c49e6748fea9bu;

static unsigned pick(unsigned count)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (unsigned)(state >> 33) % count;
}

static bool chance(unsigned percent)
{
    return pick(100) < percent;
}

static const char *word(const char *const *words, size_t count)
{
    return words[pick((unsigned)count)];
}

/* Values that are likely right for a field of that name come first of all. */
static const char *text_value(const char *name)
{
    static const char *const paths[] = {"/etc/a",   "/var/lib/b c",  "/l", "/l/x",
                                        "/dev/sda", "/dev/mapper/a", "a",  "/a/../b"};
    static const char *const units[] = {"a.service", "b.timer", "var-x.mount", "10-x.conf", "root", "core", "a"};
    static const char *const any[] = {
        "x",
        "\"a b\\n\"",
        "5",
        "yes",
        "0644",
        "~",
        "''",
        "https://example.com/x",
        "data:,x",
        "data:;base64,!",
        "ext4",
        "swap",
        "gzip",
        "raid1",
        "x86_64",
        "sha256-00",
        "'{\"ignition\": {\"version\": \"3.0.0\"}}'",
        "\"[Unit]\\nA=b\\n[Install]\\nWantedBy=x\\n\"",
        "\"[bad\"",
        "file",
        "../out",
        "&a x",
        "*a",
        "[x]",
        "{a: 1}",
    };
    if (chance(70) && (strstr(name, "path") || strstr(name, "device") || strstr(name, "target")))
        return word(paths, LENGTH(paths));
    if (chance(70) && strcmp(name, "name") == 0)
        return word(units, LENGTH(units));
    return word(any, LENGTH(any));
}

static const char *number_value(void)
{
    static const char *const values[] = {"0",  "1",    "2",   "0644",  "0o755", "644",
                                         "-1", "8192", "1.5", "\"7\"", "1e9",   "x"};
    return word(values, LENGTH(values));
}

static const char *bool_value(void)
{
    static const char *const values[] = {"true", "false", "yes", "off", "True", "maybe", "1", "~"};
    return word(values, LENGTH(values));
}

static void write_map(struct text *text, const struct schema *schema, unsigned level);

static void write_indent(struct text *text, unsigned level)
{
    text_print(text, "%*s", (int)(2 * level), "");
}

static void write_field(struct text *text, const struct field *field, unsigned level)
{
    unsigned items = 1 + pick(3);
    text_print(text, "%s:", field->butane);
    if (field->kind == FIELD_BOOL)
        text_print(text, " %s\n", bool_value());
    else if (field->kind == FIELD_INTEGER)
        text_print(text, " %s\n", number_value());
    else if (field->kind == FIELD_TEXT)
        text_print(text, " %s\n", text_value(field->butane));
    else
        text_append(text, "\n");
    if (field->kind == FIELD_MAP)
        write_map(text, field->inner, level + 1);
    for (unsigned i = 0; i < items && (field->kind == FIELD_TEXTS || field->kind == FIELD_MAPS); i++) {
        write_indent(text, level + 1);
        if (field->kind == FIELD_TEXTS) {
            text_print(text, "- %s\n", text_value(field->butane));
        } else {
            text_append(text, "-\n");
            write_map(text, field->inner, level + 2);
        }
    }
}

static void write_map(struct text *text, const struct schema *schema, unsigned level)
{
    size_t written = 0;
    for (size_t i = 0; i < schema->count && level < LEVELS_MAX; i++) {
        const struct field *field = &schema->fields[i];
        bool is_header =
            field->butane && (strcmp(field->butane, "variant") == 0 || strcmp(field->butane, "version") == 0);
        if (!field->butane || is_header || !chance(level == 0 ? 60 : field->since > 0 ? 20 : 35))
            continue;
        write_indent(text, level);
        write_field(text, field, level);
        written++;
    }
    if (written == 0) {
        write_indent(text, level);
        text_append(text, chance(50) ? "{}\n" : "unknown: 1\n");
    }
}

/* A line goes, comes twice or loses its end. */
static void damage(struct text *text)
{
    size_t from = pick((unsigned)text->length);
    size_t size = pick(12);
    if (from + size > text->length)
        return;
    if (chance(50)) {
        memmove(text->characters + from, text->characters + from + size, text->length - from - size);
        text_truncate(text, text->length - size);
    } else {
        AUTO(free) char *again = memory_text_of(text->characters + from, size);
        text_append(text, again);
    }
}

static void generate(struct text *text)
{
    static const char *const heads[] = {
        "variant: fcos\nversion: 1.0.0\n",    "variant: fcos\nversion: 1.3.0\n", "variant: fcos\nversion: 1.5.0\n",
        "variant: fcos\nversion: 1.6.0\n",    "variant: fcos\nversion: 1.7.0\n", "variant: flatcar\nversion: 1.0.0\n",
        "variant: flatcar\nversion: 1.1.0\n", "variant: r4e\nversion: 1.1.0\n",  "variant: fiot\nversion: 1.0.0\n",
    };
    text_clear(text);
    text_append(text, word(heads, LENGTH(heads)));
    write_map(text, &schema_config, 0);
    for (unsigned times = chance(30) ? 1 + pick(4) : 0; times > 0; times--)
        damage(text);
}

static int read_file(void *context, struct text *ret, uint64_t *ret_stamp, const char *path, struct diag *why)
{
    (void)context;
    *ret_stamp = 1;
    text_append(ret, path);
    return strlen(path) % 2 ? fail(why, -1, "none") : 0;
}

static int list_folder(void *context, struct file_entries *ret, uint64_t *ret_stamp, const char *path, struct diag *why)
{
    (void)context;
    *ret_stamp = 1;
    if (path[0] == '\0')
        return fail(why, -1, "none");
    *ARRAY_ADD(ret->at, ret->count, ret->capacity) = (struct file_entry){.name = memory_text("f")};
    return 0;
}

static double milliseconds_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static long number_of(const char *name, long usual)
{
    const char *text = getenv(name);
    return text ? atol(text) : usual;
}

static bool is_config(const struct text *config)
{
    struct diag why;
    json_t *json = json_loadb(config->characters, config->length, 0, NULL);
    bool is_good = json && ignition_check(text_bytes(config), &why) == 0;
    json_decref(json);
    return is_good;
}

static void each_document_is_translated_or_refused_at_a_place(void)
{
    static const struct file_source files = {.read = read_file, .list = list_folder};
    long count = number_of("GENERATED_DOCUMENTS", DOCUMENTS_USUAL);
    long limit = number_of("GENERATED_MILLISECONDS", 0);
    AUTO(text_finish) struct text source = {0};
    long translated = 0;
    double longest = 0;
    for (long i = 0; i < count; i++) {
        AUTO(text_finish) struct text config = {0};
        AUTO(report_finish) struct report report = {0};
        generate(&source);
        double start = milliseconds_now();
        bool is_good = butane_translate(&config, &report, text_bytes(&source),
                                        &(struct butane_options){.files = &files}) == BUTANE_OK;
        double took = milliseconds_now() - start;
        longest = took > longest ? took : longest;
        translated += is_good;
        CHECK_ROW(text_characters(&source), is_good ? is_config(&config) : config.length == 0);
        CHECK_ROW(text_characters(&source), is_good == (report.errors == 0));
        CHECK_ROW(text_characters(&source), is_good || report_error(&report)->line > 0);
    }
    CHECK(limit == 0 || longest < (double)limit);
    CHECK(translated > 0 && translated < count);
    printf("%ld documents, %ld translated, the longest in %.2f ms\n", count, translated, longest);
}

int main(void)
{
    RUN(each_document_is_translated_or_refused_at_a_place);
    return test_result();
}
