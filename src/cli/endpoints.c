/* SPDX-License-Identifier: Apache-2.0 */
/* Endpoints asked in this process. */
#include "cli/endpoints.h"

#include "proto/http/percent.h"

void endpoint_ask(struct http_reply *ret, const char *path, const struct labels *labels, const struct catalog *catalog,
                  const struct file_source *files)
{
    AUTO(text_finish) struct text target = {0};
    text_append(&target, path);
    for (size_t i = 0; i < labels->count; i++) {
        text_append(&target, i > 0 ? "&" : "?");
        percent_encode_query(&target, bytes_of_text(labels->at[i].name));
        text_append(&target, "=");
        percent_encode_query(&target, bytes_of_text(labels->at[i].value));
    }
    struct http_request request = {.method = "GET", .target = text_characters(&target), .host = "muster"};
    struct http_settings settings = {.has_assets = true, .local_files = files};
    answer_http(ret, &request, catalog, NULL, &settings);
}

void endpoints_of(const struct profile *profile, void (*each)(void *context, const char *path), void *context)
{
    const struct {
        const char *path;
        bool has;
    } rows[] = {
        {"/ipxe", profile->boot.present},         {"/ignition", profile->ignition_id[0] != '\0'},
        {"/cloud", profile->cloud_id[0] != '\0'}, {"/generic", profile->generic_id[0] != '\0'},
        {"/overlay", profile->overlay.count > 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (rows[i].has)
            each(context, rows[i].path);
    for (size_t i = 0; i < profile->generics.count; i++) {
        AUTO(text_finish) struct text path = {0};
        text_append(&path, "/generic/");
        percent_encode_query(&path, bytes_of_text(profile->generics.at[i].name));
        each(context, text_characters(&path));
    }
    each(context, "/metadata");
}
