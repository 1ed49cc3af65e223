/* SPDX-License-Identifier: Apache-2.0 */
/* Ignition configs. */
#include "lang/ignition.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "lang/document.h"
#include "lang/ignition/check.h"
#include "lang/ignition/draft.h"

static inline void auto_json_decref(json_t **local)
{
    json_decref(*local);
}

bool ignition_name_is_json(const char *name)
{
    return text_ends_with(name, ".ign") || text_ends_with(name, ".ignition");
}

static const char *skip_digits(const char *text)
{
    return text + strspn(text, "0123456789");
}

/* "3.4.0", "2.3.0-experimental". */
static bool is_version(const char *version)
{
    if ((version[0] != '2' && version[0] != '3') || version[1] != '.')
        return false;
    const char *minor = version + 2;
    const char *patch = skip_digits(minor);
    if (patch == minor || *patch++ != '.')
        return false;
    const char *end = skip_digits(patch);
    return end > patch && (*end == '\0' || (*end == '-' && end[1] != '\0'));
}

/* jansson goes as deep as its own limit, which is far beyond any config; a person is told ours. */
static bool is_too_deep(struct bytes json)
{
    size_t depth = 0;
    bool quoted = false;
    for (size_t i = 0; i < json.size; i++) {
        uint8_t c = json.data[i];
        if (quoted && c == '\\')
            i++;
        else if (c == '"')
            quoted = !quoted;
        else if (!quoted && (c == '{' || c == '['))
            depth++;
        else if (!quoted && (c == '}' || c == ']') && depth > 0)
            depth--;
        if (depth > IGNITION_DEPTH_MAX)
            return true;
    }
    return false;
}

static int check_version(const json_t *root, struct diag *why)
{
    const json_t *version = json_object_get(json_object_get(root, "ignition"), "version");
    if (json_is_object(root) && json_object_get(root, "ignitionVersion"))
        return fail(why, -1, "this is an Ignition config of version 1, which nothing reads any more: write version 3");
    if (!json_is_object(root) || !version)
        return fail(why, -1, "this is JSON but no Ignition config: it has no ignition.version");
    if (!json_is_string(version))
        return fail(why, -1, "this is no Ignition config: ignition.version is not a text such as \"3.4.0\"");
    if (is_version(json_string_value(version)))
        return 0;
    AUTO(text_finish) struct text shown = {0};
    text_append_shown(&shown, bytes_of_text(json_string_value(version)), 40);
    return fail(why, -1, "ignition.version is '%s', which is none of 2.x.y and 3.x.y", text_characters(&shown));
}

/* What has a place is said there; what has none is of the whole. */
static int report_reason(struct report *report, const char *reason)
{
    struct origin origin = {0};
    int read = 0;
    if (sscanf(reason, "%u:%u: %n", &origin.line, &origin.column, &read) != 2 || read == 0)
        origin = (struct origin){0};
    report_add(report, FAULT_ERROR, &origin, NULL, "%s", reason + (origin.line > 0 ? read : 0));
    return -1;
}

/* Whether it is JSON and an Ignition config at all. */
static int check_config_at_all(struct bytes json, struct diag *why)
{
    json_error_t error;
    if (is_too_deep(json))
        return fail(why, -1, "1:1: lists and maps stand inside each other deeper than %d", IGNITION_DEPTH_MAX);
    __attribute__((cleanup(auto_json_decref))) json_t *root =
        json_loadb((const char *)json.data, json.size, JSON_DECODE_ANY | JSON_ALLOW_NUL, &error);
    if (!root)
        return fail(why, -1, "%d:%d: this is no JSON: %s", error.line, error.column, error.text);
    return check_version(root, why);
}

static int examine_fields(struct report *report, const struct document *document, unsigned minor)
{
    size_t errors = report->errors;
    AUTO(draft_finish) struct draft draft = {.report = report, .names = DRAFT_IGNITION, .minor = minor};
    draft.title = arena_print(&draft.arena, "Ignition 3.%u.0", minor);
    draft_read(&draft, &schema_config, document_root(document));
    if (report->errors == errors)
        draft_check(&draft);
    return report->errors == errors ? 0 : -1;
}

int ignition_examine(struct report *report, struct bytes json)
{
    struct diag why;
    if (check_config_at_all(json, &why) != 0)
        return report_reason(report, why.text);
    struct ignition_version version = ignition_version_of(json);
    bool is_known = version.major == 3 && version.minor <= IGNITION_MINOR_MAX && !version.is_experimental;
    if (!is_known || json.size > DOCUMENT_SIZE_MAX)
        return 0;
    AUTO(document_destroy) struct document *document = NULL;
    struct faults faults = {0};
    int code = document_parse(&document, "", json, DOCUMENT_JSON, &faults);
    report_add_faults(report, &faults);
    faults_finish(&faults);
    return code == DOCUMENT_OK ? examine_fields(report, document, version.minor) : -1;
}

int ignition_check(struct bytes json, struct diag *why)
{
    AUTO(report_finish) struct report report = {0};
    AUTO(text_finish) struct text text = {0};
    if (ignition_examine(&report, json) == 0)
        return 0;
    const struct report_entry *entry = report_error(&report);
    if (entry->line > 0)
        text_print(&text, "%u:%u: ", entry->line, entry->column);
    if (entry->path[0] != '\0' && strcmp(entry->path, "$") != 0)
        text_print(&text, "%s: ", entry->path);
    return fail(why, -1, "%s%s", text_characters(&text), entry->text);
}

/* Versions */

/* Longest text of a version that is looked at, with its NUL. */
#define VERSION_TEXT_MAX 40

static struct ignition_version version_from_text(const char *text)
{
    struct ignition_version version = {0};
    if (sscanf(text, "%3u.%3u", &version.major, &version.minor) != 2)
        return (struct ignition_version){0};
    version.is_experimental = strstr(text, "-experimental") != NULL;
    return version;
}

struct ignition_version ignition_version_of(struct bytes json)
{
    struct ignition_version version = {0};
    __attribute__((cleanup(auto_json_decref))) json_t *root = NULL;
    /* As we write it ourselves: nothing has to be read. */
    static const char written[] = "{\"ignition\":{\"version\":\"";
    if (bytes_start_with(json, written)) {
        char text[VERSION_TEXT_MAX] = "";
        struct bytes rest = bytes_slice(json, strlen(written), sizeof text - 1);
        const uint8_t *end = memchr(rest.data, '"', rest.size);
        memcpy(text, rest.data, end ? (size_t)(end - rest.data) : 0);
        return version_from_text(text);
    }
    root = json_loadb((const char *)json.data, json.size, JSON_ALLOW_NUL, NULL);
    const char *text = json_string_value(json_object_get(json_object_get(root, "ignition"), "version"));
    return text ? version_from_text(text) : version;
}

static bool is_newer(struct ignition_version a, struct ignition_version b)
{
    return a.major != b.major ? a.major > b.major : a.minor > b.minor;
}

/* "application/vnd.coreos.ignition+json;version=3.4.0", and what else it takes behind commas. Types and names of
 * parameters are read in any case, RFC 9110 §8.3.1. */
struct ignition_version ignition_version_accepted(const char *accept)
{
    static const char type[] = "application/vnd.coreos.ignition+json";
    static const char parameter[] = "version=";
    struct ignition_version newest = {0};
    for (const char *at = accept ? strcasestr(accept, type) : NULL; at; at = strcasestr(at, type)) {
        at += strlen(type);
        const char *found = strchr("; \t", *at) ? strcasestr(at, parameter) : NULL;
        if (!found || found >= at + strcspn(at, ","))
            continue;
        found += strlen(parameter);
        struct ignition_version version = version_from_text(found + (*found == '"'));
        if (is_newer(version, newest))
            newest = version;
    }
    return newest;
}
