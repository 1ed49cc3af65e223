/* SPDX-License-Identifier: Apache-2.0 */
/* The overlay of one machine. */
#include "answer/overlay.h"

#include "lang/template.h"
#include "proto/cpio/archive.h"
#include "proto/http/percent.h"

/* What the files of one overlay are rendered from. */
struct rendering {
    const struct catalog *catalog;
    const struct group *group;
    const struct profile *profile;
    const struct document_request *request;
    struct value *data; /* for templates in the profile itself; made when the first is rendered */
};

static int render_template(struct text *ret, struct rendering *rendering, const char *name, const char *source,
                           struct diag *why)
{
    AUTO(template_destroy) struct template *template = NULL;
    if (!rendering->data)
        rendering->data = document_data(rendering->group, rendering->profile, rendering->request);
    if (template_parse(&template, name, bytes_of_text(source), NULL, 0, why) != TEMPLATE_OK ||
        template_render(ret, template, rendering->data, NULL, why) != TEMPLATE_OK)
        return DOCUMENT_E_BROKEN;
    return 0;
}

/* A path or what a link points to, which most often is no template. */
static int render_name(const char **ret, struct text *rendered, struct rendering *rendering, const char *name,
                       const char *source, struct diag *why)
{
    *ret = source;
    if (!overlay_text_is_template(source))
        return 0;
    if (render_template(rendered, rendering, name, source, why) != 0)
        return DOCUMENT_E_BROKEN;
    if (strlen(text_characters(rendered)) != rendered->length)
        return fail(why, DOCUMENT_E_BROKEN, "%s has a NUL in it", name);
    *ret = text_characters(rendered);
    return 0;
}

/* The document of that name, or the one that the profile has of its kind. */
static const char *document_of(const struct profile *profile, const struct overlay_file *file)
{
    const char *const own[CATALOG_DOCUMENT_KINDS] = {
        [CATALOG_IGNITION] = profile->ignition_id,
        [CATALOG_CLOUD] = profile->cloud_id,
        [CATALOG_GENERIC] = profile->generic_id,
    };
    return file->text[0] != '\0' ? file->text : own[file->document];
}

/* Fills *ret, whose content is kept in *content or the profile. */
static int render_entry(struct cpio_entry *ret, struct text *content, struct rendering *rendering,
                        const struct overlay_file *file, struct diag *why)
{
    int result = 0;
    const char *target;
    switch (file->kind) {
    case OVERLAY_CONTENT:
        result = render_template(content, rendering, "content", file->text, why);
        break;
    case OVERLAY_DOCUMENT:
        result = document_render(content, rendering->catalog, rendering->group, rendering->profile, rendering->request,
                                 file->document, document_of(rendering->profile, file), why);
        break;
    case OVERLAY_LINK:
        ret->kind = CPIO_LINK;
        result = render_name(&target, content, rendering, "link", file->text, why);
        ret->content = bytes_of_text(target);
        return result;
    case OVERLAY_DIRECTORY:
        ret->kind = CPIO_DIRECTORY;
        return 0;
    }
    ret->content = text_bytes(content);
    return result;
}

static int add_file(struct cpio_archive *archive, struct rendering *rendering, const struct overlay_file *file,
                    struct diag *why)
{
    AUTO(text_finish) struct text content = {0};
    AUTO(text_finish) struct text path = {0};
    const struct profile *profile = rendering->profile;
    struct cpio_entry entry = {.mode = file->mode, .uid = file->uid, .gid = file->gid};
    struct diag reason = {0};
    int result = render_name(&entry.path, &path, rendering, "path", file->path, &reason);
    if (result == 0)
        result = render_entry(&entry, &content, rendering, file, &reason);
    if (result == 0 && cpio_archive_add(archive, &entry, &reason) != 0)
        result = DOCUMENT_E_BROKEN;
    if (result == 0)
        return 0;
    return fail(why, result, "%s, overlay %s: %s", profile->source ? profile->source : profile->id, file->path,
                reason.text);
}

int overlay_render(struct text *ret, const struct catalog *catalog, const struct group *group,
                   const struct profile *profile, const struct document_request *request, struct diag *why)
{
    AUTO(cpio_archive_finish) struct cpio_archive archive = {0};
    struct rendering rendering = {.catalog = catalog, .group = group, .profile = profile, .request = request};
    int result = 0;
    if (profile->overlay.count == 0)
        return fail(why, DOCUMENT_E_MISSING, "profile '%s' lists no files: it has no \"overlay\"", profile->id);
    for (size_t i = 0; i < profile->overlay.count && result == 0; i++)
        result = add_file(&archive, &rendering, &profile->overlay.files[i], why);
    value_unref(rendering.data);
    if (result == 0)
        cpio_archive_close(ret, &archive);
    return result;
}

bool overlay_is_at(const char *url)
{
    size_t length = strcspn(url, "?");
    struct bytes path = bytes_of(url, length);
    return bytes_equal_text(path, "overlay") || bytes_equal_text(path, "overlay.gz");
}

/* Where the firmware is not known, iPXE's architecture may tell: its builds for BIOS are i386. */
static bool may_be_uefi(const struct labels *labels, enum platform platform)
{
    const char *arch = labels_get(labels, "arch");
    return platform == PLATFORM_EFI || (platform == PLATFORM_UNKNOWN && arch && *arch && !text_is(arch, "i386"));
}

void overlay_append_path(struct text *ret, const struct labels *labels, enum platform platform)
{
    text_append(ret, may_be_uefi(labels, platform) ? "overlay.gz" : "overlay");
    for (size_t i = 0; i < labels->count; i++) {
        text_append_char(ret, i > 0 ? '&' : '?');
        percent_encode_query(ret, bytes_of_text(labels->at[i].name));
        text_append_char(ret, '=');
        percent_encode_query(ret, bytes_of_text(labels->at[i].value));
    }
}
