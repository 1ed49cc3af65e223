/* SPDX-License-Identifier: Apache-2.0 */
/* Overlays out of profiles. */
#include "config/overlay.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/memory.h"
#include "base/text.h"
#include "proto/cpio/archive.h"

#define MODE_OF_FILE 0644
#define MODE_OF_DIRECTORY 0755
#define MODE_OF_LINK 0777

/* One item of the list while its members are read. */
struct reading {
    struct overlay_file file;
    unsigned sources; /* members that say what the file is */
    bool has_mode;
};

static bool read_path(void *target, const struct member_context *context, const char *name, const struct node *value)
{
    struct reading *reading = target;
    AUTO(free) char *given = NULL;
    AUTO(text_finish) struct text clean = {0};
    struct diag why;
    if (!member_read_text(&given, context, name, value))
        return false;
    if (given && overlay_text_is_template(given)) {
        reading->file.path = take_pointer(given);
        return true;
    }
    if (given && cpio_path_clean(&clean, given, &why) != 0) {
        document_fault(context->document, value, context->faults, FAULT_ERROR, "%s", why.text);
        return false;
    }
    reading->file.path = text_take(&clean);
    return true;
}

/* Up to four octal digits, with zeros or "0o" before them or not. */
static bool mode_from_text(unsigned *ret, const char *text)
{
    const char *digits = text_starts_with(text, "0o") ? text + 2 : text;
    char *end;
    unsigned long mode = strtoul(digits, &end, 8);
    if (*digits < '0' || *digits > '7' || *end != '\0' || mode > CPIO_MODE_MAX)
        return false;
    *ret = (unsigned)mode;
    return true;
}

/* A mode that gives others what it keeps from the owner is a decimal number read as an octal one. */
static bool is_odd(unsigned mode)
{
    unsigned owner = mode >> 6 & 7;
    return ((mode >> 3 | mode) & 7 & ~owner) != 0;
}

static bool read_mode(void *target, const struct member_context *context, const char *name, const struct node *value)
{
    struct reading *reading = target;
    const char *text = value->kind == NODE_NUMBER ? value->text : node_text(value);
    if (value->kind == NODE_NULL)
        return true;
    if (!text)
        return member_is_wrong(context, name, value, "octal digits, as in \"0644\"");
    if (!mode_from_text(&reading->file.mode, text)) {
        document_fault(context->document, value, context->faults, FAULT_ERROR,
                       "'%s%s' must be octal digits of at most 7777, as in \"0644\", not '%.40s'", context->inside,
                       name, text);
        return false;
    }
    if (is_odd(reading->file.mode))
        document_fault(context->document, value, context->faults, FAULT_WARNING,
                       "mode %s is read as octal, %04o, and lets others do what the owner may not", text,
                       reading->file.mode);
    reading->has_mode = true;
    return true;
}

static bool read_owner(uint32_t *ret, const struct member_context *context, const char *name, const struct node *value)
{
    uint64_t number;
    const char *text = value->kind == NODE_NUMBER ? value->text : node_text(value);
    if (value->kind == NODE_NULL)
        return true;
    if (!text || !text_to_number(&number, text, UINT32_MAX - 1))
        return member_is_wrong(context, name, value, "a number of a user or group");
    *ret = (uint32_t)number;
    return true;
}

static bool read_uid(void *target, const struct member_context *context, const char *name, const struct node *value)
{
    return read_owner(&((struct reading *)target)->file.uid, context, name, value);
}

static bool read_gid(void *target, const struct member_context *context, const char *name, const struct node *value)
{
    return read_owner(&((struct reading *)target)->file.gid, context, name, value);
}

static void be(struct reading *reading, enum overlay_kind kind)
{
    reading->file.kind = kind;
    reading->sources++;
}

static bool read_source(struct reading *reading, enum overlay_kind kind, const struct member_context *context,
                        const char *name, const struct node *value)
{
    if (!member_read_text(&reading->file.text, context, name, value))
        return false;
    if (value->kind != NODE_NULL)
        be(reading, kind);
    return true;
}

static bool read_content(void *target, const struct member_context *context, const char *name, const struct node *value)
{
    return read_source(target, OVERLAY_CONTENT, context, name, value);
}

static bool read_link(void *target, const struct member_context *context, const char *name, const struct node *value)
{
    return read_source(target, OVERLAY_LINK, context, name, value);
}

static bool read_directory(void *target, const struct member_context *context, const char *name,
                           const struct node *value)
{
    bool is_directory = false;
    if (!member_read_bool(&is_directory, context, name, value))
        return false;
    if (is_directory)
        be(target, OVERLAY_DIRECTORY);
    return true;
}

/* The name of a document, or true for the one that the profile names itself. */
static bool read_document(struct reading *reading, enum catalog_document_kind kind,
                          const struct member_context *context, const char *name, const struct node *value)
{
    const char *document = value->kind == NODE_BOOL ? "" : node_text(value);
    if (value->kind == NODE_NULL || (value->kind == NODE_BOOL && !value->boolean))
        return true;
    if (!document || (*document == '\0' && value->kind != NODE_BOOL))
        return member_is_wrong(context, name, value, "true or the name of a document");
    free(reading->file.text);
    reading->file.text = memory_text(document);
    reading->file.document = kind;
    be(reading, OVERLAY_DOCUMENT);
    return true;
}

static bool read_template(void *target, const struct member_context *context, const char *name,
                          const struct node *value)
{
    return read_document(target, CATALOG_GENERIC, context, name, value);
}

static bool read_cloud(void *target, const struct member_context *context, const char *name, const struct node *value)
{
    return read_document(target, CATALOG_CLOUD, context, name, value);
}

static bool read_ignition(void *target, const struct member_context *context, const char *name,
                          const struct node *value)
{
    return read_document(target, CATALOG_IGNITION, context, name, value);
}

static const struct member_rule rules[] = {
    {"path", read_path},       {"mode", read_mode},           {"uid", read_uid},     {"gid", read_gid},
    {"content", read_content}, {"template", read_template},   {"cloud", read_cloud}, {"ignition", read_ignition},
    {"link", read_link},       {"directory", read_directory},
};

static void complete(struct overlay_file *file, bool has_mode)
{
    static const unsigned modes[] = {
        [OVERLAY_CONTENT] = MODE_OF_FILE,
        [OVERLAY_DOCUMENT] = MODE_OF_FILE,
        [OVERLAY_LINK] = MODE_OF_LINK,
        [OVERLAY_DIRECTORY] = MODE_OF_DIRECTORY,
    };
    if (!has_mode || file->kind == OVERLAY_LINK)
        file->mode = modes[file->kind];
    if (!file->text)
        file->text = memory_text("");
}

/* Adds the file to the archive of those before it, without content, and so learns whether it can be there. Of one whose
 * path is a template only its machine's request shows that. */
static bool fits(struct cpio_archive *archive, const struct overlay_file *file, struct diag *why)
{
    static const enum cpio_kind kinds[] = {
        [OVERLAY_LINK] = CPIO_LINK,
        [OVERLAY_DIRECTORY] = CPIO_DIRECTORY,
    };
    struct cpio_entry entry = {.path = file->path, .mode = file->mode};
    if (file->kind == OVERLAY_LINK || file->kind == OVERLAY_DIRECTORY)
        entry.kind = kinds[file->kind];
    if (file->kind == OVERLAY_LINK)
        entry.content = bytes_of_text(file->text);
    if (overlay_text_is_template(file->path))
        return true;
    return cpio_archive_add(archive, &entry, why) == 0;
}

/* Linux puts a directory of an archive in the place of a link. */
static void warn_of_link(const struct member_context *context, const struct node *value, const char *path)
{
    static const char *const links[] = {"bin", "lib", "lib64", "sbin"};
    const char *slash = strchr(path, '/');
    for (size_t i = 0; i < LENGTH(links) && slash; i++)
        if (bytes_equal_text(bytes_of(path, (size_t)(slash - path)), links[i]))
            document_fault(context->document, value, context->faults, FAULT_WARNING,
                           "in most systems /%s is a link to usr/%s, which a directory of the overlay replaces: write "
                           "usr/%s",
                           links[i], links[i], path);
}

static bool is_whole(const struct reading *reading, struct cpio_archive *archive, struct diag *why)
{
    if (!reading->file.path)
        return fail(why, false, "a file of the overlay has no 'path'");
    if (reading->sources != 1)
        return fail(why, false, "'%.200s' must have one of content, template, cloud, ignition, link and directory%s",
                    reading->file.path, reading->sources > 1 ? ", and not more" : "");
    return fits(archive, &reading->file, why);
}

static bool read_file(struct overlay *ret, struct cpio_archive *archive, const struct member_context *context,
                      const struct node *value)
{
    struct reading reading = {0};
    struct diag why;
    bool right = members_read(&reading, value, "a file of the overlay", context, rules, LENGTH(rules));
    complete(&reading.file, reading.has_mode);
    if (right && !is_whole(&reading, archive, &why)) {
        document_fault(context->document, value, context->faults, FAULT_ERROR, "%s", why.text);
        right = false;
    }
    if (right) {
        warn_of_link(context, value, reading.file.path);
        overlay_take_file(ret, &reading.file);
    }
    overlay_file_finish(&reading.file);
    return right;
}

bool overlay_read(struct overlay *ret, const struct member_context *context, const char *name, const struct node *value)
{
    AUTO(cpio_archive_finish) struct cpio_archive archive = {0};
    struct member_context inside = {context->document, context->faults, "overlay."};
    bool right = true;
    if (value->kind == NODE_NULL)
        return true;
    if (value->kind != NODE_LIST)
        return member_is_wrong(context, name, value, "a list of files");
    for (size_t i = 0; i < value->count; i++)
        right = read_file(ret, &archive, &inside, value->items[i]) && right;
    return right;
}
