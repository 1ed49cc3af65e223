/* SPDX-License-Identifier: Apache-2.0 */
/* One config document for one machine. */
#include "answer/document.h"

#include <string.h>

#include "answer/translations.h"
#include "base/memory.h"
#include "boot/decision.h"
#include "lang/butane/butane.h"
#include "lang/cloud-config.h"
#include "lang/ignition.h"
#include "lang/template.h"

/* Times that the files of a config are read when they change meanwhile. */
#define FILES_TRIES_MAX 3

/* What is known of a document whoever it is for: kept with it in the catalog. */
struct prepared {
    struct template *template;         /* NULL: passed through as it is, or broken */
    struct translations *translations; /* of a template of Butane */
    bool is_broken;
    struct diag why;
};

static void prepared_destroy(void *made)
{
    struct prepared *prepared = made;
    template_destroy(prepared->template);
    translations_destroy(prepared->translations);
    free(prepared);
}

static bool is_passed_through(const struct catalog_document *document)
{
    return document->kind == CATALOG_IGNITION && ignition_name_is_json(document->name);
}

static void *prepare(const struct catalog_document *document)
{
    struct prepared *prepared = MEMORY_NEW(struct prepared);
    struct diag why = {0};
    if (!is_passed_through(document)) {
        prepared->is_broken = template_parse(&prepared->template, document->source, document->content, NULL, 0,
                                             &prepared->why) != TEMPLATE_OK;
        prepared->translations = document->kind == CATALOG_IGNITION ? translations_create() : NULL;
    } else if (ignition_check(document->content, &why) != 0) {
        bool placed = why.text[0] >= '0' && why.text[0] <= '9';
        prepared->is_broken = true;
        fail(&prepared->why, 0, "%s:%s%s", document->source, placed ? "" : " ", why.text);
    }
    return prepared;
}

/* What the machine asked, as templates see it. Of a name that was not sent "" is read, as of Go's map of strings. */
static struct value *value_of_request(const struct document_request *from)
{
    struct value *query = value_new_map();
    query->map.strings = true;
    for (size_t i = 0; i < from->query->count; i++)
        value_map_take(query, from->query->at[i].name, value_new_string(from->query->at[i].value));
    struct value *request = value_new_map();
    value_map_take(request, "query", query);
    value_map_take(request, "raw_query", value_new_string(from->raw_query));
    return request;
}

struct value *document_data(const struct group *group, const struct profile *profile,
                            const struct document_request *request)
{
    struct value *data = decision_metadata(&(struct decision){.group = group, .profile = profile}, request->labels);
    value_map_take(data, "request", value_of_request(request));
    return data;
}

static int fail_unnamed(struct diag *why, const struct profile *profile, enum catalog_document_kind kind)
{
    const char *folder = catalog_document_folder(kind);
    return fail(why, DOCUMENT_E_MISSING, "profile '%s'%s%s%s names no %s document: it has no \"%s_id\"", profile->id,
                profile->source ? " (" : "", profile->source ? profile->source : "", profile->source ? ")" : "", folder,
                folder);
}

static int fail_missing(struct diag *why, const struct catalog *catalog, const struct profile *profile,
                        enum catalog_document_kind kind, const char *name)
{
    AUTO(text_finish) struct text text = {0};
    const char *folder = catalog_document_folder(kind);
    text_print(&text, "profile '%s' names %s/", profile->id, folder);
    text_append_shown(&text, bytes_of_text(name), 200);
    AUTO(free) char *source = memory_print("%s/%s", folder, name);
    const char *fault = catalog_fault(catalog, source);
    if (fault)
        text_print(&text, ", which cannot be used: %s", fault);
    else if (!catalog_document_name_is_good(name))
        text_print(&text, ", which lies outside of %s/ and is not read", folder);
    else
        text_append(&text, ", which is not there");
    return fail(why, DOCUMENT_E_MISSING, "%s", text_characters(&text));
}

/* Butane */

/* A rendering that is judged, and where in the template its parts come from. */
struct placing {
    const struct template *template;
    const struct template_map *map;
    struct bytes rendered;
};

/* The offset of a place in the rendering, where there is one. */
static size_t offset_of(struct bytes text, unsigned line, unsigned column)
{
    size_t at = 0;
    for (; line > 1; line--) {
        const uint8_t *end = memchr(text.data + at, '\n', text.size - at);
        at = end ? (size_t)(end - text.data) + 1 : text.size;
    }
    for (; column > 1 && at < text.size && text.data[at] != '\n'; column--)
        do
            at++;
        while (at < text.size && (text.data[at] & 0xc0) == 0x80);
    return at;
}

/* Sets the entries to where in the template they come from. */
static void place_entries(struct report *report, const struct placing *placing)
{
    for (size_t i = 0; i < report->count; i++) {
        struct report_entry *entry = &report->at[i];
        if (entry->line > 0)
            template_map_locate(&entry->line, &entry->column, placing->map, placing->template,
                                offset_of(placing->rendered, entry->line, entry->column));
    }
}

/* Renders once more, to see where things come from. */
static void place_report(struct report *report, const struct prepared *prepared, const struct value *data)
{
    AUTO(text_finish) struct text rendered = {0};
    AUTO(template_map_finish) struct template_map map = {0};
    if (template_render_mapped(&rendered, &map, prepared->template, data, NULL) == TEMPLATE_OK)
        place_entries(report, &(struct placing){prepared->template, &map, text_bytes(&rendered)});
}

/* "ignition/worker.bu:12:5: $.storage.files.0.mode: illegal file mode, and 2 errors more" */
static int fail_butane(struct diag *why, const struct catalog_document *document, const struct report *report)
{
    AUTO(text_finish) struct text text = {0};
    const struct report_entry *entry = report_error(report);
    bool has_path = entry->path[0] != '\0' && !text_is(entry->path, "$");
    text_append(&text, document->source);
    if (entry->line > 0)
        text_print(&text, ":%u:%u", entry->line, entry->column);
    text_print(&text, ": %s%s%s", has_path ? entry->path : "", has_path ? ": " : "", entry->text);
    if (report->errors > 1)
        text_print(&text, ", and %zu error%s more", report->errors - 1, report->errors > 2 ? "s" : "");
    return fail(why, DOCUMENT_E_BROKEN, "%s", text_characters(&text));
}

/* With the files as they are now. Where one was changing or could not be read, they are read again: a file may leave a
 * tree after the tree was listed, and half of an edit is no reason to refuse a machine. */
static int translate_rendering(struct text *ret, struct report *report, struct file_uses *uses, struct bytes rendered,
                               const struct file_source *files)
{
    const struct butane_options options = {.files = files, .uses = uses};
    int code = butane_translate(ret, report, rendered, &options);
    for (int tries = 1; code != BUTANE_OK && tries < FILES_TRIES_MAX && !file_uses_can_be_told(uses); tries++) {
        report_finish(report);
        file_uses_finish(uses);
        code = butane_translate(ret, report, rendered, &options);
    }
    return code;
}

/* What the rendering is to the machine: its Ignition config, and never an empty one for what is wrong. */
static int translate(struct text *ret, const struct catalog_document *document, const struct prepared *prepared,
                     const struct value *data, const struct file_source *files, struct diag *why)
{
    AUTO(text_finish) struct text rendered = {0};
    AUTO(report_finish) struct report report = {0};
    AUTO(file_uses_finish) struct file_uses uses = {0};
    if (template_render(&rendered, prepared->template, data, NULL, why) != TEMPLATE_OK)
        return DOCUMENT_E_BROKEN;
    if (translations_find(ret, prepared->translations, text_bytes(&rendered), files))
        return 0;
    size_t start = ret->length;
    if (translate_rendering(ret, &report, &uses, text_bytes(&rendered), files) != BUTANE_OK) {
        place_report(&report, prepared, data);
        return fail_butane(why, document, &report);
    }
    translations_keep(prepared->translations, text_bytes(&rendered), bytes_slice(text_bytes(ret), start, ret->length),
                      &uses);
    return 0;
}

static int render(struct text *ret, const struct catalog_document *document, const struct prepared *prepared,
                  const struct value *data, struct diag *why)
{
    size_t start = ret->length;
    if (template_render(ret, prepared->template, data, NULL, why) != TEMPLATE_OK)
        return DOCUMENT_E_BROKEN;
    struct bytes rendered = bytes_slice(text_bytes(ret), start, ret->length);
    if (document->kind == CATALOG_CLOUD && cloud_config_check(rendered, document->source, why) != 0) {
        text_truncate(ret, start);
        return DOCUMENT_E_BROKEN;
    }
    return 0;
}

int document_render(struct text *ret, const struct catalog *catalog, const struct group *group,
                    const struct profile *profile, const struct document_request *request,
                    enum catalog_document_kind kind, const char *name, struct diag *why)
{
    if (name[0] == '\0')
        return fail_unnamed(why, profile, kind);
    const struct catalog_document *document = catalog_document(catalog, kind, name);
    if (!document)
        return fail_missing(why, catalog, profile, kind, name);
    const struct prepared *prepared = catalog_document_make(document, prepare, prepared_destroy);
    if (prepared->is_broken)
        return fail(why, DOCUMENT_E_BROKEN, "%s", prepared->why.text);
    if (is_passed_through(document)) {
        text_append_bytes(ret, document->content);
        return 0;
    }
    AUTO(value_unref) struct value *data = document_data(group, profile, request);
    if (kind == CATALOG_IGNITION)
        return translate(ret, document, prepared, data, request->files, why);
    return render(ret, document, prepared, data, why);
}

void document_examine(struct report *report, const struct catalog *catalog, const struct group *group,
                      const struct profile *profile, const struct document_request *request)
{
    const struct catalog_document *document = catalog_document(catalog, CATALOG_IGNITION, profile->ignition_id);
    const struct prepared *prepared = document ? catalog_document_make(document, prepare, prepared_destroy) : NULL;
    AUTO(text_finish) struct text rendered = {0};
    AUTO(text_finish) struct text config = {0};
    AUTO(template_map_finish) struct template_map map = {0};
    AUTO(value_unref) struct value *data = document_data(group, profile, request);
    if (!prepared || !prepared->template ||
        template_render_mapped(&rendered, &map, prepared->template, data, NULL) != TEMPLATE_OK)
        return;
    butane_translate(&config, report, text_bytes(&rendered), &(struct butane_options){.files = request->files});
    place_entries(report, &(struct placing){prepared->template, &map, text_bytes(&rendered)});
}
