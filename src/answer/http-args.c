/* SPDX-License-Identifier: Apache-2.0 */
/* Lines of a boot script that are templates. */
#include "answer/http-args.h"

#include "answer/elsewhere.h"
#include "base/array.h"
#include "lang/template.h"

/* Where a template's functions find the path of a file. */
struct places {
    const char *host;
    const char *(*path_of)(void *context, const char *place, struct diag *why);
    void *context;
};

static struct value *place_to_url(void *context, const struct value *const *arguments, size_t count, struct diag *why)
{
    const struct places *places = context;
    if (count != 1 || arguments[0]->kind != VALUE_STRING) {
        fail(why, -1, "URL takes one text: the path or URL of a file");
        return NULL;
    }
    const char *path = places->path_of(places->context, arguments[0]->string.characters, why);
    if (!path)
        return NULL;
    if (!places->host) {
        fail(why, -1, "the request does not say what it calls us: it has no Host header");
        return NULL;
    }
    AUTO(text_finish) struct text url = {0};
    text_print(&url, "http://%s%s", places->host, path);
    return value_new_string_of(text_bytes(&url));
}

static const struct template_function functions[] = {
    {"URL", place_to_url},
    {"ID", place_to_url},
};

/* A value that a machine sends must not end the line it stands in and begin another. */
static bool has_control(struct bytes line)
{
    for (size_t i = 0; i < line.size; i++)
        if (line.data[i] < ' ' && line.data[i] != '\t')
            return true;
    return false;
}

static int render(struct text *ret, const char *argument, const char *name, const struct value *data,
                  struct places *places, struct diag *why)
{
    AUTO(template_destroy) struct template *template = NULL;
    size_t start = ret->length;
    if (template_parse(&template, name, bytes_of_text(argument), functions, LENGTH(functions), why) != TEMPLATE_OK)
        return -1;
    AUTO(value_unref) struct value *none = data ? NULL : value_new_map();
    if (template_render(ret, template, data ? data : none, places, why) != TEMPLATE_OK)
        return -1;
    if (!has_control(bytes_slice(text_bytes(ret), start, ret->length)))
        return 0;
    text_truncate(ret, start);
    return fail(why, -1, "%s:1:0: what is rendered has a line break or another control character in it", name);
}

static const char *path_of_known(void *context, const char *place, struct diag *why)
{
    const struct http_settings *settings = context;
    if (text_starts_with(place, ELSEWHERE_IMAGE_PATH))
        return place;
    for (size_t i = 0; i < settings->file_count; i++)
        if (text_is(settings->files[i].place, place))
            return settings->files[i].path;
    fail(why, -1, "'%s' is none of the files served", place);
    return NULL;
}

int http_args_render(struct text *ret, const char *argument, const char *name, const struct value *data,
                     const struct http_settings *settings, const char *host, struct diag *why)
{
    struct places places = {.host = host, .path_of = path_of_known, .context = (void *)settings};
    return render(ret, argument, name, data, &places, why);
}

int http_args_check(const char *argument, const char *(*open)(void *context, const char *place, struct diag *why),
                    void *context, struct diag *why)
{
    AUTO(text_finish) struct text rendered = {0};
    struct places places = {.host = "localhost", .path_of = open, .context = context};
    return render(&rendered, argument, "cmdline", NULL, &places, why);
}
