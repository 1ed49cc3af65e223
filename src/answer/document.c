/* SPDX-License-Identifier: Apache-2.0 */
/* One config document for one machine. */
#include "answer/document.h"

#include <string.h>

#include "base/memory.h"
#include "boot/decision.h"
#include "lang/cloud-config.h"
#include "lang/ignition.h"
#include "lang/template.h"

/* What is known of a document whoever it is for: kept with it in the catalog. */
struct prepared {
    struct template *template; /* NULL: passed through as it is, or broken */
    bool is_broken;
    struct diag why;
};

static void prepared_destroy(void *made)
{
    struct prepared *prepared = made;
    template_destroy(prepared->template);
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

/* What is not Ignition's own JSON is Butane's, which is not translated: an empty config would let a machine install
 * itself without any of its configuration. */
static int fail_butane(struct diag *why, const struct catalog_document *document)
{
    return fail(why, DOCUMENT_E_BROKEN,
                "%s is a Butane config, and muster serves Ignition's JSON only: translate it with `butane < FILE > "
                "NAME.ign`, put NAME.ign in ignition/ and name that in the profile's \"ignition_id\"",
                document->source);
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
    if (kind == CATALOG_IGNITION)
        return fail_butane(why, document);
    AUTO(value_unref) struct value *data = document_data(group, profile, request);
    return render(ret, document, prepared, data, why);
}
