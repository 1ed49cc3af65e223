/* SPDX-License-Identifier: Apache-2.0 */
/* Ignition configs. */
#include "lang/ignition.h"

#include <jansson.h>
#include <string.h>

#include "base/text.h"

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

int ignition_check(struct bytes json, struct diag *why)
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
